// Exchange 2, both halves: what a device says at the end of an exchange, and the service's acknowledgement. @see spec section 4
import type { Certificate } from '@windlass/x509';
import { type Clock, clock, type Rung, rung } from './bootstrap.ts';
import { type KnownDevices, verifyDeviceMessage } from './device-message.ts';
import { parseEnvelope } from './envelope.ts';
import { check } from './errors.ts';
import {
  type DeviceId,
  type Digest,
  deviceId,
  isSameDevice,
  type NetworkId,
  type Nonce,
  type OrganizationId,
  parseDigest,
  parseId,
  parseNetworkId,
  parseNonce,
  parseOrganizationId,
  parseServiceName,
  parseTime,
  type ServiceName,
  text,
  type UnixSeconds,
} from './forms.ts';
import { MAX_ENDPOINTS, MAX_RETIRED_KEYS, MAX_STORE_ANCHORS, MAX_STORES } from './limits.ts';
import { type RevocationLists, refuseHeldRevoked } from './revocations.ts';
import { array, boolean, type Codec, integer, message, object, oneOf, type Words } from './schema.ts';
import { checkSignedTime, type KnownTime } from './signed-time.ts';
import { openSigned } from './signer.ts';
import { parseBody } from './strict-json.ts';
import { isTrouble, type Trouble } from './troubles.ts';

const PHASES = 'fetched accepted staged probed active reverted failed';
/** How far the exchange came. */
export type Phase = Words<typeof PHASES>;

const VERDICTS =
  'direct inspected-trusted inspected-untrusted needs-bypass blocked captive name-rewritten proxy-authentication';
/** What the path to an endpoint turned out to be. */
export type Verdict = Words<typeof VERDICTS>;

/** What one trust store of the device holds of ours. */
export interface StoreReceipt {
  readonly name: string;
  readonly kind: string;
  readonly state: 'effective' | 'present' | 'needs-restart' | 'not-managed';
  /** Whether the store's users honour permitted names and `until`. */
  readonly scopeEnforced: boolean;
  /** SPKI digests. */
  readonly anchors: readonly Digest[];
  readonly detail?: string;
}

/** What a probe of one endpoint found. */
export interface EndpointReport {
  readonly name: string;
  readonly verdict: Verdict;
  readonly stage?: string;
  readonly detail?: string;
}

/** Signed by the device, one per exchange, at its end, on the best rung. */
export interface Report {
  readonly service: ServiceName;
  readonly device: DeviceId;
  /** The nonce of the exchange. */
  readonly nonce: Nonce;
  /** Rises with every report of the device, for ever. */
  readonly counter: number;
  readonly clock: Clock;
  readonly rung: Rung;
  readonly phases: readonly Phase[];
  readonly code?: string;
  /** Why there was no valid answer before this exchange, and since when by the device's clock. @see spec M7 */
  readonly trouble?: { readonly code: Trouble; readonly since: UnixSeconds };
  readonly organization?: OrganizationId;
  readonly network?: NetworkId;
  /** The digest of the profile's payload. */
  readonly profile?: Digest;
  readonly stores: readonly StoreReceipt[];
  /** SPKI digests of anchors of ours that were dropped in this exchange. */
  readonly removed: readonly Digest[];
  readonly endpoints: readonly EndpointReport[];
  /** SPKI digest of the inspection CA that signed the chain in use. */
  readonly issuer?: Digest;
  readonly agent: { readonly version: string };
}

/** Signed by the responder after the report was stored. */
export interface Acknowledgement {
  readonly service: ServiceName;
  readonly device: DeviceId;
  /** The digest of the report's payload. */
  readonly report: Digest;
  readonly counter: number;
  readonly time: UnixSeconds;
}

const detail = text(200);

