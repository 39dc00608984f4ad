// The life of an inspection CA, from its draft to its end, and what its roles, successors and states say.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listAudit } from './audit.ts';
import { approveInspectionCa } from './inspection-ca-approval.ts';
import { removeInspectionCa, retireInspectionCa, revokeInspectionCa } from './inspection-ca-ending.ts';
import { addInspectionCa, listInspectionCas } from './inspection-cas.ts';
import { addNetwork } from './networks.ts';
import { addOrganization } from './organizations.ts';
import { publishProfile } from './profiles.ts';
import {
  addApprovedCa,
  admin,
  approverOf,
  type Fixture,
  openFixture,
  opensslCertificate,
  upload,
} from './testing/management-fixture.ts';
import { makeCa } from './testing/test-pki.ts';

let fixture: Fixture;
const approver = approverOf('acme');
const inPlant = { organization: 'acme', network: 'plant' };
const first = opensslCertificate({ commonName: 'First' });
const second = opensslCertificate({ commonName: 'Second' });
const third = opensslCertificate({ commonName: 'Third' });
const DAY = 86_400;

beforeEach(async () => {
  fixture = await openFixture();
  await addOrganization(management(), admin, { name: 'acme' });
  for (const name of ['plant', 'office']) await addNetwork(management(), approver, { organization: 'acme', name });
});
afterEach(() => fixture.close());

const management = () => fixture.management;
const inputOf = (der: Uint8Array) => ({ ...inPlant, certificate: upload(der), permittedNames: ['example'] });
const add = (der: Uint8Array, more: { replaces?: string; until?: string; network?: string } = {}) =>
  addInspectionCa(management(), approver, { ...inputOf(der), ...more });
const addApproved = (der: Uint8Array, more: { until?: string; network?: string } = {}) =>
  addApprovedCa(management(), approver, { ...inputOf(der), ...more });
const approve = (fingerprint: string, more: { words?: string; sha256?: string; reason?: string }) =>
  approveInspectionCa(management(), approver, { ...inPlant, fingerprint, ...more });
const retire = (fingerprint: string) => retireInspectionCa(management(), approver, { ...inPlant, fingerprint });
const revoke = (fingerprint: string) =>
  revokeInspectionCa(management(), approver, { ...inPlant, fingerprint, reason: 'stolen' });
const remove = (fingerprint: string) => removeInspectionCa(management(), approver, { ...inPlant, fingerprint });
const publish = (network = 'plant') => publishProfile(management(), approver, { organization: 'acme', network });
const list = async (network = 'plant') =>
  (await listInspectionCas(management(), { organization: 'acme', network })).items;
const states = async () => (await list()).map(({ state }) => state);
const lastEntry = async () => (await listAudit(management(), { organization: null, limit: 1 })).entries[0];

describe('approving', () => {
  test('a draft, by its words or its SHA-256, goes with the next publication; the audit says what changed and how it was confirmed', async () => {
    const draft = await add(first.der);
    expect(draft).toMatchObject({ state: 'draft', approved: null, published: null, dropped: null });
    const approved = await approve(draft.fingerprint, { words: draft.words, reason: 'called Ann' });
    expect(approved).toMatchObject({ state: 'approved', approved: expect.any(String) });
    expect(await lastEntry()).toMatchObject({
      act: 'inspection-ca.approve',
      outcome: 'done',
      detail: {
        before: { state: 'draft' },
        after: { state: 'approved' },
        reason: 'called Ann',
        confirmed: 'words',
        permittedNames: ['example'],
      },
    });
    await publish();
    expect(await list()).toMatchObject([{ state: 'active', published: 1 }]);
    const other = await add(second.der);
    await approve(other.fingerprint, { sha256: other.fingerprint.replaceAll(':', '').toLowerCase() });
    expect(await states()).toEqual(['active', 'approved']);
  });

  test('with the fingerprint of another CA is refused, and nothing changes [S24]', async () => {
    const draft = await add(first.der);
    const other = await add(second.der);
    for (const confirmed of [{ words: other.words }, { sha256: other.fingerprint }]) {
      await expect(approve(draft.fingerprint, confirmed)).rejects.toMatchObject({ code: 'fingerprint-refused' });
    }
    for (const confirmed of [{}, { words: draft.words, sha256: draft.fingerprint }]) {
      await expect(approve(draft.fingerprint, confirmed)).rejects.toMatchObject({ code: 'invalid-request' });
    }
    expect(await states()).toEqual(['draft', 'draft']);
  });

  test('is for drafts alone', async () => {
    const { fingerprint } = await addApproved(first.der);
    const again = () => approve(fingerprint, { sha256: fingerprint });
    await expect(again()).rejects.toMatchObject({ code: 'already-approved' });
    await publish();
    await expect(again()).rejects.toMatchObject({ code: 'already-approved' });
    await retire(fingerprint);
    await expect(again()).rejects.toMatchObject({ code: 'already-retired' });
    const ending = await add(second.der, { until: dateIn(10) });
    fixture.advance(11 * DAY);
    const late = approve(ending.fingerprint, { sha256: ending.fingerprint });
    await expect(late).rejects.toMatchObject({ code: 'time-refused' });
    const unknown = approve('ab'.repeat(32), { sha256: 'ab'.repeat(32) });
    await expect(unknown).rejects.toMatchObject({ code: 'not-found' });
  });
});

