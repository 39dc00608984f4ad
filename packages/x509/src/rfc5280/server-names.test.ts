// RFC 9525 (and RFC 5280 §4.2.1.6): which service a certificate speaks for, read from real certificates in real paths.

import { describe, expect, test } from 'vitest';
import { derTypes as der } from '../der-types.ts';
import type { ExtensionFields } from '../extension-encoding.ts';
import {
  ascii,
  type Chain,
  generalName,
  makeChain,
  plainName,
  san,
  type Verdict,
  verdicts,
} from '../testing/examination.ts';
import type { TestFields } from '../testing/test-certificates.ts';

const { address, dns, email, octets, uri } = generalName;
const directory = (host: string) => generalName.directory(plainName(['CN', host]));
const srvName = (name: string) => der.element(0xa0, der.oid('1.3.6.1.5.5.7.8.7'), der.context(0, der.ia5String(name)));

const asked = (serverName: string, leaf: TestFields): Chain => ({ ...makeChain({ leaf }), serverName });

type Row = [string, Uint8Array[], string, Verdict, Verdict?];
const NO = 'name-mismatch';
const examine = (_: string, names: Uint8Array[], reference: string, strict: Verdict, lenient: Verdict = strict) =>
  expect(verdicts(() => asked(reference, { extensions: san(...names) }))).toEqual([strict, lenient]);

describe('RFC 9525 §6.3 DNS names', () => {
  test.each<Row>([
    ['equal', [dns('a.example.com')], 'a.example.com', 'accepted'],
    ['equal but for case', [dns('A.Example.COM')], 'a.eXAMPLE.com', 'accepted'],
    ['one of several', [dns('b.test'), dns('a.test')], 'a.test', 'accepted'],
    ['the reference ends with a dot', [dns('a.test')], 'a.test.', 'accepted'],
    ['the presented name ends with a dot', [dns('a.test.')], 'a.test', 'certificate', NO],
    ['a name below', [dns('example.com')], 'a.example.com', NO],
    ['a name above', [dns('a.example.com')], 'example.com', NO],
    ['a name that ends alike', [dns('example.com')], 'notexample.com', NO],
    ['a leading dot', [dns('.example.com')], 'a.example.com', 'certificate', NO],
    ['an underscore', [dns('a_b.example.com')], 'a_b.example.com', 'certificate', NO],
    ['a single label', [dns('localhost')], 'localhost', 'accepted'],
    ['A-labels (§2)', [dns('xn--bcher-kva.example')], 'XN--BCHER-KVA.example', 'accepted'],
    ['a U-label as reference: the caller converts it', [dns('xn--bcher-kva.example')], 'bücher.example', NO],
    ['a label of 63 characters', [dns(`${'a'.repeat(63)}.test`)], `${'a'.repeat(63)}.test`, 'accepted'],
    ['a label of 64 characters', [dns(`${'a'.repeat(64)}.test`)], `${'a'.repeat(64)}.test`, 'certificate', NO],
    ['an empty label', [dns('a..test')], 'a..test', 'certificate', NO],
    ['a label that begins with a hyphen', [dns('-a.test')], '-a.test', 'certificate', NO],
    ['an empty name', [dns('')], '', 'certificate', NO],
    ['a single space, which must not be used (RFC 5280 §4.2.1.6)', [dns(' ')], 'a.test', 'certificate', NO],
    ['spaces around', [dns(' a.test ')], 'a.test', 'certificate', NO],
    ['NUL behind the name asked for', [dns('a.test\u0000.evil.test')], 'a.test', 'certificate', NO],
    ['NUL in both', [dns('a.test\u0000')], 'a.test\u0000', 'certificate', NO],
    ['a line feed behind the name asked for', [dns('a.test\n')], 'a.test', 'certificate', NO],
    ['a port', [dns('a.test:443')], 'a.test:443', 'certificate', NO],
  ])('RFC 9525 §6.3 %s', examine);
  test('RFC 5280 §4.2.1.6 a dNSName beyond ASCII is no certificate', () =>
    examine('', [der.context(2, new TextEncoder().encode('bücher.example'), 'primitive')], 'a.test', 'certificate'));
});

describe('RFC 9525 §6.3 wildcards', () => {
  test.each<Row>([
    ['one label', [dns('*.example.com')], 'a.example.com', 'accepted'],
    ['one label of other case', [dns('*.EXAMPLE.com')], 'A.example.com', 'accepted'],
    ['an A-label', [dns('*.example.com')], 'xn--bcher-kva.example.com', 'accepted'],
    ['no label', [dns('*.example.com')], 'example.com', NO],
    ['two labels', [dns('*.example.com')], 'a.b.example.com', NO],
    ['a label and a part', [dns('a*.example.com')], 'ab.example.com', 'certificate', NO],
    ['a part and a label', [dns('*a.example.com')], 'ba.example.com', 'certificate', NO],
    ['within an A-label', [dns('xn--*.example.com')], 'xn--a.example.com', 'certificate', NO],
    ['not the leftmost label', [dns('a.*.example.com')], 'a.b.example.com', 'certificate', NO],
    ['two of them', [dns('*.*.example.com')], 'a.b.example.com', 'certificate', NO],
    ['alone', [dns('*')], 'localhost', 'certificate', NO],
    ['above one label only', [dns('*.com')], 'example.com', NO],
    ['as the reference', [dns('*.example.com')], '*.example.com', NO],
    ['for an address', [dns('*.0.2.1')], '192.0.2.1', 'certificate', NO],
  ])('RFC 9525 §6.3 a wildcard for %s', examine);
});

