// Whatever is claimed, published and presented: an answer never carries anything of another organization.

import { type Claim, type Envelope, parseAnswer, type SecurityProfile } from '@windlass/protocol';
import { array, assert, asyncProperty, constantFrom, integer, option, record, subarray } from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DeviceWorld, openDeviceWorld } from './testing/device-world.ts';
import { makeCa, makeDevice, makeLeaf, TEST_TIME } from './testing/test-pki.ts';

const RUNS = 200;
const ORGANIZATIONS = ['acme', 'rival', 'third'] as const;
const NETWORKS = ['plant', 'office'] as const;

/** Two of one name, one shared by whoever likes to, one that nobody may have. */
const roots = [makeCa('Box CA'), makeCa('Box CA'), makeCa('Shared CA'), makeCa('Rogue CA')];
const presentable = roots.flatMap((root) => {
  const issuing = makeCa('Issuing CA', { issuer: root });
  return [root, issuing, makeLeaf(root), makeLeaf(issuing)];
});

let world: DeviceWorld;
beforeAll(async () => {
  world = await openDeviceWorld();
});
afterAll(() => world.close());

const publication = record({
  network: constantFrom(...NETWORKS),
  cas: subarray([0, 1, 2], { minLength: 1 }),
  epoch: constantFrom(1, 1, 1, 2),
  expires: constantFrom(TEST_TIME + 1_000, TEST_TIME + 1_000, TEST_TIME + 1_000, TEST_TIME - 1),
});
const scenario = record({
  published: record({
    acme: array(publication, { maxLength: 2 }),
    rival: array(publication, { maxLength: 2 }),
    third: array(publication, { maxLength: 2 }),
  }),
  owner: option(constantFrom(...ORGANIZATIONS)),
  claimed: constantFrom('claimed', 'claimed', 'claimed', 'claimed', 'released', 'never'),
  assigned: option(constantFrom(...NETWORKS)),
  epoch: constantFrom(1, 1, 1, 2),
  expires: constantFrom(TEST_TIME + 1_000, TEST_TIME + 1_000, TEST_TIME + 1_000, TEST_TIME - 1),
  presented: array(integer({ min: 0, max: presentable.length - 1 }), { maxLength: 4 }),
});

const payloadOf = <Payload>(envelope: Envelope | undefined): Payload | undefined =>
  envelope === undefined ? undefined : (JSON.parse(envelope.payload) as Payload);

test('[S6] over random claims, networks and observations an answer never carries data of another organization', async () => {
  let serial = 0;
  const kinds = new Set<string>();
  const property = asyncProperty(
    scenario,
    async ({ published, owner, claimed, assigned, epoch, expires, presented }) => {
      for (const organization of ORGANIZATIONS) {
        const distinct = new Map(published[organization].map((one) => [one.network, one]));
        const publications = [...distinct.values()].map(({ cas, ...rest }) => ({
          ...rest,
          cas: cas.flatMap((index) => roots[index]?.certificate ?? []),
        }));
        world.publish(organization, publications);
      }
      serial += 1;
      const device = makeDevice(`device-${serial}`, world.manufacturer);
      const organization = claimed === 'released' ? null : owner;
      const change = { epoch, expires, ...(assigned === null ? {} : { network: assigned }) };
      if (claimed !== 'never') world.claim(device.id, organization, change);
      const chain = presented.flatMap((index) => presentable[index] ?? []);
      const exchange = await world.ask(device, chain);
      const { claim, profile } = parseAnswer(Buffer.from(exchange.answer));
      const mine = claimed === 'never' ? null : organization;
      // A device that knows nothing accepts it, whatever it is.
      const accepted = world.accept(device, exchange);
      kinds.add(accepted.kind);
      expect(accepted.decision.organization ?? mine).toBe(mine);
      expect(payloadOf<Claim>(claim)?.organization ?? mine).toBe(mine);
      expect(payloadOf<SecurityProfile>(profile)?.organization ?? mine).toBe(mine);
      const observed = (await world.reader.observations()).filter((one) => one.serial === device.id.serial);
      for (const observation of observed) expect(observation.organization).toBe(mine);
    },
  );
  await assert(property, { numRuns: RUNS });
  expect([...kinds].sort()).toEqual(['awaiting-approval', 'granted', 'refused', 'unclaimed']);
});
