import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Certificate } from './certificate.ts';
import { derTypes as der } from './der-types.ts';
import { EXPIRES_SOON, lintInspectionCa } from './lint.ts';
import type { LintContext } from './lint-finding.ts';
import { makeCa, makeLeaf, NOW, type TestFields } from './testing/test-certificates.ts';

const LONG = { notAfter: NOW + 10 * EXPIRES_SOON };
const root = makeCa('root', LONG);
const codes = (ca: Certificate, context: Partial<LintContext> = {}) =>
  lintInspectionCa(ca, { time: NOW, ...context }).map(({ severity, code }) => `${severity} ${code}`);
const rootWith = (fields: TestFields) => makeCa('root', { ...LONG, ...fields }).certificate;

test('a sound root: nothing', () => expect(codes(root.certificate)).toEqual([]));

test.each<[string, TestFields, string]>([
  ['no basic constraints', { extensions: { basicConstraints: undefined } }, 'error not-a-ca'],
  ['no keyCertSign', { extensions: { keyUsage: ['cRLSign'] } }, 'error key-usage'],
  ['another purpose', { extensions: { extendedKeyUsage: ['1.3.6.1.5.5.7.3.2'] } }, 'error extended-key-usage'],
  ['an empty subject', { subject: [] }, 'error no-subject'],
  [
    'an unknown critical extension',
    { extensions: { others: [{ oid: '1.2.3', critical: 'critical', value: der.null_() }] } },
    'error unknown-critical-extension',
  ],
  [
    'a required policy',
    {
      extensions: {
        others: [
          {
            oid: '2.5.29.36',
            critical: 'critical',
            value: der.sequence(der.context(0, Uint8Array.of(0), 'primitive')),
          },
        ],
      },
    },
    'error policy-required',
  ],
  [
    'RSA of 1024 bits',
    { keyPair: generateKeyPairSync('rsa', { modulusLength: 1024 }), signatureAlgorithm: 'rsa-sha256' },
    'error weak-key',
  ],
  ['Ed25519', { keyPair: generateKeyPairSync('ed25519'), signatureAlgorithm: 'ed25519' }, 'warning weak-key'],
  [
    'signed by another key',
    { signingKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey },
    'warning self-signature',
  ],
  ['an end that has passed', { notAfter: NOW - 1 }, 'error expired'],
  ['an end that is near', { notAfter: NOW + EXPIRES_SOON - 1 }, 'warning expires-soon'],
  ['a beginning to come', { notBefore: NOW + 1 }, 'warning not-yet-valid'],
  ...['Not trusted by "Plant CA"', 'Fortinet_CA_Untrusted', 'Forward-Untrust'].map(
    (value): [string, TestFields, string] => [
      value,
      { subject: [{ type: 'CN', value }] },
      'warning distrusted-origins',
    ],
  ),
  ['no key usage', { extensions: { keyUsage: undefined } }, 'warning no-key-usage'],
  [
    'no subject key identifier',
    { extensions: { subjectKeyIdentifier: undefined } },
    'warning no-subject-key-identifier',
  ],
  [
    'basic constraints that are not critical',
    {
      extensions: {
        basicConstraints: undefined,
        others: [{ oid: '2.5.29.19', critical: 'not-critical', value: der.sequence(der.boolean(true)) }],
      },
    },
    'warning basic-constraints-not-critical',
  ],
  [
    'name constraints',
    { extensions: { nameConstraints: { permitted: [{ kind: 'dns', value: 'example.com' }] } } },
    'info name-constraints',
  ],
])('%s', (_, fields, expected) => expect(codes(rootWith(fields))).toEqual([expected]));

test('a root that the whole web trusts', () => {
  const publicRootKeys = [makeCa('other').certificate.publicKey.der, root.certificate.publicKey.der];
  expect(codes(root.certificate, { publicRootKeys })).toEqual(['error public-web-root']);
  expect(codes(root.certificate, { publicRootKeys: publicRootKeys.slice(0, 1) })).toEqual([]);
});

