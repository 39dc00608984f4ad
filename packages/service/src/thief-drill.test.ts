// The drill: what a thief of a publisher's key, of a responder's key, or of the vendor operator's token gets devices to trust, and that the
// recovery ends it. Devices here check what real ones check, and remember what they accepted.
import {
  type Answer,
  type Envelope,
  encodeAnswer,
  encodeClaim,
  ProtocolError,
  parseClaim,
  parseNetworkId,
  parseOrganizationId,
  parseSecurityProfile,
  type SecurityProfile,
} from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runJobs } from './job-runner.ts';
import { askKillSwitch } from './kill-switch.ts';
import { publishProfile } from './profiles.ts';
import { approverOf, SERVICE } from './testing/management-fixture.ts';
import {
  type Asked,
  commit,
  keyText,
  type OrganizationWorld,
  openOrganizationWorld,
  trustedBy,
  type WorldDevice,
} from './testing/organization-world.ts';
import { makeCa, makeLeaf, signPayload, type TestEntity } from './testing/test-pki.ts';
import { type Thief, thiefIn, type Wanted } from './testing/thief.ts';
import { addToken } from './tokens.ts';
import { acceptTransfer, offerTransfer } from './transfers.ts';

let world: OrganizationWorld;
let acme: { readonly ca: TestEntity; readonly chain: readonly TestEntity[] };
let other: { readonly ca: TestEntity; readonly chain: readonly TestEntity[] };
let victim: WorldDevice;
let neighbour: WorldDevice;
let thief: Thief;
const evil = makeCa('Evil proxy');
const evilChain = [makeLeaf(evil)];

beforeEach(async () => {
  world = await openOrganizationWorld();
  thief = thiefIn(world, evil);
  acme = await world.organization('acme');
  other = await world.organization('other');
  victim = await world.claimed('SN-1', 'acme');
  neighbour = await world.claimed('SN-2', 'other');
  for (const [device, { chain }] of [
    [victim, acme],
    [neighbour, other],
  ] as const)
    await world.contact(device, chain);
});
afterEach(() => world.close());

const stealResponder = () => thief.stealResponder();
const steal = (...path: readonly string[]) => thief.steal(...path);
const forge = (signer: TestEntity, like: Envelope, change: Partial<SecurityProfile> = {}) =>
  thief.forge(signer, like, change);
const answerBy = (responder: TestEntity, device: WorldDevice, asked: Asked, parts: Wanted) =>
  thief.answerBy(responder, device, asked, parts);
const verdict = (device: WorldDevice, asked: Asked, body: string) => thief.verdict(device, asked, body);

const claimOf = (device: WorldDevice): Envelope => {
  if (device.claim === null) throw new Error('The device has no claim.');
  return device.claim;
};
const profileOf = (device: WorldDevice): Envelope => {
  const [profile] = device.profiles.values();
  if (profile === undefined) throw new Error('The device has no profile.');
  return profile;
};

const recover = async () => {
  const input = { organization: 'acme', reason: "the publisher's key was stolen", newPublisher: true };
  await askKillSwitch(world.fixture.management, approverOf('acme'), input);
  await runJobs(world.fixture.management);
};

test('the key of a publisher alone: the decision names what the service holds [D6]', async () => {
  const forged = forge(steal('publishers', 'acme', 'publisher'), profileOf(victim));
  const asked = await world.ask(victim, evilChain);
  const answer = JSON.parse(asked.body) as Answer;
  expect(verdict(victim, asked, encodeAnswer({ ...answer, profile: forged }))).toBe('profile-digest');
  const granted = await world.ask(victim, acme.chain);
  const swapped = { ...(JSON.parse(granted.body) as Answer), profile: forged };
  expect(verdict(victim, granted, encodeAnswer(swapped))).toBe('profile-digest');
});

