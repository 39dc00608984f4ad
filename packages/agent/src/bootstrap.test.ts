import { beforeEach, describe, expect, test } from 'vitest';
import { createCertificate, createKey } from '../../protocol/src/testing/test-certificates.ts';
import {
  at,
  claimOf,
  createWorld,
  inspectionCaOf,
  profileOf,
  publisherOptions,
  sha256,
} from '../../protocol/src/testing/world.ts';
import { keyOf } from './active-trust.ts';
import { bootstrap } from './bootstrap.ts';
import { exitCodeOf } from './result.ts';
import { asCertificate, createFakeService, DAY, type FakeService, NOW } from './testing/fake-service.ts';
import { startAgent } from './testing/test-agent.ts';
import { standingNow } from './visit.ts';

const world = createWorld();
const rogue = createCertificate({
  name: 'Plant A proxy CA',
  key: createKey('rsa2048'),
  from: NOW - DAY,
  until: NOW + 400 * DAY,
  ca: true,
});
const plantB = createCertificate({
  name: 'Plant B proxy CA',
  key: createKey(),
  from: NOW - DAY,
  until: NOW + 400 * DAY,
  ca: true,
});
let service: FakeService;

beforeEach(() => {
  service = createFakeService(world);
});

function keyOfCa(ca = world.inspectionCa): string {
  return keyOf(asCertificate(ca));
}

function publish(network: string, ca: typeof plantB, changes = {}): void {
  const payload = profileOf(world, { network, inspectionCas: [inspectionCaOf(ca.der)], ...changes });
  service.profiles.set(network, { ca, payload, chain: [world.publisher] });
}

