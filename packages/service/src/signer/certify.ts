// How the service makes a certificate: a P-256 key, the form of the role, signed by the issuer's key.
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { ATTRIBUTE_OIDS, type Certificate, der, parseCertificate, parsePublicKey } from '@windlass/x509';

/** A key with its certificate. */
export interface KeyAndCertificate {
  readonly key: KeyObject;
  readonly certificate: Certificate;
}

/** A key that was just made or certified; its PEM is PKCS#8. */
export interface NewSigner extends KeyAndCertificate {
  readonly keyPem: string;
}

/** What a certificate says. Times are Unix seconds. */
export interface CertificateForm {
  readonly commonName: string;
  readonly organization?: string;
  readonly from: number;
  /** The last second. */
  readonly until: number;
  /** The one subject alternative name. */
  readonly names?: { readonly dns: string } | { readonly uri: string };
  /** The one extended key usage. */
  readonly purpose?: string;
  /** A CA; without it, an end entity that signs. */
  readonly authority?: { readonly pathLength: number };
}

const SERIAL_BYTES = 16;
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const KEY_CERT_SIGN_AND_CRL_SIGN = Uint8Array.of(0x06);
const DIGITAL_SIGNATURE = Uint8Array.of(0x80);

/** A new P-256 key. */
export function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

/** The certificate of `key` with this form, signed by the issuer, or by the key itself when there is none. */
export function certify(form: CertificateForm, key: KeyObject, issuer: KeyAndCertificate | null): NewSigner {
  const subject = nameOf(form);
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const algorithm = der.sequence(der.oid(ECDSA_WITH_SHA256));
  const serialNumber = randomBytes(SERIAL_BYTES);
  serialNumber[0] = ((serialNumber[0] ?? 0) & 0x7f) | 0x40;
  const toBeSigned = der.sequence(
    der.context(0, der.integer(2)),
    der.integer(serialNumber),
    algorithm,
    issuer === null ? subject : issuer.certificate.subject.der,
    der.sequence(der.time(form.from), der.time(form.until)),
    subject,
    spki,
    der.context(3, der.sequence(...extensionsOf(form, spki, issuer))),
  );
  const signature = sign('sha256', toBeSigned, issuer?.key ?? key);
  const certificate = parseCertificate(der.sequence(toBeSigned, algorithm, der.bitString(signature)));
  return { key, certificate, keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** A random serialNumber in a CA's name keeps two anchors with one name apart. */
function nameOf({ commonName, organization, authority }: CertificateForm): Uint8Array {
  const attributes = [
    ...(organization === undefined ? [] : [attribute('O', organization)]),
    attribute('CN', commonName),
    ...(authority === undefined ? [] : [attribute('serialNumber', randomBytes(8).toString('hex'))]),
  ];
  return der.sequence(...attributes.map((one) => der.set(one)));
}

function attribute(name: 'CN' | 'O' | 'serialNumber', value: string): Uint8Array {
  const text = name === 'serialNumber' ? der.printableString(value) : der.utf8String(value);
  return der.sequence(der.oid(ATTRIBUTE_OIDS[name] ?? ''), text);
}

function extensionsOf(form: CertificateForm, spki: Uint8Array, issuer: KeyAndCertificate | null): Uint8Array[] {
  const { authority, names, purpose } = form;
  const issuerSpki = issuer === null ? spki : issuer.certificate.publicKey.der;
  const usage =
    authority === undefined ? der.bitString(DIGITAL_SIGNATURE, 7) : der.bitString(KEY_CERT_SIGN_AND_CRL_SIGN, 1);
  const basic =
    authority === undefined ? der.sequence() : der.sequence(der.boolean(true), der.integer(authority.pathLength));
  return [
    extension('2.5.29.19', basic, 'critical'),
    extension('2.5.29.15', usage, 'critical'),
    ...(purpose === undefined ? [] : [extension('2.5.29.37', der.sequence(der.oid(purpose)))]),
    ...(names === undefined ? [] : [extension('2.5.29.17', der.sequence(generalName(names)))]),
    extension('2.5.29.14', der.octetString(keyIdentifier(spki))),
    extension('2.5.29.35', der.sequence(der.context(0, keyIdentifier(issuerSpki), 'primitive'))),
  ];
}

function extension(oid: string, value: Uint8Array, critical?: 'critical'): Uint8Array {
  const flag = critical === undefined ? [] : [der.boolean(true)];
  return der.sequence(der.oid(oid), ...flag, der.octetString(value));
}

function generalName(names: NonNullable<CertificateForm['names']>): Uint8Array {
  const [tag, text] = 'dns' in names ? [2, names.dns] : [6, names.uri];
  return der.context(tag, new TextEncoder().encode(text), 'primitive');
}

/** The leftmost 160 bits of the SHA-256 of the key. @see RFC 7093 section 2 */
function keyIdentifier(spki: Uint8Array): Uint8Array {
  return createHash('sha256').update(parsePublicKey(spki).keyBytes).digest().subarray(0, 20);
}
