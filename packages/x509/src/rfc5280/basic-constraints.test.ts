// RFC 5280 §4.2.1.9, §4.2.1.3 and §6.1.4 (k) to (n): who is a CA, how long a path may be, and which keys sign certificates.

import { describe, expect, test } from 'vitest';
import { derTypes as der } from '../der-types.ts';
import type { ExtensionFields } from '../extension-encoding.ts';
import { bareAnchor, type Case, type Chain, critical, makeChain, verdicts } from '../testing/examination.ts';
import { makeCa, makeLeaf, type TestFields } from '../testing/test-certificates.ts';

/** A path length or none; `self` marks a CA that is named as the one above. */
type Link = number | 'none' | 'self' | readonly ['self', number];

function linkFields(link: Link): TestFields & { name?: 'self-issued' } {
  const length = typeof link === 'object' ? link[1] : link;
  const pathLength = typeof length === 'number' ? { pathLength: length } : {};
  const isSelf = link === 'self' || typeof link === 'object';
  return {
    ...(isSelf && { name: 'self-issued' as const }),
    extensions: { basicConstraints: { ca: true, ...pathLength } },
  };
}

/** The first link is the root. */
const lengths = (...[root = 'none', ...cas]: Link[]): Chain =>
  makeChain({ root: linkFields(root), cas: cas.map(linkFields) });

