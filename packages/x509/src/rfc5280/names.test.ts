// RFC 5280 §4.1.2.4, §6.1.3 (a) (4) and §7.1 with RFC 4518: which issuer and subject names are one name, seen through paths.

import { describe, expect, test } from 'vitest';
import { derTypes as der } from '../der-types.ts';
import type { Name } from '../name.ts';
import {
  altered,
  attribute,
  type Case,
  type Chain,
  extensionsField,
  extensionsWithout,
  nameOf,
  outcome,
  plainName,
  verdicts,
} from '../testing/examination.ts';
import { makeCa, makeLeaf } from '../testing/test-certificates.ts';

const root = makeCa('root');
const CN = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const utf8 = (text: string) => der.utf8String(text);
const cn = (value: Uint8Array | string) => attribute(CN, typeof value === 'string' ? utf8(value) : value);
const o = (value: string) => attribute(ORGANIZATION, utf8(value));
const common = (value: Uint8Array | string) => nameOf([cn(value)]);
const bmp = (text: string) => der.element(0x1e, Buffer.from(text, 'utf16le').swap16());

/** A CA of one name, a leaf that says that its issuer has the other. */
function named(subject: Name, issuer: Name): Chain {
  const ca = makeCa('', { subject }, root);
  return { end: altered(makeLeaf(ca), ca, { issuer: issuer.der }), anchors: [root], intermediates: [ca] };
}

const areOne = (a: Name, b: Name) => () => [...verdicts(() => named(a, b)), ...verdicts(() => named(b, a))];
const YES = Array(4).fill('accepted');
const NO = Array(4).fill('unknown-issuer');

