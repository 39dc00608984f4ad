// OpenID Connect, authorization code with PKCE: the only place that knows of it. A login under way is kept in a cookie of the
// browser that began it, so any instance of the service can end it, and strangers fill no table.
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { LoginConfig } from '../config.ts';
import type { Identity } from '../login.ts';
import { Refusal } from '../refusal.ts';

/** What only the browser that began a login has. */
export interface LoginAttempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** The organization's, or the vendor's, provider of identities. */
export interface IdentityProvider {
  /** Where the browser goes, and what it must bring back. @throws Refusal `unavailable` */
  begin(): Promise<{ readonly url: URL; readonly attempt: LoginAttempt }>;
  /** Who came back with these parameters. @throws Refusal `unauthenticated`, `unavailable` */
  finish(parameters: URLSearchParams, attempt: LoginAttempt): Promise<Identity>;
}

const TIMEOUT_SECONDS = 10;
const SCOPE = 'openid email';

/** The provider of the configuration. It is asked for its own configuration at the first login: the service starts without it. */
export function openIdentityProvider(config: LoginConfig, secret: string): IdentityProvider {
  let known: Promise<Configuration> | null = null;
  const discovered = () => {
    known ??= discover(config, secret).catch((cause: unknown) => {
      known = null;
      throw cause;
    });
    return known;
  };
  return {
    async begin() {
      const attempt = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
      const url = buildAuthorizationUrl(await discovered(), {
        redirect_uri: config.redirectUrl,
        scope: SCOPE,
        state: attempt.state,
        nonce: attempt.nonce,
        code_challenge: await calculatePKCECodeChallenge(attempt.verifier),
        code_challenge_method: 'S256',
      });
      return { url, attempt };
    },
    async finish(parameters, attempt) {
      return identityOf(await discovered(), new URL(`${config.redirectUrl}?${parameters}`), attempt);
    },
  };
}

/** Without TLS only on this machine: the configuration refuses anything else. */
async function discover({ issuer, clientId }: LoginConfig, secret: string): Promise<Configuration> {
  const server = new URL(issuer);
  const insecure = server.protocol === 'http:' ? [allowInsecureRequests] : [];
  const execute = [...insecure, enableNonRepudiationChecks];
  try {
    return await discovery(server, clientId, secret, undefined, { execute, timeout: TIMEOUT_SECONDS });
  } catch {
    const sentence = `The identity provider ${server.origin} cannot be reached, or is none: check [login] issuer, and try again.`;
    throw new Refusal('unavailable', sentence);
  }
}

/** What went wrong is not told on: texts of the provider and of the browser are not ours. */
async function identityOf(provider: Configuration, url: URL, attempt: LoginAttempt): Promise<Identity> {
  const checks = {
    expectedState: attempt.state,
    expectedNonce: attempt.nonce,
    pkceCodeVerifier: attempt.verifier,
    idTokenExpected: true,
  };
  try {
    const tokens = await authorizationCodeGrant(provider, url, checks);
    const claims = tokens.claims();
    if (claims === undefined) throw new Error('the provider gave no ID token');
    const person =
      claims['email'] === undefined ? await fetchUserInfo(provider, tokens.access_token, claims.sub) : claims;
    const { email, email_verified: isVerified } = person;
    const verifiedEmail = typeof email === 'string' && isVerified === true ? email : null;
    return { issuer: claims.iss, subject: claims.sub, verifiedEmail };
  } catch {
    throw new Refusal('unauthenticated', 'The login did not succeed: begin again at /login.');
  }
}
