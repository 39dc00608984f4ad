/** A manufacturer and its devices, for trials: what a factory does with keys that never leave its own machines. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Certificate,
  type CertificateFields,
  certificateDigest,
  keyDigest,
  parseCertificate,
  prepareCertificate,
  toPem,
} from '@windlass/x509';
import { readAnchors } from './anchor-file.ts';
import type { DeviceKeyType } from './device-directory.ts';
import { CommandError } from './errors.ts';
import { readInputText } from './files.ts';

/** 9999-12-31T23:59:59Z: a device identity has no well-defined end (IEEE 802.1AR, RFC 5280 §4.1.2.5). */
const noEnd = 253_402_300_799;
/** Dated back, for machines whose clocks differ a little. */
const backdatedSeconds = 3600;
const serialNumberBytes = 16;
const rsaBits = 2048;

/** A certificate and its key as PEM texts, with what people compare. */
export interface NewIdentity {
  readonly certificate: string;
  /** PKCS#8. */
  readonly key: string;
  /** SHA-256 of the certificate, upper-case hexadecimal with colons. */
  readonly fingerprint: string;
  /** Base64 of the SHA-256 of the SubjectPublicKeyInfo. */
  readonly keyDigest: string;
  /** That of the manufacturer anchor; null for what is not issued by one. */
  readonly manufacturer: string | null;
}

/** A manufacturer's anchor with its key. */
export interface TrialManufacturer {
  readonly certificate: Certificate;
  readonly key: KeyObject;
}

export interface DeviceWish {
  readonly serial: string;
  readonly keyType: DeviceKeyType;
  readonly now: Date;
}

/** A new manufacturer's CA: P-256, self-signed, may issue devices only. */
export function makeManufacturer(name: string, now: Date): NewIdentity {
  const key = newKey('p256');
  const subject = [{ type: 'CN', value: name }];
  return identity(key, null, {
    subject,
    issuer: subject,
    ...validity(now),
    extensions: {
      basicConstraints: { ca: true, pathLength: 0 },
      keyUsage: ['keyCertSign', 'cRLSign'],
      subjectKeyIdentifier: 'from-key',
    },
    signer: key,
  });
}

/** A new device identity that the manufacturer issued; its serial is the subject's serialNumber (spec K7). */
export function makeDevice(wish: DeviceWish & { readonly manufacturer: TrialManufacturer }): NewIdentity {
  const { certificate, key } = wish.manufacturer;
  const { subjectKeyIdentifier } = certificate.extensions;
  return identity(newKey(wish.keyType), digestText(keyDigest(certificate.publicKey)), {
    subject: subjectOf(wish.serial),
    issuer: certificate.subject,
    ...validity(wish.now),
    extensions: {
      keyUsage: ['digitalSignature'],
      subjectKeyIdentifier: 'from-key',
      authorityKeyIdentifier: subjectKeyIdentifier,
    },
    signer: key,
  });
}

/** A new device identity that vouches for itself; the service must be told its key. */
export function makeSelfSignedDevice(wish: DeviceWish): NewIdentity {
  const key = newKey(wish.keyType);
  const subject = subjectOf(wish.serial);
  const extensions = { keyUsage: ['digitalSignature'], subjectKeyIdentifier: 'from-key' } as const;
  return identity(key, null, { subject, issuer: subject, ...validity(wish.now), extensions, signer: key });
}

/** What `factory manufacturer` wrote to a directory. @throws CommandError */
export function readManufacturer(directory: string): TrialManufacturer {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new CommandError(`There is no directory ${directory}: give the one that "factory manufacturer" made.`);
  }
  const [certificate] = readAnchors(join(directory, 'manufacturer.pem'), "the manufacturer's CA certificate", {
    atMost: 1,
  });
  const key = readKey(join(directory, 'manufacturer.key'));
  const own = createPublicKey(key).export({ format: 'der', type: 'spki' });
  if (certificate === undefined || !own.equals(certificate.publicKey.der)) {
    throw new CommandError(
      `The key in ${directory} is not that of the certificate beside it: make a new manufacturer.`,
    );
  }
  return { certificate, key };
}

function readKey(path: string): KeyObject {
  const text = readInputText(path, "the manufacturer's key");
  try {
    return createPrivateKey(text);
  } catch {
    // Without the cause, which may quote the key.
    throw new CommandError(`${path} has no private key that can be read: it must be PKCS#8 PEM, not encrypted.`);
  }
}

function newKey(type: DeviceKeyType): KeyObject {
  switch (type) {
    case 'p256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    case 'p384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
    case 'rsa2048':
      return generateKeyPairSync('rsa', { modulusLength: rsaBits }).privateKey;
    case 'ed25519':
      return generateKeyPairSync('ed25519').privateKey;
  }
}

interface IdentityFields
  extends Pick<CertificateFields, 'subject' | 'issuer' | 'notBefore' | 'notAfter' | 'extensions'> {
  /** The key that signs the certificate. */
  readonly signer: KeyObject;
}

function identity(key: KeyObject, manufacturer: string | null, { signer, ...fields }: IdentityFields): NewIdentity {
  const { algorithm, hash } = signingWith(signer);
  const { toBeSigned, finish } = prepareCertificate({
    ...fields,
    publicKey: new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' })),
    serialNumber: new Uint8Array([0x40, ...randomBytes(serialNumberBytes - 1)]),
    signatureAlgorithm: algorithm,
  });
  const der = finish(new Uint8Array(sign(hash, toBeSigned, signer)));
  const certificate = parseCertificate(der);
  return {
    certificate: toPem('CERTIFICATE', der),
    key: key.export({ format: 'pem', type: 'pkcs8' }).toString(),
    fingerprint: fingerprintText(certificateDigest(certificate)),
    keyDigest: digestText(keyDigest(certificate.publicKey)),
    manufacturer,
  };
}

function signingWith(key: KeyObject): {
  readonly algorithm: CertificateFields['signatureAlgorithm'];
  readonly hash: string | null;
} {
  if (key.asymmetricKeyType === 'rsa') return { algorithm: 'rsa-sha256', hash: 'sha256' };
  if (key.asymmetricKeyType === 'ed25519') return { algorithm: 'ed25519', hash: null };
  const isP384 = key.asymmetricKeyDetails?.namedCurve === 'secp384r1';
  return isP384 ? { algorithm: 'ecdsa-sha384', hash: 'sha384' } : { algorithm: 'ecdsa-sha256', hash: 'sha256' };
}

function subjectOf(serial: string): CertificateFields['subject'] {
  if (!/^[A-Za-z0-9 '()+,\-./:=?]+$/.test(serial)) {
    throw new CommandError(
      "A certificate can carry letters, digits, spaces and '()+,-./:=? in a serial: choose another serial.",
    );
  }
  return [
    { type: 'CN', value: 'Windlass trial device' },
    { type: 'serialNumber', value: serial },
  ];
}

function validity(now: Date): { readonly notBefore: number; readonly notAfter: number } {
  return { notBefore: Math.floor(now.getTime() / 1000) - backdatedSeconds, notAfter: noEnd };
}

function digestText(digest: Uint8Array): string {
  return Buffer.from(digest).toString('base64');
}

/** Upper-case hexadecimal with colons. */
export function fingerprintText(digest: Uint8Array): string {
  return Buffer.from(digest)
    .toString('hex')
    .toUpperCase()
    .replace(/(..)(?=.)/g, '$1:');
}