describe('a device behind an inspecting proxy', () => {
  test('comes online from nothing with one bootstrap round trip and one report', async () => {
    const agent = startAgent(service);
    const result = await bootstrap(agent);
    expect(result).toMatchObject({
      outcome: 'active',
      organization: 'acme',
      network: 'plant-a',
      rung: 2,
      reported: true,
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
        issuer: keyOfCa(),
        endpoints: [{ name: 'telemetry', verdict: 'inspected-trusted' }],
        stores: [
          { name: 'agent', state: 'effective', scopeEnforced: true, anchors: [keyOfCa()] },
          { name: 'bundle', state: 'effective', scopeEnforced: false, anchors: [keyOfCa()] },
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
    expect(result).toMatchObject({ outcome: 'active', rung: 1, reported: true });
    expect(service.requests[1]).toMatchObject({
      holds: { claim: { generation: 7 }, profiles: [{ network: 'plant-a', sequence: 11 }] },
    });
    const { floors, lastNonce, counter, ...rest } = agent.state.current;
    const { floors: oldFloors, lastNonce: oldNonce, counter: oldCounter, ...oldRest } = before;
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
        fault: null,
        faultReported() {},
        commit() {
          throw new Error('power');
        },
      },
    };
    await bootstrap(dying).catch(() => undefined);
    expect(agent.disk.read('/device/state.json')).toBeNull();
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
        confirmed: false,
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
    expect(result).toMatchObject({ outcome: 'reverted', code: 'not-confirmed', inspectionCas: [], reported: false });
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
      connect: async (options: Parameters<typeof connect>[0]) => {
        probes += 1;
        if (probes === 3) service.network.inspector = rogue;
        return connect(options);
      },
    };
    expect(await bootstrap({ ...agent, transport })).toMatchObject({ outcome: 'reverted', code: 'not-confirmed' });
    expect(standingNow(agent).inspectionCas).toEqual([]);
  });

  test('[C2] an acknowledgement of another report confirms nothing', async () => {
    const agent = startAgent(service);
    service.network.inPlace = (path, rung) => {
      if (!path.endsWith('report') || rung !== 1) return null;
      return {
        kind: 'body',
        status: 200,
        contentType: 'application/json',
        body: Buffer.from('{"payload":"{}","signature":"MAA="}'),
      };
    };
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'reverted', code: 'not-confirmed' });
  });

  test('[C2] a required endpoint that fails through the proxy: reverted before anything of the profile was written, and named', async () => {
    service.network.broken.add('telemetry');
    const agent = startAgent(service);
    expect(await bootstrap(agent)).toMatchObject({
      outcome: 'reverted',
      code: 'endpoint-failed',
      endpoint: 'telemetry',
      reported: true,
    });
    expect(agent.state.current.holding.profiles).toEqual([]);
    expect(agent.bundle()).not.toContain('windlass');
    expect(service.reports).toMatchObject([
      { code: 'endpoint-failed', endpoints: [{ name: 'telemetry', verdict: 'blocked', stage: 'tls' }] },
    ]);
  });

  test('[C2] a profile that does not validate the service is not made active, and what was active stays', async () => {
    const agent = startAgent(service);
    await bootstrap(agent);
    publish('plant-a', rogue, { sequence: 12 });
    service.profiles.set('plant-a', { ...service.profiles.get('plant-a'), ca: world.inspectionCa } as never);
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'reverted', code: 'service-not-validated' });
    expect(standingNow(agent).inspectionCas.map((ca) => keyOf(ca.certificate))).toEqual([keyOfCa()]);
    expect(agent.state.current.floors.networks['acme/plant-a']?.sequence).toBe(12);
  });

  test('[C2] an inspection CA that signs nothing here does not become active, even if the answer grants it', async () => {
    service.network.https = 'timeout';
    const agent = startAgent(service);
    const { connect } = service.transport;
    // HTTPS is held back for the first request only: it hides that nobody inspects here.
    const transport = {
      ...service.transport,
      connect: async (options: Parameters<typeof connect>[0]) => {
        const connection = await connect(options);
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
    expect(await bootstrap(restarted)).toMatchObject({ outcome: 'active', rung: 1 });
    expect(restarted.state.current.previous).toBeNull();
  });

  test('[C2] after such a crash an exchange without an answer reverts', async () => {
    const agent = startAgent(service);
    const dying = { ...agent, transport: { ...service.transport, connect: failingAt(service, 3) } };
    await bootstrap(dying).catch(() => undefined);
    const restarted = startAgent(service, { disk: agent.disk });
    service.network.https = 'timeout';
    service.network.http = 'refused';
    expect(await bootstrap(restarted)).toMatchObject({ outcome: 'no-answer', cause: 'refused', removed: [keyOfCa()] });
    expect(restarted.bundle()).not.toContain('windlass');
  });
});

/** Power is lost at connection number `n`. */
function failingAt(from: FakeService, n: number): FakeService['transport']['connect'] {
  let count = 0;
  return (options) => {
    count += 1;
    return count === n ? Promise.reject(new Error('power')) : from.transport.connect(options);
  };
}

