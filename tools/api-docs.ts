// Writes packages/x509/API.md from the docstrings of what the package exports. With --check it writes nothing, and fails when the
// file is not what it would write: documentation that nobody keeps true is worse than none.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conclude, root, textOf } from './files.ts';

const FILE = 'packages/x509/API.md';

const directory = mkdtempSync(join(tmpdir(), 'windlass-api-'));
try {
  const { status } = spawnSync('typedoc', ['--options', 'packages/x509/typedoc.json', '--out', directory], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('typedoc did not come to its end.');
  const made = readFileSync(join(directory, 'API.md'), 'utf8');
  if (process.argv.includes('--check')) {
    const stale = textOf(FILE) === made ? [] : [`${FILE} is not what the docstrings say: run "node tools/api-docs.ts"`];
    conclude('api-docs', stale, `${FILE} says what the docstrings say`);
  } else writeFileSync(root + FILE, made);
} finally {
  rmSync(directory, { recursive: true });
}
