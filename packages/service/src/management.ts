// What every noun of the management side works with, and how an act is done: one transaction with its audit entry.
import type { Role } from '@windlass/management';
import type { OrganizationId, RevocationList, ServiceName, UnixSeconds } from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';
import { appendAudit, type Change } from './audit.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import type { ManagementKeys } from './signer/ports.ts';
import type { Revocations } from './signer/revocations.ts';
import type { ManagementStore, ManagementTables } from './store/management-ports.ts';
import type { DeviceReader } from './store/ports.ts';
import { isStillHeld } from './tokens.ts';

/** The management side: its database, its keys, what it reads of the device side, and the time. */
export interface Management {
  readonly service: ServiceName;
  readonly store: ManagementStore;
  readonly devices: DeviceReader;
  readonly keys: ManagementKeys;
  readonly serviceAnchors: readonly Certificate[];
  /** SubjectPublicKeyInfo of the roots of the public web. */
  readonly publicRootKeys: readonly Uint8Array[];
  readonly revocations: Revocations;
  readonly renewal: ClaimRenewal;
  readonly jobs: JobSignal;
  readonly now: () => UnixSeconds;
  /** That many unpredictable bytes. */
  readonly randomBytes: (size: number) => Uint8Array;
}

/** How far claims of revoked claim authorities are signed anew; `renewClaims` writes it, health reads it. */
export interface ClaimRenewal {
  /** By which all claims were looked through; null before the first time. */
  lists: readonly RevocationList[] | null;
  /** Claims that are still by a revoked authority. */
  left: number;
}

/** How an act says that there is work to go on with after it; whoever runs the jobs listens. */
export interface JobSignal {
  wake: () => void;
  /** What ends soon or is missing, as it was when it was last looked at: health is asked often, by anybody. */
  endings: readonly string[];
}

/** Who is asking, and from where. */
export interface Actor {
  /** For the audit: the person and the token or session, without giving it away. */
  readonly name: string;
  /** The id of the person; null for nobody, and for the service itself. Two tokens of one person are one person. */
  readonly person: string | null;
  readonly role: Role | 'none';
  /** The organization a member is of; null for the operator of the service. */
  readonly organization: OrganizationId | null;
  /** Network address of the client. */
  readonly address: string;
  /** What they act with. Left out: the service itself, or nobody. */
  readonly credential?: Credential;
  /** What a second person approves with this act: the audit names both. */
  readonly approval?: { readonly id: string; readonly requestedBy: string; readonly requested: string };
}

/** A token or a session, by its digest. */
export interface Credential {
  readonly kind: 'token' | 'session';
  readonly id: string;
  readonly digest: string;
}

/** Who does what the service does by itself, and what is done on its machine. */
export const SYSTEM: Actor = { name: 'system', person: null, role: 'none', organization: null, address: 'local' };

/** What an act leaves in the audit beside its result. */
export interface Done<Result> {
  readonly result: Result;
  readonly organization: OrganizationId | null;
  /** What it was done to, for people: "network acme/plant-7". */
  readonly object: string;
  /** What a reader of the audit needs to know beside the change; no secrets. */
  readonly detail: Readonly<Record<string, unknown>>;
  readonly change: Change;
  /** Why, in the words of who did it. */
  readonly reason?: string | undefined;
}

/**
 * Everything `work` wrote and the audit entry that tells of it are stored, together; when `work` throws, nothing is.
 * `act` is the route's: noun.verb.
 * @throws Refusal `unauthenticated`: the actor lost the token, session or role since they were recognized; what `work` throws
 */
export async function perform<Result>(
  management: Management,
  actor: Actor,
  act: string,
  work: (tables: ManagementTables, now: UnixSeconds) => Promise<Done<Result>>,
): Promise<Result> {
  const now = management.now();
  return management.store.transaction(async (tables) => {
    await refuseLost(tables, actor);
    const { result, detail: own, ...told } = await work(tables, now);
    const detail = actor.approval === undefined ? own : { ...own, approval: actor.approval };
    await appendAudit(tables.audit, { time: now, actor, act, outcome: 'done', detail, ...told });
    return result;
  });
}

/** A body may be long on its way, and others first in the database. @throws Refusal `unauthenticated` */
async function refuseLost(tables: ManagementTables, { credential }: Actor): Promise<void> {
  const isHeld = credential === undefined || (await isStillHeld(tables, credential));
  refuseUnless(isHeld, 'unauthenticated', 'This token or session was revoked, or its person lost the role.');
}

/**
 * The same management side inside a transaction that is under way: acts done with it are stored together with that, or not at all. An act that
 * fails leaves nothing; who catches the failure can go on.
 */
export function within(management: Management, tables: ManagementTables): Management {
  const { store } = management;
  return { ...management, store: { ...store, tables, transaction: (work) => tables.nested(() => work(tables)) } };
}

/**
 * All that `work` does with the management side it is given is one transaction. When it is refused, its acts that were done all the same stay
 * done, as they would without: a wrong claim code counts. Anything else that is thrown leaves nothing. Jobs are begun when it is stored.
 */
export async function together<Result>(
  management: Management,
  work: (inside: Management) => Promise<Result>,
): Promise<Result> {
  let wanted = false;
  const wake = () => {
    wanted = true;
  };
  const end = await management.store.transaction(async (tables): Promise<End<Result>> => {
    const inside = within({ ...management, jobs: { ...management.jobs, wake } }, tables);
    try {
      return { kind: 'done', result: await work(inside) };
    } catch (cause) {
      if (cause instanceof Refusal) return { kind: 'refused', refusal: cause };
      throw cause;
    }
  });
  if (wanted) management.jobs.wake();
  if (end.kind === 'refused') throw end.refusal;
  return end.result;
}

type End<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'refused'; readonly refusal: Refusal };
