// Organizations, their claims and their profiles as the management side makes them, and devices that get them from the device side over the
// same database, check them as real ones do, and remember what they accepted.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  type AcceptedAnswer,
  acceptAnswer,
  digestOf,
  type Envelope,
  encodeEnvelope,
  encodeRequest,
  type Floors,
  type LabelKey,
  NO_FLOORS,
  parseClaim,
  parseNonce,
  parseSecurityProfile,
  unixSeconds,
} from '@windlass/protocol';
import { bootstrap } from '../bootstrap.ts';
import { pemOf } from '../certificates.ts';
import { addClaim } from '../claims.ts';
import { cacheCertificates, type DeviceSide } from '../device-side.ts';
import { addManufacturer } from '../manufacturers.ts';
import { addNetwork } from '../networks.ts';
import { addOrganization } from '../organizations.ts';
import { publishProfile } from '../profiles.ts';
import { RESPONDERS } from '../signer/key-directory.ts';
import { openResponder } from '../signer/responder.ts';
import { openDeviceStore } from '../store/device-store.ts';
import { openManagementReader } from '../store/management-reader.ts';
import { addApprovedCa, admin, approverOf, type Fixture, openFixture, SERVICE, upload } from './management-fixture.ts';
import { hashOfCode, importRows, labelKeyOfCode } from './manifest-fixture.ts';
import { makeCa, makeDevice, makeLeaf, signPayload, type TestDevice, type TestEntity } from './test-pki.ts';

/** A device and what it accepted so far. */
export interface WorldDevice {
  readonly device: TestDevice;
  floors: Floors;
  claim: Envelope | null;
  profiles: Map<string, Envelope>;
  /** Of the code of its label, where claims need its proof. */
  readonly labelKey?: LabelKey;
}

/** What a device sent, and what came back. */
export interface Asked {
  readonly payload: string;
  readonly nonce: ReturnType<typeof parseNonce>;
  readonly body: string;
}

/** The world, and what happens in it. */
export interface OrganizationWorld {
  readonly fixture: Fixture;
  readonly side: DeviceSide;
  readonly maker: TestEntity;
  /** An organization with a network whose inspection CA is published, and the chain that its proxy presents. */
  organization(
    name: string,
    network?: string,
  ): Promise<{ readonly ca: TestEntity; readonly chain: readonly TestEntity[] }>;
  /** A network more, published. */
  network(organization: string, network: string): Promise<TestEntity>;
  /** A device that the organization owns. */
  claimed(serial: string, organization: string, network?: string): Promise<WorldDevice>;
  /** A device of a manifest that nobody owns, whose claims need a proof by this code. */
  labelled(serial: string, code: string): Promise<WorldDevice>;
  /** The device asks with what it holds. */
  ask(device: WorldDevice, chain: readonly TestEntity[]): Promise<Asked>;
  /** What it makes of an answer; nothing is committed. @throws ProtocolError */
  judge(device: WorldDevice, asked: Asked, body?: string): AcceptedAnswer;
  /** It asks, judges, and commits. @throws ProtocolError */
  contact(device: WorldDevice, chain: readonly TestEntity[]): Promise<AcceptedAnswer>;
  close(): Promise<void>;
}

/** What a device has when it leaves the factory. */
const NEW_DEVICE = { floors: NO_FLOORS(unixSeconds(0)), claim: null };