describe('the other outcomes', () => {
  test('unclaimed: signed, nothing trusted, exit 10; claimed later it comes online', async () => {
    service.claim = null;
    const agent = startAgent(service);
    const result = await bootstrap(agent);
    expect(result).toMatchObject({
      outcome: 'unclaimed',
      organization: null,
      reported: true,
      next: { kind: 'refresh' },
    });
    expect(exitCodeOf(result.outcome)).toBe(10);
    expect(service.reports).toMatchObject([{ rung: 2, phases: ['fetched', 'accepted'] }]);
    service.claim = claimOf(world);
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'active' });
  });

  test('a rogue proxy with the subject of a registered one: awaiting approval, exit 11, nothing trusted', async () => {
    service.network.inspector = rogue;
    const agent = startAgent(service);
    const result = await bootstrap(agent);
    expect(result).toMatchObject({
      outcome: 'awaiting-approval',
      interceptedBy: expect.stringContaining('Plant A proxy CA'),
      inspectionCas: [],
    });
    expect(exitCodeOf(result.outcome)).toBe(11);
    expect(result.next).toEqual({ kind: 'retry', seconds: 60 });
    expect(agent.bundle()).not.toContain('windlass');
  });

  test('nobody inspects: not-inspected, exit 12, the profile is held and its CA is not trusted', async () => {
    service.network.inspector = null;
    const agent = startAgent(service);
    const result = await bootstrap(agent);
    expect(result).toMatchObject({
      outcome: 'not-inspected',
      rung: 1,
      inspectionCas: [],
      endpoints: [{ verdict: 'direct' }],
    });
    expect(exitCodeOf(result.outcome)).toBe(12);
    expect(agent.state.current.holding.profiles.map(({ network }) => network)).toEqual(['plant-a']);
    expect(agent.bundle()).not.toContain('windlass');
  });

  test('[C1] refused by the service: exit 31 with the code, what was trusted stays, time and nonce are committed', async () => {
    const agent = startAgent(service);
    await bootstrap(agent);
    service.decision = {
      outcome: 'refused',
      code: 'suspended',
      organization: undefined,
      network: undefined,
      epoch: undefined,
      claim: undefined,
      profile: undefined,
    };
    const result = await bootstrap(agent);
    expect(result).toMatchObject({
      outcome: 'refused',
      code: 'suspended',
      inspectionCas: [{ permittedNames: ['example.com'] }],
    });
    expect(agent.state.current).toMatchObject({
      outcome: 'refused',
      lastNonce: service.requests[1]?.['nonce'],
      floors: { time: service.now },
    });
    expect(exitCodeOf(result.outcome)).toBe(31);
  });

  test('an answer that is not valid: exit 30 with the code, nothing of it is used, the service is told', async () => {
    service.decision = { nonce: Buffer.alloc(32).toString('base64') };
    const agent = startAgent(service);
    const result = await bootstrap(agent);
    expect(result).toMatchObject({ outcome: 'not-valid', code: 'nonce-mismatch', inspectionCas: [], reported: true });
    expect(exitCodeOf(result.outcome)).toBe(30);
    expect(agent.state.current).toMatchObject({ lastNonce: null, floors: { generation: 0 }, holding: { claim: null } });
    expect(service.reports).toMatchObject([{ phases: ['fetched', 'failed'], code: 'nonce-mismatch' }]);
  });

  test('no answer on any rung: exit 20 with the cause, what was trusted stays', async () => {
    const agent = startAgent(service);
    await bootstrap(agent);
    service.network.https = 'reset';
    service.network.http = 'name';
    const result = await bootstrap(agent);
    expect(result).toMatchObject({
      outcome: 'no-answer',
      cause: 'name',
      inspectionCas: [{ permittedNames: ['example.com'] }],
      next: { kind: 'back-off' },
    });
    expect(exitCodeOf(result.outcome)).toBe(20);
  });

  test('HTTPS blocked: the same over HTTP, and a profile that cannot be confirmed over TLS is not kept', async () => {
    service.network.https = 'reset';
    const agent = startAgent(service);
    expect(await bootstrap(agent)).toMatchObject({
      outcome: 'reverted',
      code: 'service-not-validated',
      rung: 3,
      inspectionCas: [],
    });
    expect(service.requests[0]).toMatchObject({ path: { rung: 3, failure: 'reset', presentedChain: [] } });
  });
});

describe('what is no answer', () => {
  const body = (text: string, contentType = 'application/json') => ({
    kind: 'body' as const,
    status: 200,
    contentType,
    body: Buffer.from(text),
  });

  test.each(['blocked', 'captive'] as const)('[L4] %s stops the device: the other rung is not tried', async (cause) => {
    service.network.inPlace = () => ({ kind: 'no-answer', cause, stage: 'body', detail: 'a page' });
    const agent = startAgent(service);
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'no-answer', cause });
    expect(service.trace).toEqual(['connect 2', 'post 2 bootstrap']);
  });

  test('[L4] JSON with status 200 that is no answer is none, and the next rung is tried with a fresh nonce and what was seen', async () => {
    service.network.inPlace = (path, rung) =>
      rung === 2 && path.endsWith('bootstrap') ? body('{"status":"ok"}') : null;
    const agent = startAgent(service);
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'active', rung: 3 });
    expect(service.requests[0]).toMatchObject({
      path: { rung: 3, failure: 'not-an-answer', presentedChain: [expect.any(String)] },
    });
  });

  test('[L4] an answer of the right form that fails section 5 is not valid, and no other rung is tried', async () => {
    service.tamper = (answer) => ({ ...answer, claim: { payload: '{}', signature: 'MAA=' } });
    expect(await bootstrap(startAgent(service))).toMatchObject({ outcome: 'not-valid' });
    expect(service.trace.filter((what) => what.endsWith('bootstrap'))).toEqual(['post 2 bootstrap']);
  });
});

