import { type Digest, parseClaim, parseNonce, parseSerial, type UnixSeconds } from '@windlass/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listAudit } from './audit.ts';
import { addClaim, releaseClaim } from './claims.ts';
import { listDevices } from './device-list.ts';
import { showDevice } from './devices.ts';
import { addManufacturer } from './manufacturers.ts';
import { addNetwork } from './networks.ts';
import { claimOrder } from './order-claims.ts';
import { addOrganization } from './organizations.ts';
import { placeDevice, replaceDevice } from './placement.ts';
import {
  admin,
  approverOf,
  type Fixture,
  openFixture,
  opensslCertificate,
  SERVICE,
} from './testing/management-fixture.ts';
import { claimBy, hashOfCode, importRows, memberOf, newPublicKey } from './testing/manifest-fixture.ts';
import { acceptTransfer, listTransfers, offerTransfer, revokeTransfer } from './transfers.ts';

let fixture: Fixture;
let makerKey: Digest;
const maker = opensslCertificate({ commonName: 'Maker' });
const acme = approverOf('acme');
const rival = approverOf('rival');
const third = approverOf('third');
const DAY_SECONDS = 86_400;

beforeEach(async () => {
  fixture = await openFixture();
  const { management } = fixture;
  for (const name of ['acme', 'rival', 'third']) await addOrganization(management, admin, { name });
  await addNetwork(management, acme, { organization: 'acme', name: 'plant' });
  await addNetwork(management, acme, { organization: 'acme', name: 'office' });
  await addNetwork(management, rival, { organization: 'rival', name: 'yard' });
  makerKey = (await addManufacturer(management, admin, { name: 'maker', certificate: maker.pem }))
    .manufacturer as Digest;
  await addClaim(management, admin, { serial: 'S-1', organization: 'acme', network: 'plant' });
});
afterEach(() => fixture.close());

const currentClaim = async (serial: string) => {
  const row = await fixture.management.store.tables.claims.current(makerKey, parseSerial(serial));
  if (row === null) throw new Error('There is no claim.');
  return { row, payload: parseClaim(row.envelope.payload, SERVICE) };
};
const offer = (to: string, more: { days?: number } = {}) =>
  offerTransfer(fixture.management, acme, { serial: 'S-1', to, ...more });

