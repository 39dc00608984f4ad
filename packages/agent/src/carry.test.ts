// A device that has no way out: request and answer go by hand, and everything else is as strict as ever.
import { acceptAcknowledgement, digestOf } from '@windlass/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { claimOf, type Members } from '../../protocol/src/testing/world.ts';
import { bootstrap } from './bootstrap.ts';
import { acceptByHand, requestByHand } from './carry.ts';
import { resetAgent } from './reset.ts';
import { createFailingDisk } from './testing/failing-disk.ts';
import {
  answerReport,
  answerRequest,
  createFakeService,
  DAY,
  type FakeService,
  keyDigestOf,
  makeProxyCa,
  publish,
} from './testing/fake-service.ts';
import { startAgent, type TestAgent, type TestAgentOptions } from './testing/test-agent.ts';
import { standingNow } from './visit.ts';

let service: FakeService;
let uptime: number;
let disk: ReturnType<typeof createFailingDisk>;

beforeEach(() => {
  service = createFakeService();
  service.network.https = 'refused';
  service.network.http = 'refused';
  uptime = 100;
  disk = createFailingDisk();
});

const start = (options: TestAgentOptions = {}): TestAgent =>
  startAgent(service, { disk, monotonic: () => uptime, ...options });

/** What somebody with a way out gets for the request. */
const carry = (request: string): Buffer => Buffer.from(answerRequest(service, request));
const withWayOut = (): void => {
  service.network.https = null;
  service.network.http = null;
};
const trusted = (agent: TestAgent): number => standingNow(agent).inspectionCas.length;

describe('[C6] an answer that was carried by hand', () => {
  test('is active, not confirmed, with a report to carry back, after endpoints were reached through the box', async () => {
    const agent = start();
    const request = await requestByHand(agent);
    const { result, report } = await acceptByHand(agent, carry(request));
    expect(service.requests).toMatchObject([{ path: { rung: 4, failure: 'reset', presentedChain: [] } }]);
    expect(result).toMatchObject({ outcome: 'active', network: 'plant-a', unsent: 'connect: refused' });
    expect(agent.bundle()).toContain('windlass: acme/plant-a');
    const { holding, previous, pending, carried } = agent.state.current;
    expect(holding).toMatchObject({
      active: 'plant-a',
      issuer: keyDigestOf(service.world.inspectionCa),
      profiles: [{ confirmed: false }],
    });
    expect({ previous: previous?.active, pending, carried }).toEqual({ previous: null, pending: null, carried: true });
    const acknowledged = answerReport(service, report ?? '');
    expect(service.reports).toMatchObject([
      { rung: 4, phases: ['fetched', 'accepted', 'staged', 'probed', 'active'], endpoints: [{ name: 'telemetry' }] },
    ]);
    const { payload } = JSON.parse(report ?? '') as { payload: string };
    const { counter } = agent.state.current;
    const known = { floor: agent.clock.floor, clock: agent.clock.read(), revocations: [] };
    const context = { ...agent.identity, report: digestOf(payload), counter, ...known };
    expect(acceptAcknowledgement(Buffer.from(acknowledged), context)).toMatchObject({ counter });
  });

  test('is confirmed by the first way out, over TLS that it validates', async () => {
    const agent = start();
    await acceptByHand(agent, carry(await requestByHand(agent)));
    withWayOut();
    const result = await bootstrap(start());
    expect(result).toMatchObject({ outcome: 'active', unsent: null, path: { rung: 1 } });
    expect(start().state.current).toMatchObject({ previous: null, holding: { profiles: [{ confirmed: true }] } });
  });

  test.each([
    ['no answer', () => undefined],
    [
      'an answer that is not valid',
      () => {
        withWayOut();
        service.decision = { nonce: digestOf('other') };
      },
    ],
  ])('stays as it is, through restarts, after %s', async (_, happens) => {
    const agent = start();
    await acceptByHand(agent, carry(await requestByHand(agent)));
    const { holding, previous } = agent.state.current;
    happens();
    expect((await bootstrap(start())).outcome).not.toBe('active');
    expect(start().state.current).toMatchObject({ holding, previous, carried: true });
    expect(trusted(start())).toBe(1);
  });

  test('goes when the service, reached, says something else', async () => {
    const agent = start();
    await acceptByHand(agent, carry(await requestByHand(agent)));
    withWayOut();
    service.network.inspector = makeProxyCa('Somebody');
    expect(await bootstrap(start())).toMatchObject({ outcome: 'awaiting-approval', inspectionCas: [] });
    expect(start().state.current).toMatchObject({ previous: null, carried: false, holding: { active: null } });
  });

  test('is confirmed at once where the service can be reached after all', async () => {
    const agent = start();
    const answer = carry(await requestByHand(agent));
    withWayOut();
    const { result, report } = await acceptByHand(agent, answer);
    expect(result).toMatchObject({ outcome: 'active', unsent: null });
    expect(report).toBeNull();
    expect(agent.state.current).toMatchObject({ previous: null, holding: { profiles: [{ confirmed: true }] } });
  });

  test('takes the place of a confirmed profile only until the service was asked', async () => {
    withWayOut();
    await bootstrap(start());
    service.network.https = 'refused';
    service.network.http = 'refused';
    publish(service, 'plant-b', service.world.inspectionCa, { sequence: 3 });
    service.profiles.delete('plant-a');
    service.assigned = 'plant-b';
    const agent = start();
    const { result } = await acceptByHand(agent, carry(await requestByHand(agent)));
    expect(result).toMatchObject({ outcome: 'active', network: 'plant-b' });
    expect(agent.state.current.previous).toMatchObject({ active: 'plant-a', profiles: [{ confirmed: true }] });
  });
});

