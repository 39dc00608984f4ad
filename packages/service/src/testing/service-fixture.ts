// A service as `windlass init` makes it, in a directory of its own, and devices that talk to it over HTTP at the real time.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AcceptContext,
  type AcceptedAnswer,
  acceptAnswer,
  type BootstrapRequest,
  digestOf,
  encodeEnvelope,
  encodeReport,
  encodeRequest,
  NO_FLOORS,
  type Nonce,
  parseNonce,
  unixSeconds,
} from '@windlass/protocol';
import { toPem } from '@windlass/x509';
import { parseChainPem } from '../certificates.ts';
import { initialize } from '../initialize.ts';
import type { PostgresServer } from '../postgres-server.ts';
import { SERVICE } from './device-world.ts';
import { makeCa, signPayload, type TestDevice, type TestEntity } from './test-pki.ts';

/** A service that is not started. */
export interface ServiceFixture {
  /** Where the service's directory is, and where a test may put more. */
  readonly parent: string;
  readonly directory: string;
  readonly configFile: string;
  remove(): void;
}

/** A service with any free ports, over SQLite or, when it is given, a PostgreSQL of a test. */
export async function initializeService(postgres?: PostgresServer): Promise<ServiceFixture> {
  const parent = mkdtempSync(join(tmpdir(), 'windlass-service-'));
  const directory = join(parent, 'service');
  const database = postgres === undefined ? {} : { databaseUrl: urlOf(postgres) };
  await initialize({ dir: directory, service: SERVICE, httpPort: 0, managementPort: 0, ...database });
  const configFile = join(directory, 'windlass.toml');
  return { parent, directory, configFile, remove: () => rmSync(parent, { recursive: true }) };
}

/** The URL of a server on a socket. */
export function urlOf({ user, database, host }: PostgresServer): string {
  return `postgres://${user}@/${database}?host=${encodeURIComponent(host)}`;
}

/** Calls the management API. @throws Error with the problem's detail */
export async function manage(url: string, token: string, path: string, body: object): Promise<Record<string, string>> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

/** The CA is added to the network, and approved with its own fingerprint. */
export async function letIn(
  acme: (path: string, body: object) => Promise<Record<string, string>>,
  network: string,
  { certificate }: TestEntity,
): Promise<void> {
  const upload = Buffer.from(toPem('CERTIFICATE', certificate.der)).toString('base64');
  const path = `/networks/${network}/inspection-cas`;
  const { fingerprint = '' } = await acme(path, { certificate: upload, permittedNames: ['bootstrap.example'] });
  await acme(`${path}/${fingerprint}/approve`, { sha256: fingerprint });
}

/** A manufacturer that the service knows. */
export async function addManufacturer({ directory }: ServiceFixture, url: string): Promise<TestEntity> {
  const manufacturer = makeCa('Test Manufacturer');
  const token = readFileSync(join(directory, 'admin-token'), 'utf8').trim();
  const certificate = toPem('CERTIFICATE', manufacturer.certificate.der);
  await manage(url, token, '/v1/manufacturers', { name: 'test', certificate });
  return manufacturer;
}

/** What a device got for what it sent. */
export interface Sent {
  readonly payload: string;
  readonly nonce: Nonce;
  /** The body of the answer. */
  readonly body: string;
}

/** A bootstrap over HTTP; by default of a device that holds nothing. @throws Error when there was no answer */
export async function bootstrapOver(
  url: string,
  device: TestDevice,
  chain: readonly TestEntity[],
  holds: BootstrapRequest['holds'] = { profiles: [] },
): Promise<Sent> {
  const nonce = parseNonce(randomBytes(32).toString('base64'));
  const payload = encodeRequest({
    service: SERVICE,
    device: device.id,
    nonce,
    holds,
    clock: { state: 'trusted', time: currentTime() },
    path: { rung: 3, failure: null, presentedChain: chain.map(({ certificate }) => certificate.der) },
    agent: { version: '0.1.0', stores: [] },
  });
  return { payload, nonce, body: await postOver(url, 'bootstrap', device, payload) };
}

/** A report over HTTP. @throws Error when there was no answer */
export async function reportOver(url: string, device: TestDevice, counter: number): Promise<Sent> {
  const nonce = parseNonce(randomBytes(32).toString('base64'));
  const payload = encodeReport({
    service: SERVICE,
    device: device.id,
    nonce,
    counter,
    clock: { state: 'trusted', time: currentTime() },
    rung: 1,
    phases: ['fetched', 'accepted', 'staged', 'probed', 'active'],
    stores: [],
    removed: [],
    endpoints: [],
    agent: { version: '0.1.0' },
  });
  return { payload, nonce, body: await postOver(url, 'report', device, payload) };
}

/** What a device with this service's anchor makes of an answer; a new one unless it is said what it accepted before. @throws ProtocolError */
export function acceptOver(
  { directory }: ServiceFixture,
  device: TestDevice,
  sent: Sent,
  before: Partial<Pick<AcceptContext, 'floors' | 'held'>> = {},
): AcceptedAnswer {
  return acceptAnswer(Buffer.from(sent.body), {
    service: SERVICE,
    serviceAnchors: parseChainPem(readFileSync(join(directory, 'service-anchor.pem'), 'utf8')),
    device: device.id,
    deviceKey: digestOf(device.certificate.publicKey.der),
    request: { payload: sent.payload, nonce: sent.nonce, ageSeconds: 1, handCarried: false },
    held: { profiles: [] },
    floors: NO_FLOORS(unixSeconds(0)),
    clock: { state: 'trusted', time: currentTime() },
    lastNonce: null,
    ...before,
  });
}

function currentTime() {
  return unixSeconds(Math.floor(Date.now() / 1_000));
}

/** The body of the answer to a payload that the device signs now. @throws Error when there was no answer */
export async function postOver(
  url: string,
  exchange: 'bootstrap' | 'report',
  device: TestDevice,
  payload: string,
): Promise<string> {
  const body = encodeEnvelope(signPayload(device, payload));
  const path = `/.well-known/windlass/v1/${exchange}`;
  const response = await fetch(`${url}${path}`, { method: 'POST', body, headers: { connection: 'close' } });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${text}`);
  return text;
}
