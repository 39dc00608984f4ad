import { describe, expect, test } from 'vitest';
import type { Certificate } from './certificate.ts';
import type { GeneralName } from './general-name.ts';
import { parseIp, parseIpRange } from './ip.ts';
import { isNameInScope, isScopeEntry, matchServerName } from './server-name.ts';
import { makeCa, makeLeaf } from './testing/test-certificates.ts';

const real = makeLeaf(makeCa('root'), { subject: [{ type: 'CN', value: 'common.example.com' }] }).certificate;

function certificateFor(...names: string[]): Certificate {
  const subjectAltName = names.map((name): GeneralName => {
    const address = parseIp(name);
    return address === undefined ? { kind: 'dns', value: name } : { kind: 'ip', value: address };
  });
  return { ...real, extensions: { ...real.extensions, subjectAltName } };
}

describe('matchServerName', () => {
  test.each([
    ['example.com', 'example.com'],
    ['Example.COM', 'eXample.com'],
    ['example.com', 'example.com.'],
    ['*.example.com', 'a.example.com'],
    ['*.example.com', 'xn--bcher-kva.example.com'],
    ['10.0.0.1', '10.0.0.1'],
    ['2001:db8::1', '2001:0DB8:0:0::1'],
  ])('%s is for %s', (presented, reference) =>
    expect(matchServerName(certificateFor('other.test', presented), reference)).toBe(true),
  );

  test.each([
    ['example.com', 'a.example.com'],
    ['*.example.com', 'example.com'],
    ['*.example.com', 'a.b.example.com'],
    ['*.com', 'example.com'],
    ['*', 'example'],
    ['*', 'example.com'],
    ['a.*.example.com', 'a.b.example.com'],
    ['f*.example.com', 'foo.example.com'],
    ['*.*.example.com', 'a.b.example.com'],
    ['example.com.', 'example.com'],
    ['.example.com', 'a.example.com'],
    ['*.example.com', '.example.com'],
    ['example.com', 'example.com..'],
    ['exämple.com', 'exämple.com'],
    ['a_b.example.com', 'a_b.example.com'],
    ['example.com', 'example.com\u0000'],
    ['example.com', ''],
    ['10.0.0.1', '10.0.0.2'],
    ['10.0.0.1', '::ffff:10.0.0.1'],
  ])('%s is not for %s', (presented, reference) =>
    expect(matchServerName(certificateFor(presented), reference)).toBe(false),
  );

  test('an address is never a DNS name, nor the reverse', () => {
    const names: GeneralName[] = [
      { kind: 'dns', value: '10.0.0.1' },
      { kind: 'dns', value: '*.0.0.1' },
    ];
    const certificate = { ...real, extensions: { ...real.extensions, subjectAltName: names } };
    expect(matchServerName(certificate, '10.0.0.1')).toBe(false);
  });
  test('the common name is never read', () => {
    const { subjectAltName: _, ...extensions } = real.extensions;
    expect(matchServerName({ ...real, extensions }, 'common.example.com')).toBe(false);
    expect(matchServerName(real, 'common.example.com')).toBe(false);
  });
});

describe('scopes', () => {
  test.each([
    ['example.com', 'example.com', true],
    ['example.com', 'a.b.example.com', true],
    ['example.com', 'notexample.com', false],
    ['example.com', 'com', false],
    ['*', 'anything.test', true],
    ['*', '10.0.0.1', true],
    ['10.0.0.0/8', '10.200.3.4', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.0/8', 'example.com', false],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['0.0.0.0/0', '::1', false],
  ])('%s holds %s: %s', (entry, reference, expected) => {
    expect(isNameInScope(reference, { permittedNames: [entry] })).toBe(expected);
    expect(isNameInScope(reference, { excludedNames: [entry] })).toBe(!expected);
  });
  test('without entries every name, with an empty list none', () => {
    expect(isNameInScope('a.test', {})).toBe(true);
    expect(isNameInScope('a.test', { permittedNames: [] })).toBe(false);
  });
  test('an entry that is none permits nothing and excludes everything', () => {
    for (const entry of ['', '*.example.com', '10.0.0.0/33', 'exa mple']) {
      expect(isScopeEntry(entry)).toBe(false);
      expect(isNameInScope('example.com', { permittedNames: [entry] })).toBe(false);
      expect(isNameInScope('example.com', { excludedNames: [entry] })).toBe(false);
    }
    for (const entry of ['*', 'example.com', '10.0.0.0/8', '::/0', '::1']) expect(isScopeEntry(entry)).toBe(true);
  });
});

describe('addresses', () => {
  test.each([
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '256.1.1.1',
    '1.2.3.-4',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    'g::',
    '::1%eth0',
    '12345::',
    '::1.2.3',
    '1.2.3.4::',
    '::1.2.3.4:5',
  ])('%s is none', (text) => expect(parseIp(text)).toBeUndefined());
  test.each([
    ['::', '00000000000000000000000000000000'],
    ['::1.2.3.4', '00000000000000000000000001020304'],
    ['64:ff9b::1.2.3.4', '0064ff9b000000000000000001020304'],
    ['1::', '00010000000000000000000000000000'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['255.0.10.1', 'ff000a01'],
  ])('%s', (text, expected) => expect(Buffer.from(parseIp(text) ?? []).toString('hex')).toBe(expected));
  test.each([
    ['10.0.0.0/0', '0a00000000000000'],
    ['10.0.0.0/12', '0a000000fff00000'],
    ['10.0.0.0', '0a000000ffffffff'],
  ])('range %s', (text, expected) => expect(Buffer.from(parseIpRange(text) ?? []).toString('hex')).toBe(expected));
  test.each(['10.0.0.0/', '10.0.0.0/08', '10.0.0.0/8/8', '10.0.0.0/-1', '::/129'])('range %s is none', (text) =>
    expect(parseIpRange(text)).toBeUndefined(),
  );
});
