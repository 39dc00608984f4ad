import { describe, expect, test } from 'vitest';
import { createBudget } from './budget.ts';
import type { Certificate } from './certificate.ts';
import { readDer } from './der.ts';
import type { NameConstraints } from './extension-values.ts';
import type { GeneralName } from './general-name.ts';
import { parseIp, parseIpRange } from './ip.ts';
import { encodeName } from './issue.ts';
import { type Name, parseName } from './name.ts';
import { type ConstraintForms, checkNameConstraints } from './name-constraints.ts';
import { validatePath } from './path.ts';
import { makeCa, makeLeaf, NOW } from './testing/test-certificates.ts';
import { trustAnchor } from './trust-anchor.ts';

const real = makeLeaf(makeCa('root'), { subject: [] }).certificate;
const directory = (...fields: [string, string][]): Name =>
  parseName(readDer(encodeName(fields.map(([type, value]) => ({ type, value })))));

function named(names: GeneralName[], subject = real.subject): Certificate {
  return { ...real, subject, extensions: { ...real.extensions, subjectAltName: names } };
}

type Kind = 'dns' | 'email' | 'uri' | 'ip';
const asName = (kind: Kind, value: string): GeneralName =>
  kind === 'ip' ? { kind, value: parseIp(value) ?? new Uint8Array() } : { kind, value };
const asBase = (kind: Kind, value: string): GeneralName =>
  kind === 'ip' ? { kind, value: parseIpRange(value) ?? new Uint8Array() } : { kind, value };

function passes(
  certificate: Certificate,
  constraints: Partial<NameConstraints>,
  forms: ConstraintForms = 'strict',
): boolean {
  try {
    checkNameConstraints({ permitted: [], excluded: [], ...constraints }, certificate, {
      forms,
      spend: createBudget().name,
    });
    return true;
  } catch (error) {
    expect(error).toMatchObject({ name: 'X509Error', code: 'name-constraints' });
    return false;
  }
}

// kind, name, base, whether the base as permitted lets it pass, whether the base as excluded does
test.each<[Kind, string, string, boolean, boolean]>([
  ['dns', 'example.com', 'example.com', true, false],
  ['dns', 'A.Example.com', 'eXample.com', true, false],
  ['dns', 'notexample.com', 'example.com', false, true],
  ['dns', 'com', 'example.com', false, true],
  ['dns', 'example.com', '', true, false],
  ['dns', '*.example.com', 'example.com', true, false],
  ['dns', '*.example.com', 'a.example.com', false, false],
  ['dns', '*.example.com', 'b.a.example.com', false, true],
  ['dns', '*.a.example.com', 'example.com', true, false],
  ['dns', 'exa_mple.com', 'example.com', false, false],
  ['dns', '*', 'example.com', false, false],
  ['dns', 'example.com', '.example.com', false, false],
  ['dns', 'example.com', '*.example.com', false, false],
  ['email', 'me@example.com', 'me@example.com', true, false],
  ['email', 'Me@example.com', 'me@example.com', false, true],
  ['email', 'me@Example.com', 'me@eXample.com', true, false],
  ['email', 'me@example.com', 'example.com', true, false],
  ['email', 'me@a.example.com', 'example.com', false, true],
  ['email', 'me@a.example.com', '.example.com', true, false],
  ['email', 'me@example.com', '.example.com', false, true],
  ['email', 'example.com', 'example.com', false, false],
  ['email', 'a@b@example.com', 'example.com', false, false],
  ['email', '*@example.com', '*@example.com', true, false],
  ['email', 'me@example.com', '*@example.com', false, true],
  ['uri', 'https://example.com/x', 'example.com', true, false],
  ['uri', 'https://user@example.com:444/', 'example.com', true, false],
  ['uri', 'https://a.example.com', 'example.com', false, true],
  ['uri', 'https://a.example.com', '.example.com', true, false],
  ['uri', 'https://evil.test/@example.com', 'example.com', false, true],
  ['uri', 'https://evil.test?@example.com', 'example.com', false, true],
  ['uri', 'https://10.0.0.1/', 'example.com', false, false],
  ['uri', 'urn:example:com', 'example.com', false, false],
  ['ip', '10.1.2.3', '10.0.0.0/8', true, false],
  ['ip', '11.1.2.3', '10.0.0.0/8', false, true],
  ['ip', '::1', '0.0.0.0/0', false, true],
  ['ip', '2001:db8::1', '2001:db8::/32', true, false],
])('%s %s under %j: permitted %s, excluded %s', (kind, name, base, permitted, excluded) => {
  const certificate = named([asName(kind, name)]);
  expect(passes(certificate, { permitted: [asBase(kind, base)] })).toBe(permitted);
  expect(passes(certificate, { excluded: [asBase(kind, base)] })).toBe(excluded);
});

