import { expect, test } from 'vitest';
import { profileOf } from '../../../protocol/src/testing/world.ts';
import { bootstrap } from '../bootstrap.ts';
import { createFakeService } from '../testing/fake-service.ts';
import { startAgent } from '../testing/test-agent.ts';
import { showStatus } from './status.ts';

test('status --json has what the active profile says for other programs of the device', async () => {
  const service = createFakeService();
  const { world } = service;
  const services = {
    explicitProxy: { host: 'proxy.example', port: 3129, tls: true },
    noProxy: ['10.0.0.0/8'],
    timeServers: ['ntp.example'],
    dns: ['10.0.0.53'],
  };
  service.profiles.set('plant-a', {
    ca: world.inspectionCa,
    payload: profileOf(world, services),
    chain: [world.publisher],
  });
  const agent = startAgent(service);
  const said: string[] = [];
  const out = (line: string) => said.push(line);
  expect(showStatus(agent, out, true)).toBe(20);
  await bootstrap(agent);
  expect(showStatus(agent, out, true)).toBe(0);
  expect(said.map((line) => JSON.parse(line).told)).toEqual([
    null,
    { ...services, settings: { vendor: { interval: 60 } } },
  ]);
});

test.each([
  ['state-damaged', 'the other one made up for it'],
  ['floors-lost', 'nobody may delete them'],
  ['floors-unwritten', 'see that "floorsDirectory" is writable'],
] as const)('status says what %s means and what to do', (fault, sentence) => {
  const agent = startAgent(createFakeService());
  const { current } = agent.state;
  const said: string[] = [];
  showStatus({ ...agent, state: { ...agent.state, current: { ...current, fault } } }, (line) => said.push(line), false);
  expect(said).toContainEqual(expect.stringMatching(new RegExp(`^not reported yet: ${fault}: .*${sentence}`)));
});
