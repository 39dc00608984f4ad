// However devices are claimed, released, transferred, placed and replaced, and whatever they meet: what a device is answered is of its owner of
// that moment, and of nobody else. The management side and the device side are the real ones, over one database.
import { join } from 'node:path';
import {
  type Claim,
  type Envelope,
  NO_FLOORS,
  parseAnswer,
  type SecurityProfile,
  unixSeconds,
} from '@windlass/protocol';
import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addClaim, releaseClaim } from './claims.ts';
import { placeDevice, replaceDevice } from './placement.ts';
import { openDeviceReader } from './store/device-reader.ts';
import type { DeviceReader } from './store/ports.ts';
import { admin, approverOf } from './testing/management-fixture.ts';
import { claimBy, hashOfCode, importRows } from './testing/manifest-fixture.ts';
import {
  commit,
  keyText,
  type OrganizationWorld,
  openOrganizationWorld,
  trustedBy,
  type WorldDevice,
} from './testing/organization-world.ts';
import { makeCa, makeDevice, makeLeaf, type TestEntity } from './testing/test-pki.ts';
import { acceptTransfer, offerTransfer } from './transfers.ts';

const RUNS = 40;
const STEPS = 24;
const ORGANIZATIONS = ['acme', 'rival', 'third'] as const;
const NETWORKS = ['plant', 'office'] as const;
const DEVICES = 3;

type Organization = (typeof ORGANIZATIONS)[number];

let world: OrganizationWorld;
let reader: DeviceReader;
/** What a device can meet: the proxy of each network, and one that nobody approved. */
const met: { readonly owner: Organization | null; readonly chain: readonly TestEntity[] }[] = [];
const keysOf = new Map<Organization, Set<string>>();

beforeAll(async () => {
  world = await openOrganizationWorld();
  reader = await openDeviceReader(join(world.fixture.directory, 'device.db'));
  for (const owner of ORGANIZATIONS) {
    const { ca, chain } = await world.organization(owner, 'plant');
    const second = await world.network(owner, 'office');
    met.push({ owner, chain }, { owner, chain: [makeLeaf(second)] });
    keysOf.set(owner, new Set([keyText(ca), keyText(second)]));
  }
  met.push({ owner: null, chain: [makeLeaf(makeCa('Unknown box'))] }, { owner: null, chain: [] });
}, 60_000);
afterAll(async () => {
  await reader.close();
  await world.close();
});

const step = record({
  act: constantFrom('code', 'claim', 'release', 'offer', 'accept', 'place', 'replace', 'ask', 'ask', 'ask', 'ask'),
  device: integer({ min: 0, max: DEVICES - 1 }),
  other: integer({ min: 0, max: DEVICES - 1 }),
  organization: constantFrom(...ORGANIZATIONS),
  network: constantFrom(...NETWORKS),
  meets: integer({ min: 0, max: 2 * ORGANIZATIONS.length + 1 }),
});

/** A device, whose it is, and what was offered. */
interface Subject {
  readonly it: WorldDevice;
  readonly serial: string;
  readonly code: string;
  owner: Organization | null;
  offer: { readonly id: string; readonly to: Organization } | null;
  readonly ownersWhenAsked: Set<string | null>;
}

let made = 0;

async function newSubjects(): Promise<readonly Subject[]> {
  const subjects = Array.from({ length: DEVICES }, (): Subject => {
    made += 1;
    const serial = `P-${made}`;
    const it = {
      device: makeDevice(serial, world.maker),
      floors: NO_FLOORS(unixSeconds(0)),
      claim: null,
      profiles: new Map<string, Envelope>(),
    };
    const code = `7K3M${String(made).padStart(6, '0')}`;
    return { it, serial, code, owner: null, offer: null, ownersWhenAsked: new Set() };
  });
  const rows = subjects.map(({ serial, code, it }) => ({
    serial,
    claimCodeHash: hashOfCode(code),
    publicKey: Buffer.from(it.device.certificate.publicKey.der).toString('base64'),
  }));
  await importRows(world.fixture, rows);
  // Each run is in an hour of its own: wrong codes of one do not count in the next.
  world.fixture.advance(3_601);
  return subjects;
}

/** What was refused changed nothing, and the answers after it say so. */
async function done<Result>(work: Promise<Result>): Promise<Result | null> {
  return work.catch((cause: unknown) => {
    if (cause instanceof Error && cause.name === 'Refusal') return null;
    throw cause;
  });
}

const kinds = new Set<string>();
const acts = new Set<string>();

