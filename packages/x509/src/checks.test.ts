import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Certificate } from './certificate.ts';
import { readDer, readDerChildren } from './der.ts';
import { derTypes as der } from './der-types.ts';
import type { KeyUsage } from './extension-values.ts';
import { validatePath } from './path.ts';
import type { PathOptions } from './path-step.ts';
import { parsePublicKey } from './public-key.ts';
import { makeCa, makeLeaf, NOW, type TestFields } from './testing/test-certificates.ts';
import { trustAnchor } from './trust-anchor.ts';

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

const root = makeCa('root');
const ica = makeCa('ica', {}, root);
const leaf = makeLeaf(ica);

function options(changes: Partial<PathOptions> = {}): PathOptions {
  return {
    anchors: [trustAnchor(root.certificate)],
    intermediates: [ica.certificate],
    time: NOW,
    profile: 'strict',
    ...changes,
  };
}

const chainOf = (end: Certificate, changes: Partial<PathOptions> = {}) => validatePath(end, options(changes)).chain;
const expectCode = (code: string, end: Certificate, changes: Partial<PathOptions> = {}) =>
  expect(() => validatePath(end, options(changes))).toThrow(expect.objectContaining({ name: 'X509Error', code }));

/** A leaf of this kind below an intermediate of this kind, and the options that offer that intermediate. */
function below(caFields: TestFields, leafFields: TestFields = {}): [Certificate, Partial<PathOptions>] {
  const ca = makeCa('ica', caFields, root);
  return [makeLeaf(ca, leafFields).certificate, { intermediates: [ca.certificate] }];
}

describe('form', () => {
  const both = (end: Certificate, changes: Partial<PathOptions> = {}) => {
    expectCode('certificate', end, changes);
    expectCode('certificate', end, { ...changes, profile: 'webpki-like' });
  };
  test('version 1', () => both({ ...leaf.certificate, version: 1 }));
  test('an empty issuer', () => {
    const nameless = makeCa('', { subject: [] });
    const { subject, publicKey } = nameless.certificate;
    both(makeLeaf(nameless).certificate, { anchors: [{ subject, publicKey }] });
  });
  test('a CA without a name', () => both(makeCa('', { subject: [] }, root).certificate, { role: 'ca' }));
});

