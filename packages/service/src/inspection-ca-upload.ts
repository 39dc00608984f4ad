// What an administrator exported from a proxy, as a file: PEM, DER or PKCS#7. Out of it comes the one CA certificate, or a
// sentence that says what to export instead. A private key is noticed in whatever form it comes, and kept in none.
import { MAX_UPLOAD_BYTES } from '@windlass/management';
import {
  type Certificate,
  decodeOid,
  formatName,
  parseCertificate,
  parsePem,
  readDer,
  readDerChildren,
  X509Error,
} from '@windlass/x509';
import { refusePrivateKeys } from './private-keys.ts';
import { Refusal, refuseUnless } from './refusal.ts';

const SEQUENCE = 0x30;
const OID = 0x06;
const CONTEXT_0 = 0xa0;
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const MAX_CERTIFICATES = 200;
/** Of one certificate: a larger one fits into no answer to a device, and would only be kept. */
const MAX_CA_BYTES = 16_384;
const PKCS7_LABELS: readonly string[] = ['PKCS7', 'CMS'];
const CERTIFICATE_LABELS: readonly string[] = ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'];

/**
 * The CA certificate of the file: the only certificate in it that is a CA's.
 * @throws Refusal `too-large`, `private-key-in-upload`, `certificate-refused`
 */
export function readUpload(file: Uint8Array): Certificate {
  refuseUnless(
    file.length <= MAX_UPLOAD_BYTES,
    'too-large',
    'The file is larger than 1 MiB: export the CA certificate alone.',
  );
  refuseUnless(file.length > 0, 'certificate-refused', 'The file is empty: export the CA certificate again.');
  refusePrivateKeys(file);
  const certificates = distinct(certificatesOf(file));
  refuseTooMany(certificates.length);
  const authorities = certificates.filter(isAuthority);
  const [authority, another] = authorities;
  if (another !== undefined) {
    const names = authorities.slice(0, 4).map(({ subject }) => `"${formatName(subject)}"`);
    throw new Refusal(
      'certificate-refused',
      `The file has ${authorities.length} CA certificates (${names.join(', ')}): export the one that signs what the proxy presents, alone.`,
    );
  }
  if (authority !== undefined) {
    refuseUnless(
      authority.der.length <= MAX_CA_BYTES,
      'certificate-refused',
      `The certificate has ${authority.der.length} bytes, and devices take ${MAX_CA_BYTES} at most: make a CA with less in it.`,
    );
    return authority;
  }
  throw new Refusal(
    'certificate-refused',
    `This certificate is not a CA's (${leafName(certificates)}): export the CA with which the proxy signs, not a certificate that it or a server presents.`,
  );
}

/** A version 1 certificate says nothing about CAs; devices would refuse it, and the lint says why. */
function isAuthority({ extensions }: Certificate): boolean {
  return extensions.basicConstraints?.ca === true;
}

function leafName([leaf]: readonly Certificate[]): string {
  return leaf === undefined ? 'nothing' : formatName(leaf.subject);
}

function distinct(certificates: readonly Certificate[]): readonly Certificate[] {
  const byBytes = new Map(
    certificates.map((certificate) => [Buffer.from(certificate.der).toString('latin1'), certificate]),
  );
  return [...byBytes.values()];
}

function certificatesOf(file: Uint8Array): readonly Certificate[] {
  try {
    const text = textOf(file);
    return text.includes('-----BEGIN ') ? fromPem(text) : fromDer(file);
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause;
    throw new Refusal(
      'certificate-refused',
      'The file has no certificate that can be read: export the CA as PEM, DER or PKCS#7 (.pem, .crt, .cer, .der, .p7b).',
      { cause },
    );
  }
}

/** UTF-8, or UTF-16 where a byte order mark says so: some consoles export PEM like that. */
function textOf(file: Uint8Array): string {
  const mark = Buffer.from(file.subarray(0, 2)).toString('hex');
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(file);
}

function fromPem(text: string): readonly Certificate[] {
  refuseTooMany(text.split('-----BEGIN ').length - 1);
  const blocks = parsePem(text, { characters: MAX_UPLOAD_BYTES, blocks: MAX_CERTIFICATES });
  return blocks.flatMap(({ label, der }) => {
    if (PKCS7_LABELS.includes(label)) return fromPkcs7(der);
    // A trusted certificate of OpenSSL has data after the certificate, which nobody needs.
    if (CERTIFICATE_LABELS.includes(label))
      return [parseCertificate(label.startsWith('TRUSTED') ? firstElement(der) : der)];
    return [];
  });
}

function firstElement(der: Uint8Array): Uint8Array {
  const [first] = readDerChildren(der);
  if (first === undefined) throw new X509Error('certificate', 'There is no certificate.');
  return first.raw;
}

function fromDer(bytes: Uint8Array): readonly Certificate[] {
  const [first] = readDerChildren(readDer(bytes));
  return first?.tag === OID ? fromPkcs7(bytes) : [parseCertificate(bytes)];
}

/** The certificates of a SignedData, as a .p7b file has them. @see RFC 5652 section 5.1 */
function fromPkcs7(bytes: Uint8Array): readonly Certificate[] {
  const [type, content] = readDerChildren(readDer(bytes));
  if (type === undefined || content === undefined || type.tag !== OID || decodeOid(type.content) !== SIGNED_DATA) {
    throw new X509Error('certificate', 'The PKCS#7 file has no certificates.');
  }
  const [signedData] = readDerChildren(content);
  const fields = signedData === undefined ? [] : readDerChildren(signedData);
  const certificates = fields.find(({ tag }) => tag === CONTEXT_0);
  const elements = certificates === undefined ? [] : readDerChildren(certificates);
  if (elements.length === 0) throw new X509Error('certificate', 'The PKCS#7 file has no certificates.');
  refuseTooMany(elements.length);
  return elements.filter(({ tag }) => tag === SEQUENCE).map(({ raw }) => parseCertificate(raw));
}

/** @throws Refusal `certificate-refused` */
function refuseTooMany(count: number): void {
  const sentence = `The file has more than ${MAX_CERTIFICATES} certificates: export the one that signs what the proxy presents, alone.`;
  refuseUnless(count <= MAX_CERTIFICATES, 'certificate-refused', sentence);
}
