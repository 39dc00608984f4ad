// How the service makes a certificate: a P-256 key, the form of the role, signed by the issuer's key.
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { type Certificate, parseCertificate, prepareCertificate } from '@windlass/x509';

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
  readonly name?: { readonly kind: 'dns' | 'uri'; readonly value: string };
  /** The one extended key usage. */
  readonly purpose?: string;
  /** A CA; without it, an end entity that signs. */
  readonly authority?: { readonly pathLength: number };
}

const SERIAL_BYTES = 16;
const NAME_SERIAL_BYTES = 8;

/** A new P-256 key. */
export function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

/** The certificate of `key` with this form, signed by the issuer, or by the key itself when there is none. */
export function certify(form: CertificateForm, key: KeyObject, issuer: KeyAndCertificate | null): NewSigner {
  const subject = subjectOf(form);
  const publicKey = new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' }));
  const { authority, name, purpose } = form;
  const prepared = prepareCertificate({
    subject,
    issuer: issuer === null ? subject : issuer.certificate.subject,
    publicKey,
    serialNumber: new Uint8Array(randomBytes(SERIAL_BYTES)),
    notBefore: form.from,
    notAfter: form.until,
    signatureAlgorithm: 'ecdsa-sha256',
    extensions: {
      basicConstraints: authority === undefined ? { ca: false } : { ca: true, pathLength: authority.pathLength },
      keyUsage: authority === undefined ? ['digitalSignature'] : ['keyCertSign', 'cRLSign'],
      extendedKeyUsage: purpose === undefined ? undefined : [purpose],
      subjectAltName: name === undefined ? undefined : [name],
      subjectKeyIdentifier: 'from-key',
      authorityKeyIdentifier: issuer?.certificate.extensions.subjectKeyIdentifier,
    },
  });
  const certificate = parseCertificate(prepared.finish(sign('sha256', prepared.toBeSigned, issuer?.key ?? key)));
  return { key, certificate, keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** A random serialNumber in a CA's name keeps two anchors with one name apart. */
function subjectOf({ commonName, organization, authority }: CertificateForm) {
  return [
    ...(organization === undefined ? [] : [{ type: 'O', value: organization }]),
    { type: 'CN', value: commonName },
    ...(authority === undefined
      ? []
      : [{ type: 'serialNumber', value: randomBytes(NAME_SERIAL_BYTES).toString('hex') }]),
  ];
}
