import { X509Certificate } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from './run-command.ts';
import { createTemporaryDirectory, type TemporaryDirectory } from './temporary-directory.ts';
import {
  createAuthority,
  createTwin,
  issueServerCertificate,
  readAuthority,
  selfSignServerCertificate,
  splitPem,
  writeSecret,
} from './test-pki.ts';

let directory: TemporaryDirectory;
beforeAll(async () => {
  directory = await createTemporaryDirectory('test-pki');
});
afterAll(() => directory.remove());

async function opensslVerifies(chainPem: string, rootPem: string, name: string): Promise<string> {
  const files = { leaf: join(directory.path, `${name}.leaf`), rest: join(directory.path, `${name}.rest`) };
  const root = join(directory.path, `${name}.root`);
  const [leaf = '', ...rest] = splitPem(chainPem);
  await writeFile(files.leaf, leaf);
  await writeFile(files.rest, rest.join(''));
  await writeFile(root, rootPem);
  const strict = ['-x509_strict', '-purpose', 'sslserver', '-verify_hostname', name, '-no-CApath', '-no-CAstore'];
  const untrusted = rest.length > 0 ? ['-untrusted', files.rest] : [];
  const result = await runCommand(['openssl', 'verify', ...strict, '-CAfile', root, ...untrusted, files.leaf]);
  return result.code === 0 ? 'ok' : result.stderr;
}

test('a server certificate under an issuing CA under a root satisfies openssl in its strict mode', async () => {
  const root = await createAuthority({ subject: 'CN=Root,O=Strict', keyType: 'ec-p256' });
  const issuing = await createAuthority({ subject: 'CN=Issuing,O=Strict', issuer: root });
  const server = await issueServerCertificate(issuing, { names: ['strict.example', '127.0.0.1'] });
  expect(splitPem(server.chainPem)).toHaveLength(2);
  expect(await opensslVerifies(server.chainPem, root.certificatePem, 'strict.example')).toBe('ok');
});

test('a twin has the subject of its model and another key, so its leaf does not validate under the model', async () => {
  const model = await createAuthority({ subject: 'CN=Box,O=Twins' });
  const twin = await createTwin(model);
  const leaf = await issueServerCertificate(twin, { names: ['twin.example'], keyIdentifiers: 'none' });
  expect(twin.certificate.subject).toBe(model.certificate.subject);
  expect(await opensslVerifies(leaf.chainPem, twin.certificatePem, 'twin.example')).not.toContain('signature failure');
  expect(await opensslVerifies(leaf.chainPem, model.certificatePem, 'twin.example')).toContain('signature failure');
});

test('a certificate without key identifiers carries neither, a self-signed one is its own issuer', async () => {
  const root = await createAuthority({ subject: 'CN=Root', keyType: 'ec-p256' });
  const bare = await issueServerCertificate(root, { names: ['bare.example'], keyIdentifiers: 'none' });
  const self = await selfSignServerCertificate({ names: ['self.example'] });
  await writeFile(join(directory.path, 'bare.pem'), bare.certificatePem);
  const text = await runCommand(['openssl', 'x509', '-noout', '-text', '-in', join(directory.path, 'bare.pem')]);
  expect(text.stdout).not.toContain('Key Identifier');
  const parsed = new X509Certificate(self.certificatePem);
  expect(parsed.issuer).toBe(parsed.subject);
});

test('an authority read back from its PEM files signs as before', async () => {
  const root = await createAuthority({ subject: 'CN=Again,O=Windlass Lab' });
  const again = await readAuthority(root.certificatePem, root.keyPair.keyPem);
  const leaf = await issueServerCertificate(again, { names: ['again.example'] });
  expect(await opensslVerifies(leaf.chainPem, root.certificatePem, 'again.example')).toBe('ok');
});

test('a secret file can be read by its owner only, even if it was open before', async () => {
  const path = join(directory.path, 'secret');
  await writeFile(path, 'old', { mode: 0o644 });
  await writeSecret(path, 'new');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});
