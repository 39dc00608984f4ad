// RFC 5280 §4.2.1.10 and §6.1.3 (b), (c), §6.1.4 (g): whom name constraints bind, several of them, and directory names.

import { describe, expect, test } from 'vitest';
import { derTypes as der } from '../der-types.ts';
import type { Name } from '../name.ts';
import {
  attribute,
  bareAnchor,
  type Case,
  constraining,
  critical,
  generalName,
  keyPairOf,
  makeChain,
  nameOf,
  plainName,
  type Subtrees,
  san,
  under,
  verdicts,
} from '../testing/examination.ts';
import { makeCa, makeLeaf, type TestFields } from '../testing/test-certificates.ts';

const { address, directory, dns, email } = generalName;
const names = (...of: Uint8Array[]): TestFields => ({ extensions: san(...of) });
const REFUSED = 'name-constraints';

describe('§4.2.1.10 several constraints', () => {
  const a: Subtrees = { permitted: [dns('a.test')] };
  test.each<Case>([
    ['all of several CAs count: in both', under([{ permitted: [dns('test')] }, a], names(dns('x.a.test'))), 'accepted'],
    [
      'all of several CAs count: only in the wider',
      under([{ permitted: [dns('test')] }, a], names(dns('x.b.test'))),
      REFUSED,
    ],
    ['a wider set below widens nothing', under([a, { permitted: [dns('test')] }], names(dns('x.b.test'))), REFUSED],
    [
      'an empty intersection permits nothing',
      under([a, { permitted: [dns('b.test')] }], names(dns('x.b.test'))),
      REFUSED,
    ],
    [
      'another form below does not lift the first',
      under([a, { permitted: [email('b.test')] }], names(dns('b.test'))),
      REFUSED,
    ],
    ['excluded above, permitted below', under([{ excluded: [dns('a.test')] }, a], names(dns('a.test'))), REFUSED],
    ['permitted above, excluded below', under([a, { excluded: [dns('x.a.test')] }], names(dns('x.a.test'))), REFUSED],
    ['permitted and not excluded', under([{ ...a, excluded: [dns('x.a.test')] }], names(dns('y.a.test'))), 'accepted'],
    ['excluded within permitted', under([{ ...a, excluded: [dns('x.a.test')] }], names(dns('y.x.a.test'))), REFUSED],
    ['permitted within excluded', under([{ ...a, excluded: [dns('test')] }], names(dns('a.test'))), REFUSED],
    [
      'one of several permitted',
      under([{ permitted: [dns('b.test'), dns('a.test')] }], names(dns('a.test'))),
      'accepted',
    ],
    ['every name of the leaf counts', under([a], names(dns('a.test'), dns('b.test'))), REFUSED],
    [
      'forms that are not mentioned are free',
      under([a], names(dns('a.test'), email('me@b.test'), address('::1'))),
      'accepted',
    ],
    ['a leaf without names of that form is free', under([a], names(email('me@b.test'))), 'accepted'],
    [
      'a leaf without alternative names is free: the CN is no DNS name',
      under([a], { subject: [{ type: 'CN', value: 'b.test' }], extensions: { subjectAltName: undefined } }),
      'accepted',
    ],
  ])('§4.2.1.10 %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
});

describe('§6.1.3 (b), (c) whom they bind', () => {
  const extensions = constraining({ permitted: [dns('a.test')] });
  const good = names(dns('a.test'));
  const bad = { extensions: san(dns('b.test')) };
  test.each<Case>([
    ['an intermediate below', () => makeChain({ cas: [{ extensions }, bad], leaf: good }), REFUSED],
    [
      'a self-issued intermediate is exempt',
      () => makeChain({ cas: [{ extensions }, { ...bad, name: 'self-issued' }], leaf: good }),
      'accepted',
    ],
    [
      'the one that has them is not bound itself',
      () =>
        makeChain({
          cas: [
            {
              extensions: {
                ...san(dns('b.test')),
                others: [...(san(dns('b.test')).others ?? []), ...(extensions.others ?? [])],
              },
            },
          ],
          leaf: good,
        }),
      'accepted',
    ],
    [
      'a self-issued one passes its own on',
      () => makeChain({ cas: [{}, { extensions, name: 'self-issued' }], leaf: bad }),
      REFUSED,
    ],
    [
      'a self-issued leaf is not exempt',
      () => makeChain({ cas: [{ extensions }], leaf: { ...bad, subject: [{ type: 'CN', value: 'ca 1' }] } }),
      REFUSED,
    ],
    ['those of the root count', () => makeChain({ root: { extensions }, leaf: bad }), REFUSED],
    ['two levels up', () => makeChain({ cas: [{ extensions }, {}, {}], leaf: bad }), REFUSED],
    [
      'a bare anchor has none',
      () => {
        const root = makeCa('root', { extensions });
        return { end: makeLeaf(root, bad), anchors: [bareAnchor(root)] };
      },
      'accepted',
    ],
    ['of a leaf: only CAs have them', () => makeChain({ leaf: { extensions: { ...extensions } } }), REFUSED],
    [
      'another path without them is taken',
      () => {
        const root = makeCa('root');
        const free = makeCa('ca', {}, root);
        const bound = makeCa('ca', { extensions, keyPair: keyPairOf(free) }, root);
        return { end: makeLeaf(free, bad), anchors: [root], intermediates: [bound, free] };
      },
      'accepted',
    ],
  ])('§6.1.3 (b), (c) %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
});

describe('§4.2.1.10 directory names', () => {
  const inA = plainName(['C', 'DE'], ['O', 'A'], ['CN', 'x']);
  const base = plainName(['C', 'DE'], ['O', 'A']);
  const printable = nameOf(
    [attribute('2.5.4.6', der.printableString('de'))],
    [attribute('2.5.4.10', der.printableString(' a '))],
  );
  const permitted: Subtrees = { permitted: [directory(base)] };
  const excluded: Subtrees = { excluded: [directory(base)] };
  const leafOf = (subject: Name, ...more: Uint8Array[]): TestFields => ({
    subject,
    extensions: more.length === 0 ? {} : san(...more),
  });
  const namelessWith = (name: Name): TestFields => ({
    subject: [],
    extensions: { subjectAltName: undefined, others: [critical('2.5.29.17', der.sequence(directory(name)))] },
  });
  const street = (value: string) => directory(plainName(['O', value]));
  test.each<Case>([
    ['a subject below a permitted base', under([permitted], leafOf(inA)), 'accepted'],
    ['a subject that is the permitted base', under([permitted], leafOf(base)), 'accepted'],
    ['a subject above the permitted base', under([permitted], leafOf(plainName(['C', 'DE']))), REFUSED],
    ['a subject beside the permitted base', under([permitted], leafOf(plainName(['C', 'DE'], ['O', 'B']))), REFUSED],
    [
      'a value of which the base is only the beginning',
      under([permitted], leafOf(plainName(['C', 'DE'], ['O', 'AB']))),
      REFUSED,
    ],
    [
      'the parts in another order',
      under([permitted], leafOf(plainName(['O', 'A'], ['C', 'DE'], ['CN', 'x']))),
      REFUSED,
    ],
    ['the base somewhere inside', under([permitted], leafOf(plainName(['CN', 'x'], ['C', 'DE'], ['O', 'A']))), REFUSED],
    [
      'a base of other string types, case and spaces',
      under([{ permitted: [directory(printable)] }], leafOf(inA)),
      'accepted',
    ],
    ['an excluded base', under([excluded], leafOf(inA)), REFUSED],
    ['an excluded base beside', under([excluded], leafOf(plainName(['C', 'DE'], ['O', 'B']))), 'accepted'],
    ['an excluded base of other case and spaces', under([{ excluded: [directory(printable)] }], leafOf(inA)), REFUSED],
    [
      'an excluded base that folds to the same (RFC 3454 B.2)',
      under([{ excluded: [street('STRASSE')] }], leafOf(plainName(['O', 'Straße']))),
      REFUSED,
    ],
    [
      'an excluded base, a control character in the subject (RFC 4518 §2.2)',
      under([{ excluded: [street('Evil')] }], leafOf(plainName(['O', 'Ev\u0001il']))),
      REFUSED,
    ],
    ['the empty base permits all', under([{ permitted: [directory(nameOf())] }], leafOf(inA)), 'accepted'],
    ['the empty base excludes all', under([{ excluded: [directory(nameOf())] }], leafOf(inA)), REFUSED],
    [
      'the empty base excludes no empty subject',
      under([{ excluded: [directory(nameOf())] }], { subject: [] }),
      'accepted',
    ],
    [
      'a good subject, a bad alternative name',
      under([permitted], leafOf(inA, directory(plainName(['O', 'B'])))),
      REFUSED,
    ],
    [
      'a bad subject, a good alternative name',
      under([permitted], leafOf(plainName(['O', 'B']), directory(inA))),
      REFUSED,
    ],
    ['no subject, a good alternative name', under([permitted], namelessWith(inA)), 'accepted'],
    ['no subject, an excluded alternative name', under([excluded], namelessWith(inA)), REFUSED],
    ['permitted by two CAs', under([{ permitted: [directory(plainName(['C', 'DE']))] }], leafOf(inA)), 'accepted'],
    [
      'an intermediate with a subject outside',
      () => makeChain({ cas: [{ extensions: constraining(permitted) }, {}], leaf: leafOf(inA) }),
      REFUSED,
    ],
    [
      'an intermediate with a subject inside, a narrower base there',
      () =>
        makeChain({
          cas: [
            { extensions: constraining({ permitted: [directory(plainName(['C', 'DE']))] }) },
            { subject: base, extensions: constraining(permitted) },
          ],
          leaf: leafOf(inA),
        }),
      'accepted',
    ],
  ])('§4.2.1.10 %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
});
