// RFC 5280 §5: what a certificate revocation list is, and what makes one unusable: its fields, extensions and entries.

import { describe, expect, test } from 'vitest';
import { derTypes as der } from '../der-types.ts';
import { crlRevocation } from '../revocation.ts';
import {
  ascii,
  type CrlParts,
  crlEntry,
  DAY,
  ECDSA_SHA256,
  extension,
  outcome,
  rawCrl,
  usualCrlExtensions,
  type Verdict,
  verdicts,
} from '../testing/examination.ts';
import { makeCa, makeLeaf, NOW, type TestEntity } from '../testing/test-certificates.ts';

const root = makeCa('root');
const leaf = makeLeaf(root);
const ca = makeCa('ca', { serialNumber: Uint8Array.of(7, 7) }, root);
const under = makeLeaf(ca);

const flag = (number: number) => der.context(number, Uint8Array.of(0xff), 'primitive');

/** The verdicts about a leaf whose issuer must have a list, and has this one; one that is no list is refused by its code. */
function withList(parts: CrlParts, end: TestEntity = leaf): [Verdict, Verdict] {
  return verdicts(() => {
    const revocation = crlRevocation([rawCrl(root, parts)], 'every-certificate');
    return { end, anchors: [root], revocation };
  });
}

/** As withList, about an intermediate of the root that has this list; the leaf's issuer has a sound one. */
function aboutCa(parts: CrlParts): [Verdict, Verdict] {
  return verdicts(() => {
    const revocation = crlRevocation([rawCrl(root, parts), rawCrl(ca)], 'every-certificate');
    return { end: under, anchors: [root], intermediates: [ca], revocation };
  });
}

const both = (code: Verdict): [Verdict, Verdict] => [code, code];
const point = (...parts: Uint8Array[]) => extension('2.5.29.28', der.sequence(...parts), 'critical');
const laxPoint = (...parts: Uint8Array[]) => extension('2.5.29.28', der.sequence(...parts));

describe('§5.1 the fields', () => {
  const utc = (text: string) => der.element(0x17, ascii(text));
  const generalized = (text: string) => der.element(0x18, ascii(text));
  test.each<[string, CrlParts, Verdict]>([
    ['a sound, empty list', {}, 'accepted'],
    [
      '§5.1.2.4 thisUpdate as GeneralizedTime, which must be processed too',
      { thisUpdate: generalized('20251231000000Z') },
      'accepted',
    ],
    ['§5.1.2.5 nextUpdate as GeneralizedTime in 2050', { nextUpdate: generalized('20500101000000Z') }, 'accepted'],
    [
      '§5.1.2.5 nextUpdate as GeneralizedTime in the past',
      { nextUpdate: generalized('20251231000000Z') },
      'revocation-unknown',
    ],
    ['§5.1.2.5 nextUpdate as UTCTime of the last century', { nextUpdate: utc('990101000000Z') }, 'revocation-unknown'],
    ['§5.1.2.5 nextUpdate 491231235959Z', { nextUpdate: utc('491231235959Z') }, 'accepted'],
    ['§5.1.2.4 thisUpdate in the future', { thisUpdate: der.time(NOW + 1) }, 'revocation-unknown'],
    ['§5.1.2.4 thisUpdate with a fraction', { thisUpdate: generalized('20251231000000.5Z') }, 'certificate'],
    [
      '§5.1.1.2 another algorithm outside',
      { outerAlgorithm: der.sequence(der.oid('1.2.840.10045.4.3.3')) },
      'certificate',
    ],
    [
      '§5.1.1.2 an algorithm off the list',
      { algorithm: der.sequence(der.oid('1.2.840.10045.4.1')) },
      'revocation-unknown',
    ],
    [
      '§5.1.1.2 parameters that must not be there',
      { algorithm: der.sequence(der.oid('1.2.840.10045.4.3.2'), der.null_()) },
      'revocation-unknown',
    ],
    ['§5.1.1.3 signed by somebody else', { key: leaf.key }, 'revocation-unknown'],
    ['§5.1.2.3 of another name', { issuer: ca.certificate.subject.der }, 'revocation-unknown'],
    ['§5.1.2.3 of the name in other case and string type', { issuer: nameInOtherForm() }, 'accepted'],
    ['§5.1.2.3 of no name', { issuer: der.sequence() }, 'revocation-unknown'],
  ])('%s', (_, parts, expected) => expect(withList(parts)).toEqual(both(expected)));
});

function nameInOtherForm(): Uint8Array {
  return der.sequence(der.set(der.sequence(der.oid('2.5.4.3'), der.printableString(' ROOT'))));
}

