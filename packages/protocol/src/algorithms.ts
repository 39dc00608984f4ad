// The algorithms that may sign, by role and key: an allow-list without a parameter left to choice. @see spec E5
import { createHash } from 'node:crypto';
import {
  der,
  type PublicKey,
  parseSignatureAlgorithm,
  readDer,
  type SignatureAlgorithm,
  verifySignature,
} from '@windlass/x509';
import { check } from './errors.ts';
import { MAX_RSA_BITS, MIN_RSA_BITS } from './limits.ts';
import { refusedAs } from './x509-errors.ts';

/** A digest of the profile. */
export type HashName = 'sha256' | 'sha384' | 'sha512';

/** How an envelope is signed. ECDSA by the curve of the key; RSA-PSS with MGF1 of the same hash and a salt as long as it. */
export type SigningAlgorithm = `${Family}-${HashName}` | 'ed25519';

/** Who signs. */
export type SignerRole = 'claim-authority' | 'responder' | 'publisher' | 'device';

type Family = 'ecdsa-p256' | 'ecdsa-p384' | 'rsa-pkcs1' | 'rsa-pss';

/** The last arc of a digest's OID is its place here, from 1. */
const HASHES: readonly HashName[] = ['sha256', 'sha384', 'sha512'];
const NULL = der.null_();
const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';

/** What a signer with this key signs with unless it is told otherwise. @throws ProtocolError `algorithm`: no signer has such a key */
export function signingAlgorithmFor(publicKey: PublicKey): SigningAlgorithm {
  const [family] = familiesOf(publicKey);
  check(family, 'algorithm'); // spec E5
  if (family === 'ed25519') return family;
  return family === 'ecdsa-p384' ? `${family}-sha384` : `${family}-sha256`;
}

/** The digest that an algorithm signs; Ed25519 has SHA-512 for the content (RFC 8419). */
export function hashOf(algorithm: SigningAlgorithm): HashName {
  return HASHES.find((name) => algorithm.endsWith(name)) ?? 'sha512';
}

/** The digest of `data`. */
export function hash(name: HashName, data: Uint8Array | string): Uint8Array {
  return createHash(name).update(data).digest();
}

/** AlgorithmIdentifiers in DER. */
export interface Algorithms {
  readonly digestAlgorithms: readonly Uint8Array[];
  readonly digestAlgorithm: Uint8Array;
  readonly signatureAlgorithm: Uint8Array;
}

/** What is written for `algorithm`. */
export function writeAlgorithms(algorithm: SigningAlgorithm): Algorithms {
  const digestAlgorithm = digestIdentifier(hashOf(algorithm));
  return { digestAlgorithms: [digestAlgorithm], digestAlgorithm, signatureAlgorithm: signatureIdentifier(algorithm) };
}

/** The algorithm of a SignedData whose signer has this key and role. @throws ProtocolError `cms`, `algorithm` @see spec E5 */
export function readAlgorithms(given: Algorithms, publicKey: PublicKey, role: SignerRole): SigningAlgorithm {
  const [only, ...more] = given.digestAlgorithms.map(hashNameOf);
  const digest = hashNameOf(given.digestAlgorithm);
  check(digest && only === digest && more.length === 0, 'algorithm'); // spec E5
  const isPlainRsa = isSame(given.signatureAlgorithm, der.sequence(der.oid(RSA_ENCRYPTION), NULL));
  const identifier = refusedAs(
    () => 'cms',
    () => parseSignatureAlgorithm(readDer(given.signatureAlgorithm)),
  );
  const name = isPlainRsa ? `rsa-${digest}` : identifier;
  const algorithms = familiesOf(publicKey).map((family) =>
    family === 'ed25519' ? family : (`${family}-${digest}` as const),
  );
  const algorithm = algorithms.find((each) => hashOf(each) === digest && nameOf(each) === name);
  check(algorithm, 'algorithm'); // spec E5
  check(mayUse(role, algorithm), 'algorithm'); // spec E5
  return algorithm;
}

/** The key signed `data`. @throws ProtocolError `signature` @see spec E7 */
export function checkSignature(
  algorithm: SigningAlgorithm,
  publicKey: PublicKey,
  data: Uint8Array,
  signature: Uint8Array,
): void {
  check(verifySignature({ algorithm: nameOf(algorithm), publicKey, data, signature }), 'signature'); // spec E7
}

/** The service's own signers have no choice; Ed25519 is for devices. */
function mayUse(role: SignerRole, algorithm: SigningAlgorithm): boolean {
  if (role === 'device') return true;
  return role === 'publisher' ? algorithm !== 'ed25519' : algorithm === 'ecdsa-p256-sha256';
}

/** How a key may sign, the usual way first. */
function familiesOf({ type, bits }: PublicKey): readonly (Family | 'ed25519')[] {
  if (type === 'ed25519') return [type];
  if (type === 'ec-p256') return ['ecdsa-p256'];
  if (type === 'ec-p384') return ['ecdsa-p384'];
  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) return [];
  return type === 'rsa' ? ['rsa-pkcs1', 'rsa-pss'] : ['rsa-pss'];
}

/** The name that x509 has for an algorithm. */
function nameOf(algorithm: SigningAlgorithm): SignatureAlgorithm {
  return algorithm.replace(/-p(?:256|384|kcs1)/, '') as SignatureAlgorithm;
}

/** RFC 5754: without parameters, which is written, or with NULL. */
function digestIdentifier(name: HashName, ...parameters: readonly Uint8Array[]): Uint8Array {
  return der.sequence(der.oid(`2.16.840.1.101.3.4.2.${HASHES.indexOf(name) + 1}`), ...parameters);
}

function hashNameOf(identifier: Uint8Array): HashName | undefined {
  return HASHES.find(
    (name) => isSame(digestIdentifier(name), identifier) || isSame(digestIdentifier(name, NULL), identifier),
  );
}

function signatureIdentifier(algorithm: SigningAlgorithm): Uint8Array {
  const name = hashOf(algorithm);
  const place = HASHES.indexOf(name) + 1;
  if (algorithm === 'ed25519') return der.sequence(der.oid('1.3.101.112'));
  if (algorithm.startsWith('ecdsa')) return der.sequence(der.oid(`1.2.840.10045.4.3.${place + 1}`));
  if (algorithm.startsWith('rsa-pkcs1')) return der.sequence(der.oid(RSA_ENCRYPTION), NULL);
  const digest = digestIdentifier(name, NULL);
  const mask = der.sequence(der.oid('1.2.840.113549.1.1.8'), digest);
  const salt = der.integer(16 + 16 * place);
  const parameters = der.sequence(der.context(0, digest), der.context(1, mask), der.context(2, salt));
  return der.sequence(der.oid('1.2.840.113549.1.1.10'), parameters);
}

/** Both are the same bytes. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
