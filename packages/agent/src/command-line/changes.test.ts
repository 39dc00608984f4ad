import { expect, test } from 'vitest';
import { createWorld } from '../../../protocol/src/testing/world.ts';
import { bootstrap } from '../bootstrap.ts';
import { createFakeService, SERVICE } from '../testing/fake-service.ts';
import { startAgent } from '../testing/test-agent.ts';
import { changesTo } from './changes.ts';

test('a state is said once, until it changes', async () => {
  const said: string[] = [];
  const service = createFakeService(createWorld());
  const agent = { ...startAgent(service), tell: changesTo((line) => said.push(line), SERVICE) };
  service.claim = null;
  for (let i = 0; i < 2; i += 1) await bootstrap(agent);
  expect(said).toEqual([expect.stringMatching(/^unclaimed: /)]);
  service.network.https = 'timeout';
  service.network.http = 'timeout';
  for (let i = 0; i < 2; i += 1) await bootstrap(agent);
  expect(said).toEqual([expect.any(String), expect.stringMatching(/^no answer: timeout at connect: /)]);
});

test('what ends between two exchanges is said each time', async () => {
  const said: string[] = [];
  const tell = changesTo((line) => said.push(line), SERVICE);
  const keys = [createWorld().inspectionCa.key.digest] as never[];
  tell({ kind: 'dropped', keys });
  expect(said).toEqual([`dropped the inspection CA with the key ${keys[0]}: it has ended`]);
});
