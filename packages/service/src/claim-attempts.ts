// How often a claim code may be wrong, counted in the database, so that all instances of the service count together and a restart forgets
// nothing. An attempt is written down before the code is looked at, and taken back when it was right. @see spec S15
import { type OrganizationId, type Serial, unixSeconds } from '@windlass/protocol';
import type { Actor, Management } from './management.ts';
import { refuseUnless } from './refusal.ts';
import type { ClaimAttempt } from './store/management-ports.ts';

/** Wrong codes within an hour after which nobody is listened to any more: for one device, from one person, from one organization. */
export const MAX_WRONG_CODES = { device: 5, person: 20, organization: 50 } as const;
const WINDOW_SECONDS = 3_600;
const ID_BYTES = 16;

type Scope = keyof typeof MAX_WRONG_CODES;

/**
 * One more attempt is counted. It is to be taken back by its id when it was right. The limits are the same for a device that does not exist. Transactions that write follow
 * one another, in one database whatever the number of instances: no two attempts are the last one.
 * @throws Refusal `rate-limited`
 */
export async function countAttempt(
  management: CountingInstance,
  actor: Actor,
  attempted: { readonly serial: Serial; readonly organization: OrganizationId },
): Promise<CountedAttempt> {
  const now = management.now();
  const begin = unixSeconds(Math.max(now - WINDOW_SECONDS, 0));
  const id = Buffer.from(management.randomBytes(ID_BYTES)).toString('hex');
  const attempt = { id, time: now, actor: actor.person ?? actor.name, ...attempted };
  const counted = await management.store.transaction(async ({ claimAttempts }) => {
    const earlier = await claimAttempts.since(begin, attempted);
    const [full] = scopesWith(MAX_WRONG_CODES, earlier, attempt);
    if (full !== undefined) return null;
    await claimAttempts.forget(begin);
    await claimAttempts.add(attempt);
    return [...earlier, attempt];
  });
  const detail =
    'Too many wrong claim codes came in the last hour, for this device or from you: wait an hour, and check serial and code on the label.';
  refuseUnless(counted !== null, 'rate-limited', detail); // spec S15
  return { id, reached: scopesWith(MAX_WRONG_CODES, counted, attempt) };
}

/** What counting takes of an instance of the service. */
export type CountingInstance = Pick<Management, 'now' | 'randomBytes'> & {
  readonly store: Pick<Management['store'], 'transaction'>;
};

/** An attempt that was let through. */
export interface CountedAttempt {
  readonly id: string;
  /** The limits that it reaches, if it is wrong. */
  readonly reached: readonly Scope[];
}

/** The scopes whose limit is reached by these attempts. */
function scopesWith(
  limits: Readonly<Record<Scope, number>>,
  attempts: readonly ClaimAttempt[],
  of: ClaimAttempt,
): Scope[] {
  const same: Readonly<Record<Scope, (one: ClaimAttempt) => boolean>> = {
    device: ({ serial }) => serial === of.serial,
    person: ({ actor, organization }) => actor === of.actor && organization === of.organization,
    organization: ({ organization }) => organization === of.organization,
  };
  const scopes: readonly Scope[] = ['device', 'person', 'organization'];
  return scopes.filter((scope) => attempts.filter(same[scope]).length >= limits[scope]);
}