describe('a transfer', () => {
  test('is listed as open only while it can be accepted: not when it was revoked, has expired or is void', async () => {
    const { management } = fixture;
    const count = async (open: boolean) =>
      (await listTransfers(management, { organization: 'acme', open })).items.length;
    const { id } = await offer('rival');
    expect([await count(true), await count(false)]).toEqual([1, 0]);
    await revokeTransfer(management, acme, { id });
    expect([await count(true), await count(false)]).toEqual([0, 1]);
    await offer('rival', { days: 1 });
    fixture.advance(DAY_SECONDS + 1);
    expect([await count(true), await count(false)]).toEqual([0, 2]);
    await offer('rival');
    expect([await count(true), await count(false)]).toEqual([1, 2]);
    await releaseClaim(management, acme, { serial: 'S-1' });
    expect([await count(true), await count(false)]).toEqual([0, 3]);
  });

  test('moves the device when the other organization accepts: ownership and generation rise by one, both audits tell [M15]', async () => {
    const { management } = fixture;
    const before = await currentClaim('S-1');
    const { id } = await offer('rival');
    expect(await currentClaim('S-1')).toEqual(before);
    const accepted = await acceptTransfer(management, rival, { id, network: 'yard' });
    expect(accepted).toMatchObject({ organization: 'rival', network: 'yard', ownership: 2, generation: 2 });
    const { payload } = await currentClaim('S-1');
    expect(payload).toMatchObject({ organization: 'rival', ownership: 2, generation: 2 });
    expect(payload.publishers).not.toEqual(before.payload.publishers);
    for (const organization of ['acme', 'rival']) {
      const [entry] = (await listAudit(management, { organization, limit: 1 })).entries;
      expect(entry).toMatchObject({
        act: 'transfer.accept',
        outcome: 'done',
        organization,
        object: 'device maker/S-1',
      });
    }
    const numbers = (rise: number) => ({ ownership: 1 + rise, generation: 1 + rise });
    const [former] = (await listAudit(management, { organization: 'acme', limit: 1 })).entries;
    expect(former).toMatchObject({ actor: 'approver of rival', address: 'not shown' });
    expect(former?.detail).toMatchObject({
      before: { organization: 'acme', network: 'plant', ...numbers(0) },
      after: { organization: 'rival', ...numbers(1) },
    });
    expect(former?.detail['after']).not.toHaveProperty('network');
    const [own] = (await listAudit(management, { organization: 'rival', limit: 1 })).entries;
    expect(own?.detail).toMatchObject({ before: { organization: 'acme' }, after: { organization: 'rival' } });
    expect(own?.detail['before']).not.toHaveProperty('network');
    await expect(showDevice(management, third, { serial: 'S-1' })).rejects.toMatchObject({ code: 'not-found' });
  });

  test('shows the other organization the serial and who offers, and nothing else', async () => {
    await offer('rival');
    const { items } = await listTransfers(fixture.management, { organization: 'rival' });
    expect(items).toEqual([
      {
        id: items[0]?.id,
        serial: 'S-1',
        from: 'acme',
        to: 'rival',
        offered: items[0]?.offered,
        expires: items[0]?.expires,
        state: 'open',
      },
    ]);
    expect((await listTransfers(fixture.management, { organization: 'third' })).items).toEqual([]);
    expect((await listDevices(fixture.management, { organization: 'rival' })).items).toEqual([]);
    await expect(showDevice(fixture.management, rival, { serial: 'S-1' })).rejects.toMatchObject({ code: 'not-found' });
  });

  test('is accepted by the organization that it is for, and revoked by the one that offers; others are told that there is none', async () => {
    const { management } = fixture;
    const { id } = await offer('rival');
    const unknown = `There is no transfer ${'0'.repeat(32)}: "transfer list" has those of your organization.`;
    await expect(acceptTransfer(management, third, { id: '0'.repeat(32) })).rejects.toThrow(unknown);
    for (const actor of [third, acme]) {
      await expect(acceptTransfer(management, actor, { id })).rejects.toThrow(unknown.replace('0'.repeat(32), id));
    }
    for (const actor of [third, rival]) {
      await expect(revokeTransfer(management, actor, { id })).rejects.toMatchObject({ code: 'not-found' });
    }
    expect(await revokeTransfer(management, acme, { id })).toMatchObject({ state: 'revoked' });
    await expect(acceptTransfer(management, rival, { id })).rejects.toMatchObject({ code: 'transfer-ended' });
  });

  test('stands for seven days, or as many as it says, and once', async () => {
    const { management } = fixture;
    const { id } = await offer('rival');
    await expect(offer('third')).rejects.toMatchObject({ code: 'exists' });
    fixture.advance(7 * DAY_SECONDS + 1);
    await expect(acceptTransfer(management, rival, { id })).rejects.toThrow(/^This transfer is expired/);
    const again = await offer('rival', { days: 1 });
    fixture.advance(DAY_SECONDS);
    await expect(acceptTransfer(management, rival, { id: again.id })).resolves.toMatchObject({ organization: 'rival' });
    await expect(acceptTransfer(management, rival, { id: again.id })).rejects.toThrow(/^This transfer is accepted/);
  });

  test('is void when the device was released, also when the same owner claims it again', async () => {
    const { management } = fixture;
    const { id } = await offer('rival');
    await releaseClaim(management, acme, { serial: 'S-1' });
    await addClaim(management, admin, { serial: 'S-1', organization: 'acme' });
    await expect(acceptTransfer(management, rival, { id })).rejects.toThrow(/^This transfer is void/);
    expect((await listTransfers(management, { organization: 'acme' })).items).toMatchObject([{ id, state: 'void' }]);
  });

  test('does not tell whether the organization that it is for exists', async () => {
    const known = await offer('rival');
    await revokeTransfer(fixture.management, acme, { id: known.id });
    const unknown = await offer('nobody');
    expect(Object.keys(unknown)).toEqual(Object.keys(known));
    expect(unknown).toMatchObject({ to: 'nobody', state: 'open' });
  });

  test('is offered by the owner alone, and not to themselves', async () => {
    const foreign = offerTransfer(fixture.management, rival, { serial: 'S-1', to: 'rival' });
    await expect(foreign).rejects.toMatchObject({ code: 'not-found' });
    await expect(offer('acme')).rejects.toMatchObject({ code: 'invalid-request' });
  });
});