describe('[C6] it is not kept, and the same file can be tried again', () => {
  test.each<readonly [string, TestAgentOptions, () => void, Members]>([
    ['a required endpoint fails', {}, () => service.network.broken.add('telemetry'), { code: 'endpoint-failed' }],
    ['nothing tries endpoints', { canProbe: false }, () => undefined, { code: 'not-probed' }],
    [
      'no TLS here is signed by its inspection CA',
      {},
      () => {
        service.network.inspector = null;
      },
      { code: 'service-not-validated' },
    ],
  ])('where %s', async (_, options, happens, expected) => {
    const agent = start(options);
    const answer = carry(await requestByHand(agent));
    const before = agent.state.current;
    happens();
    expect((await acceptByHand(agent, answer)).result).toMatchObject({ outcome: 'reverted', ...expected });
    expect(agent.state.current).toEqual(before);
    expect(trusted(agent)).toBe(0);
    service.network.broken.clear();
    service.network.inspector = service.world.inspectionCa;
    expect((await acceptByHand(start(), answer)).result.outcome).toBe('active');
  });
});

describe('[D4] [C6] the same checks as on every rung', () => {
  async function refused(agent: TestAgent, body: Uint8Array): Promise<string> {
    const before = agent.state.current;
    const { result, report } = await acceptByHand(agent, body);
    expect(report).toBeNull();
    expect(agent.state.current).toEqual(before);
    return result.outcome === 'not-valid' ? result.code : result.outcome;
  }

  test('a second time: the request is used up', async () => {
    const agent = start();
    const answer = carry(await requestByHand(agent));
    await acceptByHand(agent, answer);
    expect(await refused(agent, answer)).toBe('nonce-mismatch');
  });

  test('the answer to an older request, or to none', async () => {
    const agent = start();
    const old = carry(await requestByHand(agent));
    const current = carry(await requestByHand(agent));
    expect(await refused(agent, old)).toBe('nonce-mismatch');
    expect((await acceptByHand(start(), current)).result.outcome).toBe('active');
    const other = start({ disk: createFailingDisk() });
    expect(await refused(other, current)).toBe('nonce-mismatch');
  });

  test('after 30 days, by a time that a restart does not set back', async () => {
    const answer = carry(await requestByHand(start()));
    const asked = start().state.current.pending?.time ?? 0;
    uptime = 5;
    expect(await refused(start({ now: () => asked + 30 * DAY }), answer)).toBe('request-stale');
    const { result } = await acceptByHand(start({ now: () => asked + 30 * DAY - 1 }), answer);
    expect(result.outcome).toBe('active');
  });

  test('where it was made long after now, by a clock that was wrong then: nobody knows how old it is', async () => {
    let now = 0;
    const agent = start({ now: () => now });
    const { time } = agent.clock.read();
    now = time + 40 * DAY;
    const answer = carry(await requestByHand(agent));
    now = time + 9 * DAY;
    expect(await refused(start({ now: () => now }), answer)).toBe('request-stale');
    now = time + 11 * DAY;
    expect((await acceptByHand(start({ now: () => now }), answer)).result.outcome).toBe('active');
  });

  test('one that came over the network has no such time: 300 seconds', async () => {
    withWayOut();
    service.network.inPlace = () => {
      uptime += 300;
      return null;
    };
    expect(await bootstrap(start())).toMatchObject({ outcome: 'not-valid', code: 'request-stale' });
  });

  test('for another device', async () => {
    const agent = start();
    const request = await requestByHand(agent);
    service.decision = { device: { manufacturer: digestOf('x'), serial: 'SN-9' } };
    expect(await refused(agent, carry(request))).toBe('device-mismatch');
  });

  test('damaged, a report, the request itself, a page', async () => {
    const agent = start();
    const request = await requestByHand(agent);
    const answer = carry(request).toString();
    expect(await refused(agent, Buffer.from(answer.replace('granted', 'grantee')))).not.toBe('active');
    expect(await refused(agent, Buffer.from(answer.slice(0, -9)))).toBe('json');
    for (const other of [request, '<html>no</html>', '{}']) {
      expect(['schema', 'json']).toContain(await refused(agent, Buffer.from(other)));
    }
  });

  test('older than what was accepted since', async () => {
    const agent = start();
    const answer = carry(await requestByHand(agent));
    withWayOut();
    await bootstrap(agent);
    expect(agent.state.current.pending).toBeNull();
    expect(await refused(agent, answer)).toBe('time-before-floor');
  });
});

