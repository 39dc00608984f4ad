// A whole world for tests of the device side: a service with real keys and a real database, a management side of a few lines,
// organizations that publish, devices that ask and check what they get as real ones do.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AcceptContext,
  type AcceptedAnswer,
  acceptAnswer,
  type BootstrapRequest,
  type DeviceId,
  type Digest,
  digestOf,
  type Envelope,
  encodeClaim,
  encodeEnvelope,
  encodeRequest,
  encodeSecurityProfile,
  type NetworkId,
  NO_FLOORS,
  type OrganizationId,
  parseNetworkId,
  parseNonce,
  parseOrganizationId,
  parseServiceName,
  type RevocationList,
  type Serial,
  type UnixSeconds,
  unixSeconds,
} from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';
import { bootstrap } from '../bootstrap.ts';
import { cacheCertificates, type DeviceSide } from '../device-side.ts';
import type { NewSigner } from '../signer/certify.ts';
import { newPublisher, newPublisherAnchor, newServiceAnchor, newServiceSigner } from '../signer/forms.ts';
import type { Responder } from '../signer/responder.ts';
import { writeRevocationFile } from '../signer/revocation-file.ts';
import { nextList } from '../signer/revocation-list.ts';
import { openRevocations } from '../signer/revocations.ts';
import { openDeviceReader } from '../store/device-reader.ts';
import { openDeviceStore } from '../store/device-store.ts';
import type { DeviceReader, ManagementReader, StoredClaim, StoredInspectionCa, StoredProfile } from '../store/ports.ts';
import { testDatabase } from './test-database.ts';
import { makeCa, signPayload, TEST_TIME, type TestDevice, type TestEntity } from './test-pki.ts';

export const SERVICE = parseServiceName('bootstrap.example');
const YEAR_SECONDS = 365 * 86_400;

/** What an organization publishes for one network. */
export interface Publication {
  readonly network: string;
  readonly cas: readonly Certificate[];
  readonly epoch?: number;
  readonly expires?: number;
  readonly from?: number;
  readonly until?: number;
}

/** What a claim says beside whose device it is. */
export interface ClaimChange {
  readonly network?: string;
  readonly key?: Digest;
  readonly epoch?: number;
  readonly expires?: number;
  /** Default: as high as the generation, which rises with each claim. */
  readonly ownership?: number;
}

/** An answer with the request that it is for. */
export interface Exchange {
  readonly body: Uint8Array;
  readonly answer: string;
}

/** What a device accepted before. */
export type Accepted = Partial<Pick<AcceptContext, 'floors' | 'held'>>;

/** The world, and what a test may turn. */
export interface DeviceWorld {
  readonly side: DeviceSide;
  readonly reader: DeviceReader;
  readonly manufacturer: TestEntity;
  readonly serviceAnchor: Certificate;
  readonly anchor: NewSigner;
  /** Who signs from now on. */
  responder: TestEntity;
  claimAuthority: NewSigner;
  /** In force; empty before the first revocation. */
  lists: readonly RevocationList[];
  /** The certificates are on the anchor's list, which is in force. */
  revoke(...certificates: readonly Certificate[]): void;
  /** Keys of self-signed devices, each with its serial. */
  readonly registered: Map<Digest, Serial>;
  /** A manifest gives the device that key. */
  manifest(device: DeviceId, key: Digest): void;
  now: UnixSeconds;
  /** The organization's publications replace what it had published. */
  publish(organization: string, publications: readonly Publication[]): readonly StoredProfile[];
  /** null: released. */
  claim(device: DeviceId, organization: string | null, change?: ClaimChange): StoredClaim;
  /** A signed request; `change` goes over the usual one. */
  request(device: TestDevice, chain: readonly TestEntity[], change?: Partial<BootstrapRequest>): Uint8Array;
  /** Asks. */
  ask(device: TestDevice, chain: readonly TestEntity[], change?: Partial<BootstrapRequest>): Promise<Exchange>;
  /** What a device makes of it, which never accepted anything unless it is said what. @throws ProtocolError */
  accept(device: TestDevice, exchange: Exchange, before?: Accepted): AcceptedAnswer;
  close(): Promise<void>;
}

