// Logging in with a command: the person logs in with a browser on the same machine, which takes a code to the command; the command gives
// the code for a token. A code is good once, for a minute, and only for the command that asked. @see RFC 8252 section 7.3, RFC 7636
import { createHash, timingSafeEqual } from 'node:crypto';
import type { NewToken } from '@windlass/management';
import { formatTime, unixSeconds } from '@windlass/protocol';
import { tokenOf } from './access-tokens.ts';
import { appendAudit } from './audit.ts';
import { type Identity, identify, type WantedScope } from './login.ts';
import type { Management } from './management.ts';
import { Refusal } from './refusal.ts';
import { SESSION_SECONDS, type SessionScope } from './sessions.ts';
import { actorWith, digestOfSecret, isStillMember, storeToken } from './tokens.ts';

const CODE_BYTES = 32;
const CODE_SECONDS = 60;
const TOKEN_NAME = 'login';

/** What is offered to the command: as whom it would act, and the code's only copy. */
export interface OfferedLogin {
  readonly scope: SessionScope;
  readonly code: string;
}

/**
 * The person is who the identity provider says, and may give the code to the command whose verifier has this challenge.
 * @throws Refusal as `identify`
 */
export async function offerCommandLogin(
  management: Management,
  identity: Identity,
  wanted: WantedScope,
  { challenge, address }: { readonly challenge: string; readonly address: string },
): Promise<OfferedLogin> {
  const { store, now, randomBytes } = management;
  return store.transaction(async (tables) => {
    const scope = await identify(tables, identity, wanted, now());
    const code = Buffer.from(randomBytes(CODE_BYTES)).toString('base64url');
    const { issuer, subject } = identity;
    await tables.commandLogins.forget(now());
    const expires = unixSeconds(now() + CODE_SECONDS);
    await tables.commandLogins.add({ ...scope, digest: digestOfSecret(code), challenge, issuer, subject, expires });
    // The account may have become the person just now, whether or not the command comes for its token.
    await appendAudit(tables.audit, {
      time: now(),
      actor: { ...scope, name: `${scope.person} login`, address },
      act: 'session.offer',
      outcome: 'done',
      organization: scope.organization,
      object: `login of ${scope.person} for a command`,
      detail: { issuer, subject },
      change: { before: null, after: { role: scope.role, expires: formatTime(expires) } },
    });
    return { scope, code };
  });
}

/**
 * The command has a token of the person, which ends as a session would. Whether or not it does, the code is dead.
 * @throws Refusal `unauthenticated`
 */
export async function redeemCommandLogin(
  management: Management,
  { code, verifier }: { readonly code: string; readonly verifier: string },
  address: string,
): Promise<NewToken> {
  const { store, now } = management;
  const found = await store.transaction(({ commandLogins }) => commandLogins.take(digestOfSecret(code)));
  if (found === null || found.expires < now() || !isVerifier(verifier, found.challenge)) throw ended();
  return store.transaction(async (tables) => {
    const { person, role, organization, issuer, subject } = found;
    const expires = unixSeconds(now() + SESSION_SECONDS);
    const wanted = { person, role, organization, name: TOKEN_NAME, expires };
    const { text, stored } = await storeToken(tables, wanted, now(), management.randomBytes);
    if (!(await isStillMember(tables, stored))) throw ended();
    await appendAudit(tables.audit, {
      time: now(),
      actor: actorWith(stored, 'token', address),
      act: 'token.add',
      outcome: 'done',
      organization,
      object: `token ${stored.id} of ${person}`,
      detail: { issuer, subject },
      change: { before: null, after: { name: TOKEN_NAME, role, expires: formatTime(expires) } },
    });
    return { ...tokenOf(stored), token: text };
  });
}

/** base64url of the SHA-256 of the verifier. @see RFC 7636 section 4.6 */
function isVerifier(verifier: string, challenge: string): boolean {
  const digest = createHash('sha256').update(verifier).digest();
  const wanted = Buffer.from(challenge, 'base64url');
  return wanted.length === digest.length && timingSafeEqual(wanted, digest);
}

function ended(): Refusal {
  return new Refusal('unauthenticated', 'This login is not known, took too long or was used: run the command again.');
}
