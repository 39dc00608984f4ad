// Two instances of the management side on one PostgreSQL and one directory of keys, at work on the same things at the same time: everything is
// done, once. One that is killed with its connections leaves nothing behind that the other cannot go on with.

import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { parseClaim, parseSecurityProfile, parseSerial } from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exportAudit, verifyAudit } from './audit.ts';
import { pemOf } from './certificates.ts';
import { renewClaims } from './claim-renewal.ts';
import { changeOwner } from './claims.ts';
import { healthOf } from './health.ts';
import { renewEndings, runJobs } from './job-runner.ts';
import { listJobs } from './jobs.ts';
import { askKillSwitch } from './kill-switch.ts';
import type { Management } from './management.ts';
import { addManufacturer } from './manufacturers.ts';
import { addNetwork } from './networks.ts';
import { addOrganization, findOrganization } from './organizations.ts';
import { publishProfile } from './profiles.ts';
import { addPublisher } from './publishers.ts';
import { seriesOf, writeSigners } from './signer/issue.ts';
import { listSigners } from './signer/key-directory.ts';
import type { ClaimRow, ManagementStore } from './store/management-ports.ts';
import { openManagementStore } from './store/management-store.ts';
import { describePostgres } from './testing/each-engine.ts';
import {
  admin,
  approverOf,
  type Fixture,
  openFixture,
  opensslCertificate,
  SERVICE,
} from './testing/management-fixture.ts';
import { makeCa } from './testing/test-pki.ts';

/** Three batches, and two. */
const MANY = 450;
const SOME = 210;
const NETWORKS = ['office', 'plant'] as const;
const DAY_SECONDS = 86_400;
const acme = approverOf('acme');
const inAcme = { organization: 'acme' };
const maker = makeCa('Maker');
const silent = { warn: () => undefined, info: () => undefined };

