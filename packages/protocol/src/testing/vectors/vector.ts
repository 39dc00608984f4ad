// What a vector is, and how one is made: an honest exchange with one twist, signed with the keys that the twist needs.
import type { TestCertificate } from '../test-certificates.ts';
import type { CmsOptions, Envelope } from '../test-cms.ts';
import { signEnvelope } from '../test-cms.ts';
import {
  at,
  base64,
  claimOf,
  DAY,
  decisionOf,
  deviceId,
  type Members,
  NETWORK,
  NONCE,
  NOW,
  ORGANIZATION,
  payloadOf,
  profileOf,
  requestOf,
  SERVICE,
  sha256,
  signMessage,
  type World,
} from '../world.ts';

/** One file of spec/vectors; what each member means is in its README and schema. */
export interface Vector {
  readonly id: string;
  readonly rule: string;
  readonly exchange: 'answer' | 'request' | 'report' | 'acknowledgement';
  readonly description: string;
  readonly shell: boolean;
  readonly input: object;
  readonly expected: { readonly error: string } | { readonly outcome: string };
}

/** What a case says of itself; the identifier is the exchange and `name`. */
export interface CaseHead {
  readonly name: string;
  readonly rule: string;
  readonly says: string;
  readonly shell?: boolean;
  /** The code; missing where the message is accepted. */
  readonly error?: string;
}

export interface AnswerParts {
  readonly decision: Envelope;
  readonly claim?: Envelope;
  readonly profile?: Envelope;
}

/** How an answer differs from the honest one. */
export interface AnswerTwist {
  readonly request?: Members;
  readonly decision?: Members;
  /** Null: there is none. */
  readonly claim?: Members | null;
  readonly profile?: Members | null;
  readonly chains?: Readonly<Partial<Record<keyof AnswerParts, readonly TestCertificate[]>>>;
  readonly cms?: Readonly<Partial<Record<keyof AnswerParts, CmsOptions>>>;
  /** Another text of a payload, before it is digested and signed. */
  readonly texts?: Readonly<Partial<Record<keyof AnswerParts, (payload: string) => string>>>;
  /** The parts that the device holds and the answer leaves out. */
  readonly held?: readonly ('claim' | 'profile')[];
  readonly answer?: (parts: AnswerParts) => object;
  readonly body?: (text: string) => string | Uint8Array;
  readonly input?: (honest: AnswerInput) => Partial<AnswerInput>;
  /** CRLs in DER that are sent. */
  readonly revocations?: readonly Uint8Array[];
  /** The floors that are expected beside those that follow from decision, claim and profile. */
  readonly expectedFloors?: Partial<VectorFloors>;
  /** Members of the expectation beside the outcome. */
  readonly expected?: object;
}

export interface AnswerInput {
  readonly service: string;
  readonly serviceAnchors: readonly string[];
  readonly device: Members;
  readonly deviceKey: string;
  /** The code of the label, where the device has one from the factory. */
  readonly labelCode?: string;
  readonly request: {
    readonly payload: string;
    readonly nonce: string;
    readonly ageSeconds: number;
    readonly kind: string;
  };
  readonly held: { readonly claim?: Envelope; readonly profiles: readonly Envelope[] };
  readonly floors: VectorFloors;
  readonly clock: { readonly state: string; readonly time: string };
  readonly lastNonce: string | null;
  readonly body?: string;
  readonly bodyBase64?: string;
}

export interface VectorFloors {
  readonly time: string;
  readonly ownership: number;
  readonly generation: number;
  readonly claimDigest: string | null;
  readonly organization: string | null;
  readonly epochs: Readonly<Record<string, number>>;
  readonly networks: Readonly<
    Record<string, { readonly epoch: number; readonly sequence: number; readonly digest: string }>
  >;
  /** Base64 of CRLs in DER. */
  readonly revocations: readonly string[];
}

/** What the device of these vectors accepted before. */
export const FLOORS: VectorFloors = {
  time: at(NOW - 30 * DAY),
  ownership: 3,
  generation: 6,
  claimDigest: sha256('the claim before'),
  organization: ORGANIZATION,
  epochs: { [ORGANIZATION]: 2 },
  networks: { [`${ORGANIZATION}/${NETWORK}`]: { epoch: 2, sequence: 10, digest: sha256('the profile before') } },
  revocations: [],
};

/** What a device has that never accepted anything. */
export const NO_FLOORS: VectorFloors = {
  time: at(NOW - 300 * DAY),
  ownership: 0,
  generation: 0,
  claimDigest: null,
  organization: null,
  epochs: {},
  networks: {},
  revocations: [],
};

