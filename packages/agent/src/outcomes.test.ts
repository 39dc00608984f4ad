import { formatTime } from '@windlass/protocol';
import { beforeEach, describe, expect, test } from 'vitest';
import { at, claimOf, createWorld, inspectionCaOf } from '../../protocol/src/testing/world.ts';
import { bootstrap } from './bootstrap.ts';
import { describeResult, exitCodeOf } from './command-line/described.ts';
import { createFailingDisk, type FailingDisk } from './testing/failing-disk.ts';
import {
  createFakeService,
  DAY,
  type FakeService,
  makeProxyCa,
  NOW,
  noAnswer,
  publish,
  SERVICE,
} from './testing/fake-service.ts';
import { BUNDLE, startAgent, type TestAgent } from './testing/test-agent.ts';

const world = createWorld();
const rogue = makeProxyCa('Plant A proxy CA');
let service: FakeService;

beforeEach(() => {
  service = createFakeService(world);
});

describe('the other outcomes', () => {
  test('unclaimed: signed, nothing trusted, exit 10; claimed later it comes online', async () => {
    service.claim = null;
    const agent = startAgent(service);
    const result = await bootstrap(agent);
    expect(result).toMatchObject({
      outcome: 'unclaimed',
      organization: null,
      unsent: null,
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
    expect(describeResult(result, SERVICE)).toMatchObject({
      outcome: 'awaiting-approval',
      interceptedBy: expect.stringContaining('Plant A proxy CA'),
      inspectionCas: [],
    });
    expect(describeResult(result, SERVICE)).not.toHaveProperty('trouble');
    expect(agent.told.at(-1)).toMatch(
      /^awaiting approval: "CN=Plant A proxy CA" is no inspection CA of acme and waits/,
    );
    expect(exitCodeOf(result.outcome)).toBe(11);
    expect(result.next).toEqual({ kind: 'retry', seconds: 60 });
    expect(agent.bundle()).not.toContain('windlass');
  });

  test('a proxy that does not trust the service says so by the name it signs with: told, and that nobody is to approve it', async () => {
    service.network.inspector = makeProxyCa('Not trusted by "Plant A proxy CA"');
    const agent = startAgent(service);
    const described = describeResult(await bootstrap(agent), SERVICE);
    expect(described).toMatchObject({ outcome: 'awaiting-approval', trouble: 'box-distrusts-service' });
    expect(agent.told.at(-1)).toMatch(/^awaiting approval: the inspecting proxy does not trust .* do not approve/);
  });

  test('awaiting approval where no chain was seen: no observation is promised, and it says what to do', async () => {
    service.network.https = 'reset';
    service.assigned = null;
    const agent = startAgent(service);
    const result = await bootstrap(agent);
    expect(describeResult(result, SERVICE)).toMatchObject({
      outcome: 'awaiting-approval',
      rung: 3,
      interceptedBy: null,
    });
    expect(agent.told.at(-1)).toMatch(
      /^awaiting approval: this network showed no certificate by which acme could choose/,
    );
    expect(agent.told.join()).not.toMatch(/null|observation/);
  });

  test('nobody inspects: not-inspected, exit 12, the profile is held and its CA is not trusted', async () => {
    service.network.inspector = null;
    const agent = startAgent(service);
    const result = await bootstrap(agent);
    expect(result).toMatchObject({
      outcome: 'not-inspected',
      path: { rung: 1 },
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
    expect(result).toMatchObject({ outcome: 'not-valid', code: 'nonce-mismatch', inspectionCas: [], unsent: null });
    expect(exitCodeOf(result.outcome)).toBe(30);
    expect(agent.state.current).toMatchObject({ lastNonce: null, floors: { generation: 0 }, holding: { claim: null } });
    expect(service.reports).toMatchObject([{ phases: ['fetched', 'failed'], code: 'nonce-mismatch' }]);
  });

  test('[L9] the wait that nobody signed reaches the supervisor', async () => {
    const agent = startAgent(service);
    const busy = { ...noAnswer('http', 'body'), status: 429, retryAfterSeconds: 120 };
    const result = await bootstrap({ ...agent, transport: { ...agent.transport, connect: async () => busy } });
    expect(result).toMatchObject({ outcome: 'no-answer', next: { kind: 'back-off', hint: 120 } });
  });

  test('no answer on any rung: exit 20 with the cause, what was trusted stays', async () => {
    const agent = startAgent(service);
    await bootstrap(agent);
    service.network.https = 'reset';
    service.network.http = 'name';
    const result = await bootstrap(agent);
    expect(result).toMatchObject({
      outcome: 'no-answer',
      cause: 'reset',
      path: { rung: null, failure: 'reset' },
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
      path: { rung: 3 },
      inspectionCas: [],
      next: { kind: 'back-off' },
    });
    expect(service.requests[0]).toMatchObject({ path: { rung: 3, failure: 'reset', presentedChain: [] } });
  });
});

describe('what is no answer', () => {
  test.each(['blocked', 'captive'] as const)('[L4] %s stops the device: the other rung is not tried', async (cause) => {
    service.network.inPlace = () => noAnswer(cause, 'body');
    const agent = startAgent(service);
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'no-answer', cause });
    expect(service.trace).toEqual(['connect 2', 'post 2 bootstrap']);
  });

  test('[L4] JSON with status 200 that is no answer is none, and the next rung is tried with a fresh nonce and what was seen', async () => {
    service.network.inPlace = (path, rung) => (rung === 2 && path.endsWith('bootstrap') ? '{"status":"ok"}' : null);
    const agent = startAgent(service);
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'active', path: { rung: 3 } });
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

describe('a system clock that is configured as trusted, and is not right', () => {
  /** Behind a box whose certificates are not valid at the time of the device. */
  const judged = (agent: TestAgent, failure: 'not-yet-valid' | 'expired'): TestAgent => {
    const connect: typeof agent.transport.connect = async (scheme, trust) =>
      scheme === 'https' ? { ...noAnswer('tls', 'tls'), failure } : service.transport.connect(scheme, trust);
    return { ...agent, transport: { ...agent.transport, connect } };
  };

  test.each([
    [
      'not-yet-valid',
      -900,
      /is (89|90)[0-9] seconds behind the signed time, .*: set it, or configure it as untrusted$/,
    ],
    ['expired', 900, /is (89|90)[0-9] seconds ahead of the signed time/],
  ] as const)('%s: the clock is named, and by how much it is off', async (failure, off, sentence) => {
    const agent = judged(startAgent(service, { vouched: true, now: () => service.now + off }), failure);
    const result = await bootstrap(agent);
    expect(result).toMatchObject({ outcome: 'reverted', code: 'clock', systemClock: {}, inspectionCas: [] });
    expect(agent.told.at(-1)).toMatch(/^reverted: clock: /);
    expect(describeResult(result, SERVICE)).toMatchObject({ endpoint: expect.stringMatching(sentence) });
    expect(service.reports.at(-1)).toMatchObject({
      code: 'clock',
      phases: ['fetched', 'accepted', 'staged', 'reverted'],
    });
  });

  test('an inspection CA that is valid by the signed time and not by the clock: the clock is named', async () => {
    const inspectionCas = [inspectionCaOf(world.inspectionCa.der, { from: at(NOW - 60) })];
    publish(service, 'plant-a', world.inspectionCa, { inspectionCas });
    const agent = startAgent(service, { vouched: true, now: () => service.now - 900 });
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'reverted', code: 'clock' });
  });

  test('one that is right is not blamed for what the box signs', async () => {
    const agent = judged(startAgent(service, { vouched: true, now: () => service.now - 20 }), 'not-yet-valid');
    expect(await bootstrap(agent)).toMatchObject({ code: 'service-not-validated' });
  });

  test('nor is one that nobody trusts: the signed time is what counts then', async () => {
    const agent = judged(startAgent(service, { now: () => service.now - 900 }), 'not-yet-valid');
    expect(await bootstrap(agent)).toMatchObject({ code: 'service-not-validated' });
  });
});

describe('what the service was not told', () => {
  test('a fault of the files is told after a restart, until it is acknowledged', async () => {
    const first = startAgent(service);
    await bootstrap(first);
    first.disk.write('/device/state.json', Buffer.from('x'), 0o600);
    startAgent(service, { disk: first.disk });
    service.acknowledges = false;
    await bootstrap(startAgent(service, { disk: first.disk }));
    service.acknowledges = true;
    await bootstrap(startAgent(service, { disk: first.disk }));
    await bootstrap(startAgent(service, { disk: first.disk }));
    expect(service.reports.map(({ code }) => code).filter(Boolean)).toContain('state-damaged');
    expect(service.reports.at(-2)).toMatchObject({ code: 'state-damaged' });
    expect(service.reports.at(-1)).not.toHaveProperty('code');
  });

  test('[M7] trouble is remembered with its beginning, written once, and forgotten with the acknowledgement of a report', async () => {
    let seconds = 0;
    const agent = startAgent(service, { monotonic: () => seconds });
    await bootstrap(agent);
    expect(agent.state.current.trouble).toBeNull();
    const began = agent.clock.read().time;
    Object.assign(service.network, { https: 'timeout', http: 'timeout' });
    await bootstrap(agent);
    const disk = agent.disk as FailingDisk;
    const { operations } = disk;
    seconds = 60;
    await bootstrap(agent);
    expect(disk.operations).toBe(operations);
    expect(agent.state.current.trouble).toEqual({ code: 'tcp-timeout', since: began });
    Object.assign(service.network, { https: 'reset', http: 'reset' });
    await bootstrap(agent);
    expect(startAgent(service, { disk }).state.current.trouble).toEqual({ code: 'tcp-reset', since: began });
    Object.assign(service.network, { https: null, http: null });
    await bootstrap(agent);
    expect(service.reports.at(-1)).toMatchObject({ trouble: { code: 'tcp-reset', since: formatTime(began) } });
    expect(startAgent(service, { disk }).state.current.trouble).toBeNull();
    await bootstrap(agent);
    expect(service.reports.at(-1)).not.toHaveProperty('trouble');
  });

  test('a profile that could not be kept is trouble where the report of it did not arrive', async () => {
    service.network.broken.add('telemetry');
    service.acknowledges = false;
    const agent = startAgent(service);
    await bootstrap(agent);
    expect(agent.state.current.trouble).toMatchObject({ code: 'not-confirmed' });
    service.acknowledges = true;
    await bootstrap(agent);
    expect(agent.state.current.trouble).toBeNull();
  });
});

describe('a held profile is confirmed', () => {
  const confirmedOf = (agent: TestAgent) =>
    agent.state.current.holding.profiles.map(({ network, confirmed }) => [network, confirmed]);

  test('[C2] by the acknowledgement over TLS that it validates, for as long as it is the same', async () => {
    service.network.inspector = null;
    const agent = startAgent(service);
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'not-inspected' });
    expect(confirmedOf(agent)).toEqual([['plant-a', false]]);
    service.network.inspector = world.inspectionCa;
    await bootstrap(agent);
    expect(confirmedOf(agent)).toEqual([['plant-a', true]]);
    await bootstrap(agent);
    service.network.inspector = null;
    await bootstrap(agent);
    expect(confirmedOf(agent)).toEqual([['plant-a', true]]);
    publish(service, 'plant-a', world.inspectionCa, { sequence: 12 });
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'not-inspected' });
    expect(confirmedOf(agent)).toEqual([['plant-a', false]]);
  });

  test('[C2] no more once it was reverted', async () => {
    const plantB = makeProxyCa('Plant B proxy CA');
    publish(service, 'plant-b', plantB);
    const agent = startAgent(service);
    await bootstrap(agent);
    service.network.inspector = plantB;
    await bootstrap(agent);
    expect(confirmedOf(agent)).toEqual([
      ['plant-b', true],
      ['plant-a', true],
    ]);
    service.network.https = 'timeout'; // so that nothing shows whose network it is, and the service names the assigned one
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'reverted' });
    expect(confirmedOf(agent)).toEqual([
      ['plant-b', true],
      ['plant-a', false],
    ]);
  });
});

describe('a state that is gone', () => {
  test('is told as lost floors where the bundle shows that there was one', async () => {
    const first = startAgent(service);
    await bootstrap(first);
    const disk = createFailingDisk(new Map([[BUNDLE, first.bundle()]]));
    await bootstrap(startAgent(service, { disk }));
    expect(service.reports.map(({ code }) => code)).toEqual([undefined, 'floors-lost']);
  });
});

describe('time', () => {
  test('[T5] a device at 1970 comes online, judges by the signed time, and says that other programs will fail', async () => {
    const agent = startAgent(service, { now: () => 0 });
    const result = await bootstrap(agent);
    expect(result).toMatchObject({ outcome: 'active', systemClock: { system: 0 } });
    expect(agent.told).toContainEqual(expect.stringContaining('other programs will fail'));
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
