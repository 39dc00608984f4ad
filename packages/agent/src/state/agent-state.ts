// Everything the agent remembers, and its one text form: a JSON object with a digest over itself, so that whatever happened to the file is seen.
import {
  type Digest,
  digestOf,
  type Envelope,
  type Floors,
  MAX_BODY_BYTES,
  type NetworkId,
  type Nonce,
  type Report,
  type ServiceName,
  type UnixSeconds,
} from '@windlass/protocol';
import type { Result } from '../result.ts';

/** A claim with the profiles that came under it, one per network, the last used first. */
export interface Holding {
  readonly claim: Envelope | null;
  /** At most `MAX_HELD_PROFILES`. */
  readonly profiles: readonly HeldProfile[];
  /** The network whose inspection CAs are trusted now. */
  readonly active: NetworkId | null;
  /** SPKI digest of the inspection CA that signed the chain seen last. */
  readonly issuer: Digest | null;
  /** Keys that a profile retired which could not be made active. */
  readonly retired: readonly Digest[];
}

export interface HeldProfile {
  readonly network: NetworkId;
  readonly envelope: Envelope;
  /** It was active once, brought a signed answer over TLS that it validated, and was neither reverted nor left waiting for approval since. @see spec C2, C7 */
  readonly confirmed: boolean;
}

/** What a device remembers. Every text in it comes from messages and configurations that are bounded. `previous`: the active profile is not confirmed yet, and this is what there was before it. */
export interface AgentState {
  readonly floors: Floors;
  readonly lastNonce: Nonce | null;
  /** The counter of the last report; durable before that report is sent. */
  readonly counter: number;
  /** How the last exchange ended whose answer was accepted. */
  readonly outcome: Result['outcome'] | null;
  /** The signed time of that answer with the wait that it asked for; also after a restart nothing is sent by itself before. @see spec L8 */
  readonly notBefore?: UnixSeconds;
  /** When the allowance for exchanges is whole again, as of the last one that began. @see spec L8 */
  readonly rested?: UnixSeconds;
  /** The last signed time and the seconds that the agent worked since, as far as they were written down; never the floor. */
  readonly time: UnixSeconds;
  /** A request that was written to a file and waits for its answer; one at most. */
  readonly pending: PendingRequest | null;
  /** What stood between device and service since an acknowledged report, the last of it. */
  readonly trouble: LastTrouble | null;
  /** What was wrong with the files at a start, until a report of it is acknowledged. */
  readonly fault: StateFault | null;
  /** Where bundles of ours are or were, absolute, the configured ones first; at most `MAX_PATHS`. */
  readonly paths: readonly string[];
  readonly holding: Holding;
  readonly previous: Holding | null;
  /** The active profile came by hand: as long as it is not confirmed, only an accepted answer takes it away. @see spec C6 */
  readonly carried?: boolean;
}

export interface PendingRequest {
  readonly nonce: Nonce;
  /** As it was signed; within F1. */
  readonly payload: string;
  /** When it was signed, by the agent's clock: the monotonic one does not survive a restart. */
  readonly time: UnixSeconds;
}

/** Why there was no valid answer, as the next report says it. @see spec M7 */
export type LastTrouble = NonNullable<Report['trouble']>;

/** `floors-unwritten`: their copy is not what it should be. */
export type StateFault = 'state-damaged' | 'floors-lost' | 'floors-unwritten';

/** Paths of bundles that are remembered. */
export const MAX_PATHS = 32;
/** A state file that is larger is damaged: the largest that an agent writes has less. */
const MAX_STATE_BYTES = 128 * MAX_BODY_BYTES;

export const NOTHING_HELD: Holding = { claim: null, profiles: [], active: null, issuer: null, retired: [] };

const VERSION = 2;

/** The text of a state, which `decodeState` reads. */
export function encodeState(state: AgentState, service: ServiceName): Uint8Array {
  const body = JSON.stringify({ version: VERSION, service, ...state });
  return Buffer.from(`{"digest":"${digestOf(body)}","state":${body}}\n`);
}

/**
 * The state of a text that `encodeState` wrote, of this version or an earlier one: the digest says so, and nothing else is looked at
 * again. Claim and profiles in it are verified whenever they are used. Digest and version stay where they are in every form to come: by them an older agent knows a newer one's.
 *
 * @throws NewerStateError; OtherServiceError; Error: damaged
 */
export function decodeState(bytes: Buffer, service: ServiceName): AgentState {
  if (bytes.length > MAX_STATE_BYTES) throw new Error();
  const { digest, state } = JSON.parse(bytes.toString()) as { digest: Digest; state: AgentState & Head };
  if (digestOf(JSON.stringify(state)) !== digest || !(state.version >= 1)) throw new Error();
  const { version, service: owner, ...rest } = state;
  if (version > VERSION) throw new NewerStateError(`${version}`); // spec C5
  if (owner !== service) throw new OtherServiceError(owner);
  return version === VERSION ? rest : fromFirst(rest);
}

/** Version 1 had fewer members. Of its profiles only the active one is known to be confirmed. */
function fromFirst(state: AgentState): AgentState {
  const { floors, holding, previous } = state;
  const known = (held: Holding, active: NetworkId | null): Holding => ({
    ...held,
    profiles: held.profiles.map((profile) => ({ ...profile, confirmed: profile.network === active })),
  });
  return {
    ...state,
    ...{ time: floors.time, pending: null, trouble: null, fault: null, paths: [] },
    holding: known(holding, previous ? null : holding.active),
    previous: previous && known(previous, previous.active),
  };
}

interface Head {
  readonly version: number;
  readonly service: ServiceName;
}

/** The state directory was used for another service: nothing in it is damaged. */
export class OtherServiceError extends Error {}

/** A newer agent wrote the state, in a form that this one does not know: nothing in it is damaged. */
export class NewerStateError extends Error {}
