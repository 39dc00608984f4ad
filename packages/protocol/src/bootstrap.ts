// Exchange 1, both halves: the request of a device, the service's check of it, the decision, and the answer. @see spec section 4
import type { Certificate } from '@windlass/x509';
import { type KnownDevices, verifyDeviceMessage } from './device-message.ts';
import { type Envelope, envelope, isEnvelopeShaped } from './envelope.ts';
import { check } from './errors.ts';
import {
  type DeviceId,
  type Digest,
  deviceId,
  type NetworkId,
  type Nonce,
  type OrganizationId,
  type ProxyAddress,
  parseDer,
  parseDigest,
  parseId,
  parseNetworkId,
  parseNonce,
  parseOrganizationId,
  parseServiceName,
  parseTime,
  proxyAddress,
  type ServiceName,
  text,
  type UnixSeconds,
} from './forms.ts';
import {
  MAX_HELD_PROFILES,
  MAX_PRESENTED_CERTIFICATES,
  MAX_PRESENTED_CHAIN_BYTES,
  MAX_REFRESH_SECONDS,
  MAX_RETRY_SECONDS,
  MAX_REVOCATION_LISTS,
  MAX_STORES,
} from './limits.ts';
import { array, type Codec, encode, form, integer, message, nullable, object, oneOf, type Words } from './schema.ts';
import { isJsonObject, looseBody, parseBody } from './strict-json.ts';

/** What a device says about its clock. @see spec T4 */
export interface Clock {
  readonly state: 'untrusted' | 'floor' | 'trusted';
  readonly time: UnixSeconds;
}

/** 1 HTTPS validated, 2 HTTPS unvalidated, 3 HTTP, 4 a file. @see spec L1 */
export type Rung = 1 | 2 | 3 | 4;

const FAILURES =
  'unknown-issuer expired not-yet-valid name-mismatch certificate tls name-resolution refused reset timeout proxy proxy-authentication not-an-answer';
/** Why the better rung was not used. */
export type Failure = Words<typeof FAILURES>;

const OUTCOMES = 'granted unclaimed awaiting-approval not-inspected refused';
/** What a decision says. */
export type Outcome = Words<typeof OUTCOMES>;

const REFUSALS = 'device-key-changed nonce-reused claim-expired profile-expired suspended';
/** Why the service refuses a device. */
export type Refusal = Words<typeof REFUSALS>;

/** Signed by the device. */
export interface BootstrapRequest {
  readonly service: ServiceName;
  readonly device: DeviceId;
  readonly nonce: Nonce;
  readonly holds: {
    readonly claim?: { readonly generation: number; readonly digest: Digest };
    /** At most 8. */
    readonly profiles: readonly {
      readonly network: NetworkId;
      readonly epoch: number;
      readonly sequence: number;
      readonly digest: Digest;
    }[];
    /** There where the device implements revocation: the lists that it holds, by the SPKI digest of their anchor. */
    readonly revocations?: readonly { readonly anchor: Digest; readonly number: number }[];
  };
  readonly clock: Clock;
  readonly path: {
    readonly rung: Rung;
    readonly failure: Failure | null;
    /** DER, leaf first, at most 4 certificates and 16 384 bytes; empty where no handshake completed. @see spec M2 */
    readonly presentedChain: readonly Uint8Array[];
    readonly explicitProxy?: ProxyAddress;
  };
  readonly agent: { readonly version: string; readonly stores: readonly string[] };
}

/** Signed by the responder, for one request alone. Which members go with which outcome: M1. */
export interface Decision {
  readonly service: ServiceName;
  readonly device: DeviceId;
  readonly nonce: Nonce;
  /** The digest of the request's payload. */
  readonly request: Digest;
  readonly time: UnixSeconds;
  readonly outcome: Outcome;
  readonly code?: Refusal;
  readonly organization?: OrganizationId;
  readonly network?: NetworkId;
  readonly epoch?: number;
  readonly claim?: Digest;
  readonly profile?: Digest;
  readonly refreshAfterSeconds: number;
  readonly retryAfterSeconds?: number;
  readonly sealedKey?: string;
}

/** What the service sends; what the device holds already may be left out. */
export interface Answer {
  readonly decision: Envelope;
  readonly claim?: Envelope;
  readonly profile?: Envelope;
  /** CRLs in DER, of each service anchor one at most. */
  readonly revocations?: readonly Uint8Array[];
}

export const clock: Codec<Clock> = object({ state: oneOf('untrusted floor trusted'), time: parseTime });
export const rung: Codec<Rung> = form((value) => [1, 2, 3, 4].some((known) => known === value));

const answerCodec: Codec<Answer> = object({
  decision: envelope,
  'claim?': envelope,
  'profile?': envelope,
  'revocations?': array(parseDer, MAX_REVOCATION_LISTS, 1),
});