describe('the purge', () => {
  const report = (time: UnixSeconds) => {
    const key = makerKey;
    const seen = { manufacturer: makerKey, serial: parseSerial('S-1'), key, firstSeen: time, lastSeen: time };
    const content = { phases: [], code: null, profile: null, stores: [], removed: [key], endpoints: [] };
    const lastReport = { time, nonce: parseNonce(makerKey), counter: 1, ...content };
    fixture.seen.splice(0, 1, { ...seen, lastOutcome: 'unclaimed', lastReport, lastTrouble: null });
  };

  test('is shown to the former owner and the operator until it is reported, and a while after; not to the new owner', async () => {
    const { management } = fixture;
    fixture.advance(100);
    const { id } = await offer('rival');
    await acceptTransfer(management, rival, { id });
    const waiting = await showDevice(management, acme, { serial: 'S-1' });
    expect(waiting).toMatchObject({
      organization: null,
      lastSeen: null,
      purge: { former: 'acme', reported: null, removed: 0 },
    });
    expect(await showDevice(management, rival, { serial: 'S-1' })).not.toHaveProperty('purge');
    expect(await showDevice(management, admin, { serial: 'S-1' })).toMatchObject({
      organization: 'rival',
      purge: { former: 'acme' },
    });
    fixture.advance(50);
    report(management.now());
    const reported = await showDevice(management, acme, { serial: 'S-1' });
    expect(reported).toMatchObject({ organization: null, lastReport: null, purge: { removed: 1 } });
    expect(reported.purge?.reported).not.toBeNull();
    fixture.advance(31 * DAY_SECONDS);
    await expect(showDevice(management, acme, { serial: 'S-1' })).rejects.toMatchObject({ code: 'not-found' });
  });

  test('is nothing to an owner who has the device again', async () => {
    const { management } = fixture;
    await releaseClaim(management, acme, { serial: 'S-1' });
    expect(await showDevice(management, acme, { serial: 'S-1' })).toMatchObject({ purge: { former: 'acme' } });
    await addClaim(management, admin, { serial: 'S-1', organization: 'acme' });
    expect(await showDevice(management, acme, { serial: 'S-1' })).not.toHaveProperty('purge');
  });
});

