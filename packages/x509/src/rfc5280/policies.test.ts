// RFC 5280 §4.2.1.4, §4.2.1.5, §4.2.1.11, §4.2.1.14: policies are not processed, so that who demands one is refused, and who qualifies critical ones.
// explicit_policy is counted as §6.1.2 (d), §6.1.4 (h), (i) and §6.1.5 (a), (b), (g) say: it demands only when it gets to 0.

import { describe, expect, test } from 'vitest';
import { derTypes as der } from '../der-types.ts';
import type { ExtensionFields } from '../extension-encoding.ts';
import { bareAnchor, type Case, type Chain, critical, makeChain, verdicts } from '../testing/examination.ts';

const ANY_POLICY = '2.5.29.32.0';
const policyOids = (...oids: string[]) => der.sequence(...oids.map((oid) => der.sequence(der.oid(oid))));
const policies = (...oids: string[]) => critical('2.5.29.32', policyOids(...oids));
const mappings = critical('2.5.29.33', der.sequence(der.sequence(der.oid('2.999.1'), der.oid('2.999.2'))));
const inhibitAny = (skip: number) => critical('2.5.29.54', der.integer(skip));
const skipField = (number: 0 | 1, skip: number) =>
  der.context(number, Uint8Array.from(der.integer(skip).subarray(2)), 'primitive');
const constraints = (...fields: Uint8Array[]) => critical('2.5.29.36', der.sequence(...fields));
const requireExplicit = (skip: number) => ({ extensions: { others: [constraints(skipField(0, skip))] } });
const with_ = (...others: NonNullable<ExtensionFields['others']>) => ({ extensions: { others } });

