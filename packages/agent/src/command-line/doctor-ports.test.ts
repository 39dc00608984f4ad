import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCertificate } from '../../../protocol/src/testing/test-certificates.ts';
import { createWorld } from '../../../protocol/src/testing/world.ts';
import { bootstrap } from '../bootstrap.ts';
import type { ProxyRoutes } from '../proxies/proxies.ts';
import {
  asCertificate,
  createFakeService,
  DAY,
  type FakeService,
  makeProxyCa,
  NOW,
  publish,
  SERVICE,
} from '../testing/fake-service.ts';
import { startAgent, type TestAgent } from '../testing/test-agent.ts';
import { openStraight } from '../transport/route.ts';
import { answer, type Conduct, type Peer, startPlainPeer } from '../transport/testing/servers.ts';
import { standingNow } from '../visit.ts';
import { doctorPorts, signerOf } from './doctor-ports.ts';

const world = createWorld();
const plantB = makeProxyCa('Plant B proxy CA');
let service: FakeService;
let agent: TestAgent;

beforeEach(async () => {
  service = createFakeService(world);
  agent = startAgent(service);
  await bootstrap(agent);
});

type Ca = ReturnType<typeof makeProxyCa>;

/** A leaf of this CA for the service, as a box presents it. */
function presentedBy(issuer: Ca): readonly Uint8Array[] {
  const purposes = ['1.3.6.1.5.5.7.3.1'];
  return [
    createCertificate({ name: SERVICE, dns: [SERVICE], purposes, issuer, from: NOW - DAY, until: NOW + DAY }).der,
    issuer.der,
  ];
}

/** The active CAs of the device, permitted for this name. */
const activeFor = (name: string) => standingNow(agent).inspectionCas.map((ca) => ({ ...ca, permittedNames: [name] }));
const kindOf = (issuer: Ca): string => signerOf(agent, presentedBy(issuer), activeFor(SERVICE)).kind;

/** Straight, or to where the override leads. */
function pathsTo(connectTo: Readonly<Record<string, string>>) {
  const routes: ProxyRoutes = {
    open: (attempt, target) => openStraight(attempt, { connectTo }, target),
    learn: () => {},
    first: async () => null,
    forget: () => {},
  };
  const nothing = { portal: { api: null, leaseFiles: [] }, proxies: { anchors: [] } };
  return { service: SERVICE, ports: { http: 80, https: 443 }, connectTo, routes, ...nothing };
}

describe('who signed, told by keys', () => {
  test('a root of the system; an own anchor of the service; the active inspection CA; nobody', () => {
    expect(kindOf(service.root)).toBe('root');
    expect(kindOf(world.inspectionCa)).toBe('active');
    expect(kindOf(plantB)).toBe('nobody');
    agent = { ...agent, tlsAnchors: [asCertificate(plantB)] };
    expect(kindOf(plantB)).toBe('own-anchor');
  });

  test('the inspection CA of a network that is held and not active, with its name', async () => {
    publish(service, 'plant-b', plantB);
    service.network.inspector = plantB;
    await bootstrap(agent);
    expect(kindOf(plantB)).toBe('active');
    const signer = signerOf(agent, presentedBy(world.inspectionCa), activeFor(SERVICE));
    expect(signer).toEqual({ kind: 'held', network: 'plant-a' });
  });

  test('an active one that is not permitted for the service', () => {
    expect(signerOf(agent, presentedBy(world.inspectionCa), activeFor('app.example.com')).kind).toBe('out-of-scope');
  });

  test('another CA with the name of the active one is nobody; one that says so does not trust the service', () => {
    expect(kindOf(makeProxyCa('Plant A proxy CA'))).toBe('nobody');
    expect(kindOf(makeProxyCa('Not trusted by Plant A'))).toBe('distrusting');
  });

  test('a certificate that nobody can read is nobody', () => {
    expect(signerOf(agent, [new Uint8Array([1, 2, 3])], []).kind).not.toBe('active');
  });
});

describe('what a plain GET to the service brings', () => {
  let peer: Peer | undefined;
  afterEach(() => peer?.close());

  async function pageOf(conduct: Conduct) {
    peer = await startPlainPeer(conduct);
    const ports = await doctorPorts(agent, pathsTo({ '*:80': peer.address }), { offline: true });
    return ports.page('http');
  }

  test('the problem of the service is no page', async () => {
    const problem = answer(
      '404 Not Found',
      ['Content-Type: application/problem+json'],
      '{"type":"about:blank","status":404}',
    );
    expect(await pageOf(problem)).toMatchObject({ kind: 'page', status: 404, cause: null, redirect: null });
    expect(peer?.received.join('')).toMatch(/^GET \/\.well-known\/windlass\/v1\/bootstrap HTTP/);
  });

  test('a redirect elsewhere is a portal, shown without what may name the device', async () => {
    const redirect = answer('302 Found', ['Location: http://portal.example/login?mac=02:00:00&ip=10.0.0.5#top'], '');
    expect(await pageOf(redirect)).toMatchObject({ cause: 'captive', redirect: 'http://portal.example/login' });
    peer?.close();
    const long = answer('302 Found', [`Location: http://portal.example/${'x'.repeat(9_000)}`], '');
    expect(await pageOf(long)).toMatchObject({ redirect: expect.stringMatching(/^http:..portal.example.x{1,200}$/) });
    peer?.close();
    const odd = answer('302 Found', ['Location: app:$(reboot) "; reboot'], '');
    expect(await pageOf(odd)).toMatchObject({ redirect: null });
  });

  test('a page is a page, whatever its status', async () => {
    expect(await pageOf(answer('200 OK', ['Server: squid'], '<html>no</html>'))).toMatchObject({
      cause: 'blocked',
      headers: { server: 'squid' },
    });
  });

  test('silence and closed ports are said by stage', async () => {
    expect(await pageOf((socket) => socket.destroy())).toMatchObject({ kind: 'broken', stage: 'first-byte' });
  });
});

test('asking leaves the state, the reports and the nonce that was used last as they were', async () => {
  const before = JSON.stringify(agent.state.current);
  const reports = service.reports.length;
  const { ask } = await doctorPorts(agent, pathsTo({}), { offline: false });
  expect(await ask?.()).toMatchObject({ kind: 'signed', outcome: 'granted', rung: 1, network: 'plant-a' });
  publish(service, 'plant-b', plantB);
  service.network.inspector = plantB;
  expect(await ask?.()).toMatchObject({ kind: 'signed', rung: 2, network: 'plant-b' });
  expect(JSON.stringify(agent.state.current)).toBe(before);
  expect(service.reports.length).toBe(reports);
});
