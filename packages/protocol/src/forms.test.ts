import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  digestOf,
  formatTime,
  ProtocolError,
  parseDer,
  parseDigest,
  parseHost,
  parseId,
  parseNonce,
  parseScope,
  parseSerial,
  parseServiceName,
  parseTime,
  unixSeconds,
} from './index.ts';

function accepts(parse: (value: unknown) => unknown, value: unknown): boolean {
  try {
    parse(value);
    return true;
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'schema') return false;
    throw error;
  }
}

const digest = digestOf('');

describe('forms', () => {
  test.each([
    [
      'time',
      parseTime,
      ['1970-01-01T00:00:00Z', '2024-02-29T23:59:59Z', '9999-12-31T23:59:59Z'],
      [
        '2026-02-29T00:00:00Z',
        '2026-01-01T24:00:00Z',
        '2026-01-01T00:00:60Z',
        '2026-01-01T00:00:00.0Z',
        '2026-01-01T00:00:00+00:00',
        '2026-01-01 00:00:00Z',
        '2026-01-01t00:00:00z',
        '1969-12-31T23:59:59Z',
        '10000-01-01T00:00:00Z',
        '',
        0,
        null,
        { toString: 0 },
      ],
    ],
    [
      'digest',
      parseDigest,
      [digest],
      [
        digest.slice(1),
        `${digest}=`,
        digest.replace('=', ''),
        digest.replace(/.=$/, 'V='),
        digest.replace('4', '-'),
        1,
      ],
    ],
    ['nonce', parseNonce, [digest], ['', Buffer.alloc(16).toString('base64')]],
    [
      'id',
      parseId,
      ['a', 'A0._-', 'a'.repeat(63)],
      ['', '.', '-a', '_a', 'a/b', 'a b', 'ä', 'a'.repeat(64), '__proto__', 1],
    ],
    ['serial', parseSerial, ['1', 'SN 1/2-3', '~'.repeat(64)], ['', ' a', 'a ', 'a\tb', 'ä', 'a'.repeat(65), 1]],
    [
      'service name',
      parseServiceName,
      ['localhost', 'a.b-c.example', 'xn--bcher-kva.example'],
      [
        '',
        'A.example',
        'a.',
        '.a',
        'a..b',
        '-a',
        'a-',
        'a_b',
        '1.2.3.4',
        '*.a',
        `${'a'.repeat(64)}.b`,
        `${'a.'.repeat(127)}a`,
        1,
      ],
    ],
    [
      'host',
      parseHost,
      ['a.example', '192.0.2.1', '2001:db8::1', '::'],
      ['A.example', '192.0.2.256', '192.0.2', '01.2.3.4', '2001:DB8::1', '::1::', '1:2:3', '[::1]', 'a:443', '', 1],
    ],
    [
      'scope',
      parseScope,
      ['*', 'example.com', '10.0.0.0/8', '2001:db8::/32', '192.0.2.1'],
      ['*.example.com', '10.0.0.0/33', '/8', 'example.com/8', 'Example.com', 'a.', '**', '', 1],
    ],
    [
      'DER',
      parseDer,
      ['MAA=', Buffer.concat([Buffer.from('30820100', 'hex'), Buffer.alloc(256)]).toString('base64')],
      ['', 'MAA', 'MAAA', 'MAEA AA=', 'AgEA', 'MIEA', 'MIAAAA==', 1],
    ],
  ] satisfies readonly [string, (value: unknown) => unknown, unknown[], unknown[]][])(
    '[F4] %s',
    (_, parse, good, bad) => {
      expect(good.filter((value) => !accepts(parse, value))).toEqual([]);
      expect(bad.filter((value) => accepts(parse, value))).toEqual([]);
    },
  );

  test('[F4] a time is a whole second of the years 1970 to 9999', () => {
    expect([0, 253_402_300_799].filter((value) => !accepts(() => unixSeconds(value), value))).toEqual([]);
    expect([-1, 0.5, Number.NaN, 253_402_300_800].filter((value) => accepts(() => unixSeconds(value), value))).toEqual(
      [],
    );
  });

  test('a time that is written is read again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
        expect(parseTime(formatTime(unixSeconds(seconds)))).toBe(seconds);
      }),
    );
  });

  test('digestOf takes a text as UTF-8', () => {
    expect(digestOf('ä')).toBe(digestOf(Buffer.from('ä', 'utf8')));
    expect(digestOf('')).toBe('47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=');
  });
});
