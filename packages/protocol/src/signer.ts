// Who signed: the path to an anchor of the role, the one purpose, the one name. @see spec section 1
import {
  type Certificate,
  isSignedBy,
  type TrustAnchor,
  trustAnchor,
  validatePath,
  type X509ErrorCode,
} from '@windlass/x509';
import type { SignerRole } from './algorithms.ts';
import type { OpenedEnvelope } from './envelope.ts';
import { check, type ProtocolErrorCode } from './errors.ts';
import type { OrganizationId, ServiceName, UnixSeconds } from './forms.ts';
import { MAX_RESPONDER_LIFETIME_SECONDS } from './limits.ts';
import { PURPOSE, publisherUri } from './purposes.ts';
import { refusedAs } from './x509-errors.ts';

/** Whom the receiver expects to have signed. */
export interface ExpectedSigner {
  readonly role: SignerRole;
  /** Service anchors, publisher anchors of the claim, or manufacturer anchors; and no others. */
  readonly anchors: readonly TrustAnchor[];
  readonly time: UnixSeconds;
  readonly service: ServiceName;
  /** Of a publisher. */
  readonly organization?: OrganizationId;
}

/** Certificates that are trusted as they are: their keys, names and dates count. */
export function anchorsOf(certificates: readonly Certificate[]): readonly TrustAnchor[] {
  return certificates.map((certificate) => trustAnchor(certificate));
}

declare const verified: unique symbol;

/** A signer whose certificate has the path, the purpose and the name of its role. */
export interface VerifiedSigner {
  readonly [verified]: true;
  readonly certificate: Certificate;
}

/** What a broken path is called here; everything else that is wrong with one is `signer-path`. */
const PATH_CODES: Readonly<Partial<Record<X509ErrorCode, ProtocolErrorCode>>> = {
  'unknown-issuer': 'signer-untrusted',
  expired: 'signer-expired',
  'not-yet-valid': 'signer-not-yet-valid',
  revoked: 'signer-revoked',
};

/**
 * The signer of an opened envelope is who is expected.
 *
 * @throws ProtocolError `signer-untrusted`, `signer-path`, `signer-expired`, `signer-not-yet-valid`, `signer-purpose`, `signer-name`,
 * `signer-lifetime`. @see spec K1 to K6
 */
export function verifySigner(opened: OpenedEnvelope, expected: ExpectedSigner): VerifiedSigner {
  const { signer: certificate } = opened;
  const { role, anchors } = expected;
  checkPath(opened, expected); // spec K1, K2
  if (role !== 'device') checkPurpose(certificate, role);
  if (role !== 'device') checkName(certificate, nameOf(expected));
  const isShort = certificate.notAfter - certificate.notBefore <= MAX_RESPONDER_LIFETIME_SECONDS;
  check(role !== 'responder' || isShort, 'signer-lifetime'); // spec K5
  const isDirect = () => anchors.some(({ publicKey }) => isSignedBy(certificate, publicKey));
  check(role !== 'publisher' || isDirect(), 'signer-untrusted'); // spec K6
  return { certificate } as VerifiedSigner;
}

function checkPath({ signer, others: intermediates }: OpenedEnvelope, { anchors, time }: ExpectedSigner): void {
  const validate = () => validatePath(signer, { profile: 'strict', anchors, intermediates, time });
  refusedAs('signer-path', validate, PATH_CODES);
}

function checkPurpose({ extensions }: Certificate, role: Exclude<SignerRole, 'device'>): void {
  const purposes = {
    'claim-authority': PURPOSE.claimAuthority,
    responder: PURPOSE.responder,
    publisher: PURPOSE.publisher,
  };
  const [purpose, ...others] = extensions.extendedKeyUsage ?? [];
  check(purpose === purposes[role] && others.length === 0, 'signer-purpose'); // spec K3
}

interface ExpectedName {
  readonly kind: 'dns' | 'uri';
  readonly value: string;
}

function nameOf({ role, service, organization }: ExpectedSigner): ExpectedName {
  if (role !== 'publisher') return { kind: 'dns', value: service };
  return { kind: 'uri', value: publisherUri(service, organization ?? '') };
}

/** DNS names are compared without regard to case (RFC 9525 section 6.3), URIs as they are. */
function checkName({ extensions }: Certificate, expected: ExpectedName): void {
  const [name, ...others] = extensions.subjectAltName ?? [];
  const value = name?.kind === 'dns' ? name.value.toLowerCase() : name?.kind === 'uri' ? name.value : '';
  const isExact = name?.kind === expected.kind && value === expected.value && others.length === 0;
  check(isExact, 'signer-name'); // spec K4
}
