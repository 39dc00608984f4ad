// The drill with label proofs: what thieves of keys and tokens get a device to trust whose claims need the code of its label. Each theft is
// tried on a device without a code too, where it shows that it works.
import { randomBytes } from 'node:crypto';
import {
  type Claim,
  type Envelope,
  encodeClaim,
  encodeSecurityProfile,
  PURPOSE,
  parseClaim,
  parseDigest,
  parseNetworkId,
  parseOrganizationId,
  publisherUri,
  unixSeconds,
} from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addClaim } from './claims.ts';
import { runJobs } from './job-runner.ts';
import { certify, newKey } from './signer/certify.ts';
import { admin, SERVICE } from './testing/management-fixture.ts';
import { claimBy, memberOf, proofBy, termsAsked, tokenOf } from './testing/manifest-fixture.ts';
import {
  keyText,
  type OrganizationWorld,
  openOrganizationWorld,
  trustedBy,
  type WorldDevice,
} from './testing/organization-world.ts';
import { makeCa, makeDevice, makeLeaf, signPayload, type TestEntity } from './testing/test-pki.ts';
import { type Thief, thiefIn, type Wanted } from './testing/thief.ts';
import { addToken } from './tokens.ts';

const CODE = '7K3M-9QXT-2B5D-8FHJ-4NPR-6STV-WY';
const DAY_SECONDS = 86_400;
const evil = makeCa('Evil proxy');
const evilChain = [makeLeaf(evil)];
const evilAnchor = makeCa('Evil publisher');
const EVIL = parseOrganizationId('evil');

let world: OrganizationWorld;
let thief: Thief;
let acme: { readonly ca: TestEntity; readonly chain: readonly TestEntity[] };
/** Nobody owns them; the first has the code of its label. */
let labelled: WorldDevice;
let plain: WorldDevice;

beforeEach(async () => {
  world = await openOrganizationWorld();
  thief = thiefIn(world, evil);
  acme = await world.organization('acme');
  labelled = await world.labelled('L-1', CODE);
  const { labelKey: _, ...usual } = labelled;
  plain = { ...usual, profiles: new Map(), device: makeDevice('P-1', world.maker) };
});
afterEach(() => world.close());

const now = () => world.fixture.management.now();

/** Whom the thief would have the device belong to: an organization of their own, with a publisher of their own. */
function evilClaim({ device }: WorldDevice, change: Partial<Claim> = {}): Claim {
  return {
    service: SERVICE,
    device: { ...device.id, key: device.keyDigest },
    organization: EVIL,
    ownership: 1,
    generation: 1,
    publishers: [evilAnchor.certificate.der],
    epoch: 1,
    expires: unixSeconds(now() + 300 * DAY_SECONDS),
    ...change,
  };
}

function evilProfile(organization = EVIL): Envelope {
  const form = { commonName: 'Evil publisher', from: now() - 60, until: now() + 400 * DAY_SECONDS };
  const name = { kind: 'uri', value: publisherUri(SERVICE, organization) } as const;
  const publisher = certify({ ...form, name, purpose: PURPOSE.publisher }, newKey(), evilAnchor);
  const expires = unixSeconds(now() + 300 * DAY_SECONDS);
  const ca = {
    certificate: evil.certificate.der,
    permittedNames: ['*'],
    excludedNames: [],
    from: now(),
    until: expires,
  };
  const profile = { service: SERVICE, organization, network: parseNetworkId('plant'), epoch: 1, sequence: 1 };
  const content = { inspectionCas: [ca], retire: [], endpoints: [], settings: {} };
  return signPayload(publisher, encodeSecurityProfile({ ...profile, issued: now(), expires, ...content }));
}

/** What the device makes of an answer by the stolen responder. */
async function tryOn(device: WorldDevice, parts: Wanted) {
  const asked = await world.ask(device, evilChain);
  return thief.verdict(device, asked, thief.answerBy(thief.stealResponder(), device, asked, parts));
}

const sign = (signer: TestEntity, claim: Claim) => signPayload(signer, encodeClaim(claim));
const random = () => parseDigest(randomBytes(32).toString('base64'));

async function proofForAcme(ownership?: number) {
  const { management } = world.fixture;
  const asked = await termsAsked(addClaim(management, admin, { serial: 'L-1', organization: 'acme' }));
  return proofBy(CODE, { ...asked, ownership: ownership ?? asked.ownership });
}

