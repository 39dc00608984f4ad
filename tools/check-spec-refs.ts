// Why this exists: a rule that nobody enforces, a citation of a rule that does not exist, and a check that no vector and no
// test reaches all look fine in review. This ties spec/bootstrap.md, the code, the vectors and the tests together by rule number.
import { conclude, projectFiles, textOf } from './files.ts';

/** Rules that cannot fail in our code: definitions, and duties of people. Each with its reason. */
const notTestable: Readonly<Record<string, string>> = {
  F6: 'defines digest and manufacturer; D5, D6 and S2 compare them',
  S12: 'how numbers rise; covered by the tests of claims and profiles',
};

const specification = textOf('spec/bootstrap.md');
const rules = new Set([...specification.matchAll(/^- \*\*([A-Z]\d+)\*\*/gm)].map(([, rule]) => rule ?? ''));
const findings: string[] = [];

const cited = new Map<string, string[]>();
const tested = new Set<string>();
for (const file of projectFiles('packages', ['.ts', '.sh']).concat(projectFiles('clients', ['.sh']))) {
  const text = textOf(file);
  for (const [, list = ''] of text.matchAll(/(?:\/\/|#) spec ([A-Z]\d+(?:, [A-Z]\d+)*)/g)) {
    for (const rule of list.split(', ')) cited.set(rule, [...(cited.get(rule) ?? []), file]);
  }
  if (/\.test\.ts$/.test(file)) for (const [, rule = ''] of text.matchAll(/\[([A-Z]\d+)\]/g)) tested.add(rule);
}
for (const file of projectFiles('spec/vectors', ['.json'])) {
  const rule: unknown = JSON.parse(textOf(file)).rule;
  if (typeof rule === 'string') tested.add(rule);
}

for (const [rule, files] of cited) {
  if (!rules.has(rule)) findings.push(`${files[0]} cites rule ${rule}, which spec/bootstrap.md does not have`);
}
for (const rule of rules) {
  if (!tested.has(rule) && !(rule in notTestable))
    findings.push(`rule ${rule} has neither a vector nor a test named with [${rule}]`);
}
conclude(
  'check-spec-refs',
  findings,
  `${rules.size} rules, ${cited.size} of them cited in code, each with a vector or a test`,
);
