// RFC 5280 §6.1 with RFC 4158: finding the good path among bad ones, rollover of keys, anchors of every kind.

import { describe, expect, test } from 'vitest';
import { createBudget } from '../budget.ts';
import { certificateDigest } from '../certificate.ts';
import { derTypes as der } from '../der-types.ts';
import {
  bareAnchor,
  type Case,
  type Chain,
  CLIENT_AUTH,
  counting,
  critical,
  DAY,
  keyPairOf,
  makeChain,
  plainName,
  SERVER_AUTH,
  verdict,
  verdicts,
} from '../testing/examination.ts';
import { makeCa, makeLeaf, NOW, p256, type TestEntity, type TestFields } from '../testing/test-certificates.ts';
import { trustAnchor } from '../trust-anchor.ts';

const nobody = { subjectKeyIdentifier: undefined, authorityKeyIdentifier: undefined };
const PAST = { notBefore: NOW - 2 * DAY, notAfter: NOW - DAY };

/** The same CA (name and key) in another certificate. */
function again(ca: TestEntity, issuer: TestEntity | undefined, fields: TestFields = {}): TestEntity {
  return makeCa('', { subject: ca.certificate.subject, keyPair: keyPairOf(ca), ...fields }, issuer);
}

describe('§6.1 several certificates of one CA', () => {
  const root = makeCa('root');
  const ca = makeCa('ca', {}, root);
  const end = makeLeaf(ca);
  const spoiled: [string, TestFields][] = [
    ['has expired', PAST],
    ['is not valid yet', { notBefore: NOW + 1 }],
    ['is no CA', { extensions: { basicConstraints: undefined } }],
    ['may not sign certificates', { extensions: { keyUsage: ['cRLSign'] } }],
    ['has another purpose', { extensions: { extendedKeyUsage: [CLIENT_AUTH] } }],
    ['has an unknown critical extension', { extensions: { others: [critical('2.999.1', der.null_())] } }],
    ['permits other names', { extensions: { nameConstraints: { permitted: [{ kind: 'dns', value: 'a.test' }] } } }],
    [
      'demands a policy',
      { extensions: { others: [critical('2.5.29.36', der.sequence(der.context(0, Uint8Array.of(0), 'primitive')))] } },
    ],
    ['is signed by somebody else', { signingKey: p256().privateKey }],
  ];
  test.each(spoiled)('§6.1 one of them %s: the other is taken, in any order', (_, fields) => {
    const bad = again(ca, root, fields);
    const asked = { end, anchors: [root], extendedKeyUsage: SERVER_AUTH };
    for (const intermediates of [
      [bad, ca],
      [ca, bad],
    ]) {
      expect(verdicts(() => ({ ...asked, intermediates }))).toEqual(['accepted', 'accepted']);
    }
    expect(verdict({ ...asked, intermediates: [bad] }, 'strict')).not.toBe('accepted');
  });
  test.each(spoiled.slice(0, 8))('§6.1 one of two anchors of this name and key %s: the other is taken', (_, fields) => {
    const bad = again(root, undefined, fields);
    const asked = { end, intermediates: [ca], extendedKeyUsage: SERVER_AUTH };
    for (const anchors of [
      [bad, root],
      [root, bad],
    ]) {
      expect(verdicts(() => ({ ...asked, anchors }))).toEqual(['accepted', 'accepted']);
    }
  });
});

