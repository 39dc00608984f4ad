// RFC 5280 §4.2.1.10: how constraints may be written, forms that cannot be compared, and what many names may cost.

import { describe, expect, test } from 'vitest';
import { createBudget } from '../budget.ts';
import { derTypes as der } from '../der-types.ts';
import type { ExtensionFields, GeneralNameField } from '../extension-encoding.ts';
import {
  ascii,
  type Case,
  type Chain,
  critical,
  generalName,
  makeChain,
  plainName,
  san,
  type Verdict,
  verdict,
  verdicts,
} from '../testing/examination.ts';

const NAME_CONSTRAINTS = '2.5.29.30';
const { dns } = generalName;
const list = (number: 0 | 1, ...bases: Uint8Array[]) =>
  der.element(0xa0 | number, ...bases.map((base) => der.sequence(base)));
const raw = (...parts: Uint8Array[]): ExtensionFields => ({
  others: [critical(NAME_CONSTRAINTS, der.sequence(...parts))],
});
const under =
  (extensions: ExtensionFields, leaf: ExtensionFields = {}) =>
  (): Chain =>
    makeChain({ cas: [{ extensions }], leaf: { extensions: leaf } });
const REFUSED = 'name-constraints';

describe('§4.2.1.10 the form of constraints', () => {
  const distance = (number: 0 | 1, value: number) =>
    der.context(number, Uint8Array.from(der.integer(value).subarray(2)), 'primitive');
  const at = (...parts: Uint8Array[]) => raw(der.element(0xa0, der.sequence(dns('example.com'), ...parts)));
  const lax: ExtensionFields = {
    others: [{ oid: NAME_CONSTRAINTS, critical: 'not-critical', value: der.sequence(list(0, dns('a.test'))) }],
  };
  test.each<Case>([
    ['minimum 0 spelled out, a default (X.690 §11.5)', under(at(distance(0, 0))), 'certificate'],
    ['minimum 1', under(at(distance(0, 1))), 'certificate'],
    ['maximum 0', under(at(distance(1, 0))), 'certificate'],
    ['minimum and maximum', under(at(distance(0, 0), distance(1, 9))), 'certificate'],
    [
      'a maximum of a form that no certificate below has',
      under(raw(der.element(0xa0, der.sequence(der.context(1, ascii('a.test'), 'primitive'), distance(1, 0))))),
      'certificate',
    ],
    ['no subtrees', under(raw()), 'certificate'],
    ['an empty list of excluded subtrees', under(raw(der.element(0xa1))), 'certificate'],
    ['an empty subtree', under(raw(der.element(0xa0, der.sequence()))), 'certificate'],
    ['excluded before permitted', under(raw(list(1, dns('b.test')), list(0, dns('example.com')))), 'der'],
    [
      'a byte after the sequence',
      under({ others: [critical(NAME_CONSTRAINTS, Uint8Array.of(...der.sequence(list(1, dns('b.test'))), 0))] }),
      'der',
    ],
    ['a base beyond ASCII', under(raw(list(1, der.context(2, Uint8Array.of(0xe9), 'primitive')))), 'certificate'],
    ['constraints that are not critical count all the same', under(lax), REFUSED],
    [
      'constraints that are not critical, kept',
      under(lax, { subjectAltName: [{ kind: 'dns', value: 'a.test' }] }),
      'accepted',
    ],
  ])('§4.2.1.10 %s', (_, build, strict, lenient = strict) => expect(verdicts(build)).toEqual([strict, lenient]));
});

describe('§4.2.1.10 forms that are not compared', () => {
  const other = der.element(0xa0, der.oid('2.999.1'), der.context(0, der.utf8String('a')));
  const otherType = der.element(0xa0, der.oid('2.999.2'), der.context(0, der.utf8String('b')));
  const registered = der.context(8, der.oid('2.999.3').subarray(2), 'primitive');
  const party = der.element(0xa5, der.context(1, der.utf8String('a')));
  const x400 = der.element(0xa3, der.sequence());
  const forms: [string, Uint8Array][] = [
    ['otherName', other],
    ['registeredID', registered],
    ['ediPartyName', party],
    ['x400Address', x400],
  ];
  test.each(forms)('§4.2.1.10 %s: refused where one is constrained and the leaf has one', (_, name) => {
    const isRefused: Verdict[] = [REFUSED, REFUSED];
    expect(verdicts(under(raw(list(0, name)), san(name)))).toEqual(isRefused);
    expect(verdicts(under(raw(list(1, name)), san(name)))).toEqual(isRefused);
  });
  test.each(forms)('§4.2.1.10 %s: let pass where the leaf has none, or nobody constrains it', (_, name) => {
    expect(verdicts(under(raw(list(0, name))))).toEqual(['accepted', 'accepted']);
    expect(verdicts(under(raw(list(0, dns('a.test'))), san(dns('a.test'), name)))).toEqual(['accepted', 'accepted']);
    expect(verdicts(under({}, san(name)))).toEqual(['accepted', 'accepted']);
  });
  test('§4.2.1.10 an otherName of another type cannot be told apart here: refused', () => {
    expect(verdicts(under(raw(list(1, otherType)), san(other)))).toEqual([REFUSED, REFUSED]);
  });
});

