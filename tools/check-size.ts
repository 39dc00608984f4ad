// Why this exists: files that one can read in a sitting, and an agent that a firmware engineer dares to ship.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { conclude, projectFiles, root, textOf } from './files.ts';

const MAX_LINES = 400;
const CORE = 'windlass-agent-core.mjs';
/** Of the core, which is what others embed; the command line beside it has no budget. @see decisions/0005 */
const MAX_CORE_BYTES = 60 * 1024;
const findings: string[] = [];

for (const folder of ['packages', 'tools', 'clients']) {
  for (const file of projectFiles(folder, ['.ts', '.tsx', '.js', '.sh'])) {
    const lines = textOf(file).split('\n').length - 1;
    if (lines > MAX_LINES) findings.push(`${file} has ${lines} lines, ${MAX_LINES} are allowed: split it`);
  }
}

/** What is to be said of one bundle; it may need nothing but Node. */
function measured(name: string, most: number): string {
  const file = `${root}packages/agent/dist/${name}`;
  if (!existsSync(file)) {
    findings.push(`${name} is not there: run "npm run build" first`);
    return '';
  }
  const text = readFileSync(file);
  if (text.length > most) findings.push(`${name} has ${text.length} bytes, ${most} are allowed`);
  const foreign = [...text.toString().matchAll(/(?<!["'`])(?:\bfrom|\bimport|\brequire\()\s*["']([^"'./][^"']*)["']/g)]
    .map(([, module]) => module ?? '')
    .filter((module) => !module.startsWith('node:'));
  if (foreign.length > 0)
    findings.push(`${name} needs ${[...new Set(foreign)].join(', ')}: it may need nothing but Node`);
  return `${name} ${text.length} bytes (${gzipSync(text).length} gzipped)`;
}

const core = measured(CORE, MAX_CORE_BYTES);
const others = readdirSync(`${root}packages/agent/dist`)
  .filter((name) => name.endsWith('.mjs') && name !== CORE)
  .map((name) => measured(name, Number.POSITIVE_INFINITY));
conclude(
  'check-size',
  findings,
  `no file over ${MAX_LINES} lines; ${core} of ${MAX_CORE_BYTES}; ${others.join(', ')}; none needs anything but Node`,
);
