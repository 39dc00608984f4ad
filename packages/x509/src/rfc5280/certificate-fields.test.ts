// RFC 5280 §4.1, the basic fields: signature, version, serial number, key and unique identifiers, at every place of a path.

import { sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseCertificate } from '../certificate.ts';
import { derTypes as der } from '../der-types.ts';
import {
  type Alteration,
  alter,
  altered,
  bareAnchor,
  type Case,
  type Chain,
  ECDSA_SHA256,
  outcome,
  verdicts,
} from '../testing/examination.ts';
import { makeCa, makeLeaf, p256, type TestEntity } from '../testing/test-certificates.ts';

const root = makeCa('root');
const ca = makeCa('ca', {}, root);
const leaf = makeLeaf(ca);

/** A chain whose leaf, intermediate or root is altered; the others stay. */
const withLeaf = (changes: Alteration) => (): Chain => ({
  end: altered(leaf, ca, changes),
  anchors: [root],
  intermediates: [ca],
});
const withCa = (changes: Alteration) => (): Chain => ({
  end: leaf,
  anchors: [root],
  intermediates: [altered(ca, root, changes)],
});
const withRoot = (changes: Alteration) => (): Chain => ({
  end: leaf,
  anchors: [altered(root, root, changes)],
  intermediates: [ca],
});

const otherKey = p256().privateKey;
const byOtherKey: Alteration = { signer: (tbs) => sign('sha256', tbs, otherKey) };
const overOtherBytes: Alteration = { signer: (tbs) => sign('sha256', Uint8Array.of(...tbs, 0), ca.key) };
const garbled: Alteration = {
  signer: (tbs) => {
    const signature = sign('sha256', tbs, root.key);
    return Uint8Array.from(signature).with(signature.length - 1, (signature.at(-1) ?? 0) ^ 1);
  },
};

