// The openssl command, as an independent signer and verifier for tests: the commands are those that the specification documents.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestCertificate, toPem } from '../test-certificates.ts';
import type { Envelope } from '../test-cms.ts';

/** Signs as section 3 says, with the first of `chain`; `options` follow the key, as -keyopt must. */
export function signWithOpenssl(
  payload: string,
  signer: TestCertificate,
  options: readonly string[] = ['-md', 'sha256'],
): Envelope {
  return inDirectory((path) => {
    writeFileSync(path('payload.json'), payload);
    writeFileSync(path('signer.pem'), signer.pem);
    writeFileSync(path('key.pem'), signer.key.privateKey.export({ format: 'pem', type: 'pkcs8' }));
    const files = ['-in', path('payload.json'), '-signer', path('signer.pem'), '-inkey', path('key.pem')];
    const signature = openssl(['cms', '-sign', '-binary', '-nosmimecap', '-outform', 'DER', ...files, ...options]);
    return { payload, signature: signature.toString('base64') };
  });
}

/** The payload as openssl verified it at `time`, to `anchors` in PEM and nothing else. @throws where openssl refuses */
export function verifyWithOpenssl(envelope: Envelope, anchors: readonly string[], time: number): string {
  return inDirectory((path) => {
    writeFileSync(path('sig.der'), Buffer.from(envelope.signature, 'base64'));
    writeFileSync(path('payload.json'), envelope.payload);
    writeFileSync(path('anchor.pem'), anchors.join(''));
    const files = [
      '-in',
      path('sig.der'),
      '-content',
      path('payload.json'),
      '-CAfile',
      path('anchor.pem'),
      '-signer',
      path('signer.pem'),
    ];
    const trust = ['-no-CApath', '-no-CAstore', '-partial_chain', '-purpose', 'any', '-attime', String(time)];
    return openssl(['cms', '-verify', '-binary', '-inform', 'DER', ...files, ...trust]).toString('utf8');
  });
}

/** PEM of a certificate in base64 of DER. */
export function pemOf(base64: string): string {
  return toPem(Buffer.from(base64, 'base64'));
}

function openssl(args: readonly string[]): Buffer {
  try {
    return execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (missing)
      throw new Error('These tests need the openssl command: install openssl 3.0 or newer.', { cause: error });
    throw error;
  }
}

function inDirectory<T>(use: (path: (name: string) => string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'windlass-openssl-'));
  try {
    return use((name) => join(directory, name));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