test('claim authority and responder together hand no device with a label proof to anybody, not even one that nobody owns [D21]', async () => {
  const authority = thief.steal('claim-authority', '001');
  const profile = evilProfile();
  const taken = await tryOn(plain, { claim: sign(authority, evilClaim(plain)), profile });
  expect(typeof taken !== 'string' && trustedBy(taken)).toEqual([keyText(evil)]);

  const { proof } = await proofForAcme();
  for (const labelProof of [undefined, random(), parseDigest(proof), parseDigest(tokenOf(CODE))]) {
    const claim = sign(authority, evilClaim(labelled, labelProof === undefined ? {} : { labelProof }));
    expect(await tryOn(labelled, { claim, profile })).toBe('label-proof');
  }
  // In the name of an organization whose proof they saw, with a publisher of their own.
  const organization = parseOrganizationId('acme');
  const copied = sign(authority, evilClaim(labelled, { organization, labelProof: parseDigest(proof) }));
  expect(await tryOn(labelled, { claim: copied, profile: evilProfile(organization) })).toBe('label-proof');
});

test('a device with a label proof that somebody owns: nothing that was proved before serves them, and a release gives it to nobody [D21]', async () => {
  const installer = memberOf('acme', 'installer');
  const labelProof = await proofForAcme();
  await claimBy(world.fixture, installer, 'L-1', CODE, { network: 'plant', labelProof });
  await world.contact(labelled, acme.chain);
  const authority = thief.steal('claim-authority', '001');
  const profile = evilProfile();
  const own = parseClaim(labelled.claim?.payload ?? '', SERVICE);
  const tries: readonly Claim[] = [
    evilClaim(labelled, { ownership: 2, generation: 2 }),
    { ...evilClaim(labelled, { ownership: 2, generation: 2 }), labelProof: parseDigest(labelProof.proof) },
    { ...own, generation: 2, publishers: [evilAnchor.certificate.der] },
    { ...own, generation: 2, publishers: [...own.publishers, evilAnchor.certificate.der] },
    { ...own, generation: 2, ownership: 2 },
  ];
  for (const claim of tries) {
    const { organization } = claim;
    const forged = organization === null || organization === EVIL ? profile : evilProfile(organization);
    expect(await tryOn(labelled, { claim: sign(authority, claim), profile: forged })).toBe('label-proof');
  }
  const release = sign(
    authority,
    evilClaim(labelled, { organization: null, ownership: 2, generation: 2, publishers: [], epoch: 0 }),
  );
  const released = await tryOn(labelled, { claim: release, profile: null, outcome: 'unclaimed' });
  expect(typeof released !== 'string' && [released.kind, trustedBy(released)]).toEqual(['unclaimed', []]);
});

test('the key of a responder alone: a device that nobody owns takes no claim by it, proof or not [K3] [D21]', async () => {
  const responder = thief.stealResponder();
  const { proof } = await proofForAcme();
  for (const labelProof of [undefined, parseDigest(proof)]) {
    const claim = sign(responder, evilClaim(labelled, labelProof === undefined ? {} : { labelProof }));
    expect(await tryOn(labelled, { claim, profile: evilProfile() })).toBe('signer-purpose');
  }
});

test("the token of the vendor's operator, on every route, and a proof for the right terms by a wrong code: the device trusts nothing, and nobody without its label owns it [S30] [D21]", async () => {
  const { management } = world.fixture;
  // An organization of the thief's own, whose published CA is the thief's.
  const { ca, chain } = await world.organization('evil');
  const wanted = { organization: 'evil', network: 'plant' };
  await addClaim(management, admin, { ...wanted, serial: 'P-1' });
  expect(trustedBy(await world.contact(plain, chain))).toEqual([keyText(ca)]);

  const token = await addToken(management.store.tables, { role: 'admin' }, management.now(), management.randomBytes);
  const calls = await thief.tryEveryRoute(token, 'L-1');
  expect(calls.filter((call) => call.startsWith('addClaim'))).toEqual([]);
  await runJobs(management);
  expect((await world.contact(labelled, chain)).kind).toBe('unclaimed');

  const asked = await termsAsked(addClaim(management, admin, { ...wanted, serial: 'L-1' }));
  const labelProof = { ...proofBy(CODE, asked), proof: random() };
  await addClaim(management, admin, { ...wanted, serial: 'L-1', labelProof });
  await expect(world.contact(labelled, chain)).rejects.toMatchObject({ code: 'label-proof' });
});