describe('§7.1 the same name', () => {
  test.each<[string, Name, Name]>([
    ['PrintableString and UTF8String', common(der.printableString('Example')), common('Example')],
    ['PrintableString and UTF8String in other case', common(der.printableString('EXAMPLE CA')), common('example ca')],
    ['UTF8String in other case, beyond ASCII', common('ÉCOLE ДЛЯ'), common('école для')],
    ['IA5String and UTF8String (optional)', common(der.ia5String('Example')), common('example')],
    ['BMPString and UTF8String (optional)', common(bmp('Zürich')), common('zÜRICH')],
    ['TeletexString and UTF8String (optional)', common(der.element(0x14, Uint8Array.of(0x5a, 0xfc))), common('Zü')],
    [
      'VisibleString and PrintableString',
      common(der.element(0x1a, Uint8Array.of(0x41))),
      common(der.printableString('a')),
    ],
    ['spaces around (RFC 4518 §2.6.1)', common('  Example CA '), common('Example CA')],
    ['spaces inside (RFC 4518 §2.6.1)', common('Example    CA'), common('Example CA')],
    ['a tab and line ends are spaces (RFC 4518 §2.2)', common('Example\t\r\nCA'), common('Example CA')],
    ['NEL is a space (RFC 4518 §2.2)', common('Example\u0085CA'), common('Example CA')],
    ['other separators are spaces (RFC 4518 §2.2)', common('Example\u2003\u3000CA\u2028'), common('Example CA')],
    ['a no-break space is a space (RFC 4518 §2.2)', common('Example\u00a0CA'), common('Example CA')],
    ['a soft hyphen is nothing (RFC 4518 §2.2)', common('Exa\u00admple'), common('Example')],
    ['a zero width space is nothing (RFC 4518 §2.2)', common('Exa\u200bmple'), common('Example')],
    ['a byte order mark is nothing (RFC 4518 §2.2)', common('\ufeffExample'), common('Example')],
    ['a byte order mark inside is nothing (RFC 4518 §2.2)', common('Exa\ufeffmple'), common('Example')],
    ['variation selectors are nothing (RFC 4518 §2.2)', common('Exa\ufe0fmple'), common('Example')],
    ['an object replacement is nothing (RFC 4518 §2.2)', common('Exa\ufffcmple'), common('Example')],
    ['control characters are nothing (RFC 4518 §2.2)', common('Exa\u0007mple\u007f'), common('Example')],
    ['NUL is nothing (RFC 4518 §2.2)', common('Exa\u0000mple'), common('Example')],
    ['C1 control characters are nothing (RFC 4518 §2.2)', common('Exa\u0096mple'), common('Example')],
    ['ß folds to ss (RFC 3454 B.2)', common('Straße'), common('STRASSE')],
    ['a final sigma folds to sigma (RFC 3454 B.2)', common('ΟΔΟΣ'), common('οδοσ')],
    ['both small sigmas are one (RFC 3454 B.2)', common('οδος'), common('οδοσ')],
    ['compatibility forms (RFC 4518 §2.3)', common('ﬁle Ⅷ'), common('file viii')],
    ['composed after folding, not before (RFC 4518 §2.2, §2.3)', common('H\u0331'), common('h\u0331')],
    ['composed once nothing stands between (RFC 4518 §2.2, §2.3)', common('Zu\u00ad\u0308rich'), common('Zürich')],
    ['composed and decomposed (RFC 4518 §2.3)', common('Zu\u0308rich'), common('Zürich')],
    [
      'a relative name of two attributes whose DER order differs with spaces',
      nameOf([cn('a                         b'), o('organization')]),
      nameOf([o('organization'), cn('a b')]),
    ],
    [
      'several relative names',
      plainName(['C', 'DE'], ['O', 'Example'], ['OU', 'Lab'], ['CN', 'x']),
      plainName(['C', 'de'], ['O', 'EXAMPLE '], ['OU', 'lab'], ['CN', 'X']),
    ],
    [
      'domain components in other case',
      plainName(['DC', 'Example'], ['DC', 'COM']),
      plainName(['DC', 'example'], ['DC', 'com']),
    ],
    [
      'an e-mail address in other case (§4.1.2.6)',
      plainName(['emailAddress', 'CA@A.test']),
      plainName(['emailAddress', 'ca@a.TEST']),
    ],
  ])('§7.1 %s', (_, a, b) => expect(areOne(a, b)()).toEqual(YES));

  test.each([
    ['country', '2.5.4.6'],
    ['organizational unit', '2.5.4.11'],
    ['distinguished name qualifier', '2.5.4.46'],
    ['state', '2.5.4.8'],
    ['serial number', '2.5.4.5'],
    ['locality', '2.5.4.7'],
    ['title', '2.5.4.12'],
    ['surname', '2.5.4.4'],
    ['given name', '2.5.4.42'],
    ['initials', '2.5.4.43'],
    ['pseudonym', '2.5.4.65'],
    ['generation qualifier', '2.5.4.44'],
    ['user id', '0.9.2342.19200300.100.1.1'],
    ['a type nobody knows', '2.999.1'],
  ])('§4.1.2.4 an attribute of type %s is processed', (_, oid) => {
    const [a, b] = [nameOf([attribute(oid, der.printableString('AB'))]), nameOf([attribute(oid, utf8('ab'))])];
    expect(areOne(a, b)()).toEqual(YES);
    expect(areOne(a, nameOf([attribute(oid, utf8('abc'))]))()).toEqual(NO);
  });
});

describe('§6.1.3 (a) (4) another name', () => {
  const base = plainName(['O', 'Example'], ['CN', 'a b']);
  test.each<[string, Name, Name]>([
    ['another value', base, plainName(['O', 'Example'], ['CN', 'a c'])],
    ['another order of the relative names', base, plainName(['CN', 'a b'], ['O', 'Example'])],
    ['one relative name fewer', base, plainName(['O', 'Example'])],
    ['one relative name more', base, plainName(['O', 'Example'], ['CN', 'a b'], ['CN', 'a b'])],
    ['another type', base, plainName(['O', 'Example'], ['OU', 'a b'])],
    ['no space where one is', base, plainName(['O', 'Example'], ['CN', 'ab'])],
    [
      'one relative name of two attributes instead of two names',
      nameOf([cn('a'), o('b')]),
      nameOf([o('b')], [cn('a')]),
    ],
    ['one attribute of two', nameOf([cn('a'), o('b')]), nameOf([cn('a')])],
    ['two attributes whose values are exchanged', nameOf([cn('a'), o('b')]), nameOf([cn('b'), o('a')])],
    ['an accent more', common('Zurich'), common('Zürich')],
    ['letters that only look alike', common('Example'), common('Ехаmple')],
    ['digits of two values joined otherwise', nameOf([cn('a"],["b')]), nameOf([cn('a')], [cn('b')])],
    [
      'text that spells the DER of a value that is no text',
      common(der.element(0x1c, Uint8Array.of(0, 0, 0, 0x41))),
      common('#1c0400000041'),
    ],
  ])('§6.1.3 (a) (4) %s', (_, a, b) => expect(areOne(a, b)()).toEqual(NO));
});

