import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Certificate } from './certificate.ts';
import { derTypes as der } from './der-types.ts';
import { validatePath } from './path.ts';
import type { PathOptions } from './path-step.ts';
import { makeCa, makeLeaf, NOW, p256, type TestEntity, type TestFields } from './testing/test-certificates.ts';
import { trustAnchor } from './trust-anchor.ts';

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const DAY = 86_400;
const NULL_EXTENSION = { oid: '1.2.3.4', critical: 'critical', value: der.null_() } as const;

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

/** A leaf of this kind below a root of this kind. */
function belowRoot(rootFields: TestFields, leafFields: TestFields = {}): [Certificate, Partial<PathOptions>] {
  const ca = makeCa('root', rootFields);
  return [makeLeaf(ca, leafFields).certificate, { anchors: [trustAnchor(ca.certificate)] }];
}

describe('a good path', () => {
  test('the leaf, its issuers and the anchor', () => {
    const path = validatePath(
      leaf.certificate,
      options({ extendedKeyUsage: SERVER_AUTH, serverName: 'device.example.com' }),
    );
    expect(path.chain).toEqual([leaf.certificate, ica.certificate]);
    expect(path.anchor.subject).toBe(root.certificate.subject);
  });
  test('intermediates in any order, doubled, with strangers and the root among them', () => {
    const stranger = makeCa('ica');
    const other = makeCa('other', {}, root);
    const intermediates = [root, stranger, other, ica, ica].map(({ certificate }) => certificate);
    expect(chainOf(leaf.certificate, { intermediates })).toEqual([leaf.certificate, ica.certificate]);
  });
  test('an anchor that is only a name and a key', () => {
    const { subject, publicKey } = root.certificate;
    expect(chainOf(leaf.certificate, { anchors: [{ subject, publicKey }] })).toHaveLength(2);
  });
  test('an intermediate as the anchor', () => {
    expect(chainOf(leaf.certificate, { anchors: [trustAnchor(ica.certificate)], intermediates: [] })).toHaveLength(1);
  });
  test('names that differ in case and spaces', () => {
    const ca = makeCa('ica', {}, root);
    const shouting = makeCa(
      'ICA ',
      { keyPair: { publicKey: ica.certificate.publicKey.keyObject(), privateKey: ica.key } },
      root,
    );
    expect(chainOf(makeLeaf(ca).certificate, { intermediates: [ca.certificate] })).toHaveLength(2);
    expect(chainOf(leaf.certificate, { intermediates: [shouting.certificate] })).toHaveLength(2);
  });
  test.each([
    ['P-384', 'ecdsa-sha384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['P-521', 'ecdsa-sha512', () => generateKeyPairSync('ec', { namedCurve: 'P-521' })],
    ['Ed25519', 'ed25519', () => generateKeyPairSync('ed25519')],
    ['RSA', 'rsa-sha256', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ] as const)('a CA with a key of kind %s', (_, signatureAlgorithm, keyPair) => {
    const ca = makeCa('ca', { keyPair: keyPair(), signatureAlgorithm });
    const end = makeLeaf(ca, { signatureAlgorithm });
    expect(chainOf(end.certificate, { anchors: [trustAnchor(ca.certificate)] })).toHaveLength(1);
  });
});

describe('issuer and signature', () => {
  test('no anchor of that name', () =>
    expectCode('unknown-issuer', leaf.certificate, { anchors: [trustAnchor(makeCa('x').certificate)] }));
  test('no anchor at all', () => expectCode('unknown-issuer', leaf.certificate, { anchors: [] }));
  test('the intermediate is missing', () => expectCode('unknown-issuer', leaf.certificate, { intermediates: [] }));
  test('an anchor of the same name and another key identifier is another one', () => {
    expectCode('unknown-issuer', leaf.certificate, { anchors: [trustAnchor(makeCa('root').certificate)] });
  });
  test('signed by another key than that of its issuer', () => {
    expectCode('signature', makeLeaf(ica, { signingKey: p256().privateKey }).certificate);
  });
  test('an expired stranger above the leaf: the issuer is unknown all the same', () => {
    const stranger = makeCa('stranger', { notAfter: NOW - 1 }, makeCa('elsewhere'));
    expectCode('unknown-issuer', makeLeaf(stranger).certificate, { intermediates: [stranger.certificate] });
  });
  test('an algorithm off the list', () =>
    expectCode('algorithm', { ...leaf.certificate, signatureAlgorithm: 'unsupported' }));
  test('a self-signed leaf that nobody trusts', () => {
    expectCode('unknown-issuer', makeCa('self').certificate, { role: 'ca' });
  });
});

describe('validity', () => {
  const times = { notBefore: NOW, notAfter: NOW + 10 };
  test.each([
    ['leaf', makeLeaf(ica, times).certificate, {}],
    ['intermediate', ...below(times)],
  ])('%s: both bounds are inclusive, fractions are cut', (_, end, changes) => {
    expectCode('not-yet-valid', end, { ...changes, time: NOW - 0.1 });
    expect(chainOf(end, { ...changes, time: NOW })).toHaveLength(2);
    expect(chainOf(end, { ...changes, time: NOW + 10.9 })).toHaveLength(2);
    expectCode('expired', end, { ...changes, time: NOW + 11 });
  });
  test('an anchor ends with its certificate, or when its constraints say', () => {
    const anchors = (constraints = {}) => ({ anchors: [trustAnchor(root.certificate, constraints)] });
    const late = makeLeaf(ica, { notAfter: NOW + 9 * DAY }).certificate;
    const lateIca = makeCa(
      'ica',
      { notAfter: NOW + 9 * DAY, keyPair: { publicKey: ica.certificate.publicKey.keyObject(), privateKey: ica.key } },
      root,
    );
    const at = { time: NOW + 2 * DAY, intermediates: [lateIca.certificate] };
    expectCode('expired', late, { ...anchors(), ...at });
    expect(chainOf(late, { ...anchors({ notAfter: NOW + 9 * DAY }), ...at })).toHaveLength(2);
    expectCode('expired', leaf.certificate, anchors({ notAfter: NOW - 1 }));
    expectCode('not-yet-valid', leaf.certificate, anchors({ notBefore: NOW + 1 }));
  });
  test('a time that is no number is a bug of the caller', () => {
    expect(() => validatePath(leaf.certificate, options({ time: Number.NaN }))).toThrow(RangeError);
  });
});

describe('CAs', () => {
  test.each([
    ['no basic constraints', { basicConstraints: undefined }, 'not-a-ca'],
    ['CA false', { basicConstraints: { ca: false } }, 'not-a-ca'],
    ['no keyCertSign', { keyUsage: ['cRLSign'] }, 'key-usage'],
    ['an unknown critical extension', { others: [NULL_EXTENSION] }, 'unknown-critical-extension'],
    [
      'a required policy',
      {
        others: [
          {
            oid: '2.5.29.36',
            critical: 'critical',
            value: der.sequence(der.context(0, Uint8Array.of(0), 'primitive')),
          },
        ],
      },
      'policy-required',
    ],
    ['another purpose', { extendedKeyUsage: [CLIENT_AUTH] }, 'extended-key-usage'],
  ] as const)('%s: neither intermediate nor anchor', (_, extensions, code) => {
    for (const [end, changes] of [below({ extensions }), belowRoot({ extensions })]) {
      expectCode(code, end, changes);
      expectCode(code, end, { ...changes, profile: 'webpki-like' });
    }
  });
  test('a name of nothing', () => expectCode('certificate', ...below({ subject: [] })));
  test('a leaf that issues', () => {
    const child = makeLeaf(leaf).certificate;
    expectCode('not-a-ca', child, { intermediates: [ica.certificate, leaf.certificate] });
  });
  test('purposes narrow along the path, any purpose and none do not', () => {
    for (const purposes of [[SERVER_AUTH, CLIENT_AUTH], ['2.5.29.37.0']]) {
      const [end, changes] = below({ extensions: { extendedKeyUsage: purposes } });
      expect(chainOf(end, { ...changes, extendedKeyUsage: SERVER_AUTH })).toHaveLength(2);
    }
    const [end, changes] = below({ extensions: { extendedKeyUsage: [CLIENT_AUTH] } });
    expectCode('extended-key-usage', end, { ...changes, extendedKeyUsage: SERVER_AUTH });
  });
  test('weak keys: RSA below 2048 bits, curves off the list', () => {
    const weak = () => generateKeyPairSync('rsa', { modulusLength: 1024 });
    expectCode('weak-key', ...below({ keyPair: weak() }, { signatureAlgorithm: 'rsa-sha256' }));
    expectCode(
      'weak-key',
      ...belowRoot({ keyPair: weak(), signatureAlgorithm: 'rsa-sha256' }, { signatureAlgorithm: 'rsa-sha256' }),
    );
    expectCode('weak-key', makeLeaf(ica, { keyPair: weak() }).certificate);
    expectCode(
      'weak-key',
      makeLeaf(ica, { keyPair: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }) }).certificate,
    );
  });
});