/** A world without organizations. */
export async function openDeviceWorld(ownKeys: readonly Digest[] = []): Promise<DeviceWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'windlass-device-side-'));
  const database = await testDatabase(join(directory, 'device.db'));
  const store = await openDeviceStore(database, 'create');
  const reader = await openDeviceReader(database);
  const start = unixSeconds(TEST_TIME);
  const manufacturer = makeCa('Test Manufacturer');
  const anchor = newServiceAnchor(SERVICE, start);
  const file = join(directory, 'revocations.pem');
  const serviceAnchors = [anchor.certificate];
  let looks = 0;
  // Each look is a new one.
  const revocations = openRevocations({ file, serviceAnchors, monotonic: () => 10_000 * ++looks });
  const responder = newServiceSigner('responder', anchor, SERVICE, start);
  const claimAuthority = newServiceSigner('claim-authority', anchor, SERVICE, start);
  const registered = new Map<Digest, Serial>();
  const manifested = new Map<string, Digest>();
  const tables: Tables = { claims: new Map(), profiles: new Map(), publishers: new Map(), sequence: 0, generation: 0 };
  const world: DeviceWorld = {
    side: {
      service: SERVICE,
      store,
      management: fakeManagement({ tables, manufacturer, registered, manifested }),
      responder: fakeResponder(() => world.responder),
      revocations,
      ownKeys: new Set(ownKeys),
      refreshSeconds: 86_400,
      retrySeconds: 60,
      certificateOf: cacheCertificates(),
      now: () => world.now,
      quota: () => undefined,
    },
    reader,
    manufacturer,
    serviceAnchor: anchor.certificate,
    anchor,
    responder,
    claimAuthority,
    lists: [],
    revoke: (...certificates) => {
      const serials = certificates.map(({ serialNumber }) => Buffer.from(serialNumber).toString('hex'));
      const list = nextList(anchor, world.lists[0] ?? null, serials, world.now);
      world.lists = [list];
      writeRevocationFile(file, [list.crl.der], 0o640);
    },
    registered,
    manifest: (device, key) => void manifested.set(JSON.stringify(device), key),
    now: start,
    publish: (organization, publications) => {
      const name = parseOrganizationId(organization);
      const profiles = publications.map((publication) => signProfile(tables, name, publication));
      tables.profiles.set(name, profiles);
      return profiles;
    },
    claim: (device, organization, change = {}) => {
      const name = organization === null ? null : parseOrganizationId(organization);
      const claim = signClaim(tables, world.claimAuthority, device, name, change);
      tables.claims.set(JSON.stringify(device), claim);
      return claim;
    },
    request: (device, chain, change = {}) => {
      const payload = encodeRequest({ ...usualRequest(device, chain, world.now), ...change });
      return Buffer.from(encodeEnvelope(signPayload(device, payload)));
    },
    ask: async (device, chain, change) => {
      const body = world.request(device, chain, change);
      return { body, answer: (await bootstrap(body, world.side)).body };
    },
    accept: (device, exchange, before = {}) => acceptAs({ device, exchange, before }, world),
    close: async () => {
      await reader.close();
      await store.close();
      rmSync(directory, { recursive: true });
    },
  };
  return world;
}

interface Tables {
  readonly claims: Map<string, StoredClaim>;
  readonly profiles: Map<OrganizationId, readonly StoredProfile[]>;
  readonly publishers: Map<OrganizationId, { readonly anchor: NewSigner; readonly publisher: NewSigner }>;
  sequence: number;
  generation: number;
}

function fakeManagement({
  tables,
  manufacturer,
  registered,
  manifested,
}: {
  readonly tables: Tables;
  readonly manufacturer: TestEntity;
  readonly registered: ReadonlyMap<Digest, Serial>;
  readonly manifested: ReadonlyMap<string, Digest>;
}): ManagementReader {
  return {
    manufacturers: async () => [{ name: 'test', certificate: manufacturer.certificate.der }],
    registeredSerial: async (key) => registered.get(key) ?? null,
    manifestKeyOf: async (device) => manifested.get(JSON.stringify(device)) ?? null,
    claimOf: async ({ manufacturer: maker, serial }) =>
      tables.claims.get(JSON.stringify({ manufacturer: maker, serial })) ?? null,
    profilesOf: async (organization) => tables.profiles.get(organization) ?? [],
    close: async () => undefined,
  };
}

function fakeResponder(responder: () => TestEntity): Responder {
  return {
    sign: async (payload) => signPayload(responder(), payload),
    health: async () => ({ expires: null, warnings: [] }),
  };
}