describe('[C4] anchors go', () => {
  test('[C4] when the device is released', async () => {
    const agent = startAgent(service);
    await bootstrap(agent);
    service.claim = claimOf(world, { organization: null, publishers: [], generation: 8, ownership: 4, epoch: 0 });
    service.decision = { outcome: 'unclaimed' };
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'unclaimed', removed: [keyOfCa()], inspectionCas: [] });
    expect(agent.bundle()).not.toContain('windlass');
    expect(agent.state.current.holding.profiles).toEqual([]);
    expect(service.reports.at(-1)).toMatchObject({ removed: [keyOfCa()] });
  });

  test('[C4] when another organization owns the device, even if its profile cannot be made active', async () => {
    const agent = startAgent(service);
    await bootstrap(agent);
    const globex = createCertificate({
      name: 'globex publisher',
      issuer: world.otherPublisherAnchor,
      ...publisherOptions('globex'),
    });
    const publishers = [Buffer.from(world.otherPublisherAnchor.der).toString('base64')];
    service.claim = claimOf(world, { organization: 'globex', publishers, generation: 8, ownership: 4, epoch: 0 });
    const payload = profileOf(world, { organization: 'globex', epoch: 0, inspectionCas: [inspectionCaOf(plantB.der)] });
    service.profiles.set('plant-a', { ca: world.inspectionCa, payload, chain: [globex] });
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'reverted', removed: [keyOfCa()], inspectionCas: [] });
    expect(agent.bundle()).not.toContain('windlass');
    expect(agent.state.current).toMatchObject({ floors: { ownership: 4, organization: 'globex' } });
  });

  test('[C4] without a claim that says so an unsigned wish changes nothing', async () => {
    const agent = startAgent(service);
    await bootstrap(agent);
    service.claim = null;
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'unclaimed', removed: [] });
    expect(agent.bundle()).toContain('windlass: acme/plant-a');
  });

  test('[C4] when a profile retires them, and the successor is active', async () => {
    publish('plant-a', world.inspectionCa, {
      inspectionCas: [inspectionCaOf(world.inspectionCa.der), inspectionCaOf(plantB.der)],
    });
    const agent = startAgent(service);
    await bootstrap(agent);
    service.network.inspector = plantB;
    publish('plant-a', plantB, { sequence: 12, retire: [keyOfCa()] });
    const result = await bootstrap(agent);
    expect(result).toMatchObject({ outcome: 'active', rung: 1, removed: [keyOfCa()] });
    expect(agent.bundle().match(/windlass:/g)).toHaveLength(1);
    expect(agent.told).toContain(`dropped the inspection CA with the key ${keyOfCa()}`);
  });

  test('[C4] a retired one is not trusted again by a revert', async () => {
    publish('plant-a', world.inspectionCa, {
      inspectionCas: [inspectionCaOf(world.inspectionCa.der), inspectionCaOf(plantB.der)],
    });
    const agent = startAgent(service);
    await bootstrap(agent);
    service.network.inspector = plantB;
    service.network.broken.add('telemetry');
    publish('plant-a', plantB, { sequence: 12, retire: [keyOfCa()] });
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'reverted', removed: [keyOfCa()] });
    expect(standingNow(agent).inspectionCas.map((ca) => keyOf(ca.certificate))).toEqual([keyOfCa(plantB)]);
  });

  test('[C4] at `until`, without asking anybody', async () => {
    let seconds = 0;
    const agent = startAgent(service, { monotonic: () => seconds });
    await bootstrap(agent);
    expect(standingNow(agent).inspectionCas).toHaveLength(1);
    seconds = 301 * DAY;
    expect(standingNow(agent).inspectionCas).toEqual([]);
  });

  test("[C4] in another network: plant A's CA is not trusted in plant B, and back in plant A it is held", async () => {
    publish('plant-b', plantB);
    const agent = startAgent(service);
    await bootstrap(agent);
    service.network.inspector = plantB;
    expect(await bootstrap(agent)).toMatchObject({
      outcome: 'active',
      network: 'plant-b',
      rung: 2,
      removed: [keyOfCa()],
    });
    expect(agent.bundle()).not.toContain('plant-a');
    service.network.inspector = world.inspectionCa;
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'active', network: 'plant-a', removed: [keyOfCa(plantB)] });
    expect(service.requests.at(-1)).toMatchObject({
      holds: { profiles: [{ network: 'plant-b' }, { network: 'plant-a' }] },
    });
  });

  test('[C4] behind a proxy that is not approved nothing stays active', async () => {
    const agent = startAgent(service);
    await bootstrap(agent);
    service.network.inspector = rogue;
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'awaiting-approval', removed: [keyOfCa()] });
    expect(agent.bundle()).not.toContain('windlass');
  });

  test('at most eight networks are held, the ones used last', async () => {
    const agent = startAgent(service);
    for (let i = 0; i < 9; i += 1) {
      publish(`n${i}`, plantB);
      service.profiles.delete(`n${i - 1}`);
      service.network.inspector = plantB;
      await bootstrap(agent);
    }
    expect(agent.state.current.holding.profiles.map(({ network }) => network)).toEqual([
      'n8',
      'n7',
      'n6',
      'n5',
      'n4',
      'n3',
      'n2',
      'n1',
    ]);
  });
});