describe('RFC 9525 §6.5 IP addresses, §6.2 other identifiers', () => {
  test.each<Row>([
    ['IPv4', [address('192.0.2.1')], '192.0.2.1', 'accepted'],
    ['another IPv4 address', [address('192.0.2.1')], '192.0.2.2', NO],
    ['IPv6 written in another way', [address('2001:db8::1')], '2001:DB8:0:0:0:0:0:1', 'accepted'],
    ['IPv6 with IPv4 at its end', [address('64:ff9b::c000:201')], '64:ff9b::192.0.2.1', 'accepted'],
    ['IPv4 mapped into IPv6 is another address', [address('::ffff:192.0.2.1')], '192.0.2.1', NO],
    ['IPv6 in brackets is no address', [address('::1')], '[::1]', NO],
    ['IPv4 with a leading zero is none', [address('192.0.2.1')], '192.0.2.01', NO],
    ['IPv4 as one number is none', [address('192.0.2.1')], '3221225985', NO],
    ['IPv6 with a zone is none', [address('fe80::1')], 'fe80::1%eth0', NO],
    ['an address as the text of a dNSName', [dns('192.0.2.1')], '192.0.2.1', 'certificate', NO],
    ['an IPv6 address as the text of a dNSName', [dns('2001:db8::1')], '2001:db8::1', 'certificate', NO],
    ['a host name whose bytes stand in an address', [octets(...ascii('a.tt'))], 'a.tt', NO],
    ['an address of three octets (RFC 5280 §4.2.1.6)', [octets(1, 2, 3)], 'a.test', 'certificate'],
    ['an address of no octets', [octets()], 'a.test', 'certificate'],
    [
      'an address with a mask, which only constraints have',
      [octets(10, 0, 0, 0, 255, 0, 0, 0)],
      '10.0.0.0',
      'certificate',
    ],
    ['a URI of the host is not the host', [uri('https://a.test/')], 'a.test', NO],
    ['an e-mail address at the host', [email('me@a.test'), email('a.test')], 'a.test', NO],
    ['a directory name of the host', [directory('a.test')], 'a.test', NO],
    ['a service name of the host', [srvName('_https.a.test')], 'a.test', NO],
    [
      'other forms beside the right one',
      [srvName('_x.b.test'), directory('b.test'), uri('urn:x'), dns('a.test')],
      'a.test',
      'accepted',
    ],
  ])('RFC 9525 §6 %s', examine);
});

describe('RFC 9525 §2, §6.1 names in the subject', () => {
  const subject = plainName(['CN', 'a.test'], ['DC', 'a'], ['DC', 'test']);
  test('RFC 9525 §2 the common name is never read: without alternative names', () => {
    const extensions = { subjectAltName: undefined };
    expect(verdicts(() => asked('a.test', { subject, extensions }))).toEqual([NO, NO]);
  });
  test('RFC 9525 §2 the common name is never read: beside alternative names of other forms', () => {
    expect(verdicts(() => asked('a.test', { subject, extensions: san(email('me@b.test')) }))).toEqual([NO, NO]);
  });
  test('RFC 9525 §6.1 the name is looked for last: a bad path says why it is bad', () => {
    const chain = asked('b.test', {});
    expect(verdicts(() => ({ ...chain, anchors: [] }))).toEqual(['unknown-issuer', 'unknown-issuer']);
    expect(verdicts(() => ({ ...chain, time: 0 }))).toEqual(['not-yet-valid', 'not-yet-valid']);
  });
});

describe('RFC 5280 §4.2.1.6 the form of alternative names', () => {
  const raw = (value: Uint8Array): ExtensionFields => ({
    subjectAltName: undefined,
    others: [{ oid: '2.5.29.17', critical: 'not-critical', value }],
  });
  const good = dns('a.test');
  test.each<[string, Uint8Array, Verdict]>([
    ['an empty list', der.sequence(), 'certificate'],
    ['a byte after the list', Uint8Array.of(...der.sequence(good), 0), 'der'],
    ['a set', der.set(good), 'der'],
    ['a name of an unknown form', der.sequence(good, der.context(9, ascii('a'), 'primitive')), 'certificate'],
    [
      'a dNSName in pieces (X.690 §10.2)',
      der.sequence(good, der.element(0xa2, der.ia5String('b.test'))),
      'certificate',
    ],
    [
      'an address in pieces',
      der.sequence(good, der.element(0xa7, der.octetString(Uint8Array.of(1, 2, 3, 4)))),
      'certificate',
    ],
    [
      'a directory name with an implicit tag',
      der.sequence(good, der.element(0xa4, plainName(['CN', 'b']).der.subarray(2))),
      'der',
    ],
    [
      'a directory name of two names',
      der.sequence(good, der.element(0xa4, plainName(['CN', 'b']).der, plainName(['CN', 'c']).der)),
      'der',
    ],
    ['an otherName whose inside is no DER', der.sequence(good, der.element(0xa0, Uint8Array.of(6, 9, 1))), 'der'],
    ['an otherName without a value', der.sequence(good, der.element(0xa0, der.oid('2.999.1'))), 'der'],
    ['an otherName without a type', der.sequence(good, der.element(0xa0, der.context(0, der.null_()))), 'der'],
    [
      'a registered ID that is no object identifier',
      der.sequence(good, der.context(8, Uint8Array.of(0x80, 1), 'primitive')),
      'der',
    ],
  ])('RFC 5280 §4.2.1.6 %s is refused', (_, value, expected) => {
    expect(verdicts(() => asked('a.test', { extensions: raw(value) }))).toEqual([expected, expected]);
  });
});