/** A world with a manufacturer and nobody else. */
export async function openOrganizationWorld(): Promise<OrganizationWorld> {
  const fixture = await openFixture();
  const { management, directory, anchor } = fixture;
  const maker = makeCa('World Maker');
  await addManufacturer(management, admin, { name: 'maker', certificate: pemOf(maker.certificate.der) });
  const store = await openDeviceStore(join(directory, 'device.db'), 'create');
  const reader = await openManagementReader(fixture.databaseFile);
  const serviceAnchors = [anchor.certificate];
  const { revocations } = management;
  const responders = { directory: join(directory, 'keys', RESPONDERS), service: SERVICE, serviceAnchors, revocations };
  const side: DeviceSide = {
    service: SERVICE,
    store,
    management: reader,
    responder: openResponder(responders),
    revocations,
    ownKeys: new Set(),
    refreshSeconds: 86_400,
    retrySeconds: 60,
    certificateOf: cacheCertificates(),
    now: management.now,
    quota: () => undefined,
  };
  const world: OrganizationWorld = {
    fixture,
    side,
    maker,
    organization: async (name, network = 'plant') => {
      await addOrganization(management, admin, { name });
      const ca = await world.network(name, network);
      return { ca, chain: [makeLeaf(ca)] };
    },
    network: async (organization, network) => {
      const approver = approverOf(organization);
      await addNetwork(management, approver, { organization, name: network });
      const ca = makeCa(`${organization} ${network} proxy`);
      const certificate = upload(ca.certificate.der);
      await addApprovedCa(management, approver, { organization, network, certificate, permittedNames: ['*'] });
      await publishProfile(management, approver, { organization, network });
      return ca;
    },
    claimed: async (serial, organization, network = 'plant') => {
      const device = makeDevice(serial, maker);
      await addClaim(management, admin, { serial, organization, network });
      return { ...NEW_DEVICE, profiles: new Map(), device };
    },
    labelled: async (serial, code) => {
      const device = makeDevice(serial, maker);
      const publicKey = Buffer.from(device.certificate.publicKey.der).toString('base64');
      await importRows(fixture, [{ serial, publicKey, claimCodeHash: hashOfCode(code), labelProof: 'yes' }]);
      return { ...NEW_DEVICE, profiles: new Map(), device, labelKey: labelKeyOfCode(code) };
    },
    ask: async (device, chain) => {
      const nonce = parseNonce(randomBytes(32).toString('base64'));
      const payload = encodeRequest(requestOf(device, chain, nonce, management.now()));
      const envelope = encodeEnvelope(signPayload(device.device, payload));
      return { payload, nonce, body: (await bootstrap(Buffer.from(envelope), side)).body };
    },
    judge: ({ device, floors, claim, profiles, labelKey }, { payload, nonce, body: answer }, body = answer) =>
      acceptAnswer(Buffer.from(body), {
        service: SERVICE,
        serviceAnchors,
        device: device.id,
        deviceKey: device.keyDigest,
        labelKey,
        request: { payload, nonce, ageSeconds: 1, handCarried: false },
        held: { profiles: [...profiles.values()], ...(claim === null ? {} : { claim }) },
        floors,
        clock: { state: 'trusted', time: management.now() },
        lastNonce: null,
      }),
    contact: async (device, chain) => {
      const accepted = world.judge(device, await world.ask(device, chain));
      commit(device, accepted);
      return accepted;
    },
    close: async () => {
      await reader.close();
      await store.close();
      await fixture.close();
    },
  };
  return world;
}

/** The device keeps what it accepted. @see spec C1 */
export function commit(device: WorldDevice, accepted: AcceptedAnswer): void {
  device.floors = accepted.floors;
  if ('claim' in accepted) device.claim = accepted.claim.envelope;
  const profile = 'profile' in accepted ? accepted.profile : undefined;
  if (profile !== undefined) device.profiles.set(profile.profile.network, profile.envelope);
}

/** The keys of the inspection CAs that an answer would have the device trust. */
export function trustedBy(accepted: AcceptedAnswer): readonly string[] {
  const profile = 'profile' in accepted ? accepted.profile : undefined;
  return (
    profile?.inspectionCas.map(({ certificate }) => Buffer.from(certificate.publicKey.der).toString('base64')) ?? []
  );
}

/** The key of a CA, as `trustedBy` writes it. */
export function keyText({ certificate }: TestEntity): string {
  return Buffer.from(certificate.publicKey.der).toString('base64');
}

function requestOf(
  { device, claim, profiles }: WorldDevice,
  chain: readonly TestEntity[],
  nonce: ReturnType<typeof parseNonce>,
  time: ReturnType<typeof unixSeconds>,
) {
  const holds = {
    profiles: [...profiles.values()].map(({ payload }) => heldProfile(payload)),
    ...(claim === null ? {} : { claim: { generation: generationOf(claim.payload), digest: digestOf(claim.payload) } }),
  };
  return {
    service: SERVICE,
    device: device.id,
    nonce,
    holds,
    clock: { state: 'trusted', time },
    path: {
      rung: 2,
      failure: 'unknown-issuer',
      presentedChain: chain.map(({ certificate }) => certificate.der),
    },
    agent: { version: '0.1.0', stores: [] },
  } as const;
}

function generationOf(payload: string): number {
  return parseClaim(payload, SERVICE).generation;
}

function heldProfile(payload: string) {
  const { network, epoch, sequence } = parseSecurityProfile(payload, SERVICE);
  return { network, epoch, sequence, digest: digestOf(payload) };
}
