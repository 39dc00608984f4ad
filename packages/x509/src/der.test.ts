import { describe, expect, test } from 'vitest';
import {
  ANY,
  readBitString,
  readBoolean,
  readDer,
  readDerChildren,
  readFields,
  readInteger,
  readSmallInteger,
} from './der.ts';
import { derTypes as der } from './der-types.ts';
import { decodeOid } from './oid.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replace(/ /g, ''), 'hex'));
const isDerError = expect.objectContaining({ name: 'X509Error', code: 'der' });
const refused = (read: () => unknown) => expect(read).toThrow(isDerError);

describe('readDer', () => {
  test('one element: its tag, content and whole bytes', () => {
    expect(readDer(hex('04 02 aa bb'))).toEqual({ tag: 4, content: hex('aabb'), raw: hex('0402aabb') });
  });
  test.each([
    ['nothing', ''],
    ['a tag alone', '30'],
    ['a byte after the element', '0500 00'],
    ['content cut short', '0402aa'],
    ['an indefinite length (BER)', '3080 0500 0000'],
    ['a length in long form below 128', '048101 aa'],
    ['a length with a leading zero', `04820081 ${'00'.repeat(129)}`],
    ['an indefinite length with nothing behind it', '3080'],
    ['a length of five octets', '04850000000001 aa'],
    ['a minimal length of five octets', '04850100000000 aa'],
    ['a length of 127 octets', `04ff01${'00'.repeat(126)} aa`],
    ['a tag of several octets', '1f0100'],
  ])('%s is refused', (_, bytes) => refused(() => readDer(hex(bytes))));
  test('more than a mebibyte is refused', () => refused(() => readDer(der.octetString(new Uint8Array(1 << 20)))));
});

describe('readDerChildren', () => {
  test('the elements of a sequence, or of bare bytes', () => {
    const bytes = der.sequence(der.null_(), der.boolean(true));
    expect(readDerChildren(readDer(bytes)).map(({ tag }) => tag)).toEqual([5, 1]);
    expect(readDerChildren(hex('0500 0101ff')).map(({ tag }) => tag)).toEqual([5, 1]);
  });
  test('a primitive element has none', () => refused(() => readDerChildren(readDer(hex('0400')))));
  test('an element that reaches beyond its parent is refused', () =>
    refused(() => readDerChildren(readDer(hex('3002 0401')))));
});

describe('values', () => {
  test.each(['010101', '01020000', '0100', '0201ff'])('BOOLEAN %s is refused', (bytes) =>
    refused(() => readBoolean(readDer(hex(bytes)))),
  );
  test.each(['0200', '02020001', '0202ff80'])('INTEGER %s is not minimal', (bytes) =>
    refused(() => readInteger(readDer(hex(bytes)))),
  );
  test.each(['0201ff', '02050100000000', '020480000000'])('INTEGER %s is no small number', (bytes) =>
    refused(() => readSmallInteger(readDer(hex(bytes)))),
  );
  test.each(['0300', '030108', '030101', '03020101', '03020803'])('BIT STRING %s is refused', (bytes) =>
    refused(() => readBitString(readDer(hex(bytes)))),
  );
  test('the fields of a sequence by their tags; absent ones, and any beyond the end, are undefined', () => {
    const tags = (bytes: string, ...wanted: number[]) =>
      readFields(readDer(hex(bytes)), ...wanted).map((field) => field?.tag);
    expect(tags('3005 0500 0101ff', 0x02, 0x05, ANY, ANY)).toEqual([undefined, 5, 1, undefined]);
    expect(tags('3000', 0x02)).toEqual([undefined]);
  });
  test('a sequence with an element too many is refused', () => {
    refused(() => readFields(readDer(hex('3004 0500 0500')), 0x05));
  });
});

describe('object identifiers', () => {
  const ours = '2.25.329800735698586629295641978511506172918.1';
  test.each(['1.2.840.113549.1.1.11', '2.5.29.15', '0.9.2342', '2.999', ours])('%s survives the round trip', (oid) => {
    expect(decodeOid(readDer(der.oid(oid)).content)).toBe(oid);
  });
  test.each(['', '80', '8001', '2a80', '2a8001', 'aa'.repeat(129), `2a${'01'.repeat(128)}`])('%s is refused', (bytes) =>
    refused(() => decodeOid(hex(bytes))),
  );
  test.each(['', '1', '3.1', '1.40', '1.02', 'a.b', '1..2'])('the text %j is refused', (text) =>
    refused(() => der.oid(text)),
  );
});

describe('the writer', () => {
  test('a set is in DER order', () => {
    expect(Buffer.from(der.set(hex('0402aabb'), hex('0401ff'), hex('0401aa'))).toString('hex')).toBe(
      '310a0401aa0401ff0402aabb',
    );
  });
  test.each([
    [0, '020100'],
    [127, '02017f'],
    [128, '02020080'],
    [-1, '0201ff'],
    [-128, '020180'],
    [-129, '0202ff7f'],
    [2n ** 64n, '0209010000000000000000'],
    [hex('0000ff'), '020200ff'],
    [hex('00'), '020100'],
  ])('integer %s', (value, expected) => expect(Buffer.from(der.integer(value)).toString('hex')).toBe(expected));
  test('lengths from 127 to 70 000 read back', () => {
    for (const length of [127, 128, 255, 256, 65_535, 65_536, 70_000]) {
      expect(readDer(der.octetString(new Uint8Array(length))).content.length).toBe(length);
    }
  });
  test('context tags', () => {
    expect(der.context(1, hex('0500'))).toEqual(hex('a1020500'));
    expect(der.context(2, hex('ff'), 'primitive')).toEqual(hex('8201ff'));
  });
});
