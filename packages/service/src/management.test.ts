import { parseNetworkId, parseOrganizationId } from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listAudit } from './audit.ts';
import { perform, together, within } from './management.ts';
import { addNetwork, listNetworks } from './networks.ts';
import { addOrganization } from './organizations.ts';
import { Refusal } from './refusal.ts';
import { admin, approverOf, type Fixture, openFixture } from './testing/management-fixture.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
  await addOrganization(fixture.management, admin, { name: 'acme' });
});
afterEach(() => fixture.close());

test('acts within one transaction are stored together with it, or none of them is', async () => {
  const { management } = fixture;
  const addTwo = (end: () => void) =>
    management.store.transaction(async (tables) => {
      const inside = within(management, tables);
      await addNetwork(inside, approverOf('acme'), { organization: 'acme', name: 'one' });
      await addNetwork(inside, approverOf('acme'), { organization: 'acme', name: 'two' });
      expect((await listNetworks(inside, 'acme')).items).toHaveLength(2);
      end();
    });
  const failing = addTwo(() => {
    throw new Error('No.');
  });
  await expect(failing).rejects.toThrow('No.');
  expect((await listNetworks(management, 'acme')).items).toEqual([]);
  await addTwo(() => {});
  expect((await listNetworks(management, 'acme')).items).toHaveLength(2);
  const { entries } = await listAudit(management, { organization: 'acme', act: 'network.add' });
  expect(entries).toHaveLength(2);
});

test('an act that fails within a transaction leaves nothing, and the transaction goes on', async () => {
  const { management } = fixture;
  await management.store.transaction(async (tables) => {
    const inside = within(management, tables);
    await addNetwork(inside, approverOf('acme'), { organization: 'acme', name: 'one' });
    const failing = inside.store.transaction(async (deeper) => {
      await addNetwork(within(inside, deeper), approverOf('acme'), { organization: 'acme', name: 'two' });
      throw new Error('No.');
    });
    await expect(failing).rejects.toThrow('No.');
    await addNetwork(inside, approverOf('acme'), { organization: 'acme', name: 'three' });
  });
  const { items } = await listNetworks(management, 'acme');
  expect(items.map(({ name }) => name)).toEqual(['one', 'three']);
});

test('what is refused leaves nothing of its own, and what was done before it stays', async () => {
  const { management } = fixture;
  const actor = approverOf('acme');
  const refused = together(management, async (inside) => {
    await addNetwork(inside, actor, { organization: 'acme', name: 'done' });
    return perform(inside, actor, 'network.add', async (tables, now) => {
      const row = {
        organization: parseOrganizationId('acme'),
        name: parseNetworkId('half'),
        created: now,
        services: {},
      };
      await tables.networks.add(row);
      throw new Refusal('not-yet', 'Not yet: wait.');
    });
  });
  await expect(refused).rejects.toMatchObject({ code: 'not-yet' });
  expect((await listNetworks(management, 'acme')).items.map(({ name }) => name)).toEqual(['done']);
});

test('what fails in another way leaves nothing at all, and begins no job', async () => {
  const { management } = fixture;
  let woken = 0;
  management.jobs.wake = () => {
    woken += 1;
  };
  const failed = together(management, async (inside) => {
    await addNetwork(inside, approverOf('acme'), { organization: 'acme', name: 'done' });
    inside.jobs.wake();
    throw new Error('No.');
  });
  await expect(failed).rejects.toThrow('No.');
  expect((await listNetworks(management, 'acme')).items).toEqual([]);
  expect(woken).toBe(0);
});
