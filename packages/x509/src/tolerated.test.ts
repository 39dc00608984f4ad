import { expect, test } from 'vitest';
import { derTypes as der } from './der-types.ts';
import { validatePath } from './path.ts';
import { makeCa, makeLeaf, NOW, p256, type TestEntity, type TestFields } from './testing/test-certificates.ts';
import { toleratedIn } from './tolerated.ts';
import { trustAnchor } from './trust-anchor.ts';

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const other = (arc: number, critical: 'critical' | 'not-critical', value: Uint8Array) => ({
  oid: `2.5.29.${arc}`,
  critical,
  value,
});
const notCriticalCa = {
  basicConstraints: undefined,
  others: [other(19, 'not-critical', der.sequence(der.boolean(true)))],
};

/** What is told of a path of these three, and that the strict profile agrees. */
function told(fields: { root?: TestFields; ca?: TestFields; leaf?: TestFields }): readonly string[] {
  const root = makeCa('root', fields.root);
  const ca = makeCa('ca', fields.ca, root);
  return toldOf(root, ca, makeLeaf(ca, fields.leaf));
}

function toldOf(root: TestEntity, ca: TestEntity, leaf: TestEntity): readonly string[] {
  const asked = { time: NOW, extendedKeyUsage: SERVER_AUTH, serverName: 'device.example.com' } as const;
  const options = { ...asked, anchors: [trustAnchor(root.certificate)], intermediates: [ca.certificate] };
  const lenient = { ...options, profile: 'webpki-like' } as const;
  const found = toleratedIn(validatePath(leaf.certificate, lenient), lenient);
  const strict = () => validatePath(leaf.certificate, { ...options, profile: 'strict' });
  if (found.length > 0) expect(strict).toThrow();
  else expect(strict).not.toThrow();
  const names = new Map([leaf, ca, root].map(({ certificate }, i) => [certificate, ['leaf', 'ca', 'root'][i]]));
  for (const { sentence } of found) expect(sentence).toMatch(/^[A-Z].*\.$/);
  return found.map(({ code, certificate }) => `${names.get(certificate)} ${code}`);
}

test('a path as it should be: nothing', () => expect(told({})).toEqual([]));

test.each<[string, Parameters<typeof told>[0], readonly string[]]>([
  [
    'a leaf without the key of its issuer',
    { leaf: { extensions: { authorityKeyIdentifier: undefined } } },
    ['leaf key-identifiers'],
  ],
  ['a CA without its own', { ca: { extensions: { subjectKeyIdentifier: undefined } } }, ['ca key-identifiers']],
  ['a root without its own', { root: { extensions: { subjectKeyIdentifier: undefined } } }, []],
  ['basic constraints that are not critical', { ca: { extensions: notCriticalCa } }, ['ca ca-form']],
  ['a CA without key usage', { ca: { extensions: { keyUsage: undefined } } }, ['ca ca-form']],
  ['a root without key usage', { root: { extensions: { keyUsage: undefined } } }, []],
  ['a leaf without purpose', { leaf: { extensions: { extendedKeyUsage: undefined } } }, ['leaf purpose']],
  ['a leaf that signs nothing', { leaf: { extensions: { keyUsage: ['keyEncipherment'] } } }, ['leaf purpose']],
  ['a root with a purpose', { root: { extensions: { extendedKeyUsage: [SERVER_AUTH] } } }, ['root purpose']],
  [
    'a malformed name beside the one asked for',
    {
      leaf: {
        extensions: {
          subjectAltName: ['a_b.example.com', 'device.example.com'].map((value) => ({ kind: 'dns', value })),
        },
      },
    },
    ['leaf names'],
  ],
  [
    'policy constraints that are not critical',
    {
      ca: {
        extensions: {
          others: [other(36, 'not-critical', der.sequence(der.context(1, Uint8Array.of(0), 'primitive')))],
        },
      },
    },
    ['ca key-or-policy'],
  ],
  [
    'a constraint with a leading dot',
    { root: { extensions: { nameConstraints: { permitted: [{ kind: 'dns', value: '.example.com' }] } } } },
    ['root name-constraints'],
  ],
  [
    'several at once',
    {
      ca: { extensions: { ...notCriticalCa, subjectKeyIdentifier: undefined } },
      leaf: { extensions: { authorityKeyIdentifier: undefined, extendedKeyUsage: undefined } },
    },
    ['leaf key-identifiers', 'leaf purpose', 'ca key-identifiers', 'ca ca-form'],
  ],
])('%s', (_, fields, expected) => expect(told(fields)).toEqual(expected));

test('an odd serial number', () => {
  const root = makeCa('root');
  const ca = makeCa('ca', {}, root);
  const leaf = makeLeaf(ca, { serialNumber: Uint8Array.from({ length: 20 }, () => 0x7f), keyPair: p256() });
  const odd = { ...leaf, certificate: { ...leaf.certificate, serialNumber: Uint8Array.of(0) } };
  expect(toldOf(root, ca, odd)).toEqual(['leaf serial-number']);
});
