// Certificates and CRLs to be signed, in two steps, so that the key may be in a file, a TPM or a PKCS#11 token.

import type { SignatureAlgorithm } from './algorithm.ts';
import { encodeSignatureAlgorithm } from './algorithm-encoding.ts';
import { derTypes as der } from './der-types.ts';
import { X509Error } from './errors.ts';
import { type ExtensionFields, encodeExtensions } from './extension-encoding.ts';
import { ATTRIBUTE_OIDS, type Name } from './name.ts';
import { encodeOid } from './oid.ts';
import { parsePublicKey } from './public-key.ts';

/** One attribute of a name to be written, each in a relative name of its own. */
export interface NameField {
  /** A dotted OID or one of the short names of ATTRIBUTE_OIDS. */
  readonly type: string;
  readonly value: string;
}

/** What a certificate shall say. */
export interface CertificateFields {
  readonly subject: readonly NameField[] | Name;
  readonly issuer: readonly NameField[] | Name;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  /** Random bytes from the caller, an unsigned magnitude: not all zero, at most 20 octets with the sign. */
  readonly serialNumber: Uint8Array;
  /** Unix seconds, both inclusive. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly signatureAlgorithm: Exclude<SignatureAlgorithm, 'unsupported'>;
  readonly extensions: ExtensionFields;
}

/** Bytes that wait for their signature. */
export interface Prepared {
  readonly toBeSigned: Uint8Array;
  /** The whole DER; an ECDSA signature is given as DER too. Nothing is verified. */
  finish(signature: Uint8Array): Uint8Array;
}

/**
 * A version 3 certificate with these fields, not signed yet.
 * @throws X509Error `der` (an OID) or `certificate` (serial number, times, names)
 */
export function prepareCertificate(fields: CertificateFields): Prepared {
  const algorithm = encodeSignatureAlgorithm(fields.signatureAlgorithm);
  const serial = der.integer(fields.serialNumber);
  if (serial.length > 22 || fields.serialNumber.every((byte) => byte === 0)) {
    throw new X509Error('certificate', 'Give 1 to 20 octets, not all zero, as serial number.');
  }
  const subject = encodeName(fields.subject);
  const extensions = encodeExtensions(fields.extensions, {
    publicKey: parsePublicKey(fields.publicKey),
    subject: subject.length > 2 ? 'named' : 'empty',
  });
  return prepare(
    algorithm,
    der.context(0, der.integer(2)),
    serial,
    algorithm,
    encodeName(fields.issuer),
    der.sequence(der.time(fields.notBefore), der.time(fields.notAfter)),
    subject,
    fields.publicKey,
    ...(extensions === undefined ? [] : [der.context(3, extensions)]),
  );
}

/** What a revocation list shall say. */
export interface CrlFields {
  readonly issuer: readonly NameField[] | Name;
  /** Unix seconds. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** Higher in each later list. */
  readonly number: number | bigint;
  /** The subject key identifier of the issuer. */
  readonly authorityKeyIdentifier: Uint8Array;
  readonly signatureAlgorithm: Exclude<SignatureAlgorithm, 'unsupported'>;
  /** Serial numbers as the certificates hold them (content octets) and when each was revoked, Unix seconds. */
  readonly revoked: readonly { readonly serialNumber: Uint8Array; readonly time: number }[];
}

/** A complete, direct CRL with these fields, not signed yet. @see RFC 5280 §5.1 */
export function prepareCrl(fields: CrlFields): Prepared {
  const algorithm = encodeSignatureAlgorithm(fields.signatureAlgorithm);
  const entries = fields.revoked.map((entry) =>
    der.sequence(der.element(0x02, entry.serialNumber), der.time(entry.time)),
  );
  const authority = der.sequence(der.context(0, fields.authorityKeyIdentifier, 'primitive'));
  const extensions = der.sequence(
    der.sequence(der.oid('2.5.29.35'), der.octetString(authority)),
    der.sequence(der.oid('2.5.29.20'), der.octetString(der.integer(fields.number))),
  );
  return prepare(
    algorithm,
    der.integer(1),
    algorithm,
    encodeName(fields.issuer),
    der.time(fields.thisUpdate),
    der.time(fields.nextUpdate),
    ...(entries.length === 0 ? [] : [der.sequence(...entries)]),
    der.context(0, extensions),
  );
}

/** The DER of a name: as it is, or one relative name per field; the country and serial number are PrintableString. */
export function encodeName(name: readonly NameField[] | Name): Uint8Array {
  if ('der' in name) return name.der;
  return der.sequence(
    ...name.map(({ type, value }) => {
      const oid = ATTRIBUTE_OIDS[type] ?? type;
      encodeOid(oid);
      return der.set(der.sequence(der.oid(oid), encodeAttributeValue(oid, value)));
    }),
  );
}

/** @see RFC 5280 appendix A.1: C, serialNumber are PrintableString, DC and e-mail IA5String, the rest may be UTF-8 */
function encodeAttributeValue(oid: string, value: string): Uint8Array {
  const isPrintable = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value);
  if (oid === ATTRIBUTE_OIDS['C'] || oid === ATTRIBUTE_OIDS['serialNumber']) {
    if (!isPrintable)
      throw new X509Error('certificate', 'A country or serial number has a character that it may not have.');
    return der.printableString(value);
  }
  const isAscii = /^[ -~]*$/.test(value);
  const isInternet = oid === ATTRIBUTE_OIDS['DC'] || oid === ATTRIBUTE_OIDS['emailAddress'];
  if (isInternet && !isAscii) throw new X509Error('certificate', 'A domain component or e-mail address is not ASCII.');
  return isInternet ? der.ia5String(value) : der.utf8String(value);
}

function prepare(algorithm: Uint8Array, ...fields: Uint8Array[]): Prepared {
  const toBeSigned = der.sequence(...fields);
  return { toBeSigned, finish: (signature) => der.sequence(toBeSigned, algorithm, der.bitString(signature)) };
}