function publisherOf(tables: Tables, organization: OrganizationId) {
  const known = tables.publishers.get(organization);
  if (known !== undefined) return known;
  const anchor = newPublisherAnchor(organization, unixSeconds(TEST_TIME));
  const made = { anchor, publisher: newPublisher(organization, anchor, SERVICE, unixSeconds(TEST_TIME)) };
  tables.publishers.set(organization, made);
  return made;
}

function signProfile(tables: Tables, organization: OrganizationId, publication: Publication): StoredProfile {
  tables.sequence += 1;
  const { epoch = 1, cas } = publication;
  const from = unixSeconds(publication.from ?? TEST_TIME - 60);
  const until = unixSeconds(publication.until ?? TEST_TIME + YEAR_SECONDS);
  const expires = unixSeconds(publication.expires ?? TEST_TIME + YEAR_SECONDS);
  const network: NetworkId = parseNetworkId(publication.network);
  const payload = encodeSecurityProfile({
    service: SERVICE,
    organization,
    network,
    epoch,
    sequence: tables.sequence,
    issued: unixSeconds(TEST_TIME),
    expires,
    inspectionCas: cas.map(({ der }) => ({ certificate: der, permittedNames: ['*'], excludedNames: [], from, until })),
    retire: [],
    endpoints: [],
    settings: {},
  });
  const envelope = signPayload(publisherOf(tables, organization).publisher, payload);
  const inspectionCas = cas.map(
    ({ der, subject, publicKey }): StoredInspectionCa => ({
      certificate: der,
      subject: subject.der,
      keyDigest: digestOf(publicKey.der),
      from,
      until,
    }),
  );
  const digest = digestOf(payload);
  return { organization, network, epoch, sequence: tables.sequence, expires, digest, envelope, inspectionCas };
}

function signClaim(
  tables: Tables,
  authority: NewSigner,
  device: DeviceId,
  organization: OrganizationId | null,
  change: ClaimChange,
): StoredClaim {
  tables.generation += 1;
  const { generation } = tables;
  const { ownership = generation } = change;
  const expires = unixSeconds(change.expires ?? TEST_TIME + YEAR_SECONDS);
  const epoch = organization === null ? 0 : (change.epoch ?? 1);
  const payload = encodeClaim({
    service: SERVICE,
    device: { ...device, ...(change.key === undefined ? {} : { key: change.key }) },
    organization,
    ownership,
    generation,
    publishers: organization === null ? [] : [publisherOf(tables, organization).anchor.certificate.der],
    epoch,
    expires,
  });
  const envelope: Envelope = signPayload(authority, payload);
  const network = change.network === undefined ? null : parseNetworkId(change.network);
  const key = change.key ?? null;
  return {
    organization,
    network,
    generation,
    ownership,
    epoch,
    expires,
    digest: digestOf(payload),
    key,
    envelope,
  };
}

function usualRequest(device: TestDevice, chain: readonly TestEntity[], now: UnixSeconds): BootstrapRequest {
  return {
    service: SERVICE,
    device: device.id,
    nonce: parseNonce(randomBytes(32).toString('base64')),
    holds: { profiles: [] },
    clock: { state: 'trusted', time: now },
    path: {
      rung: 2,
      failure: 'unknown-issuer',
      presentedChain: chain.map(({ certificate }) => certificate.der),
    },
    agent: { version: '0.1.0', stores: [] },
  };
}

function acceptAs(
  { device, exchange, before }: { readonly device: TestDevice; readonly exchange: Exchange; readonly before: Accepted },
  world: DeviceWorld,
): AcceptedAnswer {
  const { body, answer } = exchange;
  const { payload } = JSON.parse(Buffer.from(body).toString()) as Envelope;
  const { nonce } = JSON.parse(payload) as BootstrapRequest;
  return acceptAnswer(Buffer.from(answer), {
    service: SERVICE,
    serviceAnchors: [world.serviceAnchor],
    device: device.id,
    deviceKey: device.keyDigest,
    request: { payload, nonce, ageSeconds: 1, handCarried: false },
    held: { profiles: [] },
    floors: NO_FLOORS(unixSeconds(TEST_TIME - YEAR_SECONDS)),
    clock: { state: 'trusted', time: world.now },
    lastNonce: null,
    ...before,
  });
}