test('all states, one after the other', async () => {
  const { fingerprint } = await addApproved(first.der);
  expect(await states()).toEqual(['approved']);
  await publish();
  await retire(fingerprint);
  expect(await states()).toEqual(['retiring']);
  await publish();
  expect(await list()).toMatchObject([{ state: 'retired', published: 1, dropped: 2 }]);
  await revoke(fingerprint);
  expect(await states()).toEqual(['revoked']);
  await addApproved(second.der, { until: dateIn(10) });
  await add(third.der, { until: dateIn(10) });
  await publish();
  fixture.advance(11 * DAY);
  expect(await states()).toEqual(['revoked', 'expired', 'expired']);
});

describe('revoking', () => {
  test('takes the key off every network of the organization, and says where to publish', async () => {
    const { fingerprint, keyDigest } = await addApproved(first.der);
    const renewed = opensslCertificate({ commonName: 'First again', keyPem: first.keyPem });
    await addApproved(renewed.der, { network: 'office' });
    for (const network of ['plant', 'office']) await publish(network);
    const revoked = await revoke(fingerprint);
    expect(revoked.state).toBe('revoked');
    expect(revoked.warnings.at(-1)).toMatch(/^Network office has this key too/);
    expect(await lastEntry()).toMatchObject({
      act: 'inspection-ca.revoke',
      detail: {
        reason: 'stolen',
        before: { state: 'active' },
        after: { state: 'revoked' },
        also: [expect.stringMatching('^inspection CA acme/office/')],
      },
    });
    expect((await list('office')).map(({ state }) => state)).toEqual(['revoked']);
    for (const network of ['plant', 'office']) expect((await publish(network)).retired).toEqual([keyDigest]);
    await expect(revoke(fingerprint)).rejects.toMatchObject({ code: 'already-retired' });
    await expect(retire(fingerprint)).rejects.toMatchObject({ code: 'already-retired' });
  });

  test('is for good: the key is refused on every later add, in any certificate, on any network of the organization alone [S24]', async () => {
    const { fingerprint } = await add(first.der);
    await revoke(fingerprint);
    const renewed = opensslCertificate({ commonName: 'First again', keyPem: first.keyPem });
    for (const [der, network] of [
      [first.der, 'plant'],
      [renewed.der, 'plant'],
      [renewed.der, 'office'],
    ] as const) {
      await expect(add(der, { network })).rejects.toMatchObject({
        code: 'certificate-refused',
        message: expect.stringContaining('acme revoked this key for good'),
      });
    }
    await addOrganization(management(), admin, { name: 'other' });
    const inOther = { organization: 'other', network: 'plant' };
    await addNetwork(management(), approverOf('other'), { organization: 'other', name: 'plant' });
    const input = { ...inputOf(first.der), ...inOther };
    await expect(addInspectionCa(management(), approverOf('other'), input)).resolves.toMatchObject({ state: 'draft' });
  });
});