describe('§5.2 extensions of the list', () => {
  const location = der.context(6, ascii('https://example.com/crl'), 'primitive');
  const [keyIdentifier = location, number = location] = usualCrlExtensions(root);
  test.each<[string, CrlParts, Verdict]>([
    ['unknown, not critical', { more: [extension('2.999.1', der.null_())] }, 'accepted'],
    ['unknown, critical', { more: [extension('2.999.1', der.null_(), 'critical')] }, 'revocation-unknown'],
    ['§5.2.1 no key identifier', { extensions: [number] }, 'accepted'],
    [
      '§5.2.1 a critical key identifier',
      { extensions: [number, extension('2.5.29.35', der.sequence(), 'critical')] },
      'revocation-unknown',
    ],
    ['§5.2.2 alternative names of the issuer', { more: [extension('2.5.29.18', der.sequence(location))] }, 'accepted'],
    ['§5.2.3 no number', { extensions: [keyIdentifier] }, 'certificate'],
    [
      '§5.2.3 a number of 20 octets',
      { extensions: [keyIdentifier, extension('2.5.29.20', der.integer(new Uint8Array(20).fill(0x7f)))] },
      'accepted',
    ],
    [
      '§5.2.3 a number of two integers',
      { extensions: [keyIdentifier, extension('2.5.29.20', Uint8Array.of(...der.integer(1), ...der.integer(1)))] },
      'der',
    ],
    [
      '§5.2.3 a number that is padded',
      { extensions: [keyIdentifier, extension('2.5.29.20', der.element(2, Uint8Array.of(0, 1)))] },
      'der',
    ],
    ['§5.2 one twice', { more: [number] }, 'certificate'],
    ['§5.2 an empty list of extensions', { extensions: [] }, 'certificate'],
    [
      '§5.2 critical FALSE spelled out',
      { more: [der.sequence(der.oid('2.999.1'), der.boolean(false), der.octetString(der.null_()))] },
      'der',
    ],
    ['§5.2.4 a delta list', { more: [extension('2.5.29.27', der.integer(1), 'critical')] }, 'revocation-unknown'],
    [
      '§5.2.4 a delta list that does not say so critically',
      { more: [extension('2.5.29.27', der.integer(1))] },
      'revocation-unknown',
    ],
    [
      '§5.2.6 where deltas are',
      { more: [extension('2.5.29.46', der.sequence(der.sequence(der.context(0, der.context(0, location)))))] },
      'accepted',
    ],
    ['§5.2.5 only CA certificates, about a leaf', { more: [point(flag(2))] }, 'revocation-unknown'],
    [
      '§5.2.5 only certificates of users: partial lists are not processed',
      { more: [point(flag(1))] },
      'revocation-unknown',
    ],
    [
      '§5.2.5 of one distribution point: partial lists are not processed',
      { more: [point(der.context(0, der.context(0, location)))] },
      'revocation-unknown',
    ],
    ['§5.2.5 only attribute certificates', { more: [point(flag(5))] }, 'revocation-unknown'],
    [
      '§5.2.5 only some reasons',
      { more: [point(der.context(3, Uint8Array.of(1, 0x40), 'primitive'))] },
      'revocation-unknown',
    ],
    [
      '§5.2.5 only some reasons, not critically',
      { more: [laxPoint(der.context(3, Uint8Array.of(1, 0x40), 'primitive'))] },
      'revocation-unknown',
    ],
    ['§5.2.5 only CA certificates, not critically', { more: [laxPoint(flag(2))] }, 'revocation-unknown'],
    ['§5.2.5 indirect, not critically', { more: [laxPoint(flag(4))] }, 'revocation-unknown'],
    ['§5.2.5 an issuing point that says nothing', { more: [point()] }, 'revocation-unknown'],
  ])('%s', (_, parts, expected) => expect(withList(parts)).toEqual(both(expected)));

  test.each<[string, CrlParts]>([
    ['only certificates of users', { more: [point(flag(1))] }],
    ['only some reasons', { more: [point(der.context(3, Uint8Array.of(1, 0x40), 'primitive'))] }],
    ['a delta list', { more: [extension('2.5.29.27', der.integer(1), 'critical')] }],
  ])('§5.2 %s: says nothing about a CA', (_, parts) => {
    expect(aboutCa(parts)).toEqual(both('revocation-unknown'));
    expect(aboutCa({})).toEqual(both('accepted'));
  });
  test('§5.2 a list that cannot be used does not revoke, nor does it clear', () => {
    const entries = [crlEntry(leaf)];
    const unknown = extension('2.999.1', der.null_(), 'critical');
    expect(withList({ entries, more: [unknown] })).toEqual(both('revocation-unknown'));
    expect(withList({ entries })).toEqual(both('revoked'));
  });
});