/** The request of a payload; nobody checked who signed it. @throws ProtocolError `json`, `type`, `version`, `service`, `schema`, in this order. */
export const parseRequest = message<BootstrapRequest>(
  'bootstrap-request',
  object({
    service: parseServiceName,
    device: deviceId,
    nonce: parseNonce,
    holds: object({
      'claim?': object({ generation: integer(), digest: parseDigest }),
      profiles: array(
        object({ network: parseNetworkId, epoch: integer(), sequence: integer(), digest: parseDigest }),
        MAX_HELD_PROFILES,
      ),
      'revocations?': array(object({ anchor: parseDigest, number: integer() }), MAX_REVOCATION_LISTS),
    }),
    clock,
    path: object({
      rung,
      failure: nullable(oneOf(FAILURES)),
      presentedChain: array(parseDer, MAX_PRESENTED_CERTIFICATES),
      'explicitProxy?': proxyAddress,
    }),
    agent: object({ version: text(64, 1), stores: array(parseId, MAX_STORES) }),
  }),
  (request) => {
    const size = request.path.presentedChain.reduce((sum, certificate) => sum + certificate.length, 0);
    check(size <= MAX_PRESENTED_CHAIN_BYTES, 'schema'); // spec M2
  },
);

/** Members that depend on the outcome, and the sets of them that each outcome may have. @see spec M1 */
const WITH_CLAIM = 'organization epoch claim';
const WITH_PROFILE = 'organization network epoch claim profile';
const DEPENDENT = `${WITH_PROFILE} code`.split(' ') as (keyof Decision)[];
const PRESENCE: Readonly<Record<Outcome, readonly string[]>> = {
  granted: [WITH_PROFILE],
  'not-inspected': [WITH_CLAIM, WITH_PROFILE],
  'awaiting-approval': [WITH_CLAIM],
  unclaimed: ['', 'claim'],
  refused: ['code'],
};

/** The decision of a payload. @throws ProtocolError `json`, `type`, `version`, `service`, `schema`, in this order. */
export const parseDecision = message<Decision>(
  'decision',
  object({
    service: parseServiceName,
    device: deviceId,
    nonce: parseNonce,
    request: parseDigest,
    time: parseTime,
    outcome: oneOf(OUTCOMES),
    'code?': oneOf(REFUSALS),
    'organization?': parseOrganizationId,
    'network?': parseNetworkId,
    'epoch?': integer(),
    'claim?': parseDigest,
    'profile?': parseDigest,
    refreshAfterSeconds: integer(MAX_REFRESH_SECONDS, 1),
    'retryAfterSeconds?': integer(MAX_RETRY_SECONDS, 1),
    'sealedKey?': text(1_024, 1),
  }),
  (decision) => {
    const present = DEPENDENT.filter((name) => decision[name] !== undefined).join(' ');
    check(PRESENCE[decision.outcome].includes(present), 'schema'); // spec M1
  },
);

/** The payload text of a request. @throws ProtocolError `schema`: what the service would refuse. */
export const encodeRequest = (request: BootstrapRequest): string => parseRequest.encode(request);

/** A request that a known device signed; its digest is over the payload, its key the SHA-256 of the SPKI. */
export interface VerifiedRequest {
  readonly [verified]: true;
  readonly request: BootstrapRequest;
  readonly digest: Digest;
  readonly deviceKey: Digest;
  readonly certificate: Certificate;
}

declare const verified: unique symbol;

/**
 * The request in `body`: signed by the device that it names, with a key that the service knows, for this service.
 *
 * @throws ProtocolError `too-large`, `json`, `type`, `version`, `service`, `schema`, `cms`, `algorithm`, `digest-mismatch`, `signature`,
 * `signer-*`, `device-certificate`, `device-mismatch`. The wire gets one neutral problem for all of them. @see spec S1, S2, S3
 */
export function verifyRequest(body: Uint8Array, known: KnownDevices): VerifiedRequest {
  const { message: request, ...signed } = verifyDeviceMessage(body, parseRequest, known);
  return { request, ...signed } as VerifiedRequest;
}

/** The payload text of a decision. @throws ProtocolError `schema`: what a device would refuse. */
export const encodeDecision = (decision: Decision): string => parseDecision.encode(decision);

/** The text of an answer's body. */
export const encodeAnswer = (answer: Answer): string => encode(answerCodec, answer);

/** The shape of an answer; nothing in it is verified. @throws ProtocolError `too-large`, `json`, `schema`, in this order. */
export const parseAnswer = (body: Uint8Array): Answer => answerCodec(parseBody(body));

/** Tells an answer, valid or not, from a block page and everything else that is no answer. @see spec L4 */
export function isAnswer(body: Uint8Array): boolean {
  const value = looseBody(body);
  return isJsonObject(value) && isEnvelopeShaped(value['decision']);
}