test("publisher and responder together reach that organization's devices, and no other's [D12] [K1] [K4]", async () => {
  const [publisher, responder] = [steal('publishers', 'acme', 'publisher'), stealResponder()];
  const asked = await world.ask(victim, evilChain);
  const forged = { claim: claimOf(victim), profile: forge(publisher, profileOf(victim)) };
  const accepted = verdict(victim, asked, answerBy(responder, victim, asked, forged));
  expect(typeof accepted !== 'string' && trustedBy(accepted)).toEqual([keyText(evil)]);

  const theirs = await world.ask(neighbour, evilChain);
  const claim = claimOf(neighbour);
  const tries: readonly [Envelope, string][] = [
    [forge(publisher, profileOf(neighbour)), 'signer-untrusted'],
    [forge(publisher, profileOf(victim)), 'signer-untrusted'],
    [forge(publisher, profileOf(victim), { organization: parseOrganizationId('other') }), 'signer-untrusted'],
  ];
  for (const [profile, code] of tries) {
    expect(verdict(neighbour, theirs, answerBy(responder, neighbour, theirs, { claim, profile }))).toBe(code);
  }
  const moved = answerBy(responder, neighbour, theirs, {
    claim: claimOf(victim),
    profile: forge(publisher, profileOf(victim)),
  });
  expect(verdict(neighbour, theirs, moved)).toBe('claim-device');
});

test('until the epoch rises and claims name another publisher: then everything they try is refused, and a huge sequence does not shut out the honest one [D9] [D14] [D15] [D16]', async () => {
  const [publisher, responder] = [steal('publishers', 'acme', 'publisher'), stealResponder()];
  const old = { claim: claimOf(victim), profile: profileOf(victim) };
  const before = await world.ask(victim, evilChain);
  const huge = forge(publisher, old.profile, {
    sequence: parseSecurityProfile(old.profile.payload, SERVICE).sequence + 2 ** 24,
  });
  const taken = verdict(victim, before, answerBy(responder, victim, before, { claim: old.claim, profile: huge }));
  if (typeof taken === 'string') throw new Error(`The theft itself failed: ${taken}.`);
  commit(victim, taken);

  await recover();
  // The proxy of the thief is nobody's: the device gets the claim of the new epoch, and what its owner published.
  expect((await world.contact(victim, evilChain)).kind).toBe('awaiting-approval');
  expect(trustedBy(await world.contact(victim, acme.chain))).toEqual([keyText(acme.ca)]);

  const asked = await world.ask(victim, evilChain);
  const claim = claimOf(victim);
  const epoch = parseClaim(claim.payload, SERVICE).epoch;
  expect(epoch).toBe(2);
  const tries: readonly (readonly [Wanted, string])[] = [
    [{ claim: old.claim, profile: forge(publisher, huge) }, 'generation-rollback'],
    [{ claim, profile: forge(publisher, huge) }, 'signer-untrusted'],
    [{ claim, profile: forge(publisher, old.profile, { epoch }) }, 'signer-untrusted'],
    [{ claim, profile: forge(publisher, old.profile, { epoch: 3 }) }, 'signer-untrusted'],
    [{ claim, profile: huge }, 'signer-untrusted'],
    [{ claim, profile: old.profile }, 'signer-untrusted'],
    [{ claim, profile: forge(responder, old.profile, { epoch }) }, 'signer-untrusted'],
  ];
  for (const [parts, code] of tries)
    expect(verdict(victim, asked, answerBy(responder, victim, asked, parts))).toBe(code);
  const published = await publishProfile(world.fixture.management, approverOf('acme'), {
    organization: 'acme',
    network: 'plant',
    force: true,
  });
  const honest = await world.contact(victim, acme.chain);
  expect(honest).toMatchObject({ profile: { digest: published.digest, profile: { epoch: 2, sequence: 3 } } });
});

test('who has the new publisher of the organization, too, is refused what is of the epoch before [D14]', async () => {
  await recover();
  await world.contact(victim, acme.chain);
  const name = world.fixture.management.store.tables.publishers.of(parseOrganizationId('acme'));
  const [anchor] = await name;
  if (anchor === undefined) throw new Error('There is no publisher.');
  const digits = Buffer.from(anchor.keyDigest, 'base64').toString('hex').slice(0, 16);
  const publisher = steal('publishers', `acme~${digits}`, 'publisher');
  const asked = await world.ask(victim, evilChain);
  const profile = forge(publisher, profileOf(victim), { epoch: 1 });
  const answer = answerBy(stealResponder(), victim, asked, { claim: claimOf(victim), profile });
  expect(verdict(victim, asked, answer)).toBe('epoch-mismatch');
});

