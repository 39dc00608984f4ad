// Certificates for the tests of the transport, made by another library than the one under test.
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

const DAY_MS = 86_400_000;
const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: 'SHA-256',
};

/** A certificate and its key; `chain` is what a server sends: itself and the CAs below the root. */
export interface Holder {
  readonly certificate: x509.X509Certificate;
  readonly der: Uint8Array;
  readonly pem: string;
  readonly keyPem: string;
  readonly chain: string;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly algorithm: typeof EC | typeof RSA;
}

export interface HolderOptions {
  /** RFC 4514 text; default `CN=` and the first name. */
  readonly subject?: string;
  readonly issuer?: Holder;
  readonly key?: 'ec' | 'rsa';
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** A CA: a root, or below `issuer`. */
export function makeAuthority(options: HolderOptions & { readonly subject: string }): Promise<Holder> {
  return make(options, [
    new x509.BasicConstraintsExtension(true, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
  ]);
}

/** A TLS server's certificate for `names`, DNS names and IP addresses. */
export function makeLeaf(
  names: readonly string[],
  options: HolderOptions & { readonly issuer: Holder; readonly purpose?: string },
): Promise<Holder> {
  return make({ subject: `CN=${names[0]}`, ...options }, [
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
    new x509.ExtendedKeyUsageExtension([options.purpose ?? x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }))),
  ]);
}

async function make(options: HolderOptions, extensions: readonly x509.Extension[]): Promise<Holder> {
  const algorithm = options.key === 'rsa' ? RSA : EC;
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const { issuer } = options;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: `01${randomBytes(15).toString('hex')}`,
    subject: options.subject ?? 'CN=nobody',
    issuer: issuer?.certificate.subject ?? options.subject ?? 'CN=nobody',
    notBefore: options.notBefore ?? new Date(Date.now() - DAY_MS),
    notAfter: options.notAfter ?? new Date(Date.now() + 30 * DAY_MS),
    publicKey: keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    signingAlgorithm: issuer?.algorithm ?? algorithm,
    extensions: [
      ...extensions,
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create((issuer?.keys ?? keys).publicKey),
    ],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const keyPem = `-----BEGIN PRIVATE KEY-----\n${(pkcs8.match(/.{1,64}/g) ?? []).join('\n')}\n-----END PRIVATE KEY-----\n`;
  const pem = `${certificate.toString('pem')}\n`;
  const isBelowRoot = issuer !== undefined;
  const chain = pem + (isBelowRoot ? issuer.chain : '');
  return {
    certificate,
    der: new Uint8Array(certificate.rawData),
    pem,
    keyPem,
    chain: isBelowRoot ? chain : '',
    keys,
    algorithm,
  };
}