describe('§4.1.1.3 signatureValue, §6.1.3 (a) (1)', () => {
  test.each<Case>([
    ['§6.1.3 a path whose signatures all verify', () => withLeaf({})(), 'accepted'],
    ['§6.1.3 a leaf signed by a key that is not its issuer’s', withLeaf(byOtherKey), 'signature'],
    ['§6.1.3 a leaf whose signature is over other bytes', withLeaf(overOtherBytes), 'signature'],
    ['§6.1.3 an intermediate signed by a key that is not its issuer’s', withCa(byOtherKey), 'signature'],
    ['§6.1.3 an intermediate with one bit of its signature changed', withCa(garbled), 'signature'],
    ['§6.1 a root whose own signature is wrong: an anchor is not verified', withRoot(garbled), 'accepted'],
    ['§4.1.1.3 an empty signature', withLeaf({ signer: () => new Uint8Array() }), 'signature'],
    [
      '§4.1.1.3 a byte after a right signature',
      withLeaf({ signer: (tbs) => Uint8Array.of(...sign('sha256', tbs, ca.key), 0) }),
      'signature',
    ],
  ])('%s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
});

describe('§4.1.1.2, §4.1.2.3 both signature algorithms are the same', () => {
  const rsa = der.oid('1.2.840.113549.1.1.11');
  test.each<[string, Uint8Array, Uint8Array]>([
    ['ECDSA with SHA-256 inside, with SHA-384 outside', ECDSA_SHA256, der.sequence(der.oid('1.2.840.10045.4.3.3'))],
    ['ECDSA inside, RSA outside', ECDSA_SHA256, der.sequence(rsa, der.null_())],
    ['RSA with NULL inside, without parameters outside', der.sequence(rsa, der.null_()), der.sequence(rsa)],
    ['RSA without parameters inside, with NULL outside', der.sequence(rsa), der.sequence(rsa, der.null_())],
    ['an unknown algorithm inside, a known one outside', der.sequence(der.oid('1.2.3')), ECDSA_SHA256],
  ])('§4.1.1.2 %s: no certificate', (_, algorithm, outerAlgorithm) => {
    expect(outcome(() => altered(leaf, ca, { algorithm, outerAlgorithm }))).toBe('certificate');
  });
});

describe('§4.1.2.1 version, §6.1.4 (k)', () => {
  const first: Alteration = { version: undefined, extensions: undefined };
  const second: Alteration = {
    version: der.context(0, der.integer(1)),
    extensions: undefined,
    subjectUniqueId: der.element(0x82, Uint8Array.of(0, 1)),
  };
  test.each<Case>([
    ['§4.1.2.1 a leaf of version 1', withLeaf(first), 'certificate'],
    ['§4.1.2.1 a leaf of version 2', withLeaf(second), 'certificate'],
    ['§6.1.4 (k) an intermediate of version 1', withCa(first), 'certificate'],
    ['§6.1.4 (k) an intermediate of version 2', withCa(second), 'certificate'],
    ['a root of version 1 is no CA as a certificate', withRoot(first), 'not-a-ca'],
    [
      '§6.1.1 (d) a root of version 1 is an anchor as a name and a key',
      () => ({ end: leaf, anchors: [bareAnchor(altered(root, root, first))], intermediates: [ca] }),
      'accepted',
    ],
    [
      '§4.1.2.1 version 3 without extensions: no key identifier for strict, sound otherwise',
      withLeaf({ extensions: undefined }),
      'certificate',
      'accepted',
    ],
    ['§4.1.2.1 extensions in version 2', withLeaf({ version: der.context(0, der.integer(1)) }), 'certificate'],
    ['§4.1 an explicit tag around two integers', withLeaf({ version: twoIntegers() }), 'der'],
  ])('%s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
});

function twoIntegers(): Uint8Array {
  return der.element(0xa0, der.integer(2), der.integer(2));
}

describe('§4.1.2.2 serialNumber', () => {
  const serial = (...octets: number[]): Alteration => ({ serialNumber: der.element(0x02, Uint8Array.from(octets)) });
  const ofLength = (length: number, first: number) => serial(first, ...Array<number>(length - 1).fill(0x5a));
  test.each<Case>([
    ['one', withLeaf(serial(1)), 'accepted'],
    ['128, with a sign octet', withLeaf(serial(0, 0x80)), 'accepted'],
    ['20 octets', withLeaf(ofLength(20, 0x7f)), 'accepted'],
    ['20 octets in an intermediate', withCa(ofLength(20, 0x7f)), 'accepted'],
    ['21 octets', withLeaf(ofLength(21, 0x01)), 'certificate', 'accepted'],
    [
      '20 octets and a sign octet, which are 21',
      withLeaf(serial(0, ...Array<number>(20).fill(0xff))),
      'certificate',
      'accepted',
    ],
    ['zero', withLeaf(serial(0)), 'certificate', 'accepted'],
    ['zero in an intermediate', withCa(serial(0)), 'certificate', 'accepted'],
    ['a negative number', withLeaf(serial(0xff)), 'certificate', 'accepted'],
    ['a negative number in an intermediate', withCa(serial(0x80, 1)), 'certificate', 'accepted'],
    ['zero in the root, where it does not matter', withRoot(serial(0)), 'accepted'],
    ['no octets', withLeaf(serial()), 'der'],
    ['a padded positive number', withLeaf(serial(0, 1)), 'der'],
    ['a padded negative number', withLeaf(serial(0xff, 0x80)), 'der'],
    ['none at all', withLeaf({ serialNumber: undefined }), 'der'],
  ])('§4.1.2.2 %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
});

describe('§4.1.2.8 unique identifiers', () => {
  const id = (tag: 0x81 | 0x82, ...content: number[]) => der.element(tag, Uint8Array.from(content));
  test.each<Case>([
    [
      'are tolerated in version 3',
      withLeaf({ issuerUniqueId: id(0x81, 0, 1), subjectUniqueId: id(0x82, 0, 2) }),
      'accepted',
    ],
    [
      'do not chain: only names do (§6.1.3 (a) (4))',
      () => ({
        end: altered(leaf, ca, { issuerUniqueId: id(0x81, 0, 1) }),
        anchors: [root],
        intermediates: [altered(ca, root, { subjectUniqueId: id(0x82, 0, 2) })],
      }),
      'accepted',
    ],
    ['may be empty bit strings', withLeaf({ subjectUniqueId: id(0x82, 0) }), 'accepted'],
    ['in the wrong order', withLeaf({ issuerUniqueId: id(0x82, 0, 1), subjectUniqueId: id(0x81, 0, 1) }), 'der'],
    ['that are no bit strings: nine unused bits', withLeaf({ issuerUniqueId: id(0x81, 9, 1) }), 'der'],
    ['that are no bit strings: no octet of unused bits', withLeaf({ subjectUniqueId: id(0x82) }), 'der'],
    ['whose unused bits are not zero', withLeaf({ subjectUniqueId: id(0x82, 4, 0xff) }), 'der'],
    ['in constructed form', withLeaf({ subjectUniqueId: der.element(0xa2, der.bitString(Uint8Array.of(1))) }), 'der'],
  ])('§4.1.2.8 unique identifiers %s', (_, build, strict, lenient = strict) =>
    expect(verdicts(build)).toEqual([strict, lenient]),
  );
});

describe('§4.1 fields that must be there', () => {
  test.each(['algorithm', 'issuer', 'validity', 'subject', 'publicKey'] as const)('§4.1 without %s: none', (field) => {
    const bytes = alter(leaf, ca, { [field]: undefined, outerAlgorithm: ECDSA_SHA256 });
    expect(['der', 'certificate']).toContain(outcome(() => parseCertificate(bytes)));
  });
  test('§4.1.2.4 an issuer without a name', () => {
    const nameless = (entity: TestEntity) => altered(entity, ca, { issuer: der.sequence() });
    const anchors = [{ ...bareAnchor(ca), subject: nameless(leaf).certificate.issuer }];
    expect(verdicts(() => ({ end: nameless(leaf), anchors }))).toEqual(['certificate', 'certificate']);
  });
});
