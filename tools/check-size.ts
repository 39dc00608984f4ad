// Why this exists: files that one can read in a sitting, and an agent that a firmware engineer dares to ship.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { conclude, projectFiles, root, textOf } from './files.ts';

const MAX_LINES = 400;
const MAX_AGENT_BYTES = 60 * 1024;
const findings: string[] = [];

for (const folder of ['packages', 'tools', 'clients']) {
  for (const file of projectFiles(folder, ['.ts', '.tsx', '.js', '.sh'])) {
    const lines = textOf(file).split('\n').length - 1;
    if (lines > MAX_LINES) findings.push(`${file} has ${lines} lines, ${MAX_LINES} are allowed: split it`);
  }
}

const bundle = `${root}packages/agent/dist/windlass-agent.mjs`;
let fine = '';
if (existsSync(bundle)) {
  const bytes = statSync(bundle).size;
  const text = readFileSync(bundle, 'utf8');
  if (bytes > MAX_AGENT_BYTES) findings.push(`the agent's bundle has ${bytes} bytes, ${MAX_AGENT_BYTES} are allowed`);
  const foreign = [...text.matchAll(/(?:\bfrom|\bimport|\brequire\()\s*["']([^"'./][^"']*)["']/g)]
    .map(([, name]) => name ?? '')
    .filter((name) => !name.startsWith('node:'));
  if (foreign.length > 0)
    findings.push(`the agent's bundle needs ${[...new Set(foreign)].join(', ')}: it may need nothing but Node`);
  fine = `agent bundle ${bytes} bytes minified (${gzipSync(text).length} gzipped) of ${MAX_AGENT_BYTES}, no dependency`;
} else {
  findings.push('the agent is not bundled: run "npm run build" first');
}
conclude('check-size', findings, `no file over ${MAX_LINES} lines; ${fine}`);