describe('§4.1.2.4, §4.1.2.6 what a name may be', () => {
  const pair = (value: Uint8Array) => der.sequence(der.set(cn(value)));
  const unsorted = der.element(0x31, cn('bb'), cn('a'));
  const issuedBy = (issuer: Uint8Array) => outcome(() => altered(makeLeaf(root), root, { issuer }));
  test.each<[string, Uint8Array, string[]]>([
    ['an empty relative name', der.sequence(der.element(0x31)), ['der', 'certificate']],
    ['UTF-8 in overlong form', pair(der.element(0x0c, Uint8Array.of(0xc1, 0x81))), ['der', 'certificate']],
    ['UTF-8 of a surrogate', pair(der.element(0x0c, Uint8Array.of(0xed, 0xa0, 0x80))), ['der', 'certificate']],
    ['an IA5String beyond ASCII', pair(der.element(0x16, Uint8Array.of(0xe9))), ['der', 'certificate']],
    ['a UTF8String in pieces (constructed, X.690 §10.2)', pair(der.element(0x2c, utf8('a'))), ['der']],
    ['a PrintableString in pieces (X.690 §10.2)', pair(der.element(0x33, der.printableString('a'))), ['der']],
    ['attributes out of order (SET OF, X.690 §11.6)', der.sequence(unsorted), ['der']],
    ['a type without a value', der.sequence(der.set(der.sequence(der.oid(CN)))), ['der', 'certificate']],
    ['a type that is no object identifier', der.sequence(der.set(der.sequence(utf8('a'), utf8('b')))), ['der']],
    ['a sequence instead of a set', der.sequence(der.sequence(cn('a'))), ['der']],
  ])('§4.1.2.4 %s is refused', (_, issuer, codes) => expect(codes).toContain(issuedBy(issuer)));

  const nameless = { subject: [] };
  const ca = makeCa('ca', {}, root);
  const critical = makeLeaf(ca, nameless);
  const san = '2.5.29.17';
  const lax = () => {
    const others = extensionsWithout(critical, san);
    const names = der.sequence(der.context(2, new TextEncoder().encode('device.example.com'), 'primitive'));
    const field = der.sequence(der.oid(san), der.octetString(names));
    return altered(critical, ca, { extensions: extensionsField(...others, field) });
  };
  const below = { anchors: [root], intermediates: [ca] };
  test.each<Case>([
    ['a leaf without a subject whose alternative names are critical', () => ({ ...below, end: critical }), 'accepted'],
    [
      'a leaf without a subject whose alternative names are not',
      () => ({ ...below, end: lax() }),
      'certificate',
      'accepted',
    ],
    [
      'a leaf without any name',
      () => ({ ...below, end: makeLeaf(ca, { ...nameless, extensions: { subjectAltName: undefined } }) }),
      'certificate',
      'accepted',
    ],
    [
      'an intermediate without a subject',
      () => ({ ...below, end: makeCa('', nameless, ca), role: 'ca' }),
      'certificate',
    ],
    [
      'one name for leaf and CA (self-issued leaf)',
      () => ({ ...below, end: makeLeaf(ca, { subject: ca.certificate.subject }) }),
      'accepted',
    ],
  ])('§4.1.2.6 %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
});
