import { digestOf, type NetworkId, parseNetworkId, unixSeconds } from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';
import { expect, test } from 'vitest';
import { cacheCertificates } from './device-side.ts';
import { MAX_CANDIDATES } from './presented-chain.ts';
import { type SelectionFacts, selectProfile } from './select-profile.ts';
import type { StoredProfile } from './store/ports.ts';
import { makeCa, makeLeaf, newTestKey, TEST_TIME, type TestEntity } from './testing/test-pki.ts';

const now = unixSeconds(TEST_TIME);
const certificateOf = cacheCertificates();
const box = makeCa('Box CA');
const otherBox = makeCa('Other CA');
const rogue = makeCa('Box CA');

function profileOf(
  network: string,
  cas: readonly Certificate[],
  from = TEST_TIME - 1,
  until = TEST_TIME + 1,
): StoredProfile {
  return {
    organization: 'acme' as StoredProfile['organization'],
    network: parseNetworkId(network),
    epoch: 1,
    sequence: 1,
    expires: unixSeconds(TEST_TIME + 1000),
    digest: digestOf(network),
    envelope: { payload: network, signature: '' },
    inspectionCas: cas.map(({ der, subject, publicKey }) => ({
      certificate: der,
      subject: subject.der,
      keyDigest: digestOf(publicKey.der),
      from: unixSeconds(from),
      until: unixSeconds(until),
    })),
  };
}

const plant = profileOf('plant', [box.certificate]);
const office = profileOf('office', [otherBox.certificate]);

function select(chain: readonly TestEntity[], change: Partial<SelectionFacts> = {}) {
  return selectProfile({
    presentedChain: chain.map(({ certificate }) => certificate.der),
    profiles: [office, plant],
    assigned: null,
    ownKeys: new Set(),
    now,
    certificateOf,
    ...change,
  });
}

const office1 = parseNetworkId('office') as NetworkId;

test('[S7] the network whose CA signed the presented leaf is selected, also when another is assigned', () => {
  expect(select([makeLeaf(box)], { assigned: office1 })).toEqual({ kind: 'granted', profile: plant });
  expect(select([makeLeaf(otherBox)])).toEqual({ kind: 'granted', profile: office });
});

test('[S7] the same subject with another key stays rogue', () => {
  expect(select([makeLeaf(rogue), rogue])).toMatchObject({ kind: 'awaiting-approval', observed: { topIsCa: true } });
});

test('[S7] the same subject and the same key identifier with another key stay rogue', () => {
  const leaf = makeLeaf({ certificate: box.certificate, key: newTestKey() });
  expect(select([leaf, box])).toMatchObject({ kind: 'awaiting-approval', observed: { topIsCa: false } });
});

test('[S7] a genuine certificate thrown into a rogue chain does not select', () => {
  const genuine = makeLeaf(box);
  expect(select([makeLeaf(rogue), rogue, box, genuine])).toMatchObject({ kind: 'awaiting-approval' });
  expect(select([makeLeaf(rogue), genuine, rogue])).toMatchObject({ kind: 'awaiting-approval' });
  const unknown = makeCa('Unknown CA');
  expect(select([makeLeaf(unknown), makeCa('Intermediate', { issuer: box })])).toMatchObject({
    kind: 'awaiting-approval',
    observed: { topIsCa: false },
  });
});

test('[S7] a leaf that a genuine leaf signed does not select: only a CA signs certificates', () => {
  const bought = makeLeaf(box, { names: ['shop.example'] });
  expect(select([makeLeaf(bought), bought, box])).toMatchObject({ kind: 'awaiting-approval' });
});

test('[S7] a registered root selects when its issuing CA is presented, in whatever order', () => {
  const issuing = makeCa('Issuing CA', { issuer: box });
  const second = makeCa('Second Issuing CA', { issuer: issuing });
  const leaf = makeLeaf(second);
  expect(select([leaf, second, issuing])).toEqual({ kind: 'granted', profile: plant });
  expect(select([leaf, issuing, second, box])).toEqual({ kind: 'granted', profile: plant });
  expect(select([leaf, second])).toMatchObject({ kind: 'awaiting-approval', observed: { topIsCa: true } });
});

test('[S7] a registered issuing CA selects without its root, and under whatever root', () => {
  const issuing = makeCa('Issuing CA', { issuer: makeCa('Root') });
  const profiles = [profileOf('branch', [issuing.certificate])];
  expect(select([makeLeaf(issuing)], { profiles })).toMatchObject({ kind: 'granted' });
  expect(select([makeLeaf(issuing), issuing, makeCa('Root')], { profiles })).toMatchObject({ kind: 'granted' });
});

