/** The openssl command that signs a draft where the publisher's key is: whole, for each kind of key, from a file and from a PKCS#11 token. */
import type { Certificate } from '@windlass/x509';
import { shellWord } from './connection.ts';

/** How a publisher may sign, by its key. Spec E5. */
export type SigningKind = 'rsa' | 'rsa-pss' | 'p256' | 'p384';

/** What is signed with what. */
export interface SigningFiles {
  readonly payload: string;
  readonly signature: string;
  /** The publisher's certificate; null: not named yet. */
  readonly certificate: string | null;
  /** A file, or a `pkcs11:` URI; null: not named yet. */
  readonly key: string | null;
}

const kindNames: Readonly<Record<SigningKind, string>> = {
  rsa: 'RSA (PKCS#1 v1.5)',
  'rsa-pss': 'RSA-PSS',
  p256: 'ECDSA P-256',
  p384: 'ECDSA P-384',
};

const kindOptions: Readonly<Record<SigningKind, readonly string[]>> = {
  rsa: ['-md', 'sha256'],
  // After -signer and -inkey: before them openssl refuses -keyopt.
  'rsa-pss': ['-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:digest', '-md', 'sha256'],
  p256: ['-md', 'sha256'],
  p384: ['-md', 'sha384'],
};

/** The kinds that the key of the certificate can sign with, the usual one first; all of them without a certificate. */
export function signingKinds(certificate: Certificate | null): readonly SigningKind[] {
  if (certificate === null) return ['rsa', 'rsa-pss', 'p256', 'p384'];
  switch (certificate.publicKey.type) {
    case 'rsa':
      return ['rsa', 'rsa-pss'];
    case 'rsa-pss':
      return ['rsa-pss'];
    case 'ec-p256':
      return ['p256'];
    case 'ec-p384':
      return ['p384'];
    case 'ec-p521':
    case 'ed25519':
    case 'other':
      return [];
  }
}

/** The command, on one line. */
export function signingCommand(kind: SigningKind, files: SigningFiles): string {
  const { payload, signature, certificate, key } = files;
  const inToken = key?.startsWith('pkcs11:') === true;
  return [
    'openssl cms -sign -binary',
    `-in ${shellWord(payload)}`,
    `-signer ${shellWord(certificate ?? 'publisher.pem')}`,
    ...(inToken ? ['-engine pkcs11 -keyform engine'] : []),
    `-inkey ${shellWord(key ?? 'publisher.key')}`,
    ...kindOptions[kind],
    '-nosmimecap -outform DER',
    `-out ${shellWord(signature)}`,
  ].join(' ');
}

/** A heading and a command for each way in which the draft can be signed; a key that is not named is shown both in a file and in a token. */
export function signingCommands(kinds: readonly SigningKind[], files: SigningFiles): readonly string[] {
  const inFile = kinds.flatMap((kind) => [`# ${kindNames[kind]}`, signingCommand(kind, files)]);
  const [first] = kinds;
  if (files.key !== null || first === undefined) return inFile;
  const token = { ...files, key: 'pkcs11:token=TOKEN;object=LABEL;type=private' };
  return [...inFile, `# ${kindNames[first]}, the key in a PKCS#11 token`, signingCommand(first, token)];
}