async function take(
  { act, organization, network, meets }: { act: string; organization: Organization; network: string; meets: number },
  subject: Subject,
  other: Subject,
): Promise<void> {
  const { management } = world.fixture;
  const { serial } = subject;
  const as = approverOf(subject.owner ?? organization);
  const noteDone = (result: unknown) => void (result !== null && acts.add(act));
  switch (act) {
    case 'code': {
      const claimed = await done(claimBy(world.fixture, approverOf(organization), serial, subject.code));
      if (claimed !== null) subject.owner = organization;
      return noteDone(claimed);
    }
    case 'claim': {
      const claimed = await done(addClaim(management, admin, { serial, organization, network }));
      if (claimed !== null) subject.owner = organization;
      return noteDone(claimed);
    }
    case 'release': {
      const released = await done(releaseClaim(management, approverOf(organization), { serial }));
      if (released !== null) subject.owner = null;
      return noteDone(released);
    }
    case 'offer': {
      const offered = await done(offerTransfer(management, as, { serial, to: organization }));
      if (offered !== null) subject.offer = { id: offered.id, to: organization };
      return noteDone(offered);
    }
    case 'accept': {
      const { offer } = subject;
      if (offer === null) return;
      const accepted = await done(acceptTransfer(management, approverOf(offer.to), { id: offer.id, network }));
      if (accepted !== null) subject.owner = offer.to;
      return noteDone(accepted);
    }
    case 'place':
      return noteDone(await done(placeDevice(management, as, { serial, network, name: `${organization}'s` })));
    case 'replace': {
      const replaced = await done(replaceDevice(management, as, { serial, replacement: other.serial }));
      if (replaced !== null) subject.owner = null;
      return noteDone(replaced);
    }
    default:
      return askAndCheck(subject, met[meets]?.chain ?? []);
  }
}

const payloadOf = <Payload>(envelope: Envelope | undefined): Payload | undefined =>
  envelope === undefined ? undefined : (JSON.parse(envelope.payload) as Payload);

async function askAndCheck(subject: Subject, chain: readonly TestEntity[]): Promise<void> {
  const { it, owner } = subject;
  subject.ownersWhenAsked.add(owner);
  const asked = await world.ask(it, chain);
  const accepted = world.judge(it, asked);
  commit(it, accepted);
  kinds.add(accepted.kind);
  const { claim, profile } = parseAnswer(Buffer.from(asked.body));
  expect(accepted.decision.organization ?? owner).toBe(owner);
  expect(payloadOf<Claim>(claim)?.organization ?? owner).toBe(owner);
  expect(payloadOf<SecurityProfile>(profile)?.organization ?? owner).toBe(owner);
  const mine = owner === null ? new Set<string>() : keysOf.get(owner);
  expect(trustedBy(accepted).filter((key) => mine?.has(key) !== true)).toEqual([]);
  // Not even the name of anybody else.
  for (const name of ORGANIZATIONS) if (name !== owner) expect(asked.body).not.toContain(name);
}

/** Chance may leave an act out that takes another before it: here each is done once. */
const EACH_ACT = (
  [
    ['claim', 0, 0, 'acme'],
    ['offer', 0, 0, 'rival'],
    ['accept', 0, 0, 'rival'],
    ['ask', 0, 0, 'rival'],
    ['code', 1, 1, 'rival'],
    ['replace', 0, 1, 'rival'],
    ['code', 2, 2, 'third'],
    ['place', 2, 2, 'third'],
    ['release', 2, 2, 'third'],
  ] as const
).map(
  ([act, device, other, organization]) => ({ act, device, other, organization, network: 'plant', meets: 0 }) as const,
);

test('[S6] [M15] over random claims, releases, transfers, placements and networks an answer is of the owner of that moment alone', async () => {
  const property = asyncProperty(array(step, { minLength: STEPS / 2, maxLength: STEPS }), async (steps) => {
    const subjects = await newSubjects();
    for (const { device, other, ...rest } of steps) {
      const [subject, another] = [subjects[device], subjects[other]];
      if (subject !== undefined && another !== undefined) await take(rest, subject, another);
    }
    for (const subject of subjects) await askAndCheck(subject, met[0]?.chain ?? []);
    const observed = await reader.observations();
    for (const { serial, ownersWhenAsked } of subjects) {
      const organizations = observed.filter((one) => one.serial === serial).map(({ organization }) => organization);
      expect(organizations.filter((name) => !ownersWhenAsked.has(name))).toEqual([]);
    }
  });
  await assert(property, { numRuns: RUNS, examples: [[[...EACH_ACT]]] });
  expect([...kinds].sort()).toEqual(['awaiting-approval', 'granted', 'unclaimed']);
  expect([...acts].sort()).toEqual(['accept', 'claim', 'code', 'offer', 'place', 'release', 'replace']);
}, 300_000);
