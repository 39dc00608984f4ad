// Everything the agent remembers, and its one text form: a JSON object with a digest over itself, so that whatever happened to the file is seen.
import {
  type Digest,
  digestOf,
  type Envelope,
  type Floors,
  type NetworkId,
  type Nonce,
  type ServiceName,
  type UnixSeconds,
} from '@windlass/protocol';
import type { Result } from '../result.ts';

/** A claim with the profiles that came under it, one per network, the last used first. */
export interface Holding {
  readonly claim: Envelope | null;
  readonly profiles: readonly { readonly network: NetworkId; readonly envelope: Envelope }[];
  /** The network whose inspection CAs are trusted now. */
  readonly active: NetworkId | null;
  /** SPKI digest of the inspection CA that signed the chain seen last. */
  readonly issuer: Digest | null;
  /** Keys that a profile retired which could not be made active. */
  readonly retired: readonly Digest[];
}

/** What a device remembers. `previous`: the active profile is not confirmed yet, and this is what there was before it. */
export interface AgentState {
  readonly floors: Floors;
  readonly lastNonce: Nonce | null;
  /** The counter of the last report; durable before that report is sent. */
  readonly counter: number;
  /** How the last exchange ended whose answer was accepted. */
  readonly outcome: Result['outcome'] | null;
  /** The signed time of that answer with the wait that it asked for; also after a restart nothing is sent by itself before. @see spec L8 */
  readonly notBefore?: UnixSeconds;
  readonly holding: Holding;
  readonly previous: Holding | null;
}

export const NOTHING_HELD: Holding = { claim: null, profiles: [], active: null, issuer: null, retired: [] };

const VERSION = 1;

/** The text of a state, which `decodeState` reads. */
export function encodeState(state: AgentState, service: ServiceName): Uint8Array {
  const body = JSON.stringify({ version: VERSION, service, ...state });
  return Buffer.from(`{"digest":"${digestOf(body)}","state":${body}}\n`);
}

/**
 * The state of a text that `encodeState` wrote: the digest says so, and nothing else is looked at again. Claim and profiles in it are
 * verified whenever they are used. Digest and version stay where they are in every form to come: by them an older agent knows a newer one's.
 *
 * @throws NewerStateError; OtherServiceError; Error: damaged
 */
export function decodeState(bytes: Buffer, service: ServiceName): AgentState {
  const { digest, state } = JSON.parse(bytes.toString()) as { digest: Digest; state: AgentState & Head };
  if (digestOf(JSON.stringify(state)) !== digest || !(state.version >= VERSION)) throw new Error();
  const { version, service: owner, ...rest } = state;
  if (version > VERSION) throw new NewerStateError(`${version}`); // spec C5
  if (owner !== service) throw new OtherServiceError(owner);
  return rest;
}

interface Head {
  readonly version: number;
  readonly service: ServiceName;
}

/** The state directory was used for another service: nothing in it is damaged. */
export class OtherServiceError extends Error {}

/** A newer agent wrote the state, in a form that this one does not know: nothing in it is damaged. */
export class NewerStateError extends Error {}
