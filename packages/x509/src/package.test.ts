// What others install: the packed package, in an empty directory, with the README's first example as its user.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toPem } from './pem.ts';
import { makeCa, makeLeaf } from './testing/test-certificates.ts';

const PACKAGE = dirname(dirname(fileURLToPath(import.meta.url)));
const directory = mkdtempSync(join(tmpdir(), 'windlass-x509-package-'));
const installed = join(directory, 'node_modules/@windlass/x509');
const nodes = [process.execPath, ...(process.env['WINDLASS_NODE20'] ? [process.env['WINDLASS_NODE20']] : [])];
let files: readonly string[] = [];

beforeAll(() => {
  const packed = run('npm', ['pack', '--json', '--pack-destination', directory], PACKAGE);
  const [{ filename, files: listed }] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }];
  files = listed.map(({ path }) => path);
  writeFileSync(join(directory, 'package.json'), '{"private":true,"type":"module"}');
  run(
    'npm',
    ['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', join(directory, filename)],
    directory,
  );
}, 120_000);

afterAll(() => rmSync(directory, { recursive: true }));

function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

test('what is packed: built files, their sources, the documents; no test', () => {
  for (const path of [
    'README.md',
    'API.md',
    'LICENSE',
    'package.json',
    'dist/index.js',
    'dist/index.d.ts',
    'src/index.ts',
  ])
    expect(files).toContain(path);
  expect(files.filter((path) => /test|tsbuildinfo|json\.gz/.test(path))).toEqual([]);
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  expect(dependencies).toBeUndefined();
});

test.each(nodes)("the README's first example runs on %s", (node) => {
  const [, example = ''] = /```ts\n(import .*?)```/s.exec(readFileSync(join(PACKAGE, 'README.md'), 'utf8')) ?? [];
  const root = makeCa('root');
  const ca = makeCa('ca', {}, root);
  const leaf = makeLeaf(ca, {
    extensions: { subjectAltName: [{ kind: 'dns', value: 'device-gateway.example.com' }] },
  });
  const [imported = '', ...rest] = example.split('\n\n');
  const pem = (...chain: readonly { certificate: { der: Uint8Array } }[]) =>
    JSON.stringify(chain.map(({ certificate }) => toPem('CERTIFICATE', certificate.der)).join(''));
  const program = (chain: string) =>
    [imported, `const rootsPem = ${pem(root)}, chainPem = ${chain};`, ...rest, 'console.log("end");'].join('\n');
  writeFileSync(join(directory, 'good.mjs'), program(pem(leaf, ca)));
  writeFileSync(join(directory, 'bad.mjs'), program(pem(leaf)).replaceAll('console.error', 'console.log'));
  expect(run(node, ['good.mjs'], directory)).toBe('end\n');
  expect(run(node, ['bad.mjs'], directory)).toMatch(/^unknown-issuer No trusted CA issued/);
});
