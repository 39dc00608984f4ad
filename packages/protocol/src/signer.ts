// Who signed: the path to an anchor of the role, the one purpose, the one name. @see spec section 1
import {
  type Certificate,
  isSignedBy,
  type RevocationCheck,
  type TrustAnchor,
  trustAnchor,
  validatePath,
  type X509ErrorCode,
} from '@windlass/x509';
import type { SignerRole } from './algorithms.ts';
import { type Envelope, type OpenedEnvelope, openEnvelope } from './envelope.ts';
import { check, type ProtocolErrorCode } from './errors.ts';
import { type Digest, digestOf, type OrganizationId, type ServiceName, type UnixSeconds } from './forms.ts';
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
  readonly organization?: OrganizationId | null;
  /** Who is revoked; without it nobody. */
  readonly revocation?: RevocationCheck;
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
 * @throws ProtocolError `signer-untrusted`, `signer-path`, `signer-expired`, `signer-not-yet-valid`, `signer-revoked`, `signer-purpose`, `signer-name`,
 * `signer-lifetime`. @see spec K1 to K6, K8
 */
export function verifySigner(opened: OpenedEnvelope, expected: ExpectedSigner): VerifiedSigner {
  const { signer: certificate, others: intermediates } = opened;
  const { role, anchors, time, service, organization, revocation } = expected;
  const { notBefore, notAfter, extensions } = certificate;
  const validate = () => validatePath(certificate, { profile: 'strict', anchors, intermediates, time, revocation });
  refusedAs('signer-path', validate, PATH_CODES); // spec K1, K2, K8
  if (role !== 'device') {
    check(extensions.extendedKeyUsage?.join() === PURPOSE[role], 'signer-purpose'); // spec K3
    const names = extensions.subjectAltName?.map(({ kind, value }) => `${kind}:${value}`).join();
    // DNS names are compared without regard to case (RFC 9525 section 6.3), URIs as they are.
    const uri = `uri:${publisherUri(service, organization ?? '')}`;
    const isNamed = role === 'publisher' ? names === uri : names?.toLowerCase() === `dns:${service}`;
    check(isNamed, 'signer-name'); // spec K4
  }
  const isShort = notAfter - notBefore <= MAX_RESPONDER_LIFETIME_SECONDS;
  check(role !== 'responder' || isShort, 'signer-lifetime'); // spec K5
  const isDirect = () => anchors.some(({ publicKey }) => isSignedBy(certificate, publicKey));
  check(role !== 'publisher' || isDirect(), 'signer-untrusted'); // spec K6
  return { certificate } as VerifiedSigner;
}

/** Whom to expect: of the service unless there are other anchors. */
interface ExpectedOf extends Omit<ExpectedSigner, 'anchors'> {
  readonly serviceAnchors: readonly Certificate[];
  readonly anchors?: readonly Certificate[];
}

/** The envelope, opened, of the signer who is expected. @throws ProtocolError of `openEnvelope`, then of `verifySigner` */
export function openSigned(envelope: Envelope, expected: ExpectedOf): OpenedEnvelope {
  const { role, serviceAnchors, anchors = serviceAnchors } = expected;
  const opened = openEnvelope(envelope, role);
  verifySigner(opened, { ...expected, anchors: anchorsOf(anchors) });
  return opened;
}

/** Certificates that are trusted as they are: their keys, names and dates count. */
export const anchorsOf = (certificates: readonly Certificate[]): readonly TrustAnchor[] =>
  certificates.map((certificate) => trustAnchor(certificate));

/** The SHA-256 of the SPKI. */
export const keyOf = ({ publicKey }: Certificate): Digest => digestOf(publicKey.der);