describe('§6.1 cross-certificates', () => {
  const [a, b] = [makeCa('a'), makeCa('b')];
  const ca = makeCa('ca', {}, a);
  const end = makeLeaf(ca);
  const caByB = again(ca, b);
  const aByB = again(a, b);
  const bByA = again(b, a);
  test.each<Case>([
    ['two issuers of one CA, one is trusted', () => ({ end, anchors: [b], intermediates: [ca, caByB] }), 'accepted'],
    ['a root that another root signed', () => ({ end, anchors: [b], intermediates: [ca, aByB] }), 'accepted'],
    [
      'that root itself among the intermediates',
      () => ({ end, anchors: [b], intermediates: [a, ca, aByB] }),
      'accepted',
    ],
    [
      'two roots that signed each other',
      () => ({ end, anchors: [b], intermediates: [bByA, a, b, aByB, ca] }),
      'accepted',
    ],
    [
      'two roots that signed each other, none is trusted',
      () => ({ end, anchors: [makeCa('c')], intermediates: [bByA, a, b, aByB, ca] }),
      'unknown-issuer',
    ],
    [
      'an expired root of which a cross-certificate is current',
      () => ({ end, anchors: [again(a, undefined, PAST), b], intermediates: [ca, aByB] }),
      'accepted',
    ],
    [
      'an expired cross-certificate of a trusted root',
      () => ({ end, anchors: [a], intermediates: [again(a, b, PAST), ca] }),
      'accepted',
    ],
    ['a loop of three with a way out at its far end', () => loopOfThree('trusted'), 'accepted'],
    ['a loop of three without a way out', () => loopOfThree('strange'), 'unknown-issuer'],
  ])('§6.1 %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));

  function loopOfThree(kind: 'trusted' | 'strange'): Chain {
    const [x, y, z] = [makeCa('x'), makeCa('y'), makeCa('z')];
    const loop = [again(x, y), again(y, z), again(z, x)];
    const root = makeCa('root');
    const exit = kind === 'trusted' ? [again(z, root)] : [];
    return { end: makeLeaf(x), anchors: [root], intermediates: [...loop, ...exit] };
  }

  test('RFC 4158 §2.4.2 no certificate of the same name and key stands twice in a path', () => {
    const chain = { end, anchors: [b], intermediates: [a, ca, aByB, bByA, caByB], maxIntermediates: 1 };
    expect(verdicts(() => chain)).toEqual(['accepted', 'accepted']);
  });
});

describe('§6.1 key rollover by self-issued certificates (RFC 4210 §4.4)', () => {
  const old = makeCa('root');
  const next = makeCa('root');
  const newWithOld = again(next, old);
  const oldWithNew = again(old, next);
  const short: TestFields = { extensions: { basicConstraints: { ca: true, pathLength: 0 } } };
  test.each<Case>([
    [
      'new with old: a leaf of the new key, the old one trusted',
      () => ({ end: makeLeaf(next), anchors: [old], intermediates: [newWithOld] }),
      'accepted',
    ],
    [
      'old with new: a leaf of the old key, the new one trusted',
      () => ({ end: makeLeaf(old), anchors: [next], intermediates: [oldWithNew] }),
      'accepted',
    ],
    [
      'both at hand, both ways',
      () => ({ end: makeLeaf(old), anchors: [next], intermediates: [newWithOld, oldWithNew] }),
      'accepted',
    ],
    ['without the self-issued certificate', () => ({ end: makeLeaf(next), anchors: [old] }), 'unknown-issuer'],
    [
      'without key identifiers it looks like a forgery',
      () => ({ end: makeLeaf(next, { extensions: nobody }), anchors: [old] }),
      'signature',
    ],
    [
      'the wrong one of both',
      () => ({ end: makeLeaf(next), anchors: [old], intermediates: [oldWithNew] }),
      'unknown-issuer',
    ],
    [
      'of an intermediate whose path length is 0 (§6.1.4 (l))',
      () => {
        const ca = makeCa('ca', short, old);
        const rolled = makeCa('ca', {}, ca);
        return { end: makeLeaf(rolled), anchors: [old], intermediates: [ca, rolled] };
      },
      'accepted',
    ],
  ])('§6.1 %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
});

describe('useless candidates', () => {
  const root = makeCa('root');
  const ca = makeCa('ca', {}, root);
  const end = makeLeaf(ca);
  const keyPair = p256();
  const hundred = (make: (i: number) => TestEntity) => Array.from({ length: 100 }, (_, i) => make(i));
  const strangers = hundred((i) => makeCa(`stranger ${i}`, { keyPair }));
  const namesakes = hundred(() => makeCa('ca', {}, root));
  const unnamed = hundred(() => makeCa('ca', { extensions: nobody }, root));
  const expired = hundred((i) => again(ca, root, { ...PAST, serialNumber: Uint8Array.of(2, i) }));
  test.each<Case>([
    [
      '100 intermediates of other names',
      () => ({ end, anchors: [root], intermediates: [...strangers, ca] }),
      'accepted',
    ],
    [
      '100 intermediates of the same name and other keys',
      () => ({ end, anchors: [root], intermediates: [...namesakes, ca] }),
      'accepted',
    ],
    [
      '100 intermediates of the same name without key identifiers',
      () => ({ end, anchors: [root], intermediates: [...unnamed, ca] }),
      'accepted',
    ],
    [
      '100 expired certificates of the same CA',
      () => ({ end, anchors: [root], intermediates: [...expired, ca] }),
      'accepted',
    ],
    [
      '100 anchors of the same name',
      () => ({ end: makeLeaf(root), anchors: [...hundred(() => makeCa('root')), root] }),
      'accepted',
    ],
    ['100 intermediates and no path', () => ({ end, anchors: [root], intermediates: strangers }), 'unknown-issuer'],
    ['100 namesakes and no path', () => ({ end, anchors: [root], intermediates: namesakes }), 'unknown-issuer'],
    [
      'the leaf, the root and doubles among them',
      () => ({ end, anchors: [root], intermediates: [end, root, ca, end, ca] }),
      'accepted',
    ],
  ])('%s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));

  test('5 000 intermediates of other names: none of them is tried', () => {
    const [first] = strangers;
    if (!first) throw new Error('There are strangers.');
    const many = Array.from({ length: 5000 }, (_, i): TestEntity => {
      const bytes = Uint8Array.from(first.certificate.der);
      bytes.set([i, i >> 8], bytes.length - 2);
      return { ...first, certificate: { ...first.certificate, der: bytes } };
    });
    let tried = 0;
    const budget = { ...createBudget(), step: () => (tried += 1) };
    expect(verdict({ end, anchors: [root], intermediates: [...many, ca], budget }, 'strict')).toBe('accepted');
    expect(tried).toBe(2);
  });
});

describe('what a search may cost', () => {
  test('a mesh of CAs, each also self-signed without key identifiers: no more than 200 signatures', () => {
    let verifications = 0;
    const all = Array.from({ length: 8 }, (_, i) => makeCa(`ca ${i}`));
    const keys = all.map((one) => counting(one, () => (verifications += 1)).certificate.publicKey);
    const shared = (entity: TestEntity, i: number): TestEntity => {
      const { publicKey = entity.certificate.publicKey } = { publicKey: keys[i] };
      return { ...entity, certificate: { ...entity.certificate, publicKey } };
    };
    const unnamed = { extensions: { authorityKeyIdentifier: undefined } };
    const roots = all.map((one, i) => shared(again(one, undefined, unnamed), i));
    const mesh = all.flatMap((issuer) => all.map((one, i) => shared(again(one, issuer), i)));
    const [first] = all;
    if (!first) throw new Error('There are CAs.');
    const chain = { end: makeLeaf(first), anchors: [makeCa('root')], intermediates: [...roots, ...mesh] };
    expect(verdict({ ...chain, maxIntermediates: 20 }, 'strict')).toBe('budget');
    expect(verifications).toBeGreaterThan(0);
    expect(verifications).toBeLessThanOrEqual(200);
  });
});

describe('the length of a path', () => {
  const long = (count: number, maxIntermediates?: number): Chain => ({
    ...makeChain({ cas: Array.from({ length: count }, () => ({})) }),
    maxIntermediates,
  });
  test.each<Case>([
    ['no intermediate', () => long(0), 'accepted'],
    ['eight intermediates', () => long(8), 'accepted'],
    ['nine intermediates', () => long(9), 'path-length'],
    ['nine intermediates, where twelve are allowed', () => long(9, 12), 'accepted'],
    ['fifty intermediates, where fifty are allowed', () => long(50, 50), 'accepted'],
    ['one intermediate, where none is allowed', () => long(1, 0), 'path-length'],
  ])('%s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
});

describe('§6.1.1 (d) trust anchors', () => {
  const root = makeCa('root');
  const ca = makeCa('ca', {}, root);
  const end = makeLeaf(ca);
  const self = makeLeaf(makeCa('x'), {});
  const selfSigned = makeCa('self', { extensions: { basicConstraints: undefined, keyUsage: ['digitalSignature'] } });
  const renamed = { ...bareAnchor(root), subject: plainName(['CN', ' ROOT ']) };
  test.each<Case>([
    ['a bare name and key', () => ({ end, anchors: [bareAnchor(root)], intermediates: [ca] }), 'accepted'],
    [
      'a bare anchor whose name differs in case and spaces',
      () => ({ end, anchors: [renamed], intermediates: [ca] }),
      'accepted',
    ],
    [
      'a bare anchor that has ended',
      () => ({ end, anchors: [{ ...bareAnchor(root), notAfter: NOW - 1 }], intermediates: [ca] }),
      'expired',
    ],
    [
      'the right key under another name',
      () => ({ end, anchors: [{ ...bareAnchor(root), subject: plainName(['CN', 'x']) }], intermediates: [ca] }),
      'unknown-issuer',
    ],
    [
      'the right name with another key',
      () => ({ end, anchors: [{ ...bareAnchor(makeCa('root')) }], intermediates: [ca] }),
      'signature',
    ],
    ['an intermediate, nothing above it known', () => ({ end, anchors: [ca] }), 'accepted'],
    [
      'an intermediate, its own issuer expired',
      () => ({ end, anchors: [ca, again(root, undefined, PAST)], intermediates: [root] }),
      'accepted',
    ],
    ['the leaf itself is no anchor of itself', () => ({ end, anchors: [end] }), 'unknown-issuer'],
    ['a leaf as the anchor of a leaf', () => ({ end: makeLeaf(self), anchors: [self] }), 'not-a-ca'],
    ['a self-signed leaf as its own anchor is no CA', () => ({ end: selfSigned, anchors: [selfSigned] }), 'not-a-ca'],
    [
      'a self-signed leaf below its own bare name and key',
      () => ({ end: selfSigned, anchors: [bareAnchor(selfSigned)] }),
      'accepted',
    ],
    ['a self-signed leaf that nobody trusts', () => ({ end: selfSigned, anchors: [root] }), 'unknown-issuer'],
    ['a self-signed CA as the target and the anchor', () => ({ end: root, anchors: [root], role: 'ca' }), 'accepted'],
    ['a self-signed CA as the target, asked for as a leaf', () => ({ end: root, anchors: [root] }), 'key-usage'],
    ['an intermediate as the target', () => ({ end: ca, anchors: [root], role: 'ca' }), 'accepted'],
    ['an anchor twice', () => ({ end, anchors: [root, root, bareAnchor(root)], intermediates: [ca] }), 'accepted'],
    [
      'a bare anchor spares the constraints of its certificate',
      () => ({
        end,
        anchors: [
          again(root, undefined, { extensions: { others: [critical('2.999.1', der.null_())] } }),
          bareAnchor(root),
        ],
        intermediates: [ca],
      }),
      'accepted',
    ],
  ])('§6.1.1 (d) %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));

  test('the validity of an anchor is that of its certificate unless the caller says otherwise', () => {
    const ended = again(root, undefined, PAST);
    const chain = { end, intermediates: [ca] };
    expect(verdicts(() => ({ ...chain, anchors: [ended] }))).toEqual(['expired', 'expired']);
    const anchors = [trustAnchor(ended.certificate, { notAfter: NOW + DAY })];
    expect(verdicts(() => ({ ...chain, anchors }))).toEqual(['accepted', 'accepted']);
    expect(certificateDigest(ended.certificate)).not.toEqual(certificateDigest(root.certificate));
  });
});
