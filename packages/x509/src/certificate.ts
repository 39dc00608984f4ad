// Certificates: parsed whole or refused.

import { createHash } from 'node:crypto';
import { parseSignatureAlgorithm, type SignatureAlgorithm } from './algorithm.ts';
import { equalBytes } from './bytes.ts';
import {
  contentOf,
  cursor,
  type DerCursor,
  type DerNode,
  readBitString,
  readDer,
  readInteger,
  readSmallInteger,
} from './der.ts';
import { refuse } from './errors.ts';
import { type CertificateExtensions, parseExtensions } from './extensions.ts';
import { type Name, namesEqual, parseName } from './name.ts';
import { type PublicKey, parsePublicKey } from './public-key.ts';
import { decodeTime } from './time.ts';

/** A parsed certificate: every value of its own, nothing checked against anything outside it. */
export interface Certificate {
  readonly der: Uint8Array;
  /** The signed bytes. */
  readonly tbs: Uint8Array;
  readonly version: 1 | 2 | 3;
  /** Two's complement content octets of the serial number. */
  readonly serialNumber: Uint8Array;
  readonly subject: Name;
  readonly issuer: Name;
  /** Unix seconds; the first second of validity. */
  readonly notBefore: number;
  /** Unix seconds; the last second of validity. */
  readonly notAfter: number;
  readonly publicKey: PublicKey;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
  readonly extensions: CertificateExtensions;
}

/** Largest certificate, in bytes, that is parsed. */
export const MAX_CERTIFICATE_BYTES = 256 * 1024;

/**
 * The certificate of exactly these bytes, which are copied.
 * @throws X509Error `der` when it is not DER, `certificate` when it is not a certificate
 * @see RFC 5280 §4.1
 */
export function parseCertificate(bytes: Uint8Array): Certificate {
  if (bytes.length > MAX_CERTIFICATE_BYTES) refuse('certificate', 'The certificate is too large.');
  const { node, tbs, algorithm, signature } = readSigned(Uint8Array.from(bytes));
  const fields = cursor(tbs);
  const version = parseVersion(fields);
  const serialNumber = readInteger(fields.next());
  if (!equalBytes(fields.next()?.raw ?? new Uint8Array(), algorithm.raw)) {
    refuse('certificate', 'The signature algorithms inside and outside differ.');
  }
  const issuer = parseName(fields.next());
  const [notBefore, notAfter] = parseValidity(fields.next());
  const subject = parseName(fields.next());
  const publicKey = parsePublicKey(fields.next());
  const extensions = parseExtensions(optionalParts(fields, version));
  return {
    der: node.raw,
    tbs: tbs.raw,
    version,
    serialNumber,
    subject,
    issuer,
    notBefore,
    notAfter,
    publicKey,
    signatureAlgorithm: parseSignatureAlgorithm(algorithm),
    signature,
    extensions,
  };
}

/** SHA-256 of the certificate's DER. */
export function certificateDigest(certificate: Certificate): Uint8Array {
  return new Uint8Array(createHash('sha256').update(certificate.der).digest());
}

/** True when subject and issuer are the same name. */
export function isSelfIssued({ subject, issuer }: Certificate): boolean {
  return namesEqual(subject, issuer);
}

/** True when the certificate says that its issuer's key is another than the one of this identifier. */
export function namesOtherKey({ extensions }: Certificate, keyIdentifier: Uint8Array | undefined): boolean {
  const wanted = extensions.authorityKeyIdentifier?.keyIdentifier;
  return wanted !== undefined && keyIdentifier !== undefined && !equalBytes(wanted, keyIdentifier);
}

/** The three parts of what certificates and CRLs both are: SEQUENCE { to be signed, algorithm, signature }. */
export function readSigned(bytes: Uint8Array): {
  readonly node: DerNode;
  readonly tbs: DerNode;
  readonly algorithm: DerNode;
  readonly signature: Uint8Array;
} {
  const node = readDer(bytes);
  const fields = cursor(node);
  const tbs = fields.next();
  const algorithm = fields.next();
  const { bytes: signature, unused } = readBitString(fields.next());
  fields.end();
  if (tbs === undefined || algorithm === undefined || unused !== 0)
    refuse('certificate', 'The signature is malformed.');
  return { node, tbs, algorithm, signature };
}

/** Version 1 is the default, and so never spelled out (X.690 §11.5). */
function parseVersion(fields: DerCursor): 1 | 2 | 3 {
  const explicit = fields.optional(0xa0);
  if (explicit === undefined) return 1;
  const version = readSmallInteger(readDer(explicit.content));
  if (version !== 1 && version !== 2) refuse('certificate', 'The certificate has an unknown version.');
  return version === 1 ? 2 : 3;
}

function parseValidity(node: DerNode | undefined): readonly [number, number] {
  const fields = cursor(node);
  const times = [decodeTime(fields.next()), decodeTime(fields.next())] as const;
  fields.end();
  return times;
}

/** Unique identifiers are skipped and belong to versions 2 and 3, extensions to 3. */
function optionalParts(fields: DerCursor, version: 1 | 2 | 3): DerNode | undefined {
  const identifiers = [fields.optional(0x81), fields.optional(0x82)].some((part) => part !== undefined);
  const extensions = fields.optional(0xa3);
  fields.end();
  if ((identifiers && version === 1) || (extensions !== undefined && version !== 3)) {
    refuse('certificate', 'The version of the certificate does not know a field of it.');
  }
  return extensions === undefined ? undefined : readDer(contentOf(extensions, 0xa3));
}
