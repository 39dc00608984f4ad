// Certificates for tests, made with node:crypto alone: right ones, and wrong in exactly one way.
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, type SigningOptions, sign } from 'node:crypto';
import {
  bits,
  boolean,
  explicit,
  ia5,
  integer,
  none,
  octets,
  oid,
  printable,
  sequence,
  set,
  time,
  tlv,
  utf8,
} from './der.ts';

export type Bytes = Uint8Array;
export type KeyKind = 'p256' | 'p384' | 'p521' | 'ed25519' | 'rsa2048' | 'rsa1024' | 'rsa-pss2048';

/** A private key with its SPKI in DER and the SHA-256 of it in base64. */
export interface TestKey {
  readonly kind: KeyKind;
  readonly privateKey: KeyObject;
  readonly spki: Bytes;
  readonly digest: string;
}

/** A certificate and, where the test may sign with it, its key. */
export interface TestCertificate {
  readonly der: Bytes;
  readonly pem: string;
  readonly key: TestKey;
  readonly subject: Bytes;
  readonly serial: Bytes;
  readonly issuerName: Bytes;
}

export interface CertificateOptions {
  readonly name: string;
  readonly key?: TestKey;
  /** Self-signed where it is missing. */
  readonly issuer?: TestCertificate;
  readonly from: number;
  readonly until: number;
  readonly ca?: boolean;
  readonly pathLength?: number;
  readonly keyUsage?: readonly (keyof typeof KEY_USAGE)[];
  readonly purposes?: readonly string[];
  readonly dns?: readonly string[];
  readonly uris?: readonly string[];
  readonly ips?: readonly string[];
  /** subject serialNumber (2.5.4.5), once for each. */
  readonly serialNumbers?: readonly string[];
  readonly hash?: 'sha1' | 'sha256';
  /** The authority key identifier is of this key, whoever signs. */
  readonly authorityKey?: TestKey;
  readonly extensions?: readonly Bytes[];
}

const KEY_USAGE = { digitalSignature: 0, keyCertSign: 5, cRLSign: 6 } as const;
const SIGNATURE_OIDS: Readonly<Record<string, string>> = {
  'ec sha1': '1.2.840.10045.4.1',
  'ec sha256': '1.2.840.10045.4.3.2',
  'rsa sha1': '1.2.840.113549.1.1.5',
  'rsa sha256': '1.2.840.113549.1.1.11',
};

export function createKey(kind: KeyKind = 'p256'): TestKey {
  const { privateKey, publicKey } = generate(kind);
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  return { kind, privateKey, spki, digest: createHash('sha256').update(spki).digest('base64') };
}

export function createCertificate(options: CertificateOptions): TestCertificate {
  const key = options.key ?? createKey();
  const signer = options.issuer?.key ?? key;
  const subject = subjectOf(options);
  const issuerName = options.issuer?.subject ?? subject;
  const serial = Buffer.concat([Buffer.from([0x4a]), randomBytes(15)]);
  const algorithm = signatureAlgorithm(signer, options.hash ?? 'sha256');
  const validity = sequence(time(options.from), time(options.until));
  const extensions = explicit(3, sequence(...extensionsOf(options, key, signer)));
  const body = sequence(
    explicit(0, integer(2)),
    integer(serial),
    algorithm,
    issuerName,
    validity,
    subject,
    key.spki,
    extensions,
  );
  const der = sequence(body, algorithm, bits(signBytes(signer, body, options.hash ?? 'sha256')));
  return { der, pem: toPem(der), key, subject, serial, issuerName };
}

/** DER ECDSA, RSA PKCS#1 or, with `pss`, RSA-PSS, or Ed25519, over `data`. */
export function signBytes(key: TestKey, data: Bytes, hash: string, options: SigningOptions = {}): Bytes {
  return sign(key.kind === 'ed25519' ? null : hash, data, { key: key.privateKey, ...options });
}

export function toPem(der: Bytes): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .replace(/(.{64})(?=.)/g, '$1\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

export function extension(id: string, critical: 'true' | 'false', value: Bytes): Bytes {
  return sequence(oid(id), ...(critical === 'true' ? [boolean('true')] : []), octets(value));
}

function generate(kind: KeyKind): { privateKey: KeyObject; publicKey: KeyObject } {
  switch (kind) {
    case 'p256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case 'p384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' });
    case 'p521':
      return generateKeyPairSync('ec', { namedCurve: 'P-521' });
    case 'ed25519':
      return generateKeyPairSync('ed25519');
    case 'rsa2048':
      return generateKeyPairSync('rsa', { modulusLength: 2048 });
    case 'rsa-pss2048':
      return generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
    case 'rsa1024':
      return generateKeyPairSync('rsa', { modulusLength: 1024 });
  }
}

function subjectOf(options: CertificateOptions): Bytes {
  const serials = (options.serialNumbers ?? []).map((serial) => set(sequence(oid('2.5.4.5'), printable(serial))));
  return sequence(set(sequence(oid('2.5.4.3'), utf8(options.name))), ...serials);
}

function signatureAlgorithm(key: TestKey, hash: string): Bytes {
  if (key.kind === 'ed25519') return sequence(oid('1.3.101.112'));
  const isRsa = key.kind.startsWith('rsa');
  const id = SIGNATURE_OIDS[`${isRsa ? 'rsa' : 'ec'} ${hash}`] ?? '';
  return isRsa ? sequence(oid(id), none) : sequence(oid(id));
}

function extensionsOf(options: CertificateOptions, key: TestKey, signer: TestKey): readonly Bytes[] {
  const usages = options.keyUsage ?? (options.ca ? ['keyCertSign', 'cRLSign'] : ['digitalSignature']);
  const constraints = options.ca
    ? [boolean('true'), ...(options.pathLength === undefined ? [] : [integer(options.pathLength)])]
    : [];
  const names = [
    ...(options.dns ?? []).map((name) => ia5(0x82, name)),
    ...(options.uris ?? []).map((name) => ia5(0x86, name)),
    ...(options.ips ?? []).map((name) => tlv(0x87, Buffer.from(name.split('.').map(Number)))),
  ];
  return [
    extension('2.5.29.14', 'false', octets(keyId(key))),
    extension('2.5.29.35', 'false', sequence(tlv(0x80, keyId(options.authorityKey ?? signer)))),
    extension('2.5.29.19', 'true', sequence(...constraints)),
    extension('2.5.29.15', 'true', keyUsageBits(usages)),
    ...(options.purposes ? [extension('2.5.29.37', 'false', sequence(...options.purposes.map(oid)))] : []),
    ...(names.length > 0 ? [extension('2.5.29.17', 'false', sequence(...names))] : []),
    ...(options.extensions ?? []),
  ];
}

function keyId(key: TestKey): Bytes {
  return createHash('sha1').update(key.spki).digest();
}

function keyUsageBits(usages: readonly (keyof typeof KEY_USAGE)[]): Bytes {
  const positions: readonly number[] = usages.map((usage) => KEY_USAGE[usage]);
  const byte = positions.reduce((sum, position) => sum | (0x80 >> position), 0);
  return bits(Buffer.from([byte]), 7 - Math.max(...positions));
}