describe('policies where nobody demands any', () => {
  const unknown = der.sequence(der.oid('2.999.9'), der.null_());
  const withUnknown = der.sequence(der.sequence(der.oid('2.999.1'), der.sequence(unknown)));
  const strange = critical('2.5.29.32', withUnknown);
  const strangeNotCritical = { oid: '2.5.29.32', critical: 'not-critical', value: withUnknown } as const;
  const qualifier = der.sequence(der.oid('1.3.6.1.5.5.7.2.1'), der.ia5String('https://example.com/cps'));
  const qualified = critical('2.5.29.32', der.sequence(der.sequence(der.oid('2.999.1'), der.sequence(qualifier))));
  test.each<Case>([
    ['§4.2.1.4 critical in the leaf', () => makeChain({ leaf: with_(policies('2.999.1')) }), 'accepted'],
    [
      '§4.2.1.4 critical with a qualifier, which nobody here reads',
      () => makeChain({ leaf: with_(qualified) }),
      'unknown-critical-extension',
    ],
    ['§4.2.1.4 a qualifier, not critically', () => makeChain({ cas: [with_(strangeNotCritical)] }), 'accepted'],
    [
      '§4.2.1.4 critical everywhere',
      () =>
        makeChain({
          root: with_(policies(ANY_POLICY)),
          cas: [with_(policies('2.999.1'))],
          leaf: with_(policies('2.999.1')),
        }),
      'accepted',
    ],
    [
      '§4.2.1.4 one in the leaf that its CA has not',
      () => makeChain({ cas: [with_(policies('2.999.1'))], leaf: with_(policies('2.999.2')) }),
      'accepted',
    ],
    ['§4.2.1.4 none in the leaf', () => makeChain({ cas: [with_(policies('2.999.1'))] }), 'accepted'],
    [
      '§4.2.1.5 critical mappings',
      () => makeChain({ cas: [with_(policies('2.999.1'), mappings)], leaf: with_(policies('2.999.2')) }),
      'accepted',
    ],
    [
      '§4.2.1.4 critical with a qualifier nobody knows',
      () => makeChain({ cas: [with_(strange)] }),
      'unknown-critical-extension',
    ],
    [
      '§4.2.1.14 inhibitAnyPolicy 0',
      () => makeChain({ cas: [with_(inhibitAny(0))], leaf: with_(policies(ANY_POLICY)) }),
      'accepted',
    ],
    ['§4.2.1.14 inhibitAnyPolicy 5 in the root', () => makeChain({ root: with_(inhibitAny(5)) }), 'accepted'],
    [
      '§4.2.1.11 inhibitPolicyMapping 0',
      () => makeChain({ cas: [with_(constraints(skipField(1, 0)), mappings)] }),
      'accepted',
    ],
  ])('%s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
});

describe('§4.2.1.11 requireExplicitPolicy, no certificate with policies', () => {
  const twoCas = (skip: number): Chain => makeChain({ cas: [requireExplicit(skip), {}] });
  test.each<Case>([
    ['0 in the CA above the leaf', () => makeChain({ cas: [requireExplicit(0)] }), 'policy-required'],
    [
      '1 in the CA above the leaf: the leaf needs one',
      () => makeChain({ cas: [requireExplicit(1)] }),
      'policy-required',
    ],
    ['2 in the CA above the leaf: never reached', () => makeChain({ cas: [requireExplicit(2)] }), 'accepted'],
    ['10 in the CA above the leaf: never reached', () => makeChain({ cas: [requireExplicit(10)] }), 'accepted'],
    ['1 two CAs above the leaf', () => twoCas(1), 'policy-required'],
    ['2 two CAs above the leaf: the leaf needs one', () => twoCas(2), 'policy-required'],
    ['3 two CAs above the leaf: never reached', () => twoCas(3), 'accepted'],
    [
      '2 above a self-issued CA, which does not count: never reached (§6.1.4 (h))',
      () => makeChain({ cas: [requireExplicit(2), { name: 'self-issued' }] }),
      'accepted',
    ],
    [
      '1 above a self-issued CA, which does not count',
      () => makeChain({ cas: [requireExplicit(1), { name: 'self-issued' }] }),
      'policy-required',
    ],
    [
      '5, then 0 below (§6.1.4 (i) (1))',
      () => makeChain({ cas: [requireExplicit(5), requireExplicit(0)] }),
      'policy-required',
    ],
    ['5, then 4 below: never reached', () => makeChain({ cas: [requireExplicit(5), requireExplicit(4)] }), 'accepted'],
    [
      '1 above three CAs, then 5 below, which relaxes nothing',
      () => makeChain({ cas: [requireExplicit(1), requireExplicit(5), {}] }),
      'policy-required',
    ],
    ['0 in the leaf (§6.1.5 (b))', () => makeChain({ leaf: requireExplicit(0) }), 'policy-required'],
    ['1 in the leaf, which is the last: no effect', () => makeChain({ leaf: requireExplicit(1) }), 'accepted'],
    ['0 in the root, whose constraints count', () => makeChain({ root: requireExplicit(0) }), 'policy-required'],
    ['10 in the root: never reached', () => makeChain({ root: requireExplicit(10) }), 'accepted'],
    [
      'with both skips, the first never reached',
      () => makeChain({ cas: [with_(constraints(skipField(0, 9), skipField(1, 0)))] }),
      'accepted',
    ],
  ])('§4.2.1.11 %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));

  test('§6.1.1 an anchor without a certificate demands nothing', () => {
    const chain = makeChain({ root: requireExplicit(0) });
    const anchors = chain.anchors.map((anchor) => ('key' in anchor ? bareAnchor(anchor) : anchor));
    expect(verdicts(() => ({ ...chain, anchors }))).toEqual(['accepted', 'accepted']);
  });
  test('§4.2.1.11 another path that demands nothing is taken', () => {
    const chain = makeChain();
    const [ca] = chain.intermediates;
    const [root] = chain.anchors;
    if (!ca || !root || !('key' in root)) throw new Error('The chain has a root and a CA.');
    const twin = makeChain({ cas: [requireExplicit(0)] });
    const build = () => ({ ...chain, anchors: [...twin.anchors, root], intermediates: [...twin.intermediates, ca] });
    expect(verdicts(build)).toEqual(['accepted', 'accepted']);
  });
});

describe('§4.2.1.11 the form of policy constraints', () => {
  const raw = (value: Uint8Array) => () => makeChain({ cas: [with_(critical('2.5.29.36', value))] });
  const lax = { oid: '2.5.29.36', critical: 'not-critical', value: der.sequence(skipField(1, 0)) } as const;
  test.each<Case>([
    ['empty', raw(der.sequence()), 'certificate'],
    ['in the wrong order', raw(der.sequence(skipField(1, 0), skipField(0, 9))), 'der'],
    ['with a negative skip', raw(der.sequence(skipField(0, -1))), 'der'],
    ['with a negative second skip', raw(der.sequence(skipField(1, -1))), 'der'],
    ['with a padded second skip', raw(der.sequence(der.context(1, Uint8Array.of(0, 1), 'primitive'))), 'der'],
    ['with an empty second skip', raw(der.sequence(der.context(1, new Uint8Array(), 'primitive'))), 'der'],
    ['not critical', () => makeChain({ cas: [{ extensions: { others: [lax] } }] }), 'certificate', 'accepted'],
  ])('§4.2.1.11 %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
});

describe.each(['critical', 'not-critical'] as const)('policies that are malformed, %s', (criticality) => {
  const raw = (oid: string, value: Uint8Array) => () =>
    makeChain({ cas: [with_({ oid, critical: criticality, value })] });
  const pair = (...oids: string[]) => der.sequence(der.sequence(...oids.map(der.oid)));
  test.each<Case>([
    ['§4.2.1.4 none', raw('2.5.29.32', der.sequence()), 'certificate'],
    ['§4.2.1.4 no list', raw('2.5.29.32', der.null_()), 'der'],
    ['§4.2.1.4 one twice', raw('2.5.29.32', policyOids('2.999.1', '2.999.2', '2.999.1')), 'certificate'],
    ['§4.2.1.4 one without its OID', raw('2.5.29.32', der.sequence(der.sequence())), 'der'],
    [
      '§4.2.1.4 an empty list of qualifiers',
      raw('2.5.29.32', der.sequence(der.sequence(der.oid('2.999.1'), der.sequence()))),
      'certificate',
    ],
    [
      '§4.2.1.4 qualifiers that are no list',
      raw('2.5.29.32', der.sequence(der.sequence(der.oid('2.999.1'), der.null_()))),
      'der',
    ],
    ['§4.2.1.5 a mapping from any policy (§6.1.4 (a))', raw('2.5.29.33', pair(ANY_POLICY, '2.999.2')), 'certificate'],
    ['§4.2.1.5 a mapping to any policy (§6.1.4 (a))', raw('2.5.29.33', pair('2.999.1', ANY_POLICY)), 'certificate'],
    ['§4.2.1.5 half a mapping', raw('2.5.29.33', pair('2.999.1')), 'certificate'],
    ['§4.2.1.5 a mapping of three', raw('2.5.29.33', pair('2.999.1', '2.999.2', '2.999.3')), 'certificate'],
    ['§4.2.1.5 no mapping', raw('2.5.29.33', der.sequence()), 'certificate'],
    ['§4.2.1.5 a mapping of no policies', raw('2.5.29.33', der.sequence(der.sequence(der.null_()))), 'der'],
    ['§4.2.1.5 mappings that are no list', raw('2.5.29.33', der.null_()), 'der'],
    ['§4.2.1.14 a negative inhibitAnyPolicy', raw('2.5.29.54', der.integer(-1)), 'der'],
    ['§4.2.1.14 an inhibitAnyPolicy that is no number', raw('2.5.29.54', der.null_()), 'der'],
  ])('%s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
});
