// Certificates as the service speaks of them: fingerprints, digests and names as text, PEM in and out.
import { createHash } from 'node:crypto';
import { type Digest, digestOf, PURPOSE, type UnixSeconds, unixSeconds } from '@windlass/protocol';
import {
  type Certificate,
  formatName,
  isSignedBy,
  namesEqual,
  parseCertificate,
  parsePem,
  toPem,
  X509Error,
} from '@windlass/x509';
import { refusePrivateKeys } from './private-keys.ts';
import { Refusal } from './refusal.ts';
import type { SignerPurpose } from './signer/ports.ts';

const LAST_SECOND = 253_402_300_799;
const FINGERPRINT_BYTES = 32;

/** A time of a certificate, moved into the years 1970 to 9999. */
export function timeOf(seconds: number): UnixSeconds {
  return unixSeconds(Math.min(Math.max(seconds, 0), LAST_SECOND));
}

/** SHA-256 of `der`: upper-case hexadecimal with colons. */
export function fingerprintOf(der: Uint8Array): string {
  return colons(createHash('sha256').update(der).digest());
}

/** A digest written as a fingerprint. */
export function fingerprintOfDigest(digest: Digest): string {
  return colons(Buffer.from(digest, 'base64'));
}

/** The one way in which a fingerprint is written, of one with or without colons, in any case; null when it is none. */
export function normalizeFingerprint(text: string): string | null {
  const digits = text.replaceAll(':', '');
  const whole = digits.length === 2 * FINGERPRINT_BYTES && /^[0-9A-Fa-f]+$/.test(digits);
  return whole ? colons(Buffer.from(digits, 'hex')) : null;
}

function colons(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');
}

/** DER of the SubjectPublicKeyInfo. */
export function spkiOf({ publicKey }: Certificate): Buffer {
  return Buffer.from(publicKey.der);
}

/** SHA-256 of the SubjectPublicKeyInfo. */
export function keyDigestOf(certificate: Certificate): Digest {
  return digestOf(certificate.publicKey.der);
}

/** The certificate of bytes that were checked before they were stored. */
export function parseDer(der: Uint8Array): Certificate {
  return parseCertificate(der);
}

/** PEM of one certificate. */
export function pemOf(der: Uint8Array): string {
  return toPem('CERTIFICATE', der);
}

/** Every certificate of a PEM text, at least one. @throws X509Error */
export function parseChainPem(text: string): readonly Certificate[] {
  const blocks = parsePem(text).filter(({ label }) => label === 'CERTIFICATE');
  if (blocks.length === 0) throw new X509Error('certificate', 'The PEM text has no certificate.');
  return blocks.map(({ der }) => parseCertificate(der));
}

/** What is stored beside every certificate. */
export function describe(certificate: Certificate): {
  readonly keyDigest: Digest;
  readonly fingerprint: string;
  readonly subject: string;
  readonly notAfter: UnixSeconds;
  readonly certificate: Uint8Array;
} {
  return {
    keyDigest: keyDigestOf(certificate),
    fingerprint: fingerprintOf(certificate.der),
    subject: formatName(certificate.subject),
    notAfter: timeOf(certificate.notAfter),
    certificate: certificate.der,
  };
}

/** The one certificate of a PEM text that came with a request. @throws Refusal `private-key-in-upload`, `certificate-refused` */
export function parseOnePem(text: string): Certificate {
  refusePrivateKeys(Buffer.from(text));
  const [certificate, ...others] = parseUploadedPem(text);
  if (certificate !== undefined && others.length === 0) return certificate;
  throw new Refusal('certificate-refused', `The text has ${others.length + 1} certificates: give one alone.`);
}

function parseUploadedPem(text: string): readonly Certificate[] {
  try {
    return parseChainPem(text);
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause;
    throw new Refusal(
      'certificate-refused',
      'This is not a certificate in PEM: give the whole text from BEGIN to END.',
      {
        cause,
      },
    );
  }
}

/** The service a service anchor is of: its one dNSName. @throws X509Error when it has none */
export function serviceOf(anchor: Certificate): string {
  const [name, ...others] = anchor.extensions.subjectAltName ?? [];
  if (name?.kind === 'dns' && others.length === 0) return name.value;
  throw new X509Error('certificate', 'The service anchor does not say which service it is of.');
}

/** Whether the anchor issued the certificate of another key. */
export function isIssuedBy(certificate: Certificate, anchor: Certificate): boolean {
  const another = !spkiOf(certificate).equals(spkiOf(anchor));
  return another && namesEqual(certificate.issuer, anchor.subject) && isSignedBy(certificate, anchor.publicKey);
}

/** Whether the certificate has the purpose of the role and the name of the anchor's service, and nothing else (spec K3, K4). */
export function isServiceSigner(certificate: Certificate, role: SignerPurpose, anchor: Certificate): boolean {
  const { extendedKeyUsage = [], subjectAltName = [] } = certificate.extensions;
  const [name, ...others] = subjectAltName;
  const named = name?.kind === 'dns' && name.value === serviceOf(anchor) && others.length === 0;
  return named && extendedKeyUsage.length === 1 && extendedKeyUsage[0] === PURPOSE[role];
}
