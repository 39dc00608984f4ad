import pc from 'picocolors';
import { describe, expect, test } from 'vitest';
import { escapeForTerminal } from './errors.ts';
import { facts, jsonText, show, table } from './output.ts';
import { recordingTerminal } from './recording-terminal.ts';

const plain = pc.createColors(false);
const hostile = 'CN=\u001b[2Jfake\u009b1m\n\u202eevil\u2028';

describe('text for people', () => {
  test('never passes on characters that steer the terminal', () => {
    const terminal = recordingTerminal();
    show(terminal, {}, { issuer: hostile }, ({ issuer }) => issuer);
    expect(terminal.written.out).toBe('CN=\\u001b[2Jfake\\u009b1m\\u000a\\u202eevil\\u2028\n');
  });

  test('is a table with aligned columns, or a sentence when there is nothing', () => {
    const columns = [
      { title: 'A', cell: (row: readonly [string, string]) => row[0] },
      { title: 'BB', cell: (row: readonly [string, string]) => row[1] },
    ];
    expect(table(plain, [['long', 'x'] as const, ['s', ''] as const], columns, 'none')).toBe('A     BB\nlong  x\ns');
    expect(table(plain, [], columns, 'none')).toBe('none');
  });

  test('leaves out facts that are not known', () => {
    expect(
      facts(plain, [
        ['a', '1'],
        ['bb', null],
        ['ccc', '3'],
      ]),
    ).toBe('  a    1\n  ccc  3');
  });
});

describe('JSON for machines', () => {
  test('is the exact value, and safe to look at', () => {
    const value = { issuer: hostile, nested: [1, true, null, 'ä'] };
    const text = jsonText(value);
    expect(JSON.parse(text)).toEqual(value);
    expect(escapeForTerminal(text.replaceAll('\n', ''))).toBe(text.replaceAll('\n', ''));
  });

  test('is printed instead of the text', () => {
    const terminal = recordingTerminal();
    show(terminal, { json: true }, { a: 1 }, () => 'text');
    expect(terminal.written.out).toBe('{\n  "a": 1\n}\n');
  });
});