describe('many names under many constraints', () => {
  const many = (count: number, field: (i: number) => GeneralNameField) =>
    Array.from({ length: count }, (_, i) => field(i));
  const hosts = (count: number) => many(count, (i) => ({ kind: 'dns', value: `n${i}.example.com` }));
  const others = (count: number) => many(count, (i) => ({ kind: 'dns', value: `m${i}.test` }));
  const boxes = (count: number) => many(count, (i) => ({ kind: 'email', value: `n${i}.example.com` }));
  const mailboxes = (count: number) => many(count, (i) => ({ kind: 'email', value: `me@m${i}.test` }));
  const ranges = (count: number) => many(count, (i) => ({ kind: 'ip', value: `10.${i >> 8}.${i & 255}.0/24` }));
  const locations = (count: number) => many(count, (i) => ({ kind: 'uri', value: `n${i}.example.com` }));

  /** The strict verdict, and how many comparisons of a name with a constraint it took. */
  function examined(
    nameConstraints: ExtensionFields['nameConstraints'],
    subjectAltName: readonly GeneralNameField[],
  ): [Verdict, number] {
    const { name, ...rest } = createBudget();
    let comparisons = 0;
    const budget = {
      ...rest,
      name: () => {
        name();
        comparisons += 1;
      },
    };
    const chain = makeChain({ cas: [{ extensions: { nameConstraints } }], leaf: { extensions: { subjectAltName } } });
    return [verdict({ ...chain, budget }, 'strict'), comparisons];
  }

  test.each<[string, ExtensionFields['nameConstraints'], GeneralNameField[], number]>([
    ['1 000 DNS names, 1 000 permitted e-mail hosts', { permitted: boxes(1000) }, hosts(1000), 0],
    ['1 000 DNS names, 1 000 excluded ranges', { excluded: ranges(1000) }, hosts(1000), 0],
    [
      '1 000 DNS names, 1 000 excluded URI hosts and 1 000 e-mail hosts',
      { excluded: [...locations(1000), ...boxes(1000)] },
      hosts(1000),
      0,
    ],
    ['1 000 e-mail addresses, 1 000 permitted DNS names', { permitted: hosts(1000) }, mailboxes(1000), 0],
    [
      '2 000 DNS names, one permitted',
      { permitted: [{ kind: 'dns', value: 'example.com' }, ...ranges(500)] },
      hosts(2000),
      2000,
    ],
  ])('%s: other forms cost nothing', (_, constraints, leafNames, comparisons) => {
    expect(examined(constraints, leafNames)).toEqual(['accepted', comparisons]);
  });

  test.each<[string, ExtensionFields['nameConstraints'], GeneralNameField[], Verdict, number]>([
    ['each permitted by one', { permitted: hosts(1000) }, hosts(1000), 'accepted', 500_500],
    ['none excluded', { excluded: boxes(1000) }, mailboxes(1000), 'accepted', 1_000_000],
    ['the last one excluded', { excluded: hosts(1000) }, [...others(999), ...hosts(1)], REFUSED, 999_001],
    ['a few more, none excluded', { excluded: hosts(1100) }, others(1000), 'budget', 2 ** 20],
  ])('1 000 names under 1 000 constraints of the same form, %s', (_, constraints, leafNames, expected, comparisons) => {
    expect(examined(constraints, leafNames)).toEqual([expected, comparisons]);
  });
  test('a name more than is permitted', () => {
    expect(examined({ permitted: hosts(299) }, hosts(300))[0]).toBe(REFUSED);
  });
  test('a subject of 300 e-mail addresses counts as 300 names', () => {
    const subject = plainName(
      ...Array.from({ length: 300 }, (_, i): [string, string] => ['emailAddress', `me@n${i}.test`]),
    );
    const cas = [{ extensions: { nameConstraints: { excluded: boxes(300) } } }];
    expect(verdicts(() => makeChain({ cas, leaf: { subject } }))).toEqual(['accepted', 'accepted']);
  });
});