describe('work on the spot', () => {
  test('an installer places a device: another network is a new generation, a name is none [S12]', async () => {
    const { management } = fixture;
    const installer = memberOf('acme', 'installer');
    expect(await placeDevice(management, installer, { serial: 'S-1', name: 'Pump 1' })).toMatchObject({
      name: 'Pump 1',
      generation: 1,
    });
    const placed = await placeDevice(management, installer, { serial: 'S-1', network: 'office', name: 'Pump 2' });
    expect(placed).toMatchObject({ name: 'Pump 2', network: 'office', generation: 2, ownership: 1 });
    expect(await placeDevice(management, installer, { serial: 'S-1', network: 'office' })).toMatchObject({
      generation: 2,
    });
    await expect(placeDevice(management, installer, { serial: 'S-1', network: 'moon' })).rejects.toThrow(
      /no network moon/,
    );
    await expect(placeDevice(management, installer, { serial: 'S-1' })).rejects.toMatchObject({
      code: 'invalid-request',
    });
    await expect(placeDevice(management, rival, { serial: 'S-1', name: 'mine' })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  test('a name is not the next owner’s', async () => {
    const { management } = fixture;
    await placeDevice(management, acme, { serial: 'S-1', name: 'Secret line' });
    const { id } = await offer('rival');
    await acceptTransfer(management, rival, { id });
    expect(await showDevice(management, rival, { serial: 'S-1' })).toMatchObject({ name: null, network: null });
    expect(JSON.stringify((await listDevices(management, {})).items)).not.toContain('Secret line');
  });

  test('a replacement has network and name of the broken device, which is released [M15]', async () => {
    const { management } = fixture;
    await placeDevice(management, acme, { serial: 'S-1', name: 'Pump 1' });
    await importRows(fixture, [{ serial: 'S-2', publicKey: newPublicKey(), claimCodeHash: hashOfCode('7K3M-9QXT') }]);
    const replace = () =>
      replaceDevice(management, memberOf('acme', 'installer'), { serial: 'S-1', replacement: 'S-2' });
    await expect(replace()).rejects.toMatchObject({ code: 'not-found' });
    await claimBy(fixture, acme, 'S-2', '7K3M-9QXT');
    expect(await replace()).toEqual({ serial: 'S-1', replacement: 'S-2', network: 'plant', name: 'Pump 1' });
    expect((await listDevices(management, { organization: 'acme' })).items).toMatchObject([
      { serial: 'S-2', network: 'plant', name: 'Pump 1' },
    ]);
    expect((await currentClaim('S-1')).payload.organization).toBeNull();
    const same = replaceDevice(management, acme, { serial: 'S-2', replacement: 'S-2' });
    await expect(same).rejects.toMatchObject({ code: 'invalid-request' });
  });
});

describe('an order', () => {
  test('is claimed by its number, some at a time, each device once, and its codes are dead', async () => {
    const { management } = fixture;
    const codes = { claimCodeHash: hashOfCode('7K3M-9QXT') };
    const rows = Array.from({ length: 60 }, (_, index) => ({
      serial: `P-${100 + index}`,
      publicKey: newPublicKey(),
      orderNumber: 'PO-7',
    }));
    await importRows(fixture, [{ ...rows[0], ...codes }, ...rows.slice(1)]);
    await addClaim(management, admin, { serial: 'P-101', organization: 'rival' });
    const claim = () => claimOrder(management, admin, { order: 'PO-7', organization: 'acme', network: 'plant' });
    const first = await claim();
    expect([first.claimed.length, first.more]).toEqual([50, true]);
    const rest = await claim();
    expect([rest.claimed.length, rest.more]).toEqual([9, false]);
    expect(await claim()).toEqual({ claimed: [], more: false, unproved: 0 });
    const devices = (await listDevices(management, { organization: 'acme' })).items;
    expect(devices.filter(({ network }) => network === 'plant')).toHaveLength(60);
    expect((await currentClaim('P-101')).payload.organization).toBe('rival');
    const withCode = claimBy(fixture, rival, 'P-100', '7K3M-9QXT');
    await expect(withCode).rejects.toMatchObject({ code: 'claim-refused' });
  });

  test('that was sold to another organization, or that nobody knows, is refused', async () => {
    const { management } = fixture;
    await importRows(fixture, [
      { serial: 'P-1', publicKey: newPublicKey(), orderNumber: 'PO-8', organization: 'rival' },
    ]);
    const claim = (order: string) => claimOrder(management, admin, { order, organization: 'acme' });
    await expect(claim('PO-8')).rejects.toThrow(
      'Device P-1 of order PO-8 was sold to rival: claim the order for them.',
    );
    await expect(claim('PO-9')).rejects.toMatchObject({ code: 'not-found' });
  });
});
