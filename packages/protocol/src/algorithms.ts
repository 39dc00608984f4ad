// The algorithms that may sign, by role and key: an allow-list of whole AlgorithmIdentifiers, so that no parameter is left to choice.
import { createHash } from 'node:crypto';
import { der, type PublicKey, verifySignature } from '@windlass/x509';
import { check } from './errors.ts';
import { MAX_RSA_BITS, MIN_RSA_BITS } from './limits.ts';

/** A digest of the profile. */
export type HashName = 'sha256' | 'sha384' | 'sha512';

/** How an envelope is signed. ECDSA by the curve of the key; RSA-PSS with MGF1 of the same hash and a salt as long as it. @see spec E5 */
export type SigningAlgorithm = `${'ecdsa-p256' | 'ecdsa-p384' | 'rsa-pkcs1' | 'rsa-pss'}-${HashName}` | 'ed25519';

/** Who signs. */
export type SignerRole = 'claim-authority' | 'responder' | 'publisher' | 'device';

const HASHES: Readonly<Record<HashName, { readonly oid: string; readonly last: number; readonly bytes: number }>> = {
  sha256: { oid: '2.16.840.1.101.3.4.2.1', last: 2, bytes: 32 },
  sha384: { oid: '2.16.840.1.101.3.4.2.2', last: 3, bytes: 48 },
  sha512: { oid: '2.16.840.1.101.3.4.2.3', last: 4, bytes: 64 },
};
const HASH_NAMES: readonly HashName[] = ['sha256', 'sha384', 'sha512'];

/** What a signer with this key signs with unless it is told otherwise. @throws ProtocolError `algorithm`: no signer has such a key */
export function signingAlgorithmFor(publicKey: PublicKey): SigningAlgorithm {
  if (publicKey.type === 'ec-p384') return 'ecdsa-p384-sha384';
  const [first] = algorithmsOf(publicKey);
  check(first, 'algorithm', 'No signer may have such a key.'); // spec E5
  return first;
}

/** The digest that an algorithm signs; Ed25519 has SHA-512 for the content (RFC 8419). */
export function hashOf(algorithm: SigningAlgorithm): HashName {
  return HASH_NAMES.find((name) => algorithm.endsWith(name)) ?? 'sha512';
}

/** The digest of `data`. */
export function hash(name: HashName, data: Uint8Array | string): Uint8Array {
  return createHash(name).update(data).digest();
}

/** The AlgorithmIdentifiers that are written for `algorithm`: of its digest, and of the signature. */
export function identifiersOf(algorithm: SigningAlgorithm): {
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
} {
  const [digest = new Uint8Array()] = digestIdentifiers(hashOf(algorithm));
  const [signature = new Uint8Array()] = signatureIdentifiers(algorithm);
  return { digest, signature };
}

/** The AlgorithmIdentifiers of a SignedData, in DER. */
export interface GivenAlgorithms {
  readonly digestAlgorithms: readonly Uint8Array[];
  readonly digestAlgorithm: Uint8Array;
  readonly signatureAlgorithm: Uint8Array;
}

/** The algorithm of a SignedData whose signer has this key and role. @throws ProtocolError `algorithm` @see spec E5 */
export function readAlgorithm(given: GivenAlgorithms, publicKey: PublicKey, role: SignerRole): SigningAlgorithm {
  const [only, ...more] = given.digestAlgorithms.map(hashNameOf);
  const digest = hashNameOf(given.digestAlgorithm);
  check(digest && only === digest && more.length === 0, 'algorithm', 'The digest algorithm is not one of the profile.'); // spec E5
  const fits = (algorithm: SigningAlgorithm) =>
    signatureIdentifiers(algorithm).some((known) => isSame(known, given.signatureAlgorithm));
  const algorithm = algorithmsOf(publicKey).find((each) => hashOf(each) === digest && fits(each));
  check(algorithm, 'algorithm', 'The signature algorithm does not fit the key and the digest.'); // spec E5
  check(mayUse(role, algorithm), 'algorithm', 'The signer may not use this algorithm.'); // spec E5
  return algorithm;
}

/** The key signed `data`. @throws ProtocolError `signature` @see spec E7 */
export function checkSignature(
  algorithm: SigningAlgorithm,
  publicKey: PublicKey,
  data: Uint8Array,
  signature: Uint8Array,
): void {
  const name = algorithm.replace(/-(?:p256|p384|pkcs1)/, '') as Parameters<typeof verifySignature>[0]['algorithm'];
  const verifies = verifySignature({ algorithm: name, publicKey, data, signature });
  check(verifies, 'signature', 'The signature does not verify with the key of the signer.'); // spec E7
}

/** The service's own signers have no choice; Ed25519 is for devices. */
function mayUse(role: SignerRole, algorithm: SigningAlgorithm): boolean {
  if (role === 'device') return true;
  return role === 'publisher' ? algorithm !== 'ed25519' : algorithm === 'ecdsa-p256-sha256';
}

function algorithmsOf({ type, bits }: PublicKey): readonly SigningAlgorithm[] {
  const isStrong = bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS;
  if (type === 'ed25519') return ['ed25519'];
  if (type === 'ec-p256') return HASH_NAMES.map((name) => `ecdsa-p256-${name}` as const);
  if (type === 'ec-p384') return HASH_NAMES.map((name) => `ecdsa-p384-${name}` as const);
  if (type === 'rsa' && isStrong)
    return [...HASH_NAMES.map((name) => `rsa-pkcs1-${name}` as const), ...pssAlgorithms()];
  return type === 'rsa-pss' && isStrong ? pssAlgorithms() : [];
}

function pssAlgorithms(): readonly SigningAlgorithm[] {
  return HASH_NAMES.map((name) => `rsa-pss-${name}` as const);
}

/** Both encodings of RFC 5754: parameters absent, which is written, and NULL. */
function digestIdentifiers(name: HashName): readonly Uint8Array[] {
  const oid = der.oid(HASHES[name].oid);
  return [der.sequence(oid), der.sequence(oid, der.null_())];
}

/** Every encoding that is read; the first is written. */
function signatureIdentifiers(algorithm: SigningAlgorithm): readonly Uint8Array[] {
  const name = hashOf(algorithm);
  const { last } = HASHES[name];
  if (algorithm === 'ed25519') return [der.sequence(der.oid('1.3.101.112'))];
  if (algorithm.startsWith('ecdsa')) return [der.sequence(der.oid(`1.2.840.10045.4.3.${last}`))];
  if (algorithm.startsWith('rsa-pss')) return pssIdentifiers(name);
  const byHash = `1.2.840.113549.1.1.${[11, 12, 13][last - 2]}`;
  return ['1.2.840.113549.1.1.1', byHash].map((oid) => der.sequence(der.oid(oid), der.null_()));
}

/** RFC 4055 section 3.1: the digest and the digest of MGF1, each with parameters NULL, which is written, or absent. */
function pssIdentifiers(name: HashName): readonly Uint8Array[] {
  const digests = digestIdentifiers(name).toReversed();
  return digests.flatMap((digest) =>
    digests.map((ofMask) => {
      const mask = der.sequence(der.oid('1.2.840.113549.1.1.8'), ofMask);
      const salt = der.integer(HASHES[name].bytes);
      const parameters = der.sequence(der.context(0, digest), der.context(1, mask), der.context(2, salt));
      return der.sequence(der.oid('1.2.840.113549.1.1.10'), parameters);
    }),
  );
}

function hashNameOf(identifier: Uint8Array): HashName | undefined {
  return HASH_NAMES.find((name) => digestIdentifiers(name).some((known) => isSame(known, identifier)));
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
