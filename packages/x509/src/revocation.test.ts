import { describe, expect, test } from 'vitest';
import { parseCrl } from './crl.ts';
import { readDer, readDerChildren } from './der.ts';
import { derTypes as der } from './der-types.ts';
import { validatePath } from './path.ts';
import { crlRevocation } from './revocation.ts';
import { makeCa, makeCrl, makeLeaf, NOW } from './testing/test-certificates.ts';
import { trustAnchor } from './trust-anchor.ts';

const DAY = 86_400;
const root = makeCa('root');
const leaf = makeLeaf(root, { serialNumber: Uint8Array.of(0x80, 1) }).certificate;
const listed = [{ serialNumber: leaf.serialNumber, time: NOW - DAY }];

function validate(...lists: Parameters<typeof crlRevocation>) {
  return validatePath(leaf, {
    anchors: [trustAnchor(root.certificate)],
    intermediates: [],
    time: NOW,
    profile: 'strict',
    revocation: crlRevocation(...lists),
  });
}
const expectCode = (code: string, ...lists: Parameters<typeof crlRevocation>) =>
  expect(() => validate(...lists)).toThrow(expect.objectContaining({ name: 'X509Error', code }));

test('on the list: revoked; not on it: fine', () => {
  expectCode('revoked', [makeCrl(root, { revoked: listed })]);
  const others = [{ serialNumber: Uint8Array.of(1), time: NOW }];
  expect(validate([makeCrl(root, { revoked: others })], 'every-certificate').chain).toHaveLength(1);
});

test('no list of the issuer: fine, unless every certificate needs one', () => {
  const crls = [makeCrl(makeCa('other'), { revoked: listed })];
  expect(validate(crls).chain).toHaveLength(1);
  expectCode('revocation-unknown', crls, 'every-certificate');
  expectCode('revocation-unknown', [], 'every-certificate');
});

test('a list of another key of the same name is about other certificates', () => {
  expect(validate([makeCrl(makeCa('root'), { revoked: listed })]).chain).toHaveLength(1);
});

describe('a list that proves nothing', () => {
  test('signed by another key', () => expectCode('revocation-unknown', [makeCrl(root, {}, makeCa('x').key)]));
  test('outdated', () => expectCode('revocation-unknown', [makeCrl(root, { nextUpdate: NOW - 1 })]));
  test('from the future', () => expectCode('revocation-unknown', [makeCrl(root, { thisUpdate: NOW + 1 })]));
  test('of a CA that may not sign lists', () => {
    const ca = makeCa('root', { extensions: { keyUsage: ['keyCertSign'] } });
    const end = makeLeaf(ca).certificate;
    const anchors = [trustAnchor(ca.certificate)];
    expect(() =>
      validatePath(end, {
        anchors,
        intermediates: [],
        time: NOW,
        profile: 'strict',
        revocation: crlRevocation([makeCrl(ca)]),
      }),
    ).toThrow(expect.objectContaining({ code: 'revocation-unknown' }));
  });
  test('with a critical extension that is unknown (partial or indirect lists)', () => {
    expectCode('revocation-unknown', [{ ...makeCrl(root), unknownCritical: ['2.5.29.28'] }]);
  });
});

test('an outdated list still revokes; of two current ones the newer decides', () => {
  expectCode('revoked', [makeCrl(root, { nextUpdate: NOW - 1, revoked: listed })]);
  const older = makeCrl(root, { revoked: listed });
  const newer = makeCrl(root, { thisUpdate: NOW - 60, number: 2 });
  expect(validate([older, newer]).chain).toHaveLength(1);
  expect(validate([newer, older]).chain).toHaveLength(1);
});

test('lists with signatures of somebody else cost no more than the budget', () => {
  const forged = makeCrl(root, {}, makeCa('x').key);
  expectCode('revocation-unknown', Array<typeof forged>(100).fill(forged));
  expectCode('budget', Array<typeof forged>(200).fill(forged));
});

test('bounds of a list are inclusive', () => {
  expect(validate([makeCrl(root, { thisUpdate: NOW, nextUpdate: NOW })]).chain).toHaveLength(1);
});

test('a revoked intermediate closes its path only', () => {
  const good = makeCa('ica', { serialNumber: Uint8Array.of(7) }, root);
  const keyPair = { publicKey: good.certificate.publicKey.keyObject(), privateKey: good.key };
  const bad = makeCa('ica', { serialNumber: Uint8Array.of(8), keyPair }, root).certificate;
  const end = makeLeaf(good).certificate;
  const revocation = crlRevocation([makeCrl(root, { revoked: [{ serialNumber: bad.serialNumber, time: NOW }] })]);
  const base = { anchors: [trustAnchor(root.certificate)], time: NOW, profile: 'strict', revocation } as const;
  expect(validatePath(end, { ...base, intermediates: [bad, good.certificate] }).chain).toEqual([end, good.certificate]);
  expect(() => validatePath(end, { ...base, intermediates: [bad] })).toThrow(
    expect.objectContaining({ code: 'revoked' }),
  );
});

describe('parseCrl', () => {
  const crl = makeCrl(root, { revoked: listed, number: 300 });
  test('its values', () => {
    expect(crl).toMatchObject({
      thisUpdate: NOW - DAY,
      nextUpdate: NOW + DAY,
      signatureAlgorithm: 'ecdsa-sha256',
      unknownCritical: [],
    });
    expect([...crl.revoked]).toEqual([['008001', NOW - DAY]]);
    expect(crl.number).toEqual(Uint8Array.of(1, 44));
  });
  const rewrite = (change: (fields: Uint8Array[]) => Uint8Array[]) => {
    const [tbs, ...rest] = readDerChildren(readDer(crl.der));
    const fields = readDerChildren(tbs ?? crl.der).map(({ raw }) => raw);
    return der.sequence(der.sequence(...change(fields)), ...rest.map(({ raw }) => raw));
  };
  const isRefused = expect.objectContaining({ name: 'X509Error' });
  test.each<[string, (fields: Uint8Array[]) => Uint8Array[]]>([
    ['version 1', (fields) => fields.slice(1)],
    ['version 3', (fields) => [der.integer(2), ...fields.slice(1)]],
    [
      'another algorithm inside than outside',
      ([version, , ...rest]) => [version ?? der.null_(), der.sequence(der.oid('1.2.3')), ...rest],
    ],
    ['no next update', (fields) => fields.toSpliced(4, 1)],
    ['no number', (fields) => fields.slice(0, -1)],
    ['an element too many', (fields) => [...fields, der.null_()]],
  ])('%s is refused', (_, change) => expect(() => parseCrl(rewrite(change))).toThrow(isRefused));
  test('critical extensions of the list and of its entries are listed', () => {
    const extension = (oid: string) => der.sequence(der.oid(oid), der.boolean(true), der.octetString(der.null_()));
    const entry = der.sequence(
      der.integer(1),
      der.time(NOW),
      der.sequence(extension('2.5.29.21'), extension('2.5.29.29')),
    );
    const number = der.sequence(der.oid('2.5.29.20'), der.octetString(der.integer(1)));
    const all = der.context(0, der.sequence(number, extension('2.5.29.28')));
    expect(parseCrl(rewrite((fields) => [...fields.slice(0, 5), der.sequence(entry), all])).unknownCritical).toEqual([
      '2.5.29.28',
      '2.5.29.21',
      '2.5.29.29',
    ]);
  });
});