describe('removing', () => {
  test('a draft, or what is approved and not published, is gone, and the audit has what it was', async () => {
    const { fingerprint } = await add(first.der);
    expect(await remove(fingerprint)).toMatchObject({ fingerprint, state: 'draft' });
    expect(await list()).toEqual([]);
    const change = { before: { state: 'draft', subject: 'CN=First', permittedNames: ['example'] }, after: null };
    expect(await lastEntry()).toMatchObject({ act: 'inspection-ca.remove', detail: change });
    await addApproved(first.der);
    await remove(fingerprint);
    expect(await list()).toEqual([]);
  });

  test('what is, or was, published is refused with what to do instead; so is what ended, and what another replaces', async () => {
    const { fingerprint } = await addApproved(first.der);
    await publish();
    await expect(remove(fingerprint)).rejects.toMatchObject({
      code: 'in-use',
      message: expect.stringMatching(/retire/),
    });
    await retire(fingerprint);
    await publish();
    await expect(remove(fingerprint)).rejects.toMatchObject({ code: 'in-use' });
    const draft = await add(second.der);
    await add(third.der, { replaces: draft.fingerprint });
    await expect(remove(draft.fingerprint)).rejects.toMatchObject({ code: 'in-use' });
    await retire(draft.fingerprint);
    await expect(remove(draft.fingerprint)).rejects.toMatchObject({ code: 'already-retired' });
    await expect(remove('ab'.repeat(32))).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('what a CA follows', () => {
  test('is named by its fingerprint, and shown from both sides', async () => {
    const before = await addApproved(first.der);
    const after = await add(second.der, { replaces: before.fingerprint.toLowerCase() });
    expect(after).toMatchObject({ predecessor: before.fingerprint, successor: null });
    expect(await list()).toMatchObject([
      { predecessor: null, successor: after.fingerprint },
      { predecessor: before.fingerprint, successor: null },
    ]);
  });

  test('is a CA of the same network, and never one that follows it', async () => {
    const { fingerprint } = await add(first.der);
    const elsewhere = add(second.der, { network: 'office', replaces: fingerprint });
    await expect(elsewhere).rejects.toMatchObject({ code: 'not-found' });
    const after = await add(second.der, { replaces: fingerprint });
    await retire(fingerprint);
    for (const replaces of [after.fingerprint, fingerprint]) {
      const circle = add(first.der, { replaces });
      await expect(circle).rejects.toMatchObject({ code: 'certificate-refused' });
    }
    expect(await list()).toHaveLength(2);
  });
});

describe('the role', () => {
  const root = makeCa('Corporate root');
  const issuing = makeCa('Plant issuing CA', { issuer: root });

  test('is told from the certificate; an issuing CA is warned about until its root is registered too', async () => {
    expect(await add(first.der)).toMatchObject({
      role: 'root',
      warnings: [],
    });
    const below = await add(issuing.certificate.der);
    const warning = expect.stringMatching(
      /^CN=Plant issuing CA is an issuing CA.* programs that build chains to a root only will not accept it/,
    );
    expect(below).toMatchObject({ role: 'issuing', warnings: expect.arrayContaining([warning]) });
    await approve(below.fingerprint, { words: below.words });
    expect((await publish()).warnings).toEqual(expect.arrayContaining([warning]));
    const above = await addApproved(root.certificate.der);
    expect(above.role).toBe('root');
    expect((await list()).flatMap(({ warnings }) => warnings)).not.toEqual(expect.arrayContaining([warning]));
    expect((await publish()).warnings).not.toEqual(expect.arrayContaining([warning]));
  });

  test('of a CA that has its own name as issuer and is signed by another key is issuing', async () => {
    const namesake = makeCa('Corporate root', { issuer: root });
    expect(await add(namesake.certificate.der)).toMatchObject({ role: 'issuing' });
  });
});

function dateIn(days: number): string {
  return new Date((management().now() + days * DAY) * 1000).toISOString().slice(0, 10);
}
