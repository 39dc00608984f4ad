import { expect, test } from 'vitest';
import { readDer } from './der.ts';
import { derTypes as der } from './der-types.ts';
import { decodeTime } from './time.ts';

const isCertificateError = expect.objectContaining({ name: 'X509Error', code: 'certificate' });
const decode = (tag: number, text: string) => decodeTime(readDer(der.element(tag, new TextEncoder().encode(text))));

test.each([
  [0x17, '491231235959Z', '2049-12-31T23:59:59Z'],
  [0x17, '500101000000Z', '1950-01-01T00:00:00Z'],
  [0x17, '240229120000Z', '2024-02-29T12:00:00Z'],
  [0x18, '20500101000000Z', '2050-01-01T00:00:00Z'],
  [0x18, '99991231235959Z', '9999-12-31T23:59:59Z'],
  [0x18, '00500101000000Z', '0050-01-01T00:00:00Z'],
])('%i %s', (tag, text, expected) => expect(decode(tag, text)).toBe(Date.parse(expected) / 1000));

test.each([
  [0x17, '2402291200Z'],
  [0x17, '240229120000+0000'],
  [0x17, '20240229120000Z'],
  [0x18, '240229120000Z'],
  [0x18, '20240229120000.5Z'],
  [0x18, '20240229120000'],
  [0x17, '230229120000Z'],
  [0x17, '241301000000Z'],
  [0x17, '240100000000Z'],
  [0x17, '240101240000Z'],
  [0x17, '240101006000Z'],
  [0x17, '240101000060Z'],
  [0x16, '240101000000Z'],
])('%i %s is no time', (tag, text) => expect(() => decode(tag, text)).toThrow(isCertificateError));

test('written as UTCTime through 2049, then as GeneralizedTime', () => {
  const tagAt = (date: string) => readDer(der.time(Date.parse(date) / 1000)).tag;
  expect([tagAt('1949-12-31'), tagAt('1950-01-01'), tagAt('2049-12-31'), tagAt('2050-01-01')]).toEqual([
    0x18, 0x17, 0x17, 0x18,
  ]);
  for (const second of [0, 2_524_607_999, 2_524_608_000, 253_402_300_799])
    expect(decodeTime(readDer(der.time(second)))).toBe(second);
  expect(() => der.time(253_402_300_800)).toThrow(isCertificateError);
});