describe('path length', () => {
  const sub = (issuer: TestEntity, name = 'sub') => makeCa(name, {}, issuer);
  test('a CA with length 0 issues leaves only, self-issued CAs aside', () => {
    const zero = makeCa('zero', { extensions: { basicConstraints: { ca: true, pathLength: 0 } } }, root);
    const child = sub(zero);
    const own = sub(zero, 'zero');
    expectCode('path-length', makeLeaf(child).certificate, { intermediates: [zero.certificate, child.certificate] });
    expect(chainOf(makeLeaf(own).certificate, { intermediates: [zero.certificate, own.certificate] })).toHaveLength(3);
  });
  test('of an anchor counts too', () => {
    const [end, changes] = belowRoot({ extensions: { basicConstraints: { ca: true, pathLength: 0 } } });
    expect(chainOf(end, changes)).toHaveLength(1);
    const short = makeCa('short', { extensions: { basicConstraints: { ca: true, pathLength: 0 } } });
    const child = sub(short);
    expectCode('path-length', makeLeaf(child).certificate, {
      anchors: [trustAnchor(short.certificate)],
      intermediates: [child.certificate],
    });
  });
  test('of the caller', () => {
    expect(chainOf(leaf.certificate, { maxIntermediates: 1 })).toHaveLength(2);
    expectCode('path-length', leaf.certificate, { maxIntermediates: 0 });
  });
});