describe('a damaged state', () => {
  test('is rebuilt by the next exchange, which says it in its report, once', async () => {
    const first = startAgent(service);
    await bootstrap(first);
    first.disk.write('/device/state.json', Buffer.from('x'), 0o600);
    const agent = startAgent(service, { disk: first.disk });
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'active' });
    await bootstrap(agent);
    expect(service.reports.map(({ code }) => code)).toEqual([undefined, 'state-damaged', undefined]);
  });

  test('whose floors are gone too does not repeat a counter of reports', async () => {
    const first = startAgent(service);
    await bootstrap(first);
    for (const name of ['state.json', 'floors.json']) first.disk.write(`/device/${name}`, Buffer.from('x'), 0o600);
    expect(await bootstrap(startAgent(service, { disk: first.disk }))).toMatchObject({ outcome: 'active' });
    const [before, after] = service.reports.map(({ counter }) => Number(counter));
    expect(after).toBeGreaterThan(before ?? Number.NaN);
    expect(service.reports[1]).toMatchObject({ code: 'floors-lost' });
  });
});

describe('time', () => {
  test('[T5] a device at 1970 comes online, judges by the signed time, and says that other programs will fail', async () => {
    const agent = startAgent(service, { now: () => 0 });
    const result = await bootstrap(agent);
    expect(result).toMatchObject({
      outcome: 'active',
      systemClock: expect.stringContaining('other programs will fail'),
    });
    expect(service.reports[0]).toMatchObject({ clock: { state: 'floor', time: at(NOW + 1) } });
  });

  test('[T5] the acknowledgement is a signed time too', async () => {
    const agent = startAgent(service);
    await bootstrap(agent);
    expect(agent.clock.floor).toBe(service.now);
    expect(agent.state.current.floors.time).toBe(service.now);
  });

  test('[T6] the last signed time is the floor after a restart', async () => {
    const agent = startAgent(service);
    await bootstrap(agent);
    service.now = NOW - DAY;
    expect(await bootstrap(startAgent(service, { disk: agent.disk }))).toMatchObject({
      outcome: 'not-valid',
      code: 'time-before-floor',
    });
  });
});