describe('a request in a file', () => {
  test('is durable before it is given away, with what the box shows of the service', async () => {
    service.network.https = null;
    const request = await requestByHand(start());
    const { payload } = JSON.parse(request) as { payload: string };
    expect(JSON.parse(payload)).toMatchObject({
      path: { rung: 4, failure: 'unknown-issuer', presentedChain: [expect.any(String)] },
    });
    expect(start().state.current.pending).toMatchObject({ payload });
    expect(service.trace).toEqual(['connect 2', 'close']);
  });

  test('is forgotten by a factory reset', async () => {
    const agent = start();
    const answer = carry(await requestByHand(agent));
    resetAgent(agent);
    expect((await acceptByHand(agent, answer)).result).toMatchObject({ outcome: 'not-valid', code: 'nonce-mismatch' });
  });
});

test('a release that is carried takes everything away', async () => {
  withWayOut();
  await bootstrap(start());
  service.network.https = 'refused';
  service.network.http = 'refused';
  const { world } = service;
  service.claim = claimOf(world, { organization: null, publishers: [], generation: 8, ownership: 4, epoch: 0 });
  service.decision = { outcome: 'unclaimed' };
  const agent = start();
  const { result, report } = await acceptByHand(agent, carry(await requestByHand(agent)));
  expect(result).toMatchObject({ outcome: 'unclaimed', removed: [keyDigestOf(world.inspectionCa)] });
  expect(JSON.parse(report ?? '').payload).toContain('"rung":4');
  expect(agent.bundle()).not.toContain('windlass:');
});