test('the key of a responder: whatever of all that was ever signed it names, and whatever it signs itself, no device trusts a CA that its own organization has not published', async () => {
  const responder = stealResponder();
  const { tables } = world.fixture.management.store;
  // Something older, something newer, and another network.
  const office = await world.network('acme', 'office');
  await publishProfile(world.fixture.management, approverOf('other'), {
    organization: 'other',
    network: 'plant',
    force: true,
  });
  await recover();
  const profiles: (Envelope | null)[] = [null];
  for (const organization of ['acme', 'other'].map(parseOrganizationId)) {
    for (const network of ['plant', 'office'].map(parseNetworkId)) {
      profiles.push(...(await tables.profiles.of({ organization, network }, 99)).map(({ envelope }) => envelope));
    }
  }
  const ownCa = makeCa('Thief');
  profiles.push(
    forge(responder, profileOf(victim)),
    forge(ownCa, profileOf(victim)),
    forge(responder, profileOf(neighbour)),
  );
  const fresh = await tables.claims.currentOf(null);
  const claims: (Envelope | null)[] = [
    null,
    claimOf(victim),
    claimOf(neighbour),
    ...fresh.map(({ envelope }) => envelope),
  ];
  const { key: _, ...device } = { key: undefined, ...victim.device.id };
  for (const organization of ['acme', 'other'].map(parseOrganizationId)) {
    const said = parseClaim(claimOf(victim).payload, SERVICE);
    const forged = { ...said, device, organization, generation: 9, ownership: 9, publishers: [ownCa.certificate.der] };
    claims.push(signPayload(responder, encodeClaim(forged)));
  }
  const own = new Map([
    [victim, [keyText(acme.ca), keyText(office)]],
    [neighbour, [keyText(other.ca)]],
  ]);
  let [tried, accepted] = [0, 0];
  for (const [device, published] of own) {
    const asked = await world.ask(device, evilChain);
    for (const claim of claims) {
      for (const profile of profiles) {
        for (const outcome of ['granted', 'not-inspected', 'awaiting-approval', 'unclaimed'] as const) {
          let body: string;
          try {
            body = answerBy(responder, device, asked, { claim, profile, outcome });
          } catch (error) {
            if (error instanceof ProtocolError) continue; // No such decision can be written.
            throw error;
          }
          tried += 1;
          const judged = verdict(device, asked, body);
          if (typeof judged === 'string') continue;
          accepted += 1;
          for (const key of trustedBy(judged)) expect(published).toContain(key);
          if ('claim' in judged) expect(judged.claim.claim.organization).toBe(device === victim ? 'acme' : 'other');
          expect('release' in judged && judged.release !== undefined).toBe(false);
        }
      }
    }
  }
  expect(tried).toBeGreaterThan(200);
  // Some of it is true, and is accepted: else the test would show nothing.
  expect(accepted).toBeGreaterThan(4);
});

test('a device that was handed on: whoever has the responder brings no later profile of its former owner onto it [D9] [K1]', async () => {
  const { management } = world.fixture;
  const former = claimOf(victim);
  const { id } = await offerTransfer(management, approverOf('acme'), { serial: 'SN-1', to: 'other' });
  await acceptTransfer(management, approverOf('other'), { id });
  expect(trustedBy(await world.contact(victim, other.chain))).toEqual([keyText(other.ca)]);
  await publishProfile(management, approverOf('acme'), { organization: 'acme', network: 'plant', force: true });
  const [later] = await management.store.tables.profiles.currentOf(parseOrganizationId('acme'));
  if (later === undefined) throw new Error('acme has no profile.');
  const profile = later.envelope;
  const asked = await world.ask(victim, acme.chain);
  const tries: readonly [Wanted, string][] = [
    [{ claim: claimOf(victim), profile }, 'signer-untrusted'],
    [{ claim: former, profile }, 'ownership-rollback'],
  ];
  for (const [parts, code] of tries) {
    expect(verdict(victim, asked, answerBy(stealResponder(), victim, asked, parts))).toBe(code);
  }
});

test("the token of the vendor's operator, on every route, with everything that comes out of it: a device that somebody has claimed trusts nothing else [D10]", async () => {
  const { management } = world.fixture;
  const token = await addToken(management.store.tables, { role: 'admin' }, management.now(), management.randomBytes);
  const calls = await thief.tryEveryRoute(token, 'SN-1');
  await runJobs(management);
  // It worked where it may: an organization of the thief's own, which publishes its CA.
  expect(calls).toContain('addOrganization evil');
  expect(calls).toContain('publishProfile evil');
  for (const chain of [evilChain, acme.chain, []]) {
    const accepted = await world.contact(victim, chain);
    for (const key of trustedBy(accepted)) expect([keyText(acme.ca)]).toContain(key);
    expect('claim' in accepted && accepted.claim.claim.organization).toBe('acme');
  }
  expect(await management.store.tables.publishers.of(parseOrganizationId('acme'))).toHaveLength(1);
});