/** The report of a payload; nobody checked who signed it. @throws ProtocolError `json`, `type`, `version`, `service`, `schema`, in this order. */
export const parseReport = message<Report>(
  'report',
  object({
    service: parseServiceName,
    device: deviceId,
    nonce: parseNonce,
    counter: integer(),
    clock,
    rung,
    phases: array(oneOf(PHASES), 8, 1),
    'code?': text(64, 1),
    'trouble?': object({ code: parseId as Codec<Trouble>, since: parseTime }),
    'organization?': parseOrganizationId,
    'network?': parseNetworkId,
    'profile?': parseDigest,
    stores: array(
      object({
        name: parseId,
        kind: parseId,
        state: oneOf('effective present needs-restart not-managed'),
        scopeEnforced: boolean,
        anchors: array(parseDigest, MAX_STORE_ANCHORS),
        'detail?': detail,
      }),
      MAX_STORES,
    ),
    removed: array(parseDigest, MAX_RETIRED_KEYS),
    endpoints: array(
      object({ name: parseId, verdict: oneOf(VERDICTS), 'stage?': parseId, 'detail?': detail }),
      MAX_ENDPOINTS,
    ),
    'issuer?': parseDigest,
    agent: object({ version: text(64, 1) }),
  }),
);
/** The acknowledgement of a payload; nobody checked who signed it. @throws ProtocolError as `parseReport` does. */
export const parseAcknowledgement = message<Acknowledgement>(
  'acknowledgement',
  object({
    service: parseServiceName,
    device: deviceId,
    report: parseDigest,
    counter: integer(),
    time: parseTime,
  }),
);

/** The payload text of a report. @throws ProtocolError `schema`: what the service would refuse. */
export const encodeReport = (report: Report): string => parseReport.encode(report);

/** A report that a known device signed. */
export interface VerifiedReport {
  readonly [verified]: true;
  readonly report: Report;
  /** Of the payload; the acknowledgement names it. */
  readonly digest: Digest;
  /** SHA-256 of the SPKI of the device's key. */
  readonly deviceKey: Digest;
  readonly certificate: Certificate;
}

declare const verified: unique symbol;

/**
 * The report in `body`: signed by the device that it names, with a key that the service knows, for this service.
 *
 * @throws ProtocolError as `verifyRequest` does. The wire gets one neutral problem for all of them. @see spec S10
 */
export function verifyReport(body: Uint8Array, known: KnownDevices): VerifiedReport {
  const { message: report, ...signed } = verifyDeviceMessage(body, parseReport, known);
  const { trouble } = report;
  check(!trouble || isTrouble(trouble.code), 'schema'); // spec M7
  return { report, ...signed } as VerifiedReport;
}

/** The payload text of an acknowledgement. @throws ProtocolError `schema`: what a device would refuse. */
export const encodeAcknowledgement = (acknowledgement: Acknowledgement): string =>
  parseAcknowledgement.encode(acknowledgement);

/** What the device sent, and what it knows of the time. */
export interface AcknowledgementContext extends KnownTime {
  readonly service: ServiceName;
  readonly serviceAnchors: readonly Certificate[];
  readonly device: DeviceId;
  /** The digest of the report's payload. */
  readonly report: Digest;
  readonly counter: number;
  /** Those held. */
  readonly revocations: RevocationLists;
}

/**
 * The acknowledgement in `body`: signed by a responder of this service for this report of this device, at a time that may be.
 *
 * @throws ProtocolError `too-large`, `json`, `type`, `version`, `service`, `schema`, `cms`, `algorithm`, `digest-mismatch`, `signature`,
 * `signer-*`, `time-before-floor`, `clock-mismatch`, `report-mismatch`, in this order. @see spec S11
 */
export function acceptAcknowledgement(body: Uint8Array, context: AcknowledgementContext): Acknowledgement {
  const envelope = parseEnvelope(parseBody(body));
  const acknowledgement = parseAcknowledgement(envelope.payload, context.service);
  const { time, device, report, counter } = acknowledgement;
  const revocation = refuseHeldRevoked(context.revocations, context.serviceAnchors);
  openSigned(envelope, { ...context, role: 'responder', time, revocation }); // spec K8
  checkSignedTime(time, context);
  check(isSameDevice(device, context.device), 'report-mismatch'); // spec S11
  check(report === context.report, 'report-mismatch'); // spec S11
  check(counter === context.counter, 'report-mismatch'); // spec S11
  return acknowledgement;
}
