// The claim: which organization a device belongs to, and which publisher anchors that organization has. @see spec section 4
import { check } from './errors.ts';
import {
  type Digest,
  type OrganizationId,
  parseDer,
  parseDigest,
  parseOrganizationId,
  parseSerial,
  parseServiceName,
  parseTime,
  type Serial,
  type ServiceName,
  type UnixSeconds,
} from './forms.ts';
import { MAX_PUBLISHERS } from './limits.ts';
import { array, integer, message, nullable, object } from './schema.ts';

/** Signed by the claim authority when the device is claimed, released or transferred. */
export interface Claim {
  readonly service: ServiceName;
  /** `key` is the SHA-256 of the SPKI of the device's key, as soon as the service knows it. */
  readonly device: { readonly manufacturer: Digest; readonly serial: Serial; readonly key?: Digest };
  /** Null: the device was released. */
  readonly organization: OrganizationId | null;
  /** Rises with claim, release and transfer only. */
  readonly ownership: number;
  /** Rises with every new claim of the device. */
  readonly generation: number;
  /** DER certificates of the publisher anchors; none exactly when released. */
  readonly publishers: readonly Uint8Array[];
  /** The epoch of the organization; 0 in a release. */
  readonly epoch: number;
  /** The last second in which the claim holds. */
  readonly expires: UnixSeconds;
  /** That whoever had it made has the code of the label. @see spec D21 */
  readonly labelProof?: Digest;
}

/** The claim of a payload. @throws ProtocolError `json`, `type`, `version`, `service`, `schema`, `organization-mismatch`, in this order. */
export const parseClaim = message<Claim>(
  'claim',
  object({
    service: parseServiceName,
    device: object({ manufacturer: parseDigest, serial: parseSerial, 'key?': parseDigest }),
    organization: nullable(parseOrganizationId),
    ownership: integer(),
    generation: integer(),
    publishers: array(parseDer, MAX_PUBLISHERS),
    epoch: integer(),
    expires: parseTime,
    'labelProof?': parseDigest,
  }),
  (claim) => {
    const released = claim.organization === null;
    check(released === (claim.publishers.length === 0), 'organization-mismatch'); // spec D12
  },
);

/** The payload text of a claim. @throws ProtocolError `schema`, `organization-mismatch`: what a device would refuse. */
export const encodeClaim = (claim: Claim): string => parseClaim.encode(claim);