test('a serial number that is no good', () => {
  for (const serialNumber of [[0], [0x80], Array<number>(21).fill(1)].map((octets) => Uint8Array.from(octets))) {
    expect(codes({ ...root.certificate, serialNumber })).toEqual(['warning serial-number']);
  }
});

test('a path length that the CA below exceeds', () => {
  const narrow = makeCa('narrow', { ...LONG, extensions: { basicConstraints: { ca: true, pathLength: 0 } } });
  const below = makeCa('below', LONG, narrow).certificate;
  const leaf = makeLeaf(narrow, LONG).certificate;
  expect(codes(narrow.certificate, { bundle: [below] })).toEqual(['warning path-length']);
  expect(codes(narrow.certificate, { registered: [below] })).toEqual(['warning path-length']);
  expect(codes(narrow.certificate, { bundle: [leaf, narrow.certificate] })).toEqual([]);
  expect(codes(root.certificate, { bundle: [makeCa('below', LONG, root).certificate] })).toEqual([]);
});

test('an authority key identifier of another key than the issuer says', () => {
  const wrong = { authorityKeyIdentifier: Uint8Array.of(1, 2, 3) };
  const issuing = makeCa('issuing', { ...LONG, extensions: wrong }, root).certificate;
  expect(codes(issuing, { bundle: [root.certificate] })).toEqual(['warning key-identifier-mismatch']);
});

test('a leaf exported by mistake', () => {
  expect(codes(makeLeaf(root, LONG).certificate, { bundle: [root.certificate] })).toContain('error leaf-certificate');
});

test('version 1', () => expect(codes({ ...root.certificate, version: 1 })).toEqual(['error version']));

test('an old signature: a warning for a root, an error below', () => {
  const issuing = makeCa('issuing', LONG, root).certificate;
  expect(codes({ ...root.certificate, signatureAlgorithm: 'unsupported' })).toEqual(['warning weak-signature']);
  expect(codes({ ...issuing, signatureAlgorithm: 'unsupported' })).toContain('error weak-signature');
});

test('an issuing CA wants its root, in the upload or registered, by key and over several steps', () => {
  const middle = makeCa('middle', LONG, root);
  const issuing = makeCa('issuing', LONG, middle).certificate;
  const expected = ['warning issuing-ca-without-root'];
  expect(codes(issuing)).toEqual(expected);
  expect(codes(issuing, { bundle: [middle.certificate] })).toEqual(expected);
  expect(codes(issuing, { bundle: [middle.certificate, makeCa('root').certificate] })).toEqual(expected);
  expect(codes(issuing, { bundle: [middle.certificate], registered: [root.certificate] })).toEqual([]);
  const bare = makeCa('bare', { ...LONG, extensions: { authorityKeyIdentifier: undefined } }, root).certificate;
  expect(codes(bare, { bundle: [root.certificate] })).toEqual(['warning no-authority-key-identifier']);
});

test('registered CAs of the same subject or key', () => {
  const keyPair = { publicKey: root.certificate.publicKey.keyObject(), privateKey: root.key };
  expect(codes(root.certificate, { registered: [root.certificate] })).toEqual([]);
  expect(codes(root.certificate, { registered: [makeCa('ROOT').certificate] })).toEqual(['warning same-subject']);
  expect(codes(root.certificate, { registered: [makeCa('other', { keyPair }).certificate] })).toEqual([
    'info same-key',
  ]);
});

test('errors come first, and each finding is one sentence', () => {
  const findings = lintInspectionCa(
    rootWith({ notAfter: NOW - 1, extensions: { keyUsage: ['cRLSign'], subjectKeyIdentifier: undefined } }),
    { time: NOW },
  );
  expect(findings.map(({ severity }) => severity)).toEqual(['error', 'error', 'warning']);
  for (const { sentence } of findings) expect(sentence).toMatch(/^[A-Z].*\.$/);
});
