/**
 * Certificate authorities and server certificates for the outside world: the "public web" that devices trust from their system
 * roots, and the inspection CAs of proxies. Made with @peculiar/x509, so that no code under test makes its own test data.
 */
import 'reflect-metadata';
import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

export type KeyType = 'rsa-2048' | 'ec-p256';

/** A key pair in both forms that the lab needs: for signing here and for programs that read PEM files. */
export interface KeyPair {
  readonly type: KeyType;
  readonly keys: webcrypto.CryptoKeyPair;
  /** PKCS#8 PEM. */
  readonly keyPem: string;
}

/** A CA with its key. `above` are its issuers, nearest first, the self-signed root last; empty for a root. */
export interface Authority {
  readonly keyPair: KeyPair;
  readonly certificate: x509.X509Certificate;
  readonly certificatePem: string;
  readonly above: readonly string[];
}

export interface AuthorityOptions {
  /** RFC 4514 text, e.g. `CN=Example Inspection CA,O=Example`. Need not be unique. */
  readonly subject: string;
  /** Default `rsa-2048`, which is what inspecting proxies use. */
  readonly keyType?: KeyType;
  /** Without it the CA is a self-signed root. */
  readonly issuer?: Authority;
  /** Default: one day ago. */
  readonly notBefore?: Date;
  /** Default: ten years from now. */
  readonly notAfter?: Date;
}

export interface ServerCertificateOptions {
  /** DNS names and IP literals for the subjectAltName. */
  readonly names: readonly string[];
  /** Default `CN=<first name>`. */
  readonly subject?: string;
  /** Default: a new `rsa-2048` pair. */
  readonly keyPair?: KeyPair;
  /** Default: ten minutes ago, as proxies that mint on the fly do. */
  readonly notBefore?: Date;
  /** Default: 30 days from now. */
  readonly notAfter?: Date;
  /** 'both' (default): authority and subject key identifier; 'none': neither, as mitmproxy does. */
  readonly keyIdentifiers?: 'both' | 'none';
}

export interface ServerCertificate {
  readonly keyPem: string;
  readonly certificatePem: string;
  /** Leaf and every CA below the root: what a well-kept server sends. */
  readonly chainPem: string;
}

const dayMs = 24 * 60 * 60 * 1000;

/** A new key pair of this type exists. RSA takes some 100 ms, off the main thread. */
export async function createKeyPair(type: KeyType = 'rsa-2048'): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm(type), true, ['sign', 'verify']);
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { type, keys, keyPem: pemOf('PRIVATE KEY', pkcs8) };
}

/** A new CA exists: a root, or one issued by `issuer`. */
export async function createAuthority(options: AuthorityOptions): Promise<Authority> {
  const keyPair = await createKeyPair(options.keyType);
  const { issuer } = options;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: options.subject,
    issuer: issuer?.certificate.subjectName ?? options.subject,
    notBefore: options.notBefore ?? new Date(Date.now() - dayMs),
    notAfter: options.notAfter ?? new Date(Date.now() + 3650 * dayMs),
    publicKey: keyPair.keys.publicKey,
    signingKey: (issuer?.keyPair ?? keyPair).keys.privateKey,
    signingAlgorithm: signatureAlgorithm((issuer?.keyPair ?? keyPair).type),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keyPair.keys.publicKey),
      ...(issuer ? [await x509.AuthorityKeyIdentifierExtension.create(issuer.keyPair.keys.publicKey)] : []),
    ],
  });
  const above = issuer ? [issuer.certificatePem, ...issuer.above] : [];
  return { keyPair, certificate, certificatePem: pemText(certificate), above };
}

/** Another CA with the very same subject, validity and place in the hierarchy, but another key: names alone cannot tell them apart. */
export function createTwin(of: Authority, issuer?: Authority): Promise<Authority> {
  const { notBefore, notAfter, subject } = of.certificate;
  return createAuthority({ subject, notBefore, notAfter, keyType: of.keyPair.type, ...(issuer ? { issuer } : {}) });
}

