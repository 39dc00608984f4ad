// A service and a network in this process, for tests of the flow: real signed messages, no socket. Which proxy signs, what the service
// says and what goes wrong on the way is set by the test.
import { digestOf, type Endpoint } from '@windlass/protocol';
import { type Certificate, parseCertificate } from '@windlass/x509';
import { createCertificate, createKey, type TestCertificate } from '../../../protocol/src/testing/test-certificates.ts';
import {
  acknowledgementOf,
  at,
  claimOf,
  createWorld,
  DAY,
  decisionOf,
  inspectionCaOf,
  type Json,
  type Members,
  NOW,
  ORGANIZATION,
  payloadOf,
  profileOf,
  SERVICE,
  sha256,
  signMessage,
  type World,
} from '../../../protocol/src/testing/world.ts';
import type { Connection, NoAnswer, NoAnswerCause, Probe, ProbeResult, Transport, TrustView } from '../ports.ts';

/** What a test may change while the device is running. */
export interface FakeNetwork {
  /** Who signs what the device sees of the service; null: the service's own public root. */
  inspector: TestCertificate | null;
  /** Why HTTPS does not get through, where it does not. */
  https: NoAnswerCause | null;
  http: NoAnswerCause | null;
  /** What comes back in place of the service's answer: a body with status 200, or nothing. */
  inPlace: ((path: string, rung: number) => string | NoAnswer | null) | null;
  /** Endpoints that fail. */
  broken: Set<string>;
}

export interface FakeService {
  readonly world: World;
  readonly root: TestCertificate;
  readonly network: FakeNetwork;
  readonly transport: Transport;
  readonly probe: Probe;
  /** Null: never claimed. */
  claim: Members | null;
  /** By network id; which one is chosen: by the key of its first inspection CA, or the one of `assigned`. */
  readonly profiles: Map<string, { readonly ca: TestCertificate; payload: Members; chain: readonly TestCertificate[] }>;
  assigned: string | null;
  /** Members of the next decisions that are to be other than right. */
  decision: Members;
  /** How the answer is changed before it is sent. */
  tamper: (answer: Record<string, Json>) => Record<string, Json>;
  acknowledges: boolean;
  /** Who signs acknowledgements. */
  acknowledger: TestCertificate;
  now: number;
  readonly requests: Members[];
  readonly reports: Members[];
  /** What was done on the wire, in order: `connect 2`, `post 2 bootstrap`, `probe telemetry`. */
  readonly trace: string[];
}

const ROOT_DATES = { from: NOW - 400 * DAY, until: NOW + 3_650 * DAY };
const root = createCertificate({ name: 'Public root', ...ROOT_DATES, ca: true });

/** A claimed device of `acme` in a network whose proxy CA is published. */
export function createFakeService(world: World = createWorld()): FakeService {
  const network: FakeNetwork = {
    inspector: world.inspectionCa,
    https: null,
    http: null,
    inPlace: null,
    broken: new Set(),
  };
  const service: FakeService = {
    world,
    root,
    network,
    transport: {
      connect: async (scheme, trust) => connect(service, scheme, trust),
      prove: async () => null,
    },
    probe: async (endpoint, trust) => probe(service, endpoint, trust),
    claim: claimOf(world),
    profiles: new Map([['plant-a', { ca: world.inspectionCa, payload: profileOf(world), chain: [world.publisher] }]]),
    assigned: 'plant-a',
    decision: {},
    tamper: (answer) => answer,
    acknowledges: true,
    acknowledger: world.responder,
    now: NOW,
    requests: [],
    reports: [],
    trace: [],
  };
  return service;
}

function connect(service: FakeService, scheme: 'https' | 'http', trust: TrustView): Connection | NoAnswer {
  const { network, trace } = service;
  const broken = network[scheme];
  if (broken) return noAnswer(broken, 'connect');
  if (scheme === 'http') {
    trace.push('connect 3');
    return connection(service, { rung: 3, failure: null, presentedChain: [], issuer: null });
  }
  const signer = network.inspector ?? service.root;
  const leaf = leafBy(signer);
  const trusted = trust.inspectionCas.find((ca) => isKeyOf(ca.certificate, signer));
  const isRoot = trust.roots.some((anchor) => isKeyOf(anchor, signer));
  const rung = trusted || isRoot ? 1 : 2;
  trace.push(`connect ${rung}`);
  const failure = rung === 1 ? null : 'unknown-issuer';
  return connection(service, { rung, failure, presentedChain: [leaf.der], issuer: trusted?.certificate ?? null });
}

/** As boxes do, the same for every connection. */
const leaves = new WeakMap<TestCertificate, TestCertificate>();
function leafBy(issuer: TestCertificate): TestCertificate {
  const dates = { from: NOW - DAY, until: NOW + 90 * DAY };
  const leaf = leaves.get(issuer) ?? createCertificate({ name: SERVICE, issuer, dns: [SERVICE], ...dates });
  leaves.set(issuer, leaf);
  return leaf;
}

/** Nothing comes, or a page: with the failure that the next request names. */
export function noAnswer(cause: NoAnswerCause, stage: NoAnswer['stage']): NoAnswer {
  const failure = cause === 'timeout' ? 'timeout' : stage === 'connect' ? 'reset' : 'not-an-answer';
  return { kind: 'no-answer', cause, stage, failure, presentedChain: [], status: stage === 'body' ? 200 : null };
}

