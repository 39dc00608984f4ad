import { describe, expect, test } from 'vitest';
import { readDer } from './der.ts';
import { derTypes as der } from './der-types.ts';
import { encodeName } from './issue.ts';
import { formatName, isNameWithin, namesEqual, parseName, subjectAttribute } from './name.ts';

const isRefused = expect.objectContaining({ name: 'X509Error' });
const name = (...fields: [string, string][]) =>
  parseName(readDer(encodeName(fields.map(([type, value]) => ({ type, value })))));
const raw = (...values: Uint8Array[]) =>
  parseName(readDer(der.sequence(...values.map((value) => der.set(der.sequence(der.oid('2.5.4.3'), value))))));
const element = (tag: number, ...bytes: number[]) => der.element(tag, Uint8Array.from(bytes));

describe('comparing', () => {
  test.each([
    ['case', 'Example CA', 'eXAMPLE ca'],
    ['spaces inside and around', ' Example   CA ', 'Example CA'],
    ['compatibility forms', 'Ｅxample', 'example'],
    ['composed and decomposed', 'Zu\u0308rich', 'zürich'],
    ['invisible characters', 'Exa\u00admple', 'example'],
  ])('%s is folded', (_, a, b) => expect(namesEqual(name(['CN', a]), name(['CN', b]))).toBe(true));

  test('the string type does not matter', () => {
    const utf8 = raw(der.utf8String('Zürich'));
    expect(namesEqual(utf8, raw(element(0x1e, 0, 0x5a, 0, 0xfc, 0, 0x72, 0, 0x69, 0, 0x63, 0, 0x68)))).toBe(true);
    expect(namesEqual(utf8, raw(element(0x14, 0x5a, 0xfc, 0x72, 0x69, 0x63, 0x68)))).toBe(true);
    expect(namesEqual(raw(der.printableString('A')), raw(element(0x16, 0x41)))).toBe(true);
  });
  test('values, types, order and number of parts matter', () => {
    const base = name(['O', 'a'], ['CN', 'b']);
    for (const other of [
      name(['O', 'a'], ['CN', 'c']),
      name(['CN', 'b'], ['O', 'a']),
      name(['O', 'a']),
      name(['O', 'a'], ['OU', 'b']),
    ]) {
      expect(namesEqual(base, other)).toBe(false);
      expect(namesEqual(other, base)).toBe(false);
    }
  });
  test('a relative name of several attributes is a set: in DER order, whatever that makes of its values', () => {
    const pair = (oid: string, value: Uint8Array) => der.sequence(der.oid(oid), value);
    const multi = (encode: typeof der.set) => (commonName: Uint8Array) =>
      parseName(readDer(der.sequence(encode(pair('2.5.4.3', commonName), pair('2.5.4.10', der.utf8String('bbb'))))));
    const asIs = (...pairs: Uint8Array[]) => der.element(0x31, ...pairs);
    const wide = der.element(0x1e, Uint8Array.from([0, 0x41, 0, 0x41, 0, 0x41]));
    expect(namesEqual(multi(der.set)(der.utf8String('aaa')), multi(der.set)(wide))).toBe(true);
    expect(() => multi(asIs)(wide)).toThrow(expect.objectContaining({ code: 'der' }));
  });
  test('a name lies within itself, its beginning and the empty name', () => {
    const whole = name(['O', 'a'], ['CN', 'b']);
    expect([whole, name(['O', 'A']), raw()].map((base) => isNameWithin(whole, base))).toEqual([true, true, true]);
    expect(isNameWithin(name(['O', 'a']), whole)).toBe(false);
  });
});

describe('parsing', () => {
  test('values by attribute type', () => {
    const subject = name(['serialNumber', 'A-1'], ['CN', 'x'], ['serialNumber', 'A-2']);
    expect(subjectAttribute(subject, '2.5.4.5')).toEqual(['A-1', 'A-2']);
  });
  test.each([
    ['UTF-8 that is none', element(0x0c, 0xff)],
    ['a PrintableString beyond ASCII', element(0x13, 0xe9)],
    ['a BMPString of odd length', element(0x1e, 0x41)],
  ])('%s is refused', (_, value) => expect(() => raw(value)).toThrow(isRefused));
  test('a value of a type that is no text is compared by its bytes', () => {
    expect(namesEqual(raw(element(0x1c, 0, 0, 0, 0x41)), raw(element(0x1c, 0, 0, 0, 0x41)))).toBe(true);
    expect(namesEqual(raw(element(0x1c, 0, 0, 0, 0x41)), raw(der.utf8String('A')))).toBe(false);
  });
  test('an attribute of three elements is refused', () => {
    const pair = der.sequence(der.oid('2.5.4.3'), der.utf8String('a'), der.null_());
    expect(() => parseName(readDer(der.sequence(der.set(pair))))).toThrow(isRefused);
  });
  test('an empty set is refused', () => expect(() => parseName(readDer(der.sequence(der.set())))).toThrow(isRefused));
});

describe('showing', () => {
  test('short names, separators escaped', () => {
    expect(formatName(name(['CN', 'a, b'], ['O', 'c\\d'], ['2.5.4.12', 'e']))).toBe('CN=a\\, b, O=c\\\\d, 2.5.4.12=e');
  });
  test('control, direction and other invisible characters are spelled out', () => {
    expect(formatName(name(['CN', 'a\n\u202eb\u200b\u0000']))).toBe('CN=a\\u{a}\\u{202e}b\\u{200b}\\u{0}');
  });
  test('never more than 256 characters', () => {
    const long = formatName(name(...Array.from({ length: 40 }, (): [string, string] => ['CN', 'x'.repeat(600)])));
    expect(long.length).toBe(256);
  });
});
