import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '@windlass/protocol';
import { toPem } from '@windlass/x509';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeCa, makeLeaf } from '../testing/test-pki.ts';
import { readTlsFiles, type TlsIdentity, tlsKeyDigest, watchTlsFiles } from './tls-files.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'windlass-tls-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const paths = () => ({ certificate: join(directory, 'tls.pem'), key: join(directory, 'tls.key') });

function write() {
  const ca = makeCa('TLS CA');
  const leaf = makeLeaf(ca);
  const chain = [leaf, ca].map(({ certificate }) => toPem('CERTIFICATE', certificate.der)).join('');
  writeFileSync(paths().certificate, chain);
  writeFileSync(paths().key, leaf.key.export({ type: 'pkcs8', format: 'pem' }));
  return { chain, digest: digestOf(leaf.certificate.publicKey.der) };
}

test('a chain and its key are read, and the key is that of the first certificate', async () => {
  const { chain, digest } = write();
  const identity = await readTlsFiles(paths());
  expect(identity.certificate).toBe(chain);
  expect(tlsKeyDigest(identity)).toBe(digest);
});

test('files that are missing or do not fit together: one sentence without the key', async () => {
  await expect(readTlsFiles(paths())).rejects.toThrow(/tls.pem cannot be read: check the path/);
  write();
  writeFileSync(paths().key, makeCa('X').key.export({ type: 'pkcs8', format: 'pem' }));
  await expect(readTlsFiles(paths())).rejects.toThrow(/tls.pem and .*tls.key are not a PEM certificate and its key/);
  writeFileSync(paths().key, '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----');
  await expect(readTlsFiles(paths())).rejects.not.toHaveProperty('cause');
});

test('renewed files are found; half-written ones are reported and change nothing', async () => {
  write();
  const found: (readonly TlsIdentity[])[] = [];
  const failures: unknown[] = [];
  const watch = watchTlsFiles({
    paths: [paths()],
    current: [await readTlsFiles(paths())],
    everySeconds: 0.01,
    renewed: (identities) => found.push(identities),
    failed: (cause) => failures.push(cause),
  });
  writeFileSync(paths().certificate, 'half');
  await vi.waitFor(() => expect(failures.length).toBeGreaterThan(0), 10_000);
  expect(found).toEqual([]);
  const { chain } = write();
  await vi.waitFor(() => expect(found).toHaveLength(1), 10_000);
  expect(found[0]?.[0]?.certificate).toBe(chain);
  watch.stop();
});
