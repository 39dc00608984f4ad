// What a receipt says for people where the file is right and some programs fail all the same.
import { expect, test } from 'vitest';
import { createWorld, inspectionCaOf } from '../../../protocol/src/testing/world.ts';
import { bootstrap } from '../bootstrap.ts';
import { createFakeService, makeProxyCa, publish, SERVICE } from '../testing/fake-service.ts';
import { startAgent } from '../testing/test-agent.ts';
import { describeResult } from './described.ts';

const world = createWorld();
const bundleOf = async (agent: ReturnType<typeof startAgent>): Promise<unknown> => {
  const described = describeResult(await bootstrap(agent), SERVICE) as { stores: { name: string }[] };
  return described.stores.find(({ name }) => name === 'bundle');
};

test('an issuing CA without its root: present, with who refuses it, and not effective', async () => {
  const service = createFakeService(world);
  const agent = startAgent(service, { proof: 'partial-chain' });
  expect(await bundleOf(agent)).toMatchObject({
    state: 'present',
    detail: expect.stringMatching(/openssl, Node, Python.*root above/),
  });
  expect(service.reports.at(-1)).toMatchObject({
    stores: expect.arrayContaining([expect.objectContaining({ state: 'present', detail: 'partial-chain' })]),
  });
});

test('two CAs with one name: effective for the one that signs, and what is to come is said', async () => {
  const service = createFakeService(world);
  const beside = (name: string): void =>
    publish(service, 'plant-a', world.inspectionCa, {
      inspectionCas: [world.inspectionCa, makeProxyCa(name)].map(({ der }) => inspectionCaOf(der)),
    });
  beside('Plant A proxy CA');
  expect(await bundleOf(startAgent(service))).toMatchObject({
    state: 'effective',
    detail: expect.stringMatching(/one name/),
  });
  beside('Plant A proxy CA 2');
  expect(await bundleOf(startAgent(service))).not.toHaveProperty('detail');
});