/** A server certificate for `names` exists, signed by `authority`. */
export async function issueServerCertificate(
  authority: Authority,
  options: ServerCertificateOptions,
): Promise<ServerCertificate> {
  const keyPair = options.keyPair ?? (await createKeyPair());
  const certificatePem = await serverLeaf(options, keyPair, authority.keyPair, authority.certificate.subjectName);
  const below = authority.above.length > 0 ? [authority.certificatePem, ...authority.above.slice(0, -1)] : [];
  return { keyPem: keyPair.keyPem, certificatePem, chainPem: [certificatePem, ...below].join('') };
}

/** A certificate for `names` that nobody but its own key vouches for. */
export async function selfSignServerCertificate(options: ServerCertificateOptions): Promise<ServerCertificate> {
  const keyPair = options.keyPair ?? (await createKeyPair());
  const certificatePem = await serverLeaf(options, keyPair, keyPair, undefined);
  return { keyPem: keyPair.keyPem, certificatePem, chainPem: certificatePem };
}

async function serverLeaf(
  options: ServerCertificateOptions,
  own: KeyPair,
  signer: KeyPair,
  issuer: x509.Name | undefined,
): Promise<string> {
  const subject = options.subject ?? `CN=${options.names[0] ?? 'nobody'}`;
  const identifiers =
    options.keyIdentifiers === 'none'
      ? []
      : [
          await x509.AuthorityKeyIdentifierExtension.create(signer.keys.publicKey),
          await x509.SubjectKeyIdentifierExtension.create(own.keys.publicKey),
        ];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject,
    issuer: issuer ?? subject,
    notBefore: options.notBefore ?? new Date(Date.now() - 10 * 60_000),
    notAfter: options.notAfter ?? new Date(Date.now() + 30 * dayMs),
    publicKey: own.keys.publicKey,
    signingKey: signer.keys.privateKey,
    signingAlgorithm: signatureAlgorithm(signer.type),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        options.names.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
      ),
      ...identifiers,
    ],
  });
  return pemText(certificate);
}

/** A CA whose certificate and key are given as PEM (for instance by a file) can be used for minting. @throws on anything but RSA and P-256. */
export async function readAuthority(certificatePem: string, keyPem: string): Promise<Authority> {
  const [own = '', ...above] = splitPem(certificatePem);
  const key = createPrivateKey(keyPem);
  const type: KeyType = key.asymmetricKeyType === 'rsa' ? 'rsa-2048' : 'ec-p256';
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  const certificate = new x509.X509Certificate(own);
  const algorithm = keyAlgorithm(type);
  const privateKey = await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']);
  const publicKey = await webcrypto.subtle.importKey('spki', certificate.publicKey.rawData, algorithm, true, [
    'verify',
  ]);
  const keyPair = { type, keys: { privateKey, publicKey }, keyPem: pemOf('PRIVATE KEY', pkcs8) };
  return { keyPair, certificate, certificatePem: own, above };
}

/** The certificates of a PEM text, each on its own and ending with a line feed. */
export function splitPem(text: string): readonly string[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => `${block}\n`);
}

/** `path` holds `text` and only its owner can read it, even when the file was there before with wider rights. */
export async function writeSecret(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await chmod(path, 0o600);
}

function keyAlgorithm(type: KeyType): webcrypto.RsaHashedKeyGenParams & webcrypto.EcKeyGenParams {
  const rsa = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  return type === 'rsa-2048' ? { ...rsa, namedCurve: '' } : { ...rsa, name: 'ECDSA', namedCurve: 'P-256' };
}

function signatureAlgorithm(type: KeyType): { name: string; hash: string } {
  return { name: type === 'rsa-2048' ? 'RSASSA-PKCS1-v1_5' : 'ECDSA', hash: 'SHA-256' };
}

// RFC 5280 §4.1.2.2: positive, at most 20 octets.
function newSerial(): string {
  return `4${randomBytes(16).toString('hex').slice(1)}`;
}

function pemText(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem').trim()}\n`;
}

function pemOf(label: string, der: ArrayBuffer | Uint8Array): string {
  const lines =
    Buffer.from(der instanceof ArrayBuffer ? new Uint8Array(der) : der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
