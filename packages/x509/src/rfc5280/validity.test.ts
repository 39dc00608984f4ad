// RFC 5280 §4.1.2.5 and §6.1.3 (a) (2): validity in both forms of time, with the limits of each, at every place of a path.

import { describe, expect, test } from 'vitest';
import { derTypes as der } from '../der-types.ts';
import { altered, ascii, type Case, type Chain, DAY, verdicts } from '../testing/examination.ts';
import { makeCa, makeLeaf, NOW } from '../testing/test-certificates.ts';

const FIRST = Date.parse('1950-01-01T00:00:00Z') / 1000;
const LAST = Date.parse('9999-12-31T23:59:59Z') / 1000;
const always = { notBefore: FIRST, notAfter: LAST };

const root = makeCa('root', always);
const ca = makeCa('ca', always, root);
const leaf = makeLeaf(ca, always);

const utc = (text: string) => der.element(0x17, ascii(text));
const generalized = (text: string) => der.element(0x18, ascii(text));
const at = (text: string) => Date.parse(text) / 1000;

/** Chains whose leaf, or intermediate, or root is valid from and to these times, asked at the time. */
function places(notBefore: Uint8Array, notAfter: Uint8Array, time: number): Readonly<Record<string, () => Chain>> {
  const validity = der.sequence(notBefore, notAfter);
  const asked = { time, anchors: [root], intermediates: [ca] };
  return {
    leaf: () => ({ ...asked, end: altered(leaf, ca, { validity }) }),
    intermediate: () => ({ ...asked, end: leaf, intermediates: [altered(ca, root, { validity })] }),
    root: () => ({ ...asked, end: leaf, anchors: [altered(root, root, { validity })] }),
  };
}

const early = utc('500101000000Z');
const late = utc('491231235959Z');

describe.each(['leaf', 'intermediate', 'root'])('§4.1.2.5 validity of the %s', (place) => {
  test.each<[string, Uint8Array, Uint8Array, number, Case[2]]>([
    ['UTCTime 500101… is 1950, long begun', early, late, NOW, 'accepted'],
    ['UTCTime 491231235959Z is the last second of 2049', early, late, at('2049-12-31T23:59:59Z'), 'accepted'],
    ['UTCTime 491231235959Z is over in 2050', early, late, at('2050-01-01T00:00:00Z'), 'expired'],
    ['UTCTime 500101… as an end is 1950, not 2050', early, utc('500101000001Z'), NOW, 'expired'],
    ['UTCTime 991231… as an end is 1999', early, utc('991231235959Z'), NOW, 'expired'],
    ['UTCTime 000101… as a beginning is 2000', utc('000101000000Z'), late, NOW, 'accepted'],
    ['UTCTime 000101… had not begun in 1999', utc('000101000000Z'), late, at('1999-12-31T23:59:59Z'), 'not-yet-valid'],
    ['UTCTime 470101… is the future', utc('470101120100Z'), late, NOW, 'not-yet-valid'],
    ['GeneralizedTime before 2050 must be processed too', generalized('20020101120100Z'), late, NOW, 'accepted'],
    ['GeneralizedTime 2047… is the future', generalized('20470101120100Z'), late, NOW, 'not-yet-valid'],
    ['GeneralizedTime 1999… as an end', early, generalized('19991231235959Z'), NOW, 'expired'],
    ['GeneralizedTime 1949… as a beginning', generalized('19491231235959Z'), late, NOW, 'accepted'],
    ['GeneralizedTime from 2050 on', early, generalized('20500101000000Z'), at('2050-01-01T00:00:00Z'), 'accepted'],
    ['99991231235959Z is no end at all (§4.1.2.5)', early, generalized('99991231235959Z'), LAST, 'accepted'],
    ['a beginning after the end is never valid', utc('270101000000Z'), utc('250101000000Z'), NOW, 'not-yet-valid'],
    ['GeneralizedTime with a fraction (§4.1.2.5.2)', early, generalized('20490101000000.0Z'), NOW, 'certificate'],
    ['GeneralizedTime of local time', early, generalized('20490101000000'), NOW, 'certificate'],
    ['GeneralizedTime with an offset', early, generalized('20490101000000+0000'), NOW, 'certificate'],
    ['UTCTime without seconds (§4.1.2.5.1)', early, utc('4901010000Z'), NOW, 'certificate'],
    ['UTCTime with an offset', early, utc('490101000000+0000'), NOW, 'certificate'],
    ['UTCTime with a small z', early, utc('490101000000z'), NOW, 'certificate'],
    ['the 29th of February of a common year', early, generalized('21000229000000Z'), NOW, 'certificate'],
    ['a leap second', early, utc('481231235960Z'), NOW, 'certificate'],
    ['a time as text of another type', early, der.printableString('491231235959Z'), NOW, 'certificate'],
    ['three times', early, Uint8Array.of(...late, ...late), NOW, 'der'],
  ])('%s', (_, notBefore, notAfter, time, expected) => {
    const build = places(notBefore, notAfter, time)[place];
    expect(build && verdicts(build)).toEqual([expected, expected]);
  });
});

describe('§6.1.3 (a) (2) every certificate is valid at the same time', () => {
  const until = (notAfter: number) => ({ notBefore: NOW - DAY, notAfter });
  test.each<[string, [number, number, number], number, Case[2]]>([
    ['all are current', [DAY, DAY, DAY], 0, 'accepted'],
    ['in the last second of all', [DAY, DAY, DAY], DAY, 'accepted'],
    ['only the leaf is over', [2 * DAY, 2 * DAY, DAY], DAY + 1, 'expired'],
    ['only the intermediate is over (no shell model)', [2 * DAY, DAY, 2 * DAY], DAY + 1, 'expired'],
    ['only the root is over', [DAY, 2 * DAY, 2 * DAY], DAY + 1, 'expired'],
  ])('§6.1.3 (a) (2) %s', (_, [rootEnd, caEnd, leafEnd], later, expected) => {
    const anchor = makeCa('root', until(NOW + rootEnd));
    const issuer = makeCa('ca', until(NOW + caEnd), anchor);
    const end = makeLeaf(issuer, until(NOW + leafEnd));
    const build = () => ({ end, anchors: [anchor], intermediates: [issuer], time: NOW + later });
    expect(verdicts(build)).toEqual([expected, expected]);
  });
});
