import { parseCertificate } from '@windlass/x509';
import { beforeAll, expect, test } from 'vitest';
import type { TrustView } from '../ports.ts';
import { isPathForUnvalidatedUse, judgeChain } from './judge-chain.ts';
import { type Holder, makeAuthority, makeLeaf } from './testing/pki.ts';
import { inspectionCa, now, trusting } from './testing/trust.ts';

const service = 'service.example.com';
const valid = (issuer: Holder | null): object => ({ kind: 'valid', by: issuer && hex(issuer.der) });
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
/** The judgement, with the inspection CA by its bytes. */
function judge(chain: readonly Uint8Array[], host: string, trust: TrustView): object {
  const { failure, inspectionCa: by } = judgeChain(chain, host, trust, service);
  return failure ? invalid(failure) : { kind: 'valid', by: by && hex(by.der) };
}
const invalid = (failure: string): object => ({ kind: 'invalid', failure });

let root: Holder;
let issuing: Holder;
let box: Holder;
let publicLeaf: Holder;
let boxLeaf: Holder;
const names = [service, 'other.example', '10.1.2.3'];

beforeAll(async () => {
  root = await makeAuthority({ subject: 'CN=Public Root' });
  issuing = await makeAuthority({ subject: 'CN=Public Issuing', issuer: root });
  box = await makeAuthority({ subject: 'CN=Box CA', key: 'rsa' });
  publicLeaf = await makeLeaf(names, { issuer: issuing });
  boxLeaf = await makeLeaf(names, { issuer: box, key: 'rsa' });
});

const judgePublic = (trust: TrustView, host = service): object => judge([publicLeaf.der, issuing.der], host, trust);
const judgeBox = (trust: TrustView, host = service): object => judge([boxLeaf.der], host, trust);

test('[L6] a chain to a root is valid, also beside inspection CAs, and nobody inspects', () => {
  expect(judgePublic(trusting([root]))).toEqual(valid(null));
  expect(judgePublic(trusting([box, root], { inspectionCas: [inspectionCa(box)] }))).toEqual(valid(null));
  expect(judgePublic(trusting([root]), '10.1.2.3')).toEqual(valid(null));
});

test('[L6] a chain to an inspection CA is valid, and names it', () => {
  expect(judgeBox(trusting([root], { inspectionCas: [inspectionCa(box)] }))).toEqual(valid(box));
  expect(judgeBox(trusting([], { inspectionCas: [inspectionCa(box, { permittedNames: ['example.com'] })] }))).toEqual(
    valid(box),
  );
});

test('[L6] an issuing inspection CA without its root is enough', async () => {
  const under = await makeAuthority({ subject: 'CN=Box Issuing', issuer: box });
  const leaf = await makeLeaf([service], { issuer: under });
  expect(judge([leaf.der], service, trusting([], { inspectionCas: [inspectionCa(under)] }))).toEqual(valid(under));
});

test('[L6] outside of its permitted names an inspection CA is nobody', () => {
  const trust = trusting([root], { inspectionCas: [inspectionCa(box, { permittedNames: ['example.com'] })] });
  expect(judgeBox(trust, 'other.example')).toEqual(invalid('unknown-issuer'));
  expect(judgeBox(trust, '10.1.2.3')).toEqual(invalid('unknown-issuer'));
  expect(
    judgeBox(trusting([], { inspectionCas: [inspectionCa(box, { permittedNames: ['10.0.0.0/8'] })] }), '10.1.2.3'),
  ).toEqual(valid(box));
});

test('[L6] for its excluded names an inspection CA is nobody', () => {
  const trust = trusting([root], { inspectionCas: [inspectionCa(box, { excludedNames: ['service.example.com'] })] });
  expect(judgeBox(trust)).toEqual(invalid('unknown-issuer'));
  expect(judgeBox(trust, 'other.example')).toEqual(valid(box));
});

test('[L6] before from and after until an inspection CA is nobody', () => {
  expect(judgeBox(trusting([], { inspectionCas: [inspectionCa(box, { from: now(60) })] }))).toEqual(
    invalid('unknown-issuer'),
  );
  expect(judgeBox(trusting([], { inspectionCas: [inspectionCa(box, { until: now(-60) })] }))).toEqual(
    invalid('unknown-issuer'),
  );
});

test('[L6] the anchor of a privately certified service holds for its name only', () => {
  const trust = trusting([root], { tlsAnchors: [parseCertificate(box.der)] });
  expect(judgeBox(trust)).toEqual(valid(null));
  expect(judgeBox(trust, 'other.example')).toEqual(invalid('unknown-issuer'));
});

test('[L2] a twin with the same subject and another key is an unknown issuer', async () => {
  const twin = await makeAuthority({ subject: 'CN=Box CA', key: 'rsa' });
  expect(judgeBox(trusting([root], { inspectionCas: [inspectionCa(twin)] }))).toEqual(invalid('unknown-issuer'));
  expect(judgeBox(trusting([], { inspectionCas: [inspectionCa(twin), inspectionCa(box)] }))).toEqual(valid(box));
});

test('[L2] nobody is trusted, or nobody who signed: unknown issuer', () => {
  expect(judgeBox(trusting([]))).toEqual(invalid('unknown-issuer'));
  expect(judgeBox(trusting([root]))).toEqual(invalid('unknown-issuer'));
  expect(judgePublic(trusting([box]))).toEqual(invalid('unknown-issuer'));
});

test('[L6] a leaf outside of its validity is judged at the time of the view, not of the system', async () => {
  const trust = trusting([root]);
  expect(judgePublic({ ...trust, time: now(40 * 86_400) })).toEqual(invalid('expired'));
  expect(judgePublic({ ...trust, time: now(-40 * 86_400) })).toEqual(invalid('not-yet-valid'));
});

test('[L6] a valid chain for another name is a mismatch, the common name does not count', async () => {
  expect(judgePublic(trusting([root]), 'another.example')).toEqual(invalid('name-mismatch'));
  const odd = await makeLeaf(['other.example'], { issuer: root, subject: `CN=${service}` });
  expect(judge([odd.der], service, trusting([root]))).toEqual(invalid('name-mismatch'));
});

test('[L6] a leaf for another purpose, and one that is no certificate, are not fit', async () => {
  const client = await makeLeaf([service], { issuer: root, purpose: '1.3.6.1.5.5.7.3.2' });
  expect(judge([client.der], service, trusting([root]))).toEqual(invalid('certificate'));
  expect(judge([new Uint8Array([0x30, 0x00])], service, trusting([root]))).toEqual(invalid('certificate'));
});

test('a damaged certificate above the leaf does not hide a good path', () => {
  const trust = trusting([], { inspectionCas: [inspectionCa(box)] });
  expect(judge([boxLeaf.der, new Uint8Array([1, 2, 3])], service, trust)).toEqual(valid(box));
});

test('[L2] an unvalidated connection is for an unknown issuer, and for wrong dates while the clock is not trusted', () => {
  expect(isPathForUnvalidatedUse('unknown-issuer', 'trusted')).toBe(true);
  expect(isPathForUnvalidatedUse('expired', 'trusted')).toBe(false);
  expect(isPathForUnvalidatedUse('not-yet-valid', 'trusted')).toBe(false);
  expect(isPathForUnvalidatedUse('expired', 'untrusted')).toBe(true);
  expect(isPathForUnvalidatedUse('not-yet-valid', 'floor')).toBe(true);
  expect(isPathForUnvalidatedUse('name-mismatch', 'untrusted')).toBe(false);
  expect(isPathForUnvalidatedUse('certificate', 'floor')).toBe(false);
});
