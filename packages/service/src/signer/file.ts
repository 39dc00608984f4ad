// Signing keys in files: PKCS#8 PEM with mode 0600 beside a PEM with the certificates, leaf first.
import { constants, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { join } from 'node:path';
import { hashOf, type SigningAlgorithm } from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';
import { parseChainPem, pemOf, spkiOf } from '../certificates.ts';
import type { NewSigner } from './certify.ts';
import { type Signer, SignerError } from './ports.ts';
import { readFile, readPrivateFile, writePrivateFile } from './private-file.ts';

/**
 * The signer of a key file and a certificate file.
 * @throws SignerError `signer-missing`, `signer-permissions` (others can read the key), `signer-unreadable`, `signer-mismatch`
 * (the certificate is not the key's)
 */
export function loadFileSigner(files: { readonly certificate: string; readonly key: string }): Signer {
  const chain = readCertificateFile(files.certificate);
  const key = readKeyFile(files.key);
  const [leaf] = chain;
  if (leaf === undefined || !belongsTo(key, leaf)) {
    throw new SignerError(
      'signer-mismatch',
      `The key ${files.key} is not that of the certificate ${files.certificate}: put back the key that it was issued with.`,
    );
  }
  return { chain, sign: async (toBeSigned, algorithm) => signWith(key, toBeSigned, algorithm) };
}

/** NAME.key and NAME.pem are in the directory. Key first: a certificate without its key is never found. */
export function writeSigner(
  directory: string,
  name: string,
  { keyPem, certificate }: Pick<NewSigner, 'keyPem' | 'certificate'>,
): void {
  writePrivateFile(join(directory, `${name}.key`), keyPem);
  writePrivateFile(join(directory, `${name}.pem`), pemOf(certificate.der));
}

/** The certificates of a PEM file, at least one. @throws SignerError `signer-missing`, `signer-unreadable` */
export function readCertificateFile(path: string): readonly Certificate[] {
  const text = readFile(path);
  try {
    return parseChainPem(text);
  } catch (cause) {
    throw new SignerError('signer-unreadable', `${path} has no certificate that can be read: it must be PEM.`, {
      cause,
    });
  }
}

/** The private key of a file that only its owner can read. @throws SignerError as `loadFileSigner` */
export function readKeyFile(path: string): KeyObject {
  const text = readPrivateFile(path);
  try {
    return createPrivateKey(text);
  } catch {
    // The cause is left out: it may quote the key.
    throw new SignerError(
      'signer-unreadable',
      `${path} has no private key that can be read: it must be PKCS#8 PEM, not encrypted.`,
    );
  }
}

/** Whether the certificate is for this key. */
export function belongsTo(key: KeyObject, certificate: Certificate): boolean {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return spki.equals(spkiOf(certificate));
}

/** Beginnings of the algorithms that a kind of key can do. */
const ALGORITHMS_OF: Readonly<Record<string, string>> = {
  ec: 'ecdsa',
  ed25519: 'ed25519',
  rsa: 'rsa',
  'rsa-pss': 'rsa-pss',
};

function signWith(key: KeyObject, data: Uint8Array, algorithm: SigningAlgorithm): Uint8Array {
  const fits = algorithm.startsWith(ALGORITHMS_OF[key.asymmetricKeyType ?? ''] ?? 'none');
  if (!fits) throw new SignerError('signer-mismatch', `The key cannot sign with ${algorithm}: issue a new one.`);
  const hash = algorithm === 'ed25519' ? null : hashOf(algorithm);
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return sign(hash, data, algorithm.startsWith('rsa-pss') ? { key, ...pss } : key);
}