describe('strict and webpki-like', () => {
  test.each([
    ['no key identifier of the issuer', { authorityKeyIdentifier: undefined }, {}],
    [
      'a subject and critical alternative names',
      {
        subjectAltName: undefined,
        others: [
          {
            oid: '2.5.29.17',
            critical: 'critical',
            value: der.sequence(der.context(2, Uint8Array.of(0x61), 'primitive')),
          },
        ],
      },
      {},
    ],
    ['a DNS name that is none', { subjectAltName: [{ kind: 'dns', value: 'a_b.example.com' }] }, {}],
    ['no name at all', { subjectAltName: undefined }, { subject: [] }],
    [
      'policy constraints that are not critical',
      {
        others: [
          {
            oid: '2.5.29.36',
            critical: 'not-critical',
            value: der.sequence(der.context(1, Uint8Array.of(0), 'primitive')),
          },
        ],
      },
      {},
    ],
    ['a serial number of 21 octets', {}, { serialNumber: new Uint8Array(20).fill(0x7f) }],
  ] as const)('%s: a leaf for the second only', (_, extensions, fields) => {
    const { certificate } = makeLeaf(ica, { ...fields, extensions });
    const odd = 'serialNumber' in fields ? { ...certificate, serialNumber: new Uint8Array(21).fill(1) } : certificate;
    expectCode('certificate', odd);
    expect(chainOf(odd, { profile: 'webpki-like' })).toHaveLength(2);
  });
  test.each([[0], [0x80, 1]])('a serial number that is not positive (%j…): a leaf for the second only', (...octets) => {
    const odd = { ...leaf.certificate, serialNumber: Uint8Array.from(octets) };
    expectCode('certificate', odd);
    expect(chainOf(odd, { profile: 'webpki-like' })).toHaveLength(2);
  });
  test('a root with purposes, also with the right one: above a TLS server for the second only', () => {
    const limited = makeCa('limited', { extensions: { extendedKeyUsage: [SERVER_AUTH] } });
    const end = makeLeaf(limited).certificate;
    const asked = { anchors: [trustAnchor(limited.certificate)], extendedKeyUsage: SERVER_AUTH };
    expectCode('extended-key-usage', end, asked);
    expect(chainOf(end, { ...asked, profile: 'webpki-like' })).toHaveLength(1);
  });
  test('a leaf without purposes serves TLS for the second only', () => {
    const end = makeLeaf(ica, { extensions: { extendedKeyUsage: undefined } }).certificate;
    expectCode('extended-key-usage', end, { extendedKeyUsage: SERVER_AUTH });
    expect(chainOf(end, { extendedKeyUsage: SERVER_AUTH, profile: 'webpki-like' })).toHaveLength(2);
  });
  test.each([
    ['no key identifiers', { subjectKeyIdentifier: undefined, authorityKeyIdentifier: undefined }, 'certificate'],
    ['no key usage', { keyUsage: undefined }, 'key-usage'],
    [
      'basic constraints that are not critical',
      {
        basicConstraints: undefined,
        others: [{ oid: '2.5.29.19', critical: 'not-critical', value: der.sequence(der.boolean(true)) }],
      },
      'not-a-ca',
    ],
  ] as const)('%s: an intermediate for the second only', (_, extensions, code) => {
    const [end, changes] = below({ extensions });
    expectCode(code, end, changes);
    expect(chainOf(end, { ...changes, profile: 'webpki-like' })).toHaveLength(2);
  });
  test('purposes of a TLS server that are critical, or all: for the second only', () => {
    const purposes = (...oids: string[]) => der.sequence(...oids.map(der.oid));
    const critical = { oid: '2.5.29.37', critical: 'critical', value: purposes(SERVER_AUTH) } as const;
    const all = { ...critical, critical: 'not-critical', value: purposes(SERVER_AUTH, '2.5.29.37.0') } as const;
    for (const other of [critical, all]) {
      const end = makeLeaf(ica, { extensions: { extendedKeyUsage: undefined, others: [other] } }).certificate;
      expectCode('extended-key-usage', end, { extendedKeyUsage: SERVER_AUTH });
      expect(chainOf(end, { extendedKeyUsage: SERVER_AUTH, profile: 'webpki-like' })).toHaveLength(2);
    }
  });
});

test('what the key of a TLS server is for: one of three, in the strict profile to sign', () => {
  const end = (...keyUsage: KeyUsage[]) => makeLeaf(ica, { extensions: { keyUsage } }).certificate;
  const lenient = { profile: 'webpki-like', extendedKeyUsage: SERVER_AUTH } as const;
  for (const usage of ['digitalSignature', 'keyEncipherment', 'keyAgreement'] as const)
    expect(chainOf(end(usage), lenient)).toHaveLength(2);
  expectCode('key-usage', end('cRLSign', 'nonRepudiation'), lenient);
  expect(chainOf(end('nonRepudiation'), { profile: 'webpki-like' })).toHaveLength(2);
  expectCode('key-usage', end('keyEncipherment'), { extendedKeyUsage: SERVER_AUTH });
});

test('the NULL of an RSA key is one', () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
  const [algorithm, key] = readDerChildren(readDer(spki));
  const odd = der.sequence(der.oid('1.2.840.113549.1.1.1'), der.element(0x05, Uint8Array.of(0)));
  const rebuilt = (first: Uint8Array | undefined) => parsePublicKey(der.sequence(first ?? odd, key?.raw ?? odd)).type;
  expect([rebuilt(algorithm?.raw), rebuilt(odd)]).toEqual(['rsa', 'other']);
});
