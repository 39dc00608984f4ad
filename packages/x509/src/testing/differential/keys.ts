// Keys for made-up chains: each is made when it is first asked for, and used again ever after, so that chains cost signatures
// only.

import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { derTypes as der } from '../../der-types.ts';
import { parseTree } from '../fuzz/der-tree.ts';

/** How to make each kind of key: those that are accepted, then those that are weak, odd or unknown. */
const KINDS = {
  p256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  p384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  p521: () => generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  rsa: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'rsa-pss': () => generateKeyPairSync('rsa-pss', { modulusLength: 2048 }),
  ed25519: () => generateKeyPairSync('ed25519'),
  'rsa-exponent-3': () => generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }),
  'rsa-2050': () => generateKeyPairSync('rsa', { modulusLength: 2050 }),
  'rsa-1024': () => generateKeyPairSync('rsa', { modulusLength: 1024 }),
  'rsa-pss-sha512': () =>
    generateKeyPairSync('rsa-pss', {
      modulusLength: 2048,
      hashAlgorithm: 'sha512',
      mgf1HashAlgorithm: 'sha512',
    }),
  p224: () => generateKeyPairSync('ec', { namedCurve: 'P-224' }),
  secp256k1: () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  'p256-explicit': () => generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' }),
  ed448: () => generateKeyPairSync('ed448'),
} as const;

/** A kind of key. */
export type KeyKind = keyof typeof KINDS;

/** Kinds that every verifier accepts, the quick ones more often. */
export const SOUND_KINDS: readonly KeyKind[] = [
  'p256',
  'p256',
  'p256',
  'p384',
  'p521',
  'rsa',
  'rsa',
  'rsa-pss',
  'ed25519',
];

/** Whose key it is, and of what kind. */
export interface KeyName {
  readonly owner: string;
  readonly kind: KeyKind;
}

/** A key pair. */
export interface TestKey {
  readonly privateKey: KeyObject;
  /** SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
}

/** The key of a name, always the same one. */
export type KeyPool = (name: KeyName) => TestKey;

/** An empty pool: keys are made on demand. */
export function createKeyPool(): KeyPool {
  const keys = new Map<string, TestKey>();
  return ({ owner, kind }) => {
    const name = `${owner} ${kind}`;
    const key = keys.get(name) ?? makeKey(kind);
    keys.set(name, key);
    return key;
  };
}

function makeKey(kind: KeyKind): TestKey {
  const { privateKey, publicKey } = KINDS[kind]();
  const signing = privateKey.asymmetricKeyType === 'rsa-pss' ? withoutRestriction(privateKey) : privateKey;
  return { privateKey: signing, spki: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })) };
}

/** The same RSA key without the word that it is for PSS, and for which digest: it then signs whatever it is told. */
function withoutRestriction(privateKey: KeyObject): KeyObject {
  const [version, , key] = parseTree(privateKey.export({ format: 'der', type: 'pkcs8' }))?.inside ?? [];
  if (!version || !key) throw new Error('A private key is no PKCS #8.');
  const algorithm = der.sequence(der.oid('1.2.840.113549.1.1.1'), der.null_());
  const bytes = Buffer.from(der.sequence(version.raw, algorithm, key.raw));
  return createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' });
}