test('[S7] a CA that was certified anew with the same key still selects', () => {
  const renewed = makeCa('Box CA', { key: box.key });
  expect(select([makeLeaf(renewed), renewed])).toEqual({ kind: 'granted', profile: plant });
});

test('[S7] a CA selects only from its first to its last second', () => {
  const chain = [makeLeaf(box)];
  const at = (from: number, until: number) =>
    select(chain, { profiles: [profileOf('plant', [box.certificate], TEST_TIME + from, TEST_TIME + until)] }).kind;
  expect([at(0, 0), at(1, 9), at(-9, -1)]).toEqual(['granted', 'awaiting-approval', 'awaiting-approval']);
});

test('[S7] two networks behind one box: the assigned one, else the first by name', () => {
  const twin = profileOf('annex', [otherBox.certificate, box.certificate]);
  const profiles = [plant, twin];
  expect(select([makeLeaf(box)], { profiles })).toMatchObject({ profile: { network: 'annex' } });
  expect(select([makeLeaf(box)], { profiles, assigned: plant.network })).toMatchObject({
    profile: { network: 'plant' },
  });
});

test('[S7] one vendor, one subject, many boxes: the one that signed is found', () => {
  const boxes = Array.from({ length: 40 }, () => makeCa('Vendor CA', { keyIdentifiers: 'none' }));
  const profiles = boxes.map(({ certificate }, index) => profileOf(`site-${index}`, [certificate]));
  const last = boxes.at(-1);
  expect(last && select([makeLeaf(last)], { profiles })).toMatchObject({ profile: { network: 'site-39' } });
  expect(MAX_CANDIDATES).toBeGreaterThan(boxes.length);
});

test("[S7] the service's own key: not inspected, with the assigned network's profile or without", () => {
  const own = makeLeaf(makeCa('Private TLS CA'));
  const ownKeys = new Set([digestOf(own.certificate.publicKey.der)]);
  expect(select([own], { ownKeys })).toEqual({ kind: 'not-inspected', profile: null });
  expect(select([own], { ownKeys, assigned: office1 })).toEqual({ kind: 'not-inspected', profile: office });
  const thrownIn = select([makeLeaf(rogue), own], { ownKeys });
  expect(thrownIn.kind).toBe('awaiting-approval');
});

test('[S7] without a chain the assigned network, if it published', () => {
  expect(select([], { assigned: office1 })).toEqual({ kind: 'granted', profile: office });
  expect(select([])).toEqual({ kind: 'awaiting-approval', observed: null });
  expect(select([], { assigned: parseNetworkId('unpublished') })).toEqual({
    kind: 'awaiting-approval',
    observed: null,
  });
});

test('[S8] what is observed is the topmost certificate that signatures lead to', () => {
  const issuing = makeCa('Rogue Issuing CA', { issuer: rogue });
  const top = select([makeLeaf(issuing), box, issuing]);
  const id = issuing.certificate.extensions.subjectKeyIdentifier ?? [];
  expect(top).toMatchObject({
    observed: { topIsCa: true, issuer: 'CN=Rogue Issuing CA', issuerKeyId: Buffer.from(id).toString('hex') },
  });
  const alone = select([makeLeaf(issuing)]);
  expect(alone).toMatchObject({
    observed: { topIsCa: false, issuer: 'CN=Rogue Issuing CA', issuerKeyId: Buffer.from(id).toString('hex') },
  });
  const nameless = makeCa('Nameless', { keyIdentifiers: 'none' });
  expect(select([makeLeaf(nameless, { keyIdentifiers: 'none' })])).toMatchObject({ observed: { issuerKeyId: null } });
});

test('a chain that cannot be read awaits approval with its bytes; an issuer that cannot be read is passed over', () => {
  const unreadable = Uint8Array.of(0x30, 0x03, 0x02, 0x01, 0x05);
  expect(select([], { presentedChain: [unreadable, box.certificate.der] })).toMatchObject({
    kind: 'awaiting-approval',
    observed: { certificate: unreadable, topIsCa: false, issuer: '', issuerKeyId: null },
  });
  const issuing = makeCa('Issuing CA', { issuer: box });
  const presentedChain = [makeLeaf(issuing).certificate.der, unreadable, issuing.certificate.der];
  expect(select([], { presentedChain })).toEqual({ kind: 'granted', profile: plant });
});

test('CAs that certify each other do not keep the walk from ending', () => {
  const first = makeCa('First');
  const second = makeCa('Second', { issuer: first });
  const crossed = makeCa('First', { key: first.key, issuer: second });
  expect(select([makeLeaf(first), crossed, second, first])).toMatchObject({ kind: 'awaiting-approval' });
});
