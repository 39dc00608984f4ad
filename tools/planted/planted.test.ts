import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { withoutNotice } from './judge.ts';
import { type TaggedCheck, taggedChecks, withoutCheck } from './tagged-checks.ts';

const root = `${mkdtempSync(join(tmpdir(), 'windlass-planted-test-'))}/`;
afterAll(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): string {
  mkdirSync(dirname(root + path), { recursive: true });
  writeFileSync(root + path, text);
  return root + path;
}

describe('taggedChecks', () => {
  const found = (text: string) => taggedChecks('a.ts', text).map(({ rules, statement }) => [rules.join(), statement]);

  test('finds a statement on one line, and one that is wrapped over several', () => {
    expect(found("f();\ncheck(a, 'b'); // spec D9\n")).toEqual([['D9', "check(a, 'b');"]]);
    expect(found("check(\n  a,\n  'b',\n); // spec D9, D10\n")).toEqual([['D9,D10', "check( a, 'b', );"]]);
  });

  test('takes the whole of an if, and nothing around it', () => {
    expect(found('function f() {\n  if (a) return 1; // spec S5\n  return 2;\n}')).toEqual([
      ['S5', 'if (a) return 1;'],
    ]);
    expect(found('if (a) { check(b); } // spec S5')).toEqual([['S5', 'if (a) { check(b); }']]);
  });

  test('leaves out what only cites a rule: comments, declarations, returns', () => {
    expect(found('/** @see spec D9 */\nconst a = 1; // spec D9\nfunction f() {\n  return a; // spec D9\n}')).toEqual(
      [],
    );
  });

  test('withoutCheck keeps every other line where it was', () => {
    const text = 'a();\ncheck(\n  b,\n); // spec D9\nc();\n';
    const [check] = taggedChecks('a.ts', text);
    expect(check && withoutCheck(text, check)).toBe('a();\n;\n\n // spec D9\nc();\n');
  });
});

describe('withoutNotice', () => {
  const source = [
    'export function accept(n: number): void {',
    "  if (n > 9) throw new Error('large'); // spec D1",
    "  if (n < 0) throw new Error('small'); // spec D2",
    "  if (n === 5) throw new Error('five'); // spec D3",
    '}',
  ].join('\n');
  const file = write('packages/protocol/src/accept.ts', source);
  write(
    'packages/protocol/src/testing/vectors/run-vector.ts',
    `import { accept } from '../../accept.ts';
     export function runVector({ n }: { n: number }) { try { accept(n); return 'accepted'; } catch { return null; } }`,
  );
  const vectors = [
    { id: 'large', rule: 'D1', n: 10 },
    { id: 'not-small', rule: 'D2', n: 11 },
  ];
  const judge = (rule: string) => {
    const [check] = taggedChecks(file, source).filter(({ rules }) => rules.includes(rule));
    return withoutNotice(root, check as TaggedCheck, vectors);
  };

  test('a vector of the rule that fails without the check has noticed', async () => {
    expect(await judge('D1')).toMatchObject({ noticedBy: 'large' });
  });

  test('a vector that does not reach the check has not', async () => {
    expect(await judge('D2')).toMatchObject({ noticedBy: null, reason: 'its vectors and tests still pass' });
  });

  test('a rule with neither vector nor test is not noticed', async () => {
    expect(await judge('D3')).toMatchObject({ noticedBy: null, reason: 'it has neither vector nor test' });
  });
});