describe('the leaf', () => {
  test.each([
    ['a CA', { basicConstraints: { ca: true } }, 'key-usage'],
    ['keyCertSign without being a CA', { keyUsage: ['digitalSignature', 'keyCertSign'] }, 'key-usage'],
    [
      'name constraints',
      { nameConstraints: { permitted: [{ kind: 'dns', value: 'example.com' }] } },
      'name-constraints',
    ],
    ['an unknown critical extension', { others: [NULL_EXTENSION] }, 'unknown-critical-extension'],
  ] as const)('%s', (_, extensions, code) => {
    const end = makeLeaf(ica, { extensions }).certificate;
    expectCode(code, end);
    expectCode(code, end, { profile: 'webpki-like' });
  });
  test('a CA as the end of a path, when that is asked for', () => {
    expect(chainOf(ica.certificate, { role: 'ca' })).toEqual([ica.certificate]);
    expectCode('not-a-ca', leaf.certificate, { role: 'ca' });
  });
  test('the purpose that is asked for, also among others, never any purpose instead', () => {
    const several = makeLeaf(ica, { extensions: { extendedKeyUsage: [CLIENT_AUTH, SERVER_AUTH] } }).certificate;
    const any = makeLeaf(ica, { extensions: { extendedKeyUsage: ['2.5.29.37.0'] } }).certificate;
    expect(chainOf(several, { extendedKeyUsage: SERVER_AUTH })).toHaveLength(2);
    expectCode('extended-key-usage', leaf.certificate, { extendedKeyUsage: CLIENT_AUTH });
    expectCode('extended-key-usage', any, { extendedKeyUsage: SERVER_AUTH });
    expectCode('extended-key-usage', any, { extendedKeyUsage: SERVER_AUTH, profile: 'webpki-like' });
  });
  test('a key that may only encrypt signs nothing', () => {
    const end = makeLeaf(ica, { extensions: { keyUsage: ['keyEncipherment'] } }).certificate;
    expectCode('key-usage', end);
    expect(chainOf(end, { profile: 'webpki-like' })).toHaveLength(2);
  });
  test('the name that is asked for', () => {
    expect(chainOf(leaf.certificate, { serverName: 'device.example.com' })).toHaveLength(2);
    expectCode('name-mismatch', leaf.certificate, { serverName: 'other.example.com' });
  });
  test('what is wrong with it shows only below an anchor', () => {
    expectCode('unknown-issuer', leaf.certificate, {
      anchors: [],
      serverName: 'other.example.com',
      time: NOW + 9 * DAY,
    });
  });
});

