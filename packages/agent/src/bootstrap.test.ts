import { keyOf } from '@windlass/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { createWorld, profileOf, sha256 } from '../../protocol/src/testing/world.ts';
import { bootstrap } from './bootstrap.ts';
import { exitCodeOf } from './command-line/described.ts';
import { createFakeService, type FakeService, keyDigestOf, makeProxyCa, publish } from './testing/fake-service.ts';
import { startAgent } from './testing/test-agent.ts';
import { standingNow } from './visit.ts';

const world = createWorld();
const rogue = makeProxyCa('Plant A proxy CA');
let service: FakeService;

beforeEach(() => {
  service = createFakeService(world);
});

describe('a device behind an inspecting proxy', () => {
  test('comes online from nothing with one bootstrap round trip and one report', async () => {
    const agent = startAgent(service);
    const result = await bootstrap(agent);
    expect(result).toMatchObject({
      outcome: 'active',
      organization: 'acme',
      network: 'plant-a',
      path: { rung: 2, failure: 'unknown-issuer' },
      unsent: null,
      removed: [],
    });
    expect(exitCodeOf(result.outcome)).toBe(0);
    expect(service.trace).toEqual([
      'connect 2',
      'post 2 bootstrap',
      'connect 1',
      'close',
      'probe telemetry',
      'connect 1',
      'post 1 report',
    ]);
    expect(service.requests[0]).toMatchObject({
      holds: { profiles: [] },
      clock: { state: 'floor' },
      path: { rung: 2, failure: 'unknown-issuer' },
    });
    expect(service.reports).toMatchObject([
      {
        rung: 1,
        phases: ['fetched', 'accepted', 'staged', 'probed', 'active'],
        organization: 'acme',
        network: 'plant-a',
        profile: sha256(JSON.stringify(profileOf(world))),
        issuer: keyDigestOf(world.inspectionCa),
        endpoints: [{ name: 'telemetry', verdict: 'inspected-trusted' }],
        stores: [
          { name: 'agent', state: 'effective', scopeEnforced: true, anchors: [keyDigestOf(world.inspectionCa)] },
          { name: 'bundle', state: 'effective', scopeEnforced: false, anchors: [keyDigestOf(world.inspectionCa)] },
        ],
      },
    ]);
    expect(agent.state.current.previous).toBeNull();
    expect(agent.bundle()).toContain('# windlass: acme/plant-a');
    expect(agent.bundle().match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  });

  test('tells the story: who intercepts, which rung, what was checked, what is trusted and where the scope is not enforced', async () => {
    const agent = startAgent(service);
    await bootstrap(agent);
    const story = agent.told.join('\n');
    for (const part of [
      'unknown-issuer',
      'Plant A proxy CA',
      'rung 2',
      'checked claim',
      'for example.com',
      'NOT enforced',
      'active; acme/plant-a',
    ]) {
      expect(story).toContain(part);
    }
  });

  test('a refresh with nothing new brings no claim and no profile, stages nothing and writes the bundle no more', async () => {
    const agent = startAgent(service);
    await bootstrap(agent);
    service.trace.length = 0;
    service.now += 3_600;
    const before = agent.state.current;
    const result = await bootstrap(agent);
    expect(result).toMatchObject({ outcome: 'active', path: { rung: 1 }, unsent: null });
    expect(service.requests[1]).toMatchObject({
      holds: { claim: { generation: 7 }, profiles: [{ network: 'plant-a', sequence: 11 }] },
    });
    const { floors, lastNonce, counter, notBefore, time, ...rest } = agent.state.current;
    const { floors: oldFloors, lastNonce: oldNonce, counter: oldCounter, notBefore: _, time: __, ...oldRest } = before;
    expect(notBefore).toBeLessThanOrEqual(floors.time);
    expect(time).toBe(floors.time);
    expect(rest).toEqual(oldRest);
    expect({ ...floors, time: 0 }).toEqual({ ...oldFloors, time: 0 });
    expect([floors.time > oldFloors.time, lastNonce !== oldNonce, counter > oldCounter]).toEqual([true, true, true]);
    expect(agent.told.filter((line) => line.startsWith('staged'))).toHaveLength(1);
  });

  test('[C1] a crash before the one durable write leaves nothing that was received', async () => {
    const agent = startAgent(service);
    const { state } = agent;
    const dying = {
      ...agent,
      state: {
        ...state,
        current: state.current,
        commit() {
          throw new Error('power');
        },
      },
    };
    const before = agent.disk.read('/device/state.json');
    await bootstrap(dying).catch(() => undefined);
    expect(agent.disk.read('/device/state.json')).toEqual(before);
    expect(agent.bundle()).not.toContain('windlass');
  });

  test('[C1] claim, profile, floors and used nonce are durable before anything depends on them', async () => {
    const agent = startAgent(service);
    let found: unknown;
    service.network.inPlace = (path) => {
      if (path.endsWith('report'))
        found = JSON.parse(new TextDecoder().decode(agent.disk.read('/device/state.json') ?? new Uint8Array()));
      return null;
    };
    await bootstrap(agent);
    expect(found).toMatchObject({
      state: {
        previous: { active: null },
        lastNonce: service.requests[0]?.['nonce'],
        floors: { generation: 7, ownership: 3 },
        holding: { active: 'plant-a' },
      },
    });
  });

  test('[C2] without the acknowledgement the device reverts to what it had, says why, and keeps the floors', async () => {
    service.acknowledges = false;
    const agent = startAgent(service);
    const result = await bootstrap(agent);
    expect(result).toMatchObject({
      outcome: 'reverted',
      code: 'not-confirmed',
      inspectionCas: [],
      unsent: expect.any(String),
    });
    expect(exitCodeOf(result.outcome)).toBe(40);
    expect(agent.bundle()).not.toContain('windlass');
    expect(agent.state.current).toMatchObject({
      previous: null,
      holding: { active: null },
      floors: { generation: 7, networks: { 'acme/plant-a': { sequence: 11 } } },
    });
    expect(service.reports.find(({ rung }) => rung === 2)).toMatchObject({
      code: 'not-confirmed',
      phases: ['fetched', 'accepted', 'staged', 'reverted'],
    });
  });

  test('[C2] an acknowledgement on a rung that is not validated confirms nothing', async () => {
    const agent = startAgent(service);
    let probes = 0;
    const { connect } = service.transport;
    // The proxy changes its CA between the probe and the report.
    const transport = {
      ...service.transport,
      connect: async (...options: Parameters<typeof connect>) => {
        probes += 1;
        if (probes === 3) service.network.inspector = rogue;
        return connect(...options);
      },
    };
    expect(await bootstrap({ ...agent, transport })).toMatchObject({ outcome: 'reverted', code: 'not-confirmed' });
    expect(standingNow(agent).inspectionCas).toEqual([]);
  });

  test('[C2] an acknowledgement of another report confirms nothing', async () => {
    const agent = startAgent(service);
    service.network.inPlace = (path, rung) => {
      return path.endsWith('report') && rung === 1 ? '{"payload":"{}","signature":"MAA="}' : null;
    };
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'reverted', code: 'not-confirmed' });
  });

  test('[C2] a required endpoint that fails through the proxy: reverted before anything of the profile was written, and named', async () => {
    service.network.broken.add('telemetry');
    const agent = startAgent(service);
    expect(await bootstrap(agent)).toMatchObject({
      outcome: 'reverted',
      code: 'endpoint-failed',
      where: 'telemetry',
      unsent: null,
    });
    expect(agent.state.current.holding.profiles).toEqual([]);
    expect(agent.bundle()).not.toContain('windlass');
    expect(service.reports).toMatchObject([
      { code: 'endpoint-failed', endpoints: [{ name: 'telemetry', verdict: 'blocked', stage: 'tls' }] },
    ]);
  });

  test('[C2] where nothing can try endpoints, a profile that requires one is not kept, and that is said', async () => {
    const agent = startAgent(service, { canProbe: false });
    expect(await bootstrap(agent)).toMatchObject({
      outcome: 'reverted',
      code: 'not-probed',
      where: 'telemetry',
      endpoints: [],
    });
    expect(agent.state.current.holding.profiles).toEqual([]);
    expect(agent.bundle()).not.toContain('windlass');
    expect(service.reports).toMatchObject([{ code: 'not-probed' }]);
  });

  test('where nothing can try endpoints, a profile that requires none is confirmed without a verdict of them', async () => {
    const endpoints = [{ name: 'app', host: 'app.example.com', port: 443, protocol: 'https', required: false }];
    publish(service, 'plant-a', world.inspectionCa, { endpoints });
    const result = await bootstrap(startAgent(service, { canProbe: false }));
    expect(result).toMatchObject({ outcome: 'active', unsent: null, endpoints: [] });
  });

  test('[C2] an endpoint that is not required: reverted where it works with what was trusted before, kept where it does not', async () => {
    const endpoint = { name: 'updates', host: 'updates.example.com', port: 443, protocol: 'https', required: false };
    publish(service, 'plant-a', world.inspectionCa, { endpoints: [endpoint] });
    const agent = startAgent(service);
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'active' });
    const wrong = { ...endpoint, host: 'updates.example.org' };
    publish(service, 'plant-a', world.inspectionCa, { sequence: 12, endpoints: [wrong] });
    const { probe } = service;
    const isWrong = {
      ...agent,
      loadProbe:
        async () =>
        (...[each, trust]: Parameters<typeof probe>) => {
          service.network.broken = new Set(each.host === wrong.host ? ['updates'] : []);
          return probe(each, trust);
        },
    };
    expect(await bootstrap(isWrong)).toMatchObject({
      outcome: 'reverted',
      code: 'endpoint-failed',
      where: 'updates',
      unsent: null,
    });
    expect(standingNow(agent).profile?.profile.sequence).toBe(11);
    expect(service.reports.at(-1)).toMatchObject({
      code: 'endpoint-failed',
      endpoints: [{ name: 'updates', verdict: 'blocked' }],
    });
    service.network.broken.add('updates');
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'active', profile: { profile: { sequence: 12 } } });
  });

  test('[C2] a profile that does not validate the service is not made active, and what was active stays', async () => {
    const agent = startAgent(service);
    await bootstrap(agent);
    publish(service, 'plant-a', rogue, { sequence: 12 });
    service.profiles.set('plant-a', { ...service.profiles.get('plant-a'), ca: world.inspectionCa } as never);
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'reverted', code: 'service-not-validated' });
    expect(standingNow(agent).inspectionCas.map((ca) => keyOf(ca.certificate))).toEqual([
      keyDigestOf(world.inspectionCa),
    ]);
    expect(agent.state.current.floors.networks['acme/plant-a']?.sequence).toBe(12);
  });

  test('[C2] an inspection CA that signs nothing here does not become active, even if the answer grants it', async () => {
    service.network.https = 'timeout';
    const agent = startAgent(service);
    const { connect } = service.transport;
    // HTTPS is held back for the first request only: it hides that nobody inspects here.
    const transport = {
      ...service.transport,
      connect: async (...options: Parameters<typeof connect>) => {
        const connection = await connect(...options);
        if (options[0] === 'https') return connection;
        service.network.https = null;
        service.network.inspector = null;
        return connection;
      },
    };
    service.decision = { outcome: 'granted' };
    expect(await bootstrap({ ...agent, transport })).toMatchObject({ outcome: 'not-inspected', inspectionCas: [] });
    expect(agent.bundle()).not.toContain('windlass');
  });

  test('[C2] after a crash before the acknowledgement the next exchange confirms', async () => {
    const agent = startAgent(service);
    service.acknowledges = false;
    const dying = { ...agent, transport: { ...service.transport, connect: failingAt(service, 4) } };
    await bootstrap(dying).catch(() => undefined);
    const restarted = startAgent(service, { disk: agent.disk });
    expect(restarted.state.current.previous).not.toBeNull();
    service.acknowledges = true;
    expect(await bootstrap(restarted)).toMatchObject({ outcome: 'active', path: { rung: 1 } });
    expect(restarted.state.current.previous).toBeNull();
  });

  test('[C2] after such a crash an exchange without an answer reverts', async () => {
    const agent = startAgent(service);
    const dying = { ...agent, transport: { ...service.transport, connect: failingAt(service, 3) } };
    await bootstrap(dying).catch(() => undefined);
    const restarted = startAgent(service, { disk: agent.disk });
    service.network.https = 'timeout';
    service.network.http = 'refused';
    expect(await bootstrap(restarted)).toMatchObject({
      outcome: 'no-answer',
      cause: 'timeout',
      removed: [keyDigestOf(world.inspectionCa)],
    });
    expect(restarted.bundle()).not.toContain('windlass');
  });
});

/** Power is lost at connection number `n`. */
function failingAt(from: FakeService, n: number): FakeService['transport']['connect'] {
  let count = 0;
  return (...options) => {
    count += 1;
    return count === n ? Promise.reject(new Error('power')) : from.transport.connect(...options);
  };
}
