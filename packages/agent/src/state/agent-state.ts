// Everything the agent remembers, and its one text form: a JSON object with a digest over itself, read back as strictly as a message.
import {
  type Digest,
  digestOf,
  type Envelope,
  type Floors,
  type JsonObject,
  type JsonValue,
  type NetworkId,
  type Nonce,
  parseDigest,
  parseEnvelope,
  parseNetworkId,
  parseNonce,
  parseOrganizationId,
  parseStrictJson,
  type ServiceName,
  unixSeconds,
} from '@windlass/protocol';

/** How the last exchange ended that was committed. */
export type LastOutcome = (typeof OUTCOMES)[number];
const OUTCOMES = ['granted', 'unclaimed', 'awaiting-approval', 'not-inspected', 'refused', 'reverted'] as const;

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
  readonly outcome: LastOutcome | null;
  readonly holding: Holding;
  readonly previous: Holding | null;
}

export const NOTHING_HELD: Holding = { claim: null, profiles: [], active: null, issuer: null, retired: [] };

/** The text of a state, which `decodeState` reads. */
export function encodeState(state: AgentState, service: ServiceName): Uint8Array {
  const body = JSON.stringify({ version: 1, service, confirmed: state.previous === null, ...state });
  return Buffer.from(`{"digest":"${digestOf(body)}","state":${body}}\n`);
}

/** The state of a text. @throws OtherServiceError; ProtocolError or Error: damaged */
export function decodeState(bytes: Uint8Array, service: ServiceName): AgentState {
  const file = objectOf(parseStrictJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  const state = objectOf(file['state']);
  expect(digestOf(JSON.stringify(state)) === file['digest'] && state['version'] === 1);
  if (state['service'] !== service) throw new OtherServiceError(String(state['service']));
  return {
    floors: parseFloors(objectOf(state['floors'])),
    lastNonce: orNull(state['lastNonce'], (value) => parseNonce(value)),
    counter: whole(state['counter']),
    outcome: orNull(state['outcome'], parseOutcome),
    holding: parseHolding(state['holding']),
    previous: orNull(state['previous'], parseHolding),
  };
}

/** The state directory was used for another service: nothing in it is damaged. */
export class OtherServiceError extends Error {
  override readonly name = 'OtherServiceError';
}

function parseHolding(value: JsonValue | undefined): Holding {
  const { claim, profiles, active, issuer, retired } = objectOf(value);
  return {
    claim: orNull(claim, parseEnvelope),
    profiles: list(profiles, (item) => {
      const { network, envelope } = objectOf(item);
      return { network: parseNetworkId(network), envelope: parseEnvelope(envelope ?? null) };
    }),
    active: orNull(active, (network) => parseNetworkId(network)),
    issuer: orNull(issuer, (digest) => parseDigest(digest)),
    retired: list(retired, (digest) => parseDigest(digest)),
  };
}

function parseFloors(floors: JsonObject): Floors {
  return {
    time: unixSeconds(whole(floors['time'])),
    ownership: whole(floors['ownership']),
    generation: whole(floors['generation']),
    claimDigest: orNull(floors['claimDigest'], (digest) => parseDigest(digest)),
    organization: orNull(floors['organization'], (id) => parseOrganizationId(id)),
    epochs: record(floors['epochs'], whole),
    networks: record(floors['networks'], (item) => {
      const { epoch, sequence, digest } = objectOf(item);
      return { epoch: whole(epoch), sequence: whole(sequence), digest: parseDigest(digest) };
    }),
  };
}

function parseOutcome(value: JsonValue): LastOutcome {
  const outcome = OUTCOMES.find((known) => known === value);
  expect(outcome !== undefined);
  return outcome;
}

function expect(condition: boolean): asserts condition {
  if (!condition) throw new Error('The state is damaged.');
}

function objectOf(value: JsonValue | undefined): JsonObject {
  expect(typeof value === 'object' && value !== null && !Array.isArray(value));
  return value as JsonObject;
}

function record<T>(value: JsonValue | undefined, parse: (item: JsonValue) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(objectOf(value)).map(([name, item]) => [name, parse(item)]));
}

function list<T>(value: JsonValue | undefined, parse: (item: JsonValue) => T): readonly T[] {
  expect(Array.isArray(value));
  return (value as readonly JsonValue[]).map(parse);
}

function orNull<T>(value: JsonValue | undefined, parse: (value: JsonValue) => T): T | null {
  return value === null ? null : parse(value ?? false);
}

function whole(value: JsonValue | undefined): number {
  expect(typeof value === 'number');
  return value as number;
}
