// An identity provider for tests: oidc-provider on a loopback port, whose user is whoever the test says, with no form to fill in.
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Provider } from 'oidc-provider';

/** An account at the provider. */
export interface TestAccount {
  readonly subject: string;
  readonly email?: string;
  readonly emailVerified?: boolean;
}

/** A provider that answers. */
export interface TestIdentityProvider {
  readonly issuer: string;
  /** Who is in front of the browser from now on. */
  signInAs(account: TestAccount): void;
  close(): Promise<void>;
}

const KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
export const CLIENT_ID = 'windlass';
export const CLIENT_SECRET = 'a-secret-of-the-tests';

/** A provider that knows one client, which comes back to `redirectUrl`. */
export async function startIdentityProvider(redirectUrl: string): Promise<TestIdentityProvider> {
  const current: { account: TestAccount } = { account: { subject: 'nobody' } };
  const accounts = new Map<string, TestAccount>();
  let handle: (request: IncomingMessage, response: ServerResponse) => void = () => {};
  const server = createServer((request, response) => handle(request, response));
  const issuer = await listen(server);
  const provider = new Provider(issuer, configurationOf(redirectUrl, accounts));
  const callback = provider.callback();
  handle = (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return void callback(request, response);
    accounts.set(current.account.subject, current.account);
    void provider.interactionFinished(request, response, { login: { accountId: current.account.subject } });
  };
  return {
    issuer,
    signInAs: (account) => {
      current.account = account;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`);
    });
  });
}

function configurationOf(redirectUrl: string, accounts: ReadonlyMap<string, TestAccount>) {
  return {
    clients: [{ client_id: CLIENT_ID, client_secret: CLIENT_SECRET, redirect_uris: [redirectUrl] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    cookies: { keys: ['of-the-tests'] },
    interactions: { url: (_: unknown, { uid }: { readonly uid: string }) => `/interaction/${uid}` },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    jwks: { keys: [{ ...KEY.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    adapter: adapterOf(),
    ttl: { Interaction: 60, Grant: 60, Session: 60, AccessToken: 60, IdToken: 60, AuthorizationCode: 60 },
    // Consent is given beforehand.
    async loadExistingGrant({ oidc }: GrantContext) {
      const grant = new oidc.provider.Grant({ clientId: CLIENT_ID, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid email');
      await grant.save();
      return grant;
    },
    findAccount: (_: unknown, id: string) => {
      const account = accounts.get(id);
      if (account === undefined) return undefined;
      const { email, emailVerified } = account;
      return { accountId: id, claims: () => ({ sub: id, email, email_verified: emailVerified }) };
    },
  };
}

/** What the provider keeps, in memory, kind by kind. */
function adapterOf() {
  const kept = new Map<string, Record<string, unknown>>();
  return (kind: string) => {
    const find = async (id: string) => kept.get(`${kind} ${id}`);
    return {
      find,
      upsert: async (id: string, value: Record<string, unknown>) => void kept.set(`${kind} ${id}`, value),
      findByUid: async (uid: string) => [...kept.values()].find((value) => value['uid'] === uid),
      consume: async (id: string) => void Object.assign((await find(id)) ?? {}, { consumed: 1 }),
      destroy: async (id: string) => void kept.delete(`${kind} ${id}`),
      async revokeByGrantId(grantId: string) {
        for (const [key, value] of kept) if (value['grantId'] === grantId) kept.delete(key);
      },
    };
  };
}

interface GrantContext {
  readonly oidc: {
    readonly session: { readonly accountId: string };
    readonly provider: {
      readonly Grant: new (
        properties: Readonly<Record<string, string>>,
      ) => { addOIDCScope(scope: string): void; save(): Promise<string> };
    };
  };
}