function connection(
  service: FakeService,
  about: Pick<Connection, 'rung' | 'failure' | 'presentedChain' | 'issuer'>,
): Connection {
  return {
    ...about,
    post: async (path, body, isAnswer) => {
      service.trace.push(`post ${about.rung} ${path.split('/').at(-1)}`);
      const inPlace = service.network.inPlace?.(path, about.rung) ?? null;
      if (inPlace !== null && typeof inPlace === 'object') return inPlace;
      const usual = path.endsWith('bootstrap') ? answerRequest : answerReport;
      const answer = Buffer.from(inPlace ?? usual(service, body));
      return isAnswer(answer) ? { kind: 'body', body: answer } : noAnswer('http', 'body');
    },
    close: () => {
      service.trace.push('close');
    },
  };
}

/** The service's answer to the body of a bootstrap request. */
export function answerRequest(service: FakeService, body: string): string {
  const { world } = service;
  const { payload } = JSON.parse(body) as { payload: string };
  const request = JSON.parse(payload) as {
    nonce: string;
    path: { presentedChain: string[] };
    holds: { claim?: { digest: string }; profiles: { digest: string }[] };
  };
  service.requests.push(request);
  const claim = service.claim === null ? null : payloadOf(service.claim);
  const chosen = chooseProfile(service, request.path.presentedChain.length > 0);
  const profile = chosen ? payloadOf(chosen.payload) : null;
  const members = { nonce: request.nonce, time: at(tick(service)), ...outcomeOf(service, chosen), ...service.decision };
  const digests = { request: payload, ...(claim ? { claim } : {}), ...(profile ? { profile } : {}) };
  const answer: Record<string, Json> = {
    decision: { ...signMessage(decisionOf(world, digests, members), [world.responder]) },
  };
  if (claim && request.holds.claim?.digest !== sha256(claim))
    answer['claim'] = { ...signMessage(JSON.parse(claim), [world.claimAuthority]) };
  if (chosen && profile && !request.holds.profiles.some((held) => held.digest === sha256(profile))) {
    answer['profile'] = { ...signMessage(JSON.parse(profile), chosen.chain) };
  }
  return JSON.stringify(service.tamper(answer));
}

/** Each signed time is later than the one before. */
function tick(service: FakeService): number {
  service.now += 1;
  return service.now;
}

function chooseProfile(service: FakeService, sawChain: boolean) {
  if (!service.claim || service.claim['organization'] === null) return null;
  const { inspector } = service.network;
  const signed = [...service.profiles.values()].find(({ ca }) => ca === inspector);
  if (sawChain && inspector) return signed ?? null;
  return service.profiles.get(service.assigned ?? '') ?? null;
}

function outcomeOf(service: FakeService, chosen: { payload: Members } | null): Members {
  const organization = service.claim?.['organization'] ?? null;
  if (organization === null)
    return { outcome: 'unclaimed', organization: undefined, network: undefined, epoch: undefined };
  const epoch = service.claim?.['epoch'];
  if (!chosen) return { outcome: 'awaiting-approval', organization, epoch, network: undefined, retryAfterSeconds: 60 };
  const outcome = service.network.inspector || service.network.https ? 'granted' : 'not-inspected';
  return { outcome, organization, epoch, network: chosen.payload['network'] };
}

/** The service's answer to the body of a report. */
export function answerReport(service: FakeService, body: string): string {
  const { payload } = JSON.parse(body) as { payload: string };
  const report = JSON.parse(payload) as Members;
  service.reports.push(report);
  if (!service.acknowledges) return '{"title":"not now"}';
  const { world } = service;
  const acknowledgement = acknowledgementOf(world, payload, { counter: report['counter'], time: at(tick(service)) });
  return JSON.stringify(signMessage(acknowledgement, [service.acknowledger]));
}

function probe(service: FakeService, endpoint: Endpoint, trust: TrustView): ProbeResult {
  const { name } = endpoint;
  service.trace.push(`probe ${name}`);
  const { inspector, broken } = service.network;
  const nothing = { endpoint, reason: null, signedBy: null, issuer: null };
  if (broken.has(name)) return { ...nothing, verdict: 'blocked', stage: 'tls', reason: 'reset' };
  if (!inspector) return { ...nothing, verdict: 'direct', stage: 'done' };
  const isTrusted = trust.inspectionCas.some((ca) => isKeyOf(ca.certificate, inspector));
  const issuer = digestOf(inspector.key.spki);
  if (isTrusted) return { ...nothing, verdict: 'inspected-trusted', stage: 'done', issuer };
  return {
    ...nothing,
    verdict: 'inspected-untrusted',
    stage: 'tls',
    reason: 'unknown-issuer',
    signedBy: 'CN=Somebody',
  };
}

function isKeyOf(certificate: Certificate, holder: TestCertificate): boolean {
  return Buffer.from(holder.key.spki).equals(certificate.publicKey.der);
}

/** The organization publishes a profile with this inspection CA for a network. */
export function publish(service: FakeService, network: string, ca: TestCertificate, changes: Members = {}): void {
  const { world } = service;
  const payload = profileOf(world, { network, inspectionCas: [inspectionCaOf(ca.der)], ...changes });
  service.profiles.set(network, { ca, payload, chain: [world.publisher] });
}

/** The CA of some inspecting proxy. */
export function makeProxyCa(name: string): TestCertificate {
  return createCertificate({ name, key: createKey('rsa2048'), from: NOW - DAY, until: NOW + 400 * DAY, ca: true });
}

/** How reports name an anchor. */
export function keyDigestOf(ca: TestCertificate): string {
  return ca.key.digest;
}

/** The product's view of a certificate of a test. */
export function asCertificate({ der }: TestCertificate): Certificate {
  return parseCertificate(der);
}

export { DAY, NOW, ORGANIZATION, SERVICE };