describePostgres((cluster) => {
  let fixture: Fixture;
  let stores: readonly ManagementStore[];
  let one: Management;
  let two: Management;
  let claimed = 0;

  beforeEach(async () => {
    fixture = await openFixture();
    const server = await cluster().createDatabase();
    stores = [await openManagementStore(server, 'create'), await openManagementStore(server, 'write')];
    [one, two] = stores.map(instanceOver) as [Management, Management];
    await addOrganization(one, admin, { name: 'acme' });
    await addManufacturer(one, admin, { name: 'maker', certificate: pemOf(maker.certificate.der) });
    for (const name of NETWORKS) {
      await addNetwork(one, acme, { ...inAcme, name });
      await publishProfile(one, acme, { ...inAcme, network: name });
    }
  });
  afterEach(async () => {
    for (const store of stores) await store.close();
    await fixture.close();
  });

  /** What an instance keeps in memory is its own. */
  const instanceOver = (store: ManagementStore): Management => ({
    ...fixture.management,
    store,
    renewal: { lists: null, left: 0 },
    jobs: { wake: () => undefined, endings: [] },
  });

  /** So many claims in one transaction. */
  async function claimMany(count: number): Promise<void> {
    claimed = count;
    await one.store.transaction(async (tables) => {
      const step = { management: one, tables, now: one.now() };
      const owner = await findOrganization(tables, 'acme');
      const [manufacturer] = await tables.manufacturers.all();
      if (manufacturer === undefined) throw new Error('There is no manufacturer.');
      for (let index = 0; index < count; index++) {
        const device = { manufacturer, serial: parseSerial(`SN-${index}`) };
        await changeOwner(step, device, { owner, network: null, before: null });
      }
    });
  }

  const claims = () => two.store.tables.claims.currentOf(null);
  const lastJob = async () => (await listJobs(one, inAcme)).items[0];
  const audited = async (act: string) => {
    const { entries } = await exportAudit(two, { organization: null, act, limit: 1000 });
    return entries.map(({ detail }) => detail);
  };

  /** Each claim was signed once more, and says what its row says; every batch is in the audit once. */
  async function expectRenewedOnce(epoch: number): Promise<readonly ClaimRow[]> {
    const rows = await claims();
    expect(rows).toHaveLength(claimed);
    for (const row of rows) {
      const { generation, ownership, device, epoch: said } = parseClaim(row.envelope.payload, SERVICE);
      expect([generation, ownership, said, device.serial]).toEqual([2, 1, epoch, row.serial]);
      expect(row).toMatchObject({ generation: 2, ownership: 1, epoch });
    }
    const batches = await audited('claim.renew');
    expect(batches.reduce((sum, { count }) => sum + Number(count), 0)).toBe(claimed);
    expect(await verifyAudit(two.store.tables.audit)).toBe('intact');
    return rows;
  }

  /** Of each network there is one publication more. */
  async function expectPublishedOnce(epoch: number): Promise<void> {
    for (const network of NETWORKS) {
      const rows = await two.store.tables.profiles.of({ organization: 'acme', network } as never, 10);
      expect(rows.map(({ sequence }) => sequence)).toEqual([2, 1]);
      const { sequence, epoch: said } = parseSecurityProfile(rows[0]?.envelope.payload ?? '', SERVICE);
      expect([sequence, said]).toEqual([2, epoch]);
    }
  }

  async function expectNothingLeft(): Promise<void> {
    const { nextEpoch, jobs } = two.store.tables;
    const organization = (await findOrganization(two.store.tables, 'acme')).name;
    expect(await nextEpoch.claimCount(organization)).toBe(0);
    expect(await nextEpoch.profilesOf(organization)).toEqual([]);
    expect(await jobs.open(null)).toEqual([]);
    const { entries } = await exportAudit(two, { organization: null, limit: 1000 });
    await Promise.all([runJobs(one), runJobs(two)]);
    expect((await exportAudit(two, { organization: null, limit: 1000 })).entries).toEqual(entries);
  }

  async function expectOneEpoch(): Promise<void> {
    await expectRenewedOnce(2);
    await expectPublishedOnce(2);
    const total = claimed + NETWORKS.length;
    expect(await lastJob()).toMatchObject({ kind: 'kill-switch', state: 'done', done: total, total });
    expect(await audited('profile.stage')).toHaveLength(NETWORKS.length);
    expect(await audited('organization.epoch')).toHaveLength(1);
    await expectNothingLeft();
  }

  async function askEpoch(count: number): Promise<void> {
    await claimMany(count);
    await askKillSwitch(one, acme, { ...inAcme, reason: 'stolen', newPublisher: true });
  }

  test('a kill switch that both work on begins one epoch: every claim and profile once [S12]', async () => {
    await askEpoch(MANY);
    await Promise.all([runJobs(one), runJobs(two)]);
    await runJobs(two);
    await expectOneEpoch();
  });

  test('publishers that both have claims name: each claim is signed once, and the anchor may be used', async () => {
    await claimMany(MANY);
    const { pem } = opensslCertificate({ commonName: 'Acme publisher CA' });
    await addPublisher(one, acme, { ...inAcme, certificate: pem });
    await Promise.all([runJobs(one), runJobs(two)]);
    await runJobs(two);
    const rows = await expectRenewedOnce(1);
    for (const { envelope } of rows) expect(parseClaim(envelope.payload, SERVICE).publishers).toHaveLength(2);
    expect(await lastJob()).toMatchObject({ kind: 'publishers', state: 'done', done: claimed, total: claimed });
    expect((await two.store.tables.publishers.all()).every(({ named }) => named !== null)).toBe(true);
    await expectNothingLeft();
  });

  test('what ends soon is signed anew once, claims and profiles', async () => {
    await claimMany(SOME);
    fixture.advance(641 * DAY_SECONDS);
    installAuthority();
    await Promise.all([renewEndings(one, silent, () => false), renewEndings(two, silent, () => false)]);
    await expectRenewedOnce(1);
    await expectPublishedOnce(1);
    expect(await audited('profile.renew')).toHaveLength(NETWORKS.length);
    await expectNothingLeft();
  });

  test('claims of a revoked authority are signed anew once', async () => {
    await claimMany(SOME);
    const [revoked] = listSigners(join(fixture.directory, 'keys'), 'claim-authority');
    if (revoked === undefined) throw new Error('There is no claim authority.');
    fixture.revoke(revoked.certificate);
    installAuthority();
    await Promise.all([renewClaims(one), renewClaims(two)]);
    await expectRenewedOnce(1);
    expect([await renewClaims(one), await renewClaims(two)]).toEqual([
      { renewed: 0, left: 0 },
      { renewed: 0, left: 0 },
    ]);
  });

  function installAuthority(): void {
    const { directory, anchor } = fixture;
    writeSigners(join(directory, 'keys', 'claim-authority'), seriesOf('claim-authority', anchor, 1, one.now()), 2);
  }

  test('an instance without the keys of another says so and changes nothing; with them it goes on', async () => {
    const keys = join(fixture.directory, 'keys', 'publishers');
    await askEpoch(SOME);
    renameSync(keys, `${keys}.away`);
    await runJobs(two);
    expect(await lastJob()).toMatchObject({
      state: 'waiting',
      note: expect.stringMatching(/^The publisher of acme is missing on this instance: put .* back, or mount the same/),
    });
    await renewEndings(two, silent, () => false);
    expect((await healthOf(two)).endings).toContainEqual(
      expect.stringMatching(/^The keys of 1 publisher\(s\) are missing on this instance/),
    );
    renameSync(`${keys}.away`, keys);
    await runJobs(one);
    await renewEndings(two, silent, () => false);
    expect((await healthOf(two)).endings).toEqual([]);
    await expectOneEpoch();
  });

  test.each([1, 2, 3, 5, 6, 9, 10])(
    'an instance that is held up before its transaction %i, until the other is done, changes nothing more',
    async (number) => {
      await askEpoch(SOME);
      const held = holdUp(two, number);
      const late = runJobs(held.management);
      await held.isHeld;
      await runJobs(one);
      expect(await lastJob()).toMatchObject({ state: 'done' });
      held.release();
      await late;
      await expectOneEpoch();
    },
  );

  test.each([1, 3, 5, 8])(
    'an instance whose database goes away after %i transactions: the other finishes',
    async (number) => {
      await askEpoch(SOME);
      await expect(runJobs(breakAfter(one, number))).rejects.toThrow('gone');
      expect(await lastJob()).not.toMatchObject({ state: 'done' });
      await runJobs(two);
      await expectOneEpoch();
    },
  );
});

/** The management side, which waits before that transaction of its until it is released. */
function holdUp(management: Management, number: number) {
  let hold = () => {};
  let release = () => {};
  const isHeld = new Promise<void>((resolve) => {
    hold = resolve;
  });
  const isReleased = new Promise<void>((resolve) => {
    release = resolve;
  });
  let count = 0;
  const { store } = management;
  const transaction: ManagementStore['transaction'] = async (work) => {
    count += 1;
    if (count === number) {
      hold();
      await isReleased;
    }
    return store.transaction(work);
  };
  return { management: { ...management, store: { ...store, transaction } }, isHeld, release };
}

/** The management side, which ends with that transaction: it is rolled back. */
function breakAfter(management: Management, number: number): Management {
  let count = 0;
  const { store } = management;
  const transaction: ManagementStore['transaction'] = (work) => {
    count += 1;
    return store.transaction(async (tables) => {
      const result = await work(tables);
      if (count > number) throw new Error('gone');
      return result;
    });
  };
  return { ...management, store: { ...store, transaction } };
}