describe('§5.3 entries and their extensions', () => {
  const reason = (code: number, critical?: 'critical') =>
    extension('2.5.29.21', der.element(0x0a, Uint8Array.of(code)), critical);
  const stranger = der.integer(99);
  const issuer = der.sequence(der.context(4, ca.certificate.subject.der));
  test.each<[string, Uint8Array, Verdict]>([
    ['another certificate', crlEntry(stranger), 'accepted'],
    ['this certificate', crlEntry(leaf), 'revoked'],
    ['§5.3.1 key compromise', crlEntry(leaf, reason(1)), 'revoked'],
    ['§5.3.1 unspecified', crlEntry(leaf, reason(0)), 'revoked'],
    ['§5.3.1 on hold', crlEntry(leaf, reason(6)), 'revoked'],
    [
      '§5.3.1 a reason that is critical, which it must not be',
      crlEntry(leaf, reason(1, 'critical')),
      'revocation-unknown',
    ],
    ['§5.3.1 removeFromCRL, which only deltas have, clears nobody', crlEntry(leaf, reason(8)), 'revoked'],
    [
      '§5.3.2 since when it was not valid',
      crlEntry(leaf, extension('2.5.29.24', der.element(0x18, ascii('20200101000000Z')))),
      'revoked',
    ],
    ['§5.3 an unknown extension', crlEntry(leaf, extension('2.999.1', der.null_())), 'revoked'],
    [
      '§5.3 an unknown critical extension',
      crlEntry(leaf, extension('2.999.1', der.null_(), 'critical')),
      'revocation-unknown',
    ],
    [
      '§5.3 an unknown critical extension of another’s entry',
      crlEntry(stranger, extension('2.999.1', der.null_(), 'critical')),
      'revocation-unknown',
    ],
    [
      '§5.3.3 an entry of another issuer (an indirect list)',
      crlEntry(leaf, extension('2.5.29.29', issuer, 'critical')),
      'revocation-unknown',
    ],
    [
      '§5.3.3 an entry of another issuer, not critically',
      crlEntry(leaf, extension('2.5.29.29', issuer)),
      'revocation-unknown',
    ],
    [
      '§5.3.1 a reason of another type: nobody reads it',
      crlEntry(leaf, extension('2.5.29.21', der.integer(1))),
      'revoked',
    ],
    ['§5.3 an empty list of entry extensions', der.sequence(stranger, der.time(NOW), der.sequence()), 'certificate'],
    [
      '§5.1.2.6 revoked in the future is revoked',
      der.sequence(der.element(2, leaf.certificate.serialNumber), der.time(NOW + DAY)),
      'revoked',
    ],
    [
      '§5.1.2.6 revoked at a GeneralizedTime',
      der.sequence(der.element(2, leaf.certificate.serialNumber), der.element(0x18, ascii('20250101000000Z'))),
      'revoked',
    ],
    ['§5.1.2.6 without a time', der.sequence(stranger), 'certificate'],
    ['§5.1.2.6 with a padded serial number', der.sequence(der.element(2, Uint8Array.of(0, 1)), der.time(NOW)), 'der'],
    [
      '§5.1.2.6 with an element too many',
      der.sequence(stranger, der.time(NOW), der.sequence(reason(1)), der.null_()),
      'der',
    ],
  ])('%s', (_, entry, expected) => expect(withList({ entries: [entry] })).toEqual(both(expected)));
});

describe('§4.1.2.2, §5.1.2.6 serial numbers are compared whole', () => {
  const serial = (...octets: number[]) => der.element(2, Uint8Array.from(octets));
  const long = (last: number) => [0x7f, ...Array<number>(18).fill(0x5a), last];
  test.each<[string, number[], number[], Verdict, Verdict]>([
    ['the same', [1, 2, 3], [1, 2, 3], 'revoked', 'revoked'],
    ['one octet fewer', [1, 2, 3], [1, 2], 'accepted', 'accepted'],
    ['one octet more', [1, 2, 3], [1, 2, 3, 0], 'accepted', 'accepted'],
    ['the last bit', [1, 2, 3], [1, 2, 2], 'accepted', 'accepted'],
    ['20 octets, the same', long(1), long(1), 'revoked', 'revoked'],
    ['20 octets, the last one differs', long(1), long(2), 'accepted', 'accepted'],
    ['255 and -1', [0, 0xff], [0xff], 'accepted', 'accepted'],
    ['-1 and -1: strict refuses the certificate', [0xff], [0xff], 'certificate', 'revoked'],
    ['-1 and 255', [0xff], [0, 0xff], 'certificate', 'accepted'],
    ['-1, not listed', [0xff], [1], 'certificate', 'accepted'],
    ['0 and 0', [0], [0], 'certificate', 'revoked'],
  ])('%s', (_, own, listed, strict, lenient) => {
    const end = { ...leaf, certificate: makeSerial(own) };
    expect(withList({ entries: [crlEntry(serial(...listed))] }, end)).toEqual([strict, lenient]);
  });
  /** What is signed is not looked at again, once it verifies: only the number in the parsed certificate is another. */
  const makeSerial = (octets: number[]) => ({ ...leaf.certificate, serialNumber: Uint8Array.from(octets) });
});

describe('§5.1 lists that are none', () => {
  test.each<[string, CrlParts]>([
    ['times in the wrong form', { nextUpdate: der.printableString('260101000000Z') }],
    ['no sequence as issuer', { issuer: der.set(der.null_()) }],
    ['an algorithm that is only an OID', { algorithm: der.oid('1.2.840.10045.4.3.2'), outerAlgorithm: ECDSA_SHA256 }],
    ['an entry that is no sequence', { entries: [der.integer(1)] }],
  ])('§5.1 %s', (_, parts) => expect(['der', 'certificate']).toContain(outcome(() => rawCrl(root, parts))));
});
