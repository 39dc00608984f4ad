// Everything the agent remembers, and its one text form: a JSON object with a digest over itself, read back as strictly as a message.
import {
  type Digest,
  digestOf,
  type Envelope,
  type Floors,
  formatTime,
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
  parseTime,
  type ServiceName,
} from '@windlass/protocol';

/** How the last exchange ended that was committed. */
export type LastOutcome = 'granted' | 'unclaimed' | 'awaiting-approval' | 'not-inspected' | 'refused' | 'reverted';
const OUTCOMES: readonly LastOutcome[] = [
  'granted',
  'unclaimed',
  'awaiting-approval',
  'not-inspected',
  'refused',
  'reverted',
];

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
  const body = JSON.stringify({
    version: 1,
    service,
    confirmed: state.previous === null,
    ...state,
    floors: { ...state.floors, time: formatTime(state.floors.time) },
  });
  return Buffer.from(`{"digest":"${digestOf(body)}","state":${body}}\n`);
}

/** The state of a text. @throws ProtocolError or Error: damaged, or the state of another service */
export function decodeState(bytes: Uint8Array, service: ServiceName): AgentState {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  const file = members(parseStrictJson(text), ['digest', 'state']);
  const digest = parseDigest(file['digest']);
  const state = members(file['state'], STATE_MEMBERS);
  require(digestOf(JSON.stringify(state)) === digest && state['version'] === 1);
  if (state['service'] !== service) throw new OtherServiceError(String(state['service']));
  require(state['confirmed'] === (state['previous'] === null));
  return {
    floors: parseFloors(state['floors']),
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

const STATE_MEMBERS = [
  'version',
  'service',
  'confirmed',
  'floors',
  'lastNonce',
  'counter',
  'outcome',
  'holding',
  'previous',
];

function parseHolding(value: JsonValue | undefined): Holding {
  const holding = members(value, ['claim', 'profiles', 'active', 'issuer', 'retired']);
  return {
    claim: orNull(holding['claim'], parseEnvelope),
    profiles: list(holding['profiles']).map((item) => {
      const profile = members(item, ['network', 'envelope']);
      return {
        network: parseNetworkId(profile['network']),
        envelope: parseEnvelope(profile['envelope'] ?? null),
      };
    }),
    active: orNull(holding['active'], (network) => parseNetworkId(network)),
    issuer: orNull(holding['issuer'], (digest) => parseDigest(digest)),
    retired: list(holding['retired']).map((digest) => parseDigest(digest)),
  };
}

function parseFloors(value: JsonValue | undefined): Floors {
  const floors = members(value, [
    'time',
    'ownership',
    'generation',
    'claimDigest',
    'organization',
    'epochs',
    'networks',
  ]);
  return {
    time: parseTime(floors['time']),
    ownership: whole(floors['ownership']),
    generation: whole(floors['generation']),
    claimDigest: orNull(floors['claimDigest'], (digest) => parseDigest(digest)),
    organization: orNull(floors['organization'], (id) => parseOrganizationId(id)),
    epochs: record(floors['epochs'], whole),
    networks: record(floors['networks'], (item) => {
      const network = members(item, ['epoch', 'sequence', 'digest']);
      return {
        epoch: whole(network['epoch']),
        sequence: whole(network['sequence']),
        digest: parseDigest(network['digest']),
      };
    }),
  };
}

function parseOutcome(value: JsonValue): LastOutcome {
  const outcome = OUTCOMES.find((known) => known === value);
  require(outcome !== undefined);
  return outcome;
}

function require(condition: boolean): asserts condition {
  if (!condition) throw new Error('The state is damaged.');
}

function object(value: JsonValue | undefined): JsonObject {
  require(typeof value === 'object' && value !== null && !Array.isArray(value));
  return value as JsonObject;
}

function members(value: JsonValue | undefined, names: readonly string[]): JsonObject {
  const found = object(value);
  require(Object.keys(found).length === names.length && names.every((name) => Object.hasOwn(found, name)));
  return found;
}

function record<T>(value: JsonValue | undefined, parse: (item: JsonValue) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(object(value)).map(([name, item]) => [name, parse(item)]));
}

function list(value: JsonValue | undefined): readonly JsonValue[] {
  require(Array.isArray(value));
  return value as readonly JsonValue[];
}

function orNull<T>(value: JsonValue | undefined, parse: (value: JsonValue) => T): T | null {
  return value === null ? null : parse(value ?? false);
}

function whole(value: JsonValue | undefined): number {
  require(typeof value === 'number');
  return value as number;
}
