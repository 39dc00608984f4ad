// The algorithms that may sign, by role and key: an allow-list without a parameter left to choice. @see spec E5
import {
  DIGESTS,
  type Digest,
  type PublicKey,
  parseSignatureAlgorithm,
  readDer,
  type SignatureAlgorithm,
  verifySignature,
} from '@windlass/x509';
import { bytesOf, hex } from './bytes.ts';
import { PKCS, type SignedData } from './cms.ts';
import { check } from './errors.ts';
import { MAX_RSA_BITS, MIN_RSA_BITS } from './limits.ts';
import { isWithin } from './schema.ts';
import { refusedAs } from './x509-errors.ts';

/** A digest of the profile. */
export type HashName = Digest;

/** How an envelope is signed. ECDSA by the curve of the key; RSA-PSS with MGF1 of the same hash and a salt as long as it. */
export type SigningAlgorithm = `${Family}-${HashName}` | 'ed25519';

/** Who signs. */
export type SignerRole = 'claim-authority' | 'responder' | 'publisher' | 'device';

type Family = 'ecdsa-p256' | 'ecdsa-p384' | 'rsa-pkcs1' | 'rsa-pss';

/** DER in hex: the OID up to that arc; and the AlgorithmIdentifier without parameters, which is written, or with NULL (RFC 5754). */
const DIGEST = '06096086480165030402';
const DIGEST_IDENTIFIER = new RegExp(`^300[bd]${DIGEST}0([1-3])(0500)?$`);
const RSA_ENCRYPTION = `300d${PKCS}01010500`;

/** What a signer with this key signs with unless it is told otherwise. @throws ProtocolError `algorithm`: no signer has such a key */
export function signingAlgorithmFor(publicKey: PublicKey): SigningAlgorithm {
  const [first, second] = algorithmsOf(publicKey);
  const algorithm = publicKey.type === 'ec-p384' ? second : first;
  check(algorithm, 'algorithm'); // spec E5
  return algorithm;
}

/** The digest that an algorithm signs; Ed25519 has SHA-512 for the content (RFC 8419). */
export function hashOf(algorithm: SigningAlgorithm): HashName {
  return DIGESTS.find((name) => algorithm.endsWith(name)) ?? 'sha512';
}

/** AlgorithmIdentifiers in DER: the signer's digest, then what the SignedData names; and the signature. */
export type Algorithms = Pick<SignedData, 'digests' | 'algorithm'>;

/** What is written for `algorithm`. */
export function writeAlgorithms(algorithm: SigningAlgorithm): Algorithms {
  const place = DIGESTS.indexOf(hashOf(algorithm)) + 1;
  const digest = bytesOf(`300b${DIGEST}0${place}`, 'hex');
  return { digests: [digest, digest], algorithm: bytesOf(signatureIdentifier(algorithm, place), 'hex') };
}

/** The algorithm of a SignedData whose signer has this key and role. @throws ProtocolError `cms`, `algorithm` @see spec E5 */
export function readAlgorithms(given: Algorithms, publicKey: PublicKey, role: SignerRole): SigningAlgorithm {
  const [digest, ...named] = given.digests.map(hashNameOf);
  check(digest && named.join() === digest, 'algorithm'); // spec E5
  const identifier = refusedAs('cms', () => parseSignatureAlgorithm(readDer(given.algorithm)));
  const name = hex(given.algorithm) === RSA_ENCRYPTION ? `rsa-${digest}` : identifier;
  const isGiven = (each: SigningAlgorithm) => hashOf(each) === digest && nameOf(each) === name;
  const algorithm = algorithmsOf(publicKey).find(isGiven);
  check(algorithm && mayUse(role, algorithm), 'algorithm'); // spec E5
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

/** How a key may sign, the usual way first; a P-384 key with SHA-384. */
function algorithmsOf({ type, bits }: PublicKey): readonly SigningAlgorithm[] {
  const withHashes = (family: Family) => DIGESTS.map((name) => `${family}-${name}` as const);
  if (type === 'ed25519') return [type];
  if (type === 'ec-p256') return withHashes('ecdsa-p256');
  if (type === 'ec-p384') return withHashes('ecdsa-p384');
  if (!isWithin(bits, MAX_RSA_BITS, MIN_RSA_BITS)) return [];
  return [...(type === 'rsa' ? withHashes('rsa-pkcs1') : []), ...withHashes('rsa-pss')];
}

/** The name that x509 has for an algorithm. */
function nameOf(algorithm: SigningAlgorithm): SignatureAlgorithm {
  return algorithm.replace(/-p(?:256|384|kcs1)/, '') as SignatureAlgorithm;
}

function hashNameOf(identifier: Uint8Array): HashName | undefined {
  return DIGESTS[Number(DIGEST_IDENTIFIER.exec(hex(identifier))?.[1]) - 1];
}

/** In hex. PSS (RFC 4055 section 3.1): digest, MGF1 of it, and a salt of 32, 48 or 64 bytes. */
function signatureIdentifier(algorithm: SigningAlgorithm, place: number): string {
  if (algorithm === 'ed25519') return '300506032b6570';
  if (algorithm.startsWith('ecdsa')) return `300a06082a8648ce3d04030${place + 1}`;
  if (algorithm.startsWith('rsa-pkcs1')) return RSA_ENCRYPTION;
  const digest = `300d${DIGEST}0${place}0500`;
  return `3041${PKCS}010a3034a00f${digest}a11c301a${PKCS}0108${digest}a2030201${place + 1}0`;
}