describe('several paths', () => {
  test('an expired cross-certificate does not hide the good one', () => {
    const keyPair = { publicKey: ica.certificate.publicKey.keyObject(), privateKey: ica.key };
    const bad = makeCa('ica', { keyPair, notAfter: NOW - 1 }, root).certificate;
    const wrongPurpose = makeCa('ica', { keyPair, extensions: { extendedKeyUsage: [CLIENT_AUTH] } }, root).certificate;
    expect(chainOf(leaf.certificate, { intermediates: [bad, wrongPurpose, ica.certificate] })).toEqual([
      leaf.certificate,
      ica.certificate,
    ]);
    expectCode('expired', leaf.certificate, { intermediates: [bad] });
  });
  test('two anchors of one name: the one whose key it is', () => {
    const anchors = [makeCa('root'), root, makeCa('root')].map(({ certificate }) => trustAnchor(certificate));
    expect(validatePath(leaf.certificate, options({ anchors })).anchor).toBe(anchors[1]);
  });
  test('two CAs that sign each other end in a refusal at once', () => {
    const [a, b] = [p256(), p256()];
    const one = makeCa('one', { keyPair: a });
    const two = makeCa('two', { keyPair: b });
    const cycle = [makeCa('one', { keyPair: a }, two), makeCa('two', { keyPair: b }, one)].map(
      ({ certificate }) => certificate,
    );
    expectCode('unknown-issuer', makeLeaf(one).certificate, { intermediates: cycle });
  });
  test('a mesh of CAs costs no more than the budget', () => {
    const names = Array.from({ length: 8 }, (_, i) => `ca${i}`);
    const all = names.map((name) => makeCa(name));
    const mesh = all.flatMap((issuer) =>
      all.map(
        (ca, i) =>
          makeCa(`ca${i}`, { keyPair: { publicKey: ca.certificate.publicKey.keyObject(), privateKey: ca.key } }, issuer)
            .certificate,
      ),
    );
    const end = makeLeaf(all[0] ?? root).certificate;
    expectCode('budget', end, { intermediates: mesh, maxIntermediates: 20 });
  });
  test('a mesh whose few signatures are all known costs no more than the budget', () => {
    const all = Array.from({ length: 8 }, (_, i) => makeCa(`ca${i}`));
    const mesh = all.flatMap((issuer) =>
      all.map(({ certificate: { publicKey }, key }, i) => {
        const keyPair = { publicKey: publicKey.keyObject(), privateKey: key };
        return { ...makeCa(`ca${i}`, { keyPair }, issuer).certificate, publicKey };
      }),
    );
    const end = makeLeaf(all[0] ?? root).certificate;
    expectCode('budget', end, { intermediates: mesh, maxIntermediates: 20 });
  });
  test('five hundred CAs of one name cost no more than the budget', () => {
    const spare = makeCa('ica', {}, root).certificate;
    const many = Array.from({ length: 500 }, (_, i) => ({
      ...spare,
      der: Uint8Array.of(i, i >> 8),
      publicKey: { ...p256Key(spare) },
    }));
    expectCode('budget', leaf.certificate, { intermediates: many });
  });
});

function p256Key({ publicKey }: Certificate) {
  const { der: bytes, keyBytes, type, bits } = publicKey;
  return { der: bytes, keyBytes, type, bits, keyObject: () => publicKey.keyObject() };
}