describe('§6.1.4 (l), (m) path length', () => {
  test.each<[string, Link[], Case[2]]>([
    ['0 above a leaf', ['none', 0], 'accepted'],
    ['0 above a CA', ['none', 0, 'none'], 'path-length'],
    ['0 above a CA with 0', ['none', 0, 0], 'path-length'],
    ['0 above a CA that claims 6', ['none', 0, 6], 'path-length'],
    ['1 above one CA', ['none', 1, 'none'], 'accepted'],
    ['1 above two CAs', ['none', 1, 'none', 'none'], 'path-length'],
    ['1, then 0', ['none', 1, 0], 'accepted'],
    ['6, then 0', ['none', 6, 0], 'accepted'],
    ['6, then 0, then a CA', ['none', 6, 0, 'none'], 'path-length'],
    ['6, then 1, then 1', ['none', 6, 1, 1], 'accepted'],
    ['6, then 1, then 1, then a CA', ['none', 6, 1, 1, 'none'], 'path-length'],
    ['6, then 4, then 1, then 1, as long as all allow', ['none', 6, 4, 1, 1], 'accepted'],
    ['6, then 4, then 0, then 4', ['none', 6, 4, 0, 4], 'path-length'],
    ['2, then 6, and two CAs more', ['none', 2, 6, 'none', 'none'], 'path-length'],
    ['2, then 6, and one CA more', ['none', 2, 6, 'none'], 'accepted'],
    ['6 above six CAs', ['none', 6, 'none', 'none', 'none', 'none', 'none', 'none'], 'accepted'],
    ['6 above seven CAs', ['none', 6, 'none', 'none', 'none', 'none', 'none', 'none', 'none'], 'path-length'],
    ['0 in the root, above a leaf', [0], 'accepted'],
    ['0 in the root, above a CA', [0, 'none'], 'path-length'],
    ['1 in the root, above two CAs', [1, 'none', 'none'], 'path-length'],
    ['0 above a self-issued CA (§6.1.4 (l))', ['none', 0, 'self'], 'accepted'],
    ['0 above two self-issued CAs', ['none', 0, 'self', 'self'], 'accepted'],
    ['0 above a self-issued CA with 0', ['none', 0, ['self', 0]], 'accepted'],
    ['0 above a self-issued CA and a CA', ['none', 0, 'self', 'none'], 'path-length'],
    ['1 above a self-issued CA and a CA', ['none', 1, 'self', 'none'], 'accepted'],
    ['1 above a CA and a self-issued CA', ['none', 1, 'none', 'self'], 'accepted'],
    ['1 above a self-issued CA and two CAs', ['none', 1, 'self', 'none', 'none'], 'path-length'],
    ['a self-issued CA with 0 above a CA (§6.1.4 (m))', ['none', 'none', ['self', 0], 'none'], 'path-length'],
    ['0 in the root, above a self-issued CA', [0, 'self'], 'accepted'],
  ])('§6.1.4 (l), (m) %s', (_, links, expected) => {
    expect(verdicts(() => lengths(...links))).toEqual([expected, expected]);
  });

  test('§6.1.1 an anchor without a certificate has no path length', () => {
    const chain = lengths(0, 'none');
    const anchors = chain.anchors.map((anchor) => ('key' in anchor ? bareAnchor(anchor) : anchor));
    expect(verdicts(() => ({ ...chain, anchors }))).toEqual(['accepted', 'accepted']);
  });

  const zero = (subject?: { type: string; value: string }[]) => {
    const root = makeCa('root');
    const ca = makeCa('ca', { extensions: { basicConstraints: { ca: true, pathLength: 0 } } }, root);
    const end = makeCa('end', { ...(subject && { subject }), ...linkFields(0) }, ca);
    return { end, anchors: [root], intermediates: [ca], role: 'ca' as const };
  };
  test.each<Case>([
    ['a CA as the last certificate is no intermediate', () => zero(), 'accepted'],
    ['nor is a self-issued one', () => zero([{ type: 'CN', value: 'ca' }]), 'accepted'],
  ])('§4.2.1.9 %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
});

const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const asIntermediate = (extensions: ExtensionFields) => (): Chain => makeChain({ cas: [{ extensions }] });
const asRoot = (extensions: ExtensionFields) => (): Chain => makeChain({ root: { extensions } });
const asLeaf = (extensions: ExtensionFields) => (): Chain => makeChain({ leaf: { extensions } });
const lax = (oid: string, value: Uint8Array) => ({ oid, critical: 'not-critical', value }) as const;
const usage = (octet: number, unused: number) => der.bitString(Uint8Array.of(octet), unused);
const basic = (...parts: Uint8Array[]) => ({
  basicConstraints: undefined,
  others: [critical(BASIC_CONSTRAINTS, der.sequence(...parts))],
});
const laxBasic = { basicConstraints: undefined, others: [lax(BASIC_CONSTRAINTS, der.sequence(der.boolean(true)))] };
const keyUsage = (octet: number, unused: number, isLax?: 'not-critical') => ({
  keyUsage: undefined,
  others: [(isLax ? lax : critical)(KEY_USAGE, usage(octet, unused))],
});

describe('§6.1.4 (k) basic constraints', () => {
  test.each<Case>([
    [
      'a CA whose basic constraints are not critical, as an intermediate',
      asIntermediate(laxBasic),
      'not-a-ca',
      'accepted',
    ],
    ['a CA whose basic constraints are not critical, as a root', asRoot(laxBasic), 'not-a-ca', 'accepted'],
    ['an intermediate with an empty sequence', asIntermediate(basic()), 'not-a-ca'],
    ['an intermediate with CA FALSE spelled out', asIntermediate(basic(der.boolean(false))), 'not-a-ca'],
    ['an intermediate with CA FALSE and a path length', asIntermediate(basic(der.integer(3))), 'not-a-ca'],
    ['an intermediate with CA 01 (BER)', asIntermediate(basic(der.element(1, Uint8Array.of(1)))), 'der'],
    [
      'an intermediate with two path lengths',
      asIntermediate(basic(der.boolean(true), der.integer(1), der.integer(1))),
      'der',
    ],
    ['an intermediate with fields in the wrong order', asIntermediate(basic(der.integer(1), der.boolean(true))), 'der'],
    [
      'an intermediate with a padded path length',
      asIntermediate(basic(der.boolean(true), der.element(2, Uint8Array.of(0, 1)))),
      'der',
    ],
    ['a leaf with an empty sequence', asLeaf(basic()), 'accepted'],
    [
      'a leaf with CA FALSE that is not critical',
      asLeaf({ others: [lax(BASIC_CONSTRAINTS, der.sequence())] }),
      'accepted',
    ],
    ['a leaf that is a CA, where a leaf is asked for', asLeaf(basic(der.boolean(true))), 'key-usage'],
  ])('§4.2.1.9 %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
  test('§4.2.1.9 a leaf with a path length that is no CA: not for strict', () => {
    const [strict] = verdicts(asLeaf(basic(der.integer(3))));
    expect(['certificate', 'key-usage', 'not-a-ca']).toContain(strict);
  });
});

describe('§6.1.4 (n) key usage of CAs', () => {
  test.each<Case>([
    ['keyCertSign alone', asIntermediate({ keyUsage: ['keyCertSign'] }), 'accepted'],
    ['keyCertSign that is not critical', asIntermediate(keyUsage(0x06, 1, 'not-critical')), 'accepted'],
    [
      'everything',
      asIntermediate({ keyUsage: ['digitalSignature', 'keyCertSign', 'cRLSign', 'decipherOnly'] }),
      'accepted',
    ],
    ['cRLSign alone, critical', asIntermediate(keyUsage(0x02, 1)), 'key-usage'],
    ['cRLSign alone, not critical', asIntermediate(keyUsage(0x02, 1, 'not-critical')), 'key-usage'],
    ['digitalSignature alone', asIntermediate(keyUsage(0x80, 7)), 'key-usage'],
    ['digitalSignature alone, not critical, in a root', asRoot(keyUsage(0x80, 7, 'not-critical')), 'key-usage'],
    ['none in an intermediate', asIntermediate({ keyUsage: undefined }), 'key-usage', 'accepted'],
    ['none in a root', asRoot({ keyUsage: undefined }), 'accepted'],
    ['a usage without bits', asIntermediate(keyUsage(0, 0)), 'certificate'],
    [
      'an empty bit string',
      asIntermediate({ keyUsage: undefined, others: [critical(KEY_USAGE, der.bitString(new Uint8Array()))] }),
      'certificate',
    ],
    ['a bit string of a wrong count of unused bits', asIntermediate(keyUsage(0x06, 2)), 'der'],
    [
      'a byte after the bit string',
      asIntermediate({ keyUsage: undefined, others: [critical(KEY_USAGE, Uint8Array.of(...usage(6, 1), 0))] }),
      'der',
    ],
  ])('§4.2.1.3 %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
});

describe('§4.2.1.3 key usage of leaves', () => {
  test.each<Case>([
    ['none', asLeaf({ keyUsage: undefined }), 'accepted'],
    ['a signature among others', asLeaf({ keyUsage: ['digitalSignature', 'keyEncipherment'] }), 'accepted'],
    ['a signature, not critical', asLeaf(keyUsage(0x80, 7, 'not-critical')), 'accepted'],
    ['key agreement alone: no signer for strict', asLeaf({ keyUsage: ['keyAgreement'] }), 'key-usage', 'accepted'],
    [
      'keyCertSign without being a CA (§4.2.1.9)',
      asLeaf({ keyUsage: ['digitalSignature', 'keyCertSign'] }),
      'key-usage',
    ],
    ['cRLSign', asLeaf({ keyUsage: ['digitalSignature', 'cRLSign'] }), 'accepted'],
  ])('§4.2.1.3 a leaf with %s', (_, build, strict, lenient = strict) =>
    expect(verdicts(build)).toEqual([strict, lenient]),
  );

  const asCa = (extensions: ExtensionFields) => (): Chain => {
    const { end, ...above } = makeChain();
    const issuer = above.intermediates.at(-1) ?? end;
    return { ...above, end: makeCa('end', { extensions }, issuer), role: 'ca' };
  };
  test.each<Case>([
    ['a CA', asCa({}), 'accepted'],
    ['a CA without keyCertSign', asCa({ keyUsage: ['cRLSign'] }), 'key-usage'],
    ['a CA without key usage', asCa({ keyUsage: undefined }), 'key-usage', 'accepted'],
    ['keyCertSign without basic constraints', asCa({ basicConstraints: undefined }), 'not-a-ca'],
    ['no subject key identifier (§4.2.1.2)', asCa({ subjectKeyIdentifier: undefined }), 'certificate', 'accepted'],
    ['a leaf', () => ({ ...makeChain(), role: 'ca' }), 'not-a-ca'],
  ])('§6.1.5 where a CA is asked for: %s', (_, build, strict, lenient = strict) =>
    expect(verdicts(build)).toEqual([strict, lenient]),
  );
  test('§4.1.2.6 a leaf of a leaf: not a CA', () => {
    const chain = makeChain();
    const end = makeLeaf(chain.end);
    const build = () => ({ ...chain, end, intermediates: [...chain.intermediates, chain.end] });
    expect(verdicts(build)).toEqual(['not-a-ca', 'not-a-ca']);
  });
});
