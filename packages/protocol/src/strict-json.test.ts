import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProtocolError, parseBody, parseStrictJson } from './index.ts';
import { parsePayload } from './strict-json.ts';

function code(step: () => unknown): string {
  try {
    step();
  } catch (error) {
    return error instanceof ProtocolError ? error.code : `not a ProtocolError: ${error}`;
  }
  return 'accepted';
}

/** JSON of the strict kind. */
const strictJson = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeNat(),
    tie('text'),
    tie('array'),
    tie('object'),
  ),
  text: fc.string({ unit: 'binary' }).filter((text) => !/[\0\p{Surrogate}]/u.test(text)),
  array: fc.array(tie('value'), { maxLength: 5 }),
  object: fc.dictionary(tie('text') as fc.Arbitrary<string>, tie('value'), { maxKeys: 5 }),
})).value;

describe('parseStrictJson', () => {
  test('reads what JSON.stringify writes', () => {
    fc.assert(
      fc.property(strictJson, (value) => {
        expect(parseStrictJson(JSON.stringify(value))).toEqual(value);
      }),
    );
  });

  test('agrees with JSON.parse wherever it accepts, and throws nothing but ProtocolError', () => {
    const nearly = fc.array(
      fc.constantFrom('{', '}', '[', ']', ':', ',', '"', 'a', '\\u0041', '0', '1', '-', '.', 'e', ' ', 'null', '"a"'),
    );
    fc.assert(
      fc.property(nearly, (parts) => {
        const text = parts.join('');
        const result = code(() => parseStrictJson(text));
        if (result === 'accepted') expect(parseStrictJson(text)).toEqual(JSON.parse(text));
        else expect(result).toBe('json');
      }),
      { numRuns: 2_000 },
    );
  });

  test('[F2] refuses what has two meanings', () => {
    const texts = [
      '{"a":1,"a":1}',
      '{"a":1,"\\u0061":1}',
      '1.0',
      '1e0',
      '-1',
      '-0',
      '01',
      '9007199254740992',
      '"\\ud800"',
      '"\\u0000"',
    ];
    expect(texts.map((text) => code(() => parseStrictJson(text)))).toEqual(texts.map(() => 'json'));
  });

  test('[F2] refuses what is no JSON', () => {
    const texts = [
      '',
      ' ',
      '{',
      '[',
      '"',
      '{"a"}',
      '{"a":}',
      '{a:1}',
      '[1,]',
      '[1 2]',
      "'a'",
      'NaN',
      'nul',
      '1 1',
      '"\t"',
      '\ufeff1',
      '"\\x"',
    ];
    expect(texts.map((text) => code(() => parseStrictJson(text)))).toEqual(texts.map(() => 'json'));
  });

  test('[F2] takes 16 levels and not 17', () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect([16, 17, 20_000].map((levels) => code(() => parseStrictJson(nested(levels))))).toEqual([
      'accepted',
      'json',
      'json',
    ]);
  });

  test('keeps a member named __proto__ as a member', () => {
    const value = parseStrictJson('{"__proto__":{"admin":1}}');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(JSON.stringify(value)).toBe('{"__proto__":{"admin":1}}');
  });

  test('reads long strings and long lists without running out of stack', () => {
    const text = JSON.stringify({ text: '\\"'.repeat(15_000), list: Array.from({ length: 9_000 }, () => 1) });
    expect(code(() => parseStrictJson(text))).toBe('accepted');
  });
});

describe('parseBody and parsePayload', () => {
  test('no bytes make them throw anything but ProtocolError', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(code(() => parseBody(bytes))).not.toMatch('not a');
      }),
    );
  });

  test('[F1] 65536 bytes are taken, 65537 are not, before anything is read', () => {
    const sizes = [65_536, 65_537].map((size) => code(() => parseBody(Buffer.from('1'.padEnd(size)))));
    expect(sizes).toEqual(['accepted', 'too-large']);
  });

  test('[F3] a payload is one object on one line', () => {
    const texts = ['{}', ' { } ', '{}\n', '{\t}', '\r{}', '[]', 'null', '1'];
    expect(texts.map((text) => code(() => parsePayload(text)))).toEqual([
      'accepted',
      'accepted',
      ...Array(6).fill('json'),
    ]);
  });
});