test('a mask that is no prefix decides against the certificate', () => {
  const base: GeneralName = { kind: 'ip', value: Uint8Array.of(10, 0, 0, 0, 255, 0, 255, 0) };
  expect(passes(named([asName('ip', '10.0.0.1')]), { permitted: [base] })).toBe(false);
  expect(passes(named([asName('ip', '11.0.0.1')]), { excluded: [base] })).toBe(false);
});

test('a leading dot is a form of the lenient profile: all names below', () => {
  const constraints = { permitted: [asBase('dns', '.example.com')] };
  expect(passes(named([asName('dns', 'a.example.com')]), constraints, 'lenient')).toBe(true);
  expect(passes(named([asName('dns', 'example.com')]), constraints, 'lenient')).toBe(false);
});

test('one permitted subtree of several is enough; other kinds do not matter', () => {
  const certificate = named([asName('dns', 'b.test'), asName('email', 'me@c.test')]);
  expect(
    passes(certificate, { permitted: [asBase('dns', 'a.test'), asBase('dns', 'b.test'), asBase('ip', '10.0.0.0/8')] }),
  ).toBe(true);
});

test('every name must pass, also beside a good one', () => {
  expect(
    passes(named([asName('dns', 'a.test'), asName('dns', 'b.test')]), { permitted: [asBase('dns', 'a.test')] }),
  ).toBe(false);
});

describe('directory names', () => {
  const base: GeneralName = { kind: 'directory', value: directory(['O', 'Example']) };
  test('of the subject and of the alternative names', () => {
    const inside = directory(['O', 'EXAMPLE'], ['CN', 'x']);
    const outside = directory(['O', 'Other'], ['CN', 'x']);
    expect(passes(named([], inside), { permitted: [base] })).toBe(true);
    expect(passes(named([], outside), { permitted: [base] })).toBe(false);
    expect(passes(named([{ kind: 'directory', value: outside }], inside), { permitted: [base] })).toBe(false);
    expect(passes(named([{ kind: 'directory', value: inside }], outside), { excluded: [base] })).toBe(false);
  });
  test('an empty subject is no name', () => expect(passes(named([]), { permitted: [base] })).toBe(true));
  test('an e-mail address in the subject is an e-mail address', () => {
    const subject = directory(['emailAddress', 'me@other.test']);
    expect(passes(named([], subject), { permitted: [asBase('email', 'example.com')] })).toBe(false);
  });
});

describe('forms that cannot be compared', () => {
  const other = (tag: number): GeneralName => ({ kind: 'other', tag, value: new Uint8Array() });
  test('refused where they are constrained, let pass where not', () => {
    expect(passes(named([other(0xa0)]), { excluded: [other(0xa0)] })).toBe(false);
    expect(passes(named([other(0xa0)]), { permitted: [other(0xa0)] })).toBe(false);
    expect(passes(named([other(0xa0)]), { permitted: [other(0x88)], excluded: [other(0x88)] })).toBe(true);
  });
});

describe('in a path', () => {
  const nameConstraints = { permitted: [{ kind: 'dns', value: 'example.com' }] } as const;
  const constrained = makeCa('constrained', { extensions: { nameConstraints } });
  const anchors = [trustAnchor(constrained.certificate)];
  const validate = (end: Certificate, ...intermediates: Certificate[]) =>
    validatePath(end, { anchors, intermediates, time: NOW, profile: 'strict' });
  const isRefused = expect.objectContaining({ name: 'X509Error', code: 'name-constraints' });
  const sanOf = (value: string) => ({ extensions: { subjectAltName: [{ kind: 'dns', value }] } }) as const;

  test('of an anchor apply to the leaf and to intermediates', () => {
    expect(validate(makeLeaf(constrained).certificate).chain).toHaveLength(1);
    expect(() => validate(makeLeaf(constrained, sanOf('a.test')).certificate)).toThrow(isRefused);
    const ca = makeCa('ca', sanOf('a.test'), constrained);
    expect(() => validate(makeLeaf(ca).certificate, ca.certificate)).toThrow(isRefused);
  });
  test('spare self-issued intermediates, not self-issued leaves', () => {
    const again = makeCa('constrained', sanOf('a.test'), constrained);
    expect(validate(makeLeaf(again).certificate, again.certificate).chain).toHaveLength(2);
    const end = makeLeaf(constrained, {
      subject: [{ type: 'CN', value: 'constrained' }],
      ...sanOf('a.test'),
    }).certificate;
    expect(() => validate(end)).toThrow(isRefused);
  });
});
