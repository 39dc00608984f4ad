// Certificates: parsed whole or refused.

import { parseSignatureAlgorithm, type SignatureAlgorithm } from './algorithm.ts';
import { equalBytes, sha256 } from './bytes.ts';
import {
  ANY,
  contentOf,
  type DerNode,
  elementsOf,
  readBitString,
  readDer,
  readFields,
  readInteger,
  readSmallInteger,
  readWholeBytes,
  SEQUENCE,
} from './der.ts';
import { malformed } from './errors.ts';
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

/** Version, serial number, algorithm, issuer, validity, subject, key, two unique identifiers, extensions. */
const FIELDS = [0xa0, 0x02, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, 0x81, 0x82, 0xa3];

/**
 * The certificate of exactly these bytes, which are copied.
 * @throws X509Error `der` when it is not DER, `certificate` when it is not a certificate
 * @see RFC 5280 §4.1
 */
export function parseCertificate(bytes: Uint8Array): Certificate {
  if (bytes.length > MAX_CERTIFICATE_BYTES) malformed();
  const { signed, fields } = readSigned(bytes, FIELDS);
  const [explicit, serial, , issuer, validity, subject, key, issuerId, subjectId, extensions] = fields;
  const version = parseVersion(explicit);
  // Identifiers belong to versions 2 and 3, extensions to 3.
  if (((issuerId || subjectId) && version === 1) || (extensions && version !== 3)) malformed();
  for (const id of [issuerId, subjectId]) if (id) readBitString(id, id.tag);
  const [notBefore, notAfter] = readFields(validity, ANY, ANY);
  return {
    ...signed,
    version,
    serialNumber: readInteger(serial),
    issuer: parseName(issuer),
    notBefore: decodeTime(notBefore),
    notAfter: decodeTime(notAfter),
    subject: parseName(subject),
    publicKey: parsePublicKey(key),
    extensions: parseExtensions(extensions && readDer(extensions.content)),
  };
}

/** SHA-256 of the certificate's DER. */
export function certificateDigest(certificate: Certificate): Uint8Array {
  return sha256(certificate.der);
}

/** True when subject and issuer are the same name. */
export function isSelfIssued({ subject, issuer }: Certificate): boolean {
  return namesEqual(subject, issuer);
}

/** True when the certificate says that its issuer's key is another than the one of this identifier. */
export function namesOtherKey({ extensions }: Certificate, keyIdentifier: Uint8Array | undefined): boolean {
  const wanted = extensions.authorityKeyIdentifier?.keyIdentifier;
  return !!wanted && !!keyIdentifier && !equalBytes(wanted, keyIdentifier);
}

/**
 * What certificates and CRLs both are: SEQUENCE { to be signed, algorithm, signature }, with the same algorithm as the
 * first SEQUENCE of what is signed. `tags` are those of the fields of what is signed, as readFields takes them.
 * @throws X509Error `der` or `certificate`
 */
export function readSigned(
  bytes: Uint8Array,
  tags: readonly number[],
): {
  readonly signed: Pick<Certificate, 'der' | 'tbs' | 'signatureAlgorithm' | 'signature'>;
  readonly fields: readonly (DerNode | undefined)[];
} {
  const node = readDer(Uint8Array.from(bytes));
  const [tbs, algorithm, signature] = readFields(node, SEQUENCE, ANY, ANY);
  const inner = elementsOf(tbs).find(({ tag }) => tag === SEQUENCE);
  const signed = {
    der: node.raw,
    tbs: tbs?.raw ?? node.raw,
    signatureAlgorithm: parseSignatureAlgorithm(algorithm),
    signature: readWholeBytes(signature),
  };
  if (!equalBytes(contentOf(inner, SEQUENCE), contentOf(algorithm, SEQUENCE))) malformed();
  return { signed, fields: readFields(tbs, ...tags) };
}

/** Version 1 is the default, and so never spelled out (X.690 §11.5). */
function parseVersion(explicit: DerNode | undefined): 1 | 2 | 3 {
  if (!explicit) return 1;
  const version = readSmallInteger(readDer(explicit.content));
  if (version !== 1 && version !== 2) malformed();
  return version === 1 ? 2 : 3;
}
