// Why this exists: a security check that no test misses is not there. This takes every check tied to a rule (`// spec D9`) out in turn,
// and its vector, or the test that carries [D9] in its name, must fail. Options: --only RULE, --json. By hand, --x509: every refusal of x509
// in turn, and some test of the package must fail; about eight minutes.
import { availableParallelism } from 'node:os';
import { relative, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { readVectors, type Verdict, withoutAnyNotice, withoutNotice } from './planted/judge.ts';
import { refusalsBelow, type TaggedCheck, taggedChecksBelow } from './planted/tagged-checks.ts';

const root = new URL('../', import.meta.url).pathname;
const PACKAGES = ['protocol', 'agent', 'service'] as const;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    x509: { type: 'boolean', default: false },
  },
});
const checks = values.x509
  ? refusalsBelow(`${root}packages/x509/src`)
  : PACKAGES.flatMap((name) => taggedChecksBelow(`${root}packages/${name}/src`));
const chosen = checks.filter(({ rules }) => values.only === undefined || rules.includes(values.only));
const vectors = readVectors(`${root}spec/vectors/`);

const verdicts: Verdict[] = [];
const queue = [...chosen];
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
verdicts.sort((a, b) => chosen.indexOf(a.check) - chosen.indexOf(b.check));

const failed = verdicts.filter(({ noticedBy }) => noticedBy === null);
if (values.json) console.log(JSON.stringify(verdicts.map(row), null, 2));
else for (const verdict of verdicts) console.log(line(verdict));
console.log(`${verdicts.length - failed.length} passed, ${failed.length} failed`);
if (failed.length > 0 || verdicts.length === 0) process.exitCode = 1;

async function work(): Promise<void> {
  for (let check = queue.shift(); check; check = queue.shift())
    verdicts.push(await (values.x509 ? withoutAnyNotice(root, check) : withoutNotice(root, check, vectors)));
}

function row({ check, noticedBy, reason }: Verdict) {
  return { rules: check.rules, file: fileOf(check), line: check.line, statement: check.statement, noticedBy, reason };
}

function line({ check, noticedBy, reason }: Verdict): string {
  const where = `${fileOf(check)}:${check.line}`;
  const shown = noticedBy ?? `NOT NOTICED: ${reason}: ${check.statement.slice(0, 80)}`;
  return `${noticedBy === null ? 'FAIL' : 'ok  '} ${check.rules.join(' ').padEnd(12)} ${where.padEnd(52)} ${shown}`;
}

function fileOf({ file }: TaggedCheck): string {
  return relative(`${root}packages`, file).split(sep).join('/');
}
