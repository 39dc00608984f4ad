// The signatures of Wycheproof: a suite for each file about an algorithm that certificates may be signed with.

import { readdirSync } from 'node:fs';
import type { SignatureAlgorithm } from '../../index.ts';
import type { SignatureCase, Suite } from './case.ts';
import { asList, asNumber, asObject, asText, readJsonFile } from './json.ts';

/** Not the P1363 encoding, key generation or web forms of keys: no certificate has them. */
const FILES = /^(ecdsa_secp(256|384|521)r1_sha\d+|ed25519|rsa_signature_\d+_sha\d+|rsa_pss_.*)_test\.json(\.gz)?$/;
const DIGESTS: Readonly<Record<string, 'sha256' | 'sha384' | 'sha512'>> = {
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};
const DIGEST_BYTES = { sha256: 32, sha384: 48, sha512: 64 } as const;

/** @throws Error with a sentence when a file is not as described */
export function loadWycheproof(folder: string): Suite[] {
  const files = readdirSync(folder).filter((file) => FILES.test(file));
  const names = new Set(files.sort().map((file) => file.replace(/_test\.json(\.gz)?$/, '')));
  return [...names].map((name) => {
    const { testGroups } = asObject(readJsonFile(`${folder}/${name}_test.json`));
    const cases = asList(testGroups, (group) => casesOf(asObject(group), name)).flat();
    return { kind: 'signatures', name: `wycheproof/${name}`, cases };
  });
}

/** "acceptable" ones are left to taste by the suite, and out here. */
function casesOf(group: Readonly<Record<string, unknown>>, file: string): SignatureCase[] {
  const algorithm = algorithmOf(group, file);
  const publicKey = fromHex(group['publicKeyDer']);
  const tests = asList(group['tests'], asObject).filter(({ result }) => result !== 'acceptable');
  return tests.map(({ tcId, msg, sig, result }) => {
    const isOffList = algorithm === 'unsupported' && result === 'valid';
    return {
      id: `${file}::tc${asNumber(tcId)}`,
      wanted: result === 'valid' && !isOffList ? 'accepted' : 'refused',
      concern: 'signature',
      isSoft: false,
      isOffList,
      algorithm,
      publicKey,
      message: fromHex(msg),
      signature: fromHex(sig),
    };
  });
}

function algorithmOf({ sha, mgfSha, sLen }: Readonly<Record<string, unknown>>, file: string): SignatureAlgorithm {
  if (file.startsWith('ed25519')) return 'ed25519';
  const digest = DIGESTS[asText(sha)];
  if (digest === undefined) return 'unsupported';
  if (file.startsWith('ecdsa')) return `ecdsa-${digest}`;
  if (mgfSha === undefined) return `rsa-${digest}`;
  return mgfSha === sha && sLen === DIGEST_BYTES[digest] ? `rsa-pss-${digest}` : 'unsupported';
}

function fromHex(value: unknown): Uint8Array {
  return new Uint8Array(Buffer.from(asText(value), 'hex'));
}