/** A vector of an answer that was made from the honest one by `twist`. */
export function answerVector(world: World, head: CaseHead, twist: AnswerTwist = {}): Vector {
  const texts = answerTexts(world, twist);
  const parts = signedParts(world, texts, twist);
  const held = twist.held ?? [];
  const sent = {
    ...Object.fromEntries(Object.entries(parts).filter(([name]) => !held.some((part) => part === name))),
    ...(twist.revocations && { revocations: twist.revocations.map(base64) }),
  };
  const text = JSON.stringify(twist.answer ? twist.answer(parts) : sent);
  const body = twist.body ? twist.body(text) : text;
  const honest: AnswerInput = {
    service: SERVICE,
    serviceAnchors: [world.serviceAnchor.pem],
    device: deviceId(world),
    deviceKey: world.device.key.digest,
    request: { payload: texts.request, nonce: NONCE, ageSeconds: 2, kind: 'online' },
    held: {
      ...(held.includes('claim') && parts.claim ? { claim: parts.claim } : {}),
      profiles: held.includes('profile') && parts.profile ? [parts.profile] : [],
    },
    floors: FLOORS,
    clock: { state: 'untrusted', time: at(NOW - 40) },
    lastNonce: null,
    ...(typeof body === 'string' ? { body } : { bodyBase64: Buffer.from(body).toString('base64') }),
  };
  const input = { ...honest, ...twist.input?.(honest) };
  const expected = head.error === undefined ? acceptance(texts, twist, input) : { error: head.error };
  return vectorOf('answer', head, input, expected);
}

export function vectorOf(
  exchange: Vector['exchange'],
  head: CaseHead,
  input: object,
  expected: Vector['expected'],
): Vector {
  const { name, rule, says, shell } = head;
  return { id: `${exchange}/${name}`, rule, exchange, description: says, shell: shell === true, input, expected };
}

interface AnswerTexts {
  readonly request: string;
  readonly decision: string;
  readonly claim?: string;
  readonly profile?: string;
  readonly decided: Members;
  readonly claimed: Members;
  readonly profiled: Members;
}

function answerTexts(world: World, twist: AnswerTwist): AnswerTexts {
  const same = (payload: string): string => payload;
  const { decision: decisionText = same, claim: claimText = same, profile: profileText = same } = twist.texts ?? {};
  const request = payloadOf(requestOf(world, twist.request));
  const claimed = claimOf(world, twist.claim ?? {});
  const profiled = profileOf(world, twist.profile ?? {});
  const named = {
    ...(twist.claim === null ? {} : { claim: claimText(payloadOf(claimed)) }),
    ...(twist.profile === null ? {} : { profile: profileText(payloadOf(profiled)) }),
  };
  const decided = decisionOf(world, { request, ...named }, twist.decision);
  return { request, ...named, decision: decisionText(payloadOf(decided)), decided, claimed, profiled };
}

function signedParts(world: World, texts: AnswerTexts, twist: AnswerTwist): AnswerParts {
  const chains = {
    decision: [world.responder],
    claim: [world.claimAuthority],
    profile: [world.publisher],
    ...twist.chains,
  };
  return {
    decision: signEnvelope(texts.decision, chains.decision, twist.cms?.decision),
    ...(texts.claim === undefined ? {} : { claim: signEnvelope(texts.claim, chains.claim, twist.cms?.claim) }),
    ...(texts.profile === undefined
      ? {}
      : { profile: signEnvelope(texts.profile, chains.profile, twist.cms?.profile) }),
  };
}

/** What an accepted answer leaves behind: its outcome, what it names, and the new floors. */
function acceptance(texts: AnswerTexts, twist: AnswerTwist, input: AnswerInput): Vector['expected'] {
  const { decided, claimed, profiled } = texts;
  const { organization, network, epoch } = decided;
  const named = {
    ...(decided['claim'] ? { claim: decided['claim'] } : {}),
    ...(decided['profile'] ? { profile: decided['profile'] } : {}),
  };
  const before = input.floors;
  const floors = {
    ...before,
    time: decided['time'],
    ...(decided['claim']
      ? {
          ownership: claimed['ownership'],
          generation: claimed['generation'],
          claimDigest: decided['claim'],
          organization: claimed['organization'],
        }
      : {}),
    epochs: { ...before.epochs, ...(typeof organization === 'string' ? { [organization]: epoch } : {}) },
    networks: {
      ...before.networks,
      ...(decided['profile']
        ? { [`${organization}/${network}`]: { epoch, sequence: profiled['sequence'], digest: decided['profile'] } }
        : {}),
    },
    ...twist.expectedFloors,
  };
  return { outcome: String(decided['outcome']), ...named, ...twist.expected, floors } as Vector['expected'];
}

/** An envelope around `members`, signed by the first of `chain`. */
export function bodyOf(members: Members, chain: readonly TestCertificate[], options: CmsOptions = {}): string {
  return JSON.stringify(signMessage(members, chain, options));
}
