// Each changing route of the table once, by somebody who may, in an order in which one makes what the next one needs. A route without a line
// here does not compile: nobody would know that what it does is audited.
import { createPrivateKey } from 'node:crypto';
import type { Approval, InputOf, ROUTES, RouteName } from '@windlass/management';
import { PURPOSE, parseOrganizationId, publisherUri } from '@windlass/protocol';
import { fingerprintOf, parseOnePem, pemOf } from '../certificates.ts';
import { wordsOf } from '../fingerprint-words.ts';
import { handle } from '../http/management-handlers.ts';
import { addInspectionCa } from '../inspection-cas.ts';
import { runJobs } from '../job-runner.ts';
import { groupsOf } from '../observation-groups.ts';
import { draftProfile } from '../profile-submission.ts';
import { listPublishers } from '../publishers.ts';
import { addSession } from '../sessions.ts';
import { certify, newKey } from '../signer/certify.ts';
import { addToken, digestOfSecret, idOfDigest } from '../tokens.ts';
import { listTransfers, offerTransfer } from '../transfers.ts';
import { proveClaim } from '../unproved-claims.ts';
import { approverOf, type Fixture, observe, opensslCertificate, SERVICE, upload } from './management-fixture.ts';
import { hashOfCode, newPublicKey, proofBy, termsAsked, tokenOf } from './manifest-fixture.ts';
import { makeDevice, signPayload } from './test-pki.ts';

/** The names of the routes that are no look-ups. */
export type ChangingRoute = {
  readonly [Name in RouteName]: (typeof ROUTES)[Name]['method'] extends 'GET' ? never : Name;
}[RouteName];

/** Whose token: the operator's, or that of an approver of one of two organizations. */
export type Asker = 'admin' | 'acme' | 'rival';

type Input<Name extends ChangingRoute> = InputOf<Name> | Promise<InputOf<Name>>;

/** Why, wherever a route takes it. */
export const REASON = 'because of the test';
/** A code that a label has; what is sent for it is nobody's business either. */
export const CODE = '7K3M-9QXT';

/** One that proofs are made with. */
export const LONG_CODE = '7K3M-9QXT-2B5D-8FHJ-4NPR-6STV-WY';

const reason = REASON;
const acme = approverOf('acme');
const inAcme = { organization: 'acme' };
const inPlant = { ...inAcme, network: 'plant' };
const ofBob = { person: 'bob', reason };
const acmeScope = { person: 'acme-approver', role: 'approver', organization: parseOrganizationId('acme') } as const;
const ca = opensslCertificate();
const ofCa = { fingerprint: fingerprintOf(ca.der), reason };
const ownCa = opensslCertificate({ commonName: 'Acme publisher CA' });
const DAY_SECONDS = 86_400;

/** The acts, in their order; the organizations `acme` and `rival` exist. */
export const RIGHTFUL_ACTS: {
  readonly [Name in ChangingRoute]: readonly [by: Asker, input: (fixture: Fixture) => Input<Name>];
} = {
  addManufacturer: ['admin', () => ({ name: 'maker', certificate: opensslCertificate({ commonName: 'Maker' }).pem })],
  addOrganization: ['admin', () => ({ name: 'third', approver: 'carol' })],
  addPerson: ['acme', () => ({ ...ofBob, roles: ['operator'] })],
  grantRole: ['acme', () => ({ ...ofBob, role: 'auditor' })],
  revokeRole: ['acme', () => ({ ...ofBob, role: 'operator' })],
  addToken: ['acme', () => ({ name: 'laptop', person: 'bob', days: 1 })],
  revokeToken: ['acme', async (fixture) => ({ id: await newTokenId(fixture), reason })],
  revokeSession: ['acme', async (fixture) => ({ id: await newSessionId(fixture), reason })],
  disablePerson: ['acme', () => ofBob],
  addNetwork: ['acme', () => ({ ...inAcme, name: 'plant' })],
  setNetworkServices: ['acme', () => ({ ...inPlant, explicitProxy: { host: 'proxy.example', port: 3128 }, reason })],
  addEndpoint: [
    'acme',
    () => ({ ...inPlant, name: 'cloud', host: 'app.example', port: 443, protocol: 'https', required: true }),
  ],
  removeEndpoint: ['acme', () => ({ ...inPlant, endpoint: 'cloud' })],
  addInspectionCa: ['acme', () => ({ ...inPlant, certificate: upload(ca.pem), permittedNames: ['*'] })],
  approveInspectionCa: ['acme', () => ({ ...inPlant, ...ofCa, words: wordsOf(ca.der) })],
  linkObservation: [
    'acme',
    (fixture) => ({ ...observed(fixture), network: 'plant', fingerprint: ofCa.fingerprint, reason }),
  ],
  askAboutObservation: ['acme', (fixture) => ({ ...observed(fixture), note: 'Is this ours?', reason })],
  ignoreObservation: ['acme', (fixture) => ({ ...observed(fixture), until: dateIn(fixture, 30), reason })],
  markObservationHostile: ['acme', (fixture) => ({ ...observed(fixture), reason })],
  clearObservation: ['acme', (fixture) => ({ ...observed(fixture), reason })],
  publishProfile: ['acme', () => ({ ...inPlant, reason })],
  retireInspectionCa: ['acme', () => ({ ...inPlant, ...ofCa })],
  revokeInspectionCa: ['acme', () => ({ ...inPlant, ...ofCa })],
  removeInspectionCa: ['acme', async (fixture) => ({ ...inPlant, fingerprint: await newDraft(fixture) })],
  addClaim: ['admin', () => ({ ...inPlant, serial: 'S-1' })],
  registerDevice: ['admin', () => ({ certificate: pemOf(makeDevice('S-9', null).certificate.der) })],
  importManifest: [
    'admin',
    () => ({
      import: 'ab'.repeat(32),
      defaultManufacturer: 'maker',
      dryRun: false,
      rows: [
        { line: 1, serial: 'S-2', publicKey: newPublicKey(), claimCodeHash: hashOfCode(CODE) },
        { line: 2, serial: 'S-3', publicKey: newPublicKey(), orderNumber: 'O-1' },
        { line: 3, serial: 'S-4', publicKey: newPublicKey(), orderNumber: 'O-1' },
        { line: 4, serial: 'S-1', publicKey: newPublicKey(), claimCodeHash: hashOfCode(LONG_CODE), labelProof: 'yes' },
      ],
    }),
  ],
  proveClaim: ['acme', async (fixture) => ({ serial: 'S-1', labelProof: await proofOf(fixture, 'S-1') })],
  claimWithCode: ['acme', () => ({ serial: 'S-2', claimToken: tokenOf(CODE), network: 'plant', name: 'Pump' })],
  claimOrder: ['admin', () => ({ ...inAcme, order: 'O-1' })],
  placeDevice: ['acme', () => ({ serial: 'S-2', name: 'Pump at gate 2' })],
  replaceDevice: ['acme', () => ({ serial: 'S-1', replacement: 'S-3' })],
  offerTransfer: ['acme', () => ({ serial: 'S-3', to: 'rival' })],
  revokeTransfer: ['acme', async (fixture) => ({ id: await openTransfer(fixture) })],
  acceptTransfer: ['rival', async (fixture) => ({ id: await newTransfer(fixture, 'S-3') })],
  releaseClaim: ['acme', () => ({ serial: 'S-2' })],
  addPublisher: ['acme', () => ({ ...inAcme, certificate: ownCa.pem, reason })],
  submitProfile: ['acme', async (fixture) => ({ ...inPlant, ...(await signedDraft(fixture)), reason })],
  removePublisher: ['acme', async (fixture) => ({ ...inAcme, fingerprint: await hostedAnchor(fixture), reason })],
  killSwitch: ['acme', () => ({ ...inAcme, all: true, newPublisher: true, reason })],
  setTwoPersonRule: ['acme', async (fixture) => ({ ...inAcme, required: await withSecondApprover(fixture), reason })],
  approve: ['acme', async (fixture) => ({ id: await askedByDora(fixture, 'erin'), reason })],
  reject: ['acme', async (fixture) => ({ id: await askedByDora(fixture, 'frank'), reason })],
};

async function withSecondApprover({ management }: Fixture): Promise<true> {
  const { store, now, randomBytes } = management;
  await addToken(store.tables, { ...acmeScope, person: 'dora' }, now(), randomBytes);
  return true;
}

async function askedByDora({ management }: Fixture, person: string): Promise<string> {
  const dora = { ...acme, name: 'dora', person: 'dora' };
  const { body } = await handle(management, dora, 'addPerson', { person, roles: ['approver'] });
  return (body as Approval).id;
}

/** What a device met that has the key of the CA. */
function observed({ observations }: Fixture) {
  const seen = observe(ca.der, { issuer: 'CN=Proxy CA' });
  if (observations.length === 0) observations.push(seen);
  return { ...inAcme, observation: groupsOf(observations)[0]?.id ?? '' };
}

function dateIn({ management }: Fixture, days: number): string {
  return new Date((management.now() + days * DAY_SECONDS) * 1000).toISOString().slice(0, 10);
}

async function newDraft({ management }: Fixture): Promise<string> {
  const certificate = upload(opensslCertificate({ commonName: 'Draft' }).pem);
  return (await addInspectionCa(management, acme, { ...inPlant, certificate, permittedNames: ['*'] })).fingerprint;
}

async function proofOf({ management }: Fixture, serial: string) {
  return proofBy(LONG_CODE, await termsAsked(proveClaim(management, acme, { serial })));
}

async function newTokenId({ management }: Fixture): Promise<string> {
  const { store, now, randomBytes } = management;
  return idOfDigest(digestOfSecret(await addToken(store.tables, acmeScope, now(), randomBytes)));
}

async function newSessionId({ management }: Fixture): Promise<string> {
  const { store, now, randomBytes } = management;
  return (await addSession(store.tables, acmeScope, now(), randomBytes)).stored.id;
}

async function openTransfer({ management }: Fixture): Promise<string> {
  const open = (await listTransfers(management, { organization: 'acme' })).items.find(({ state }) => state === 'open');
  return open?.id ?? '';
}

async function newTransfer({ management }: Fixture, serial: string): Promise<string> {
  return (await offerTransfer(management, acme, { serial, to: 'rival' })).id;
}

/** By a publisher of the organization's own CA, which claims name by now. */
async function signedDraft({ management }: Fixture) {
  await runJobs(management);
  const { payload } = await draftProfile(management, inPlant);
  const now = management.now();
  const form = { commonName: 'Acme publisher', from: now - 60, until: now + 400 * DAY_SECONDS };
  const name = { kind: 'uri', value: publisherUri(SERVICE, 'acme') } as const;
  const issuer = { key: createPrivateKey(ownCa.keyPem), certificate: parseOnePem(ownCa.pem) };
  return signPayload(certify({ ...form, name, purpose: PURPOSE.publisher }, newKey(), issuer), payload);
}

/** No profile is signed under it any more. */
async function hostedAnchor({ management }: Fixture): Promise<string> {
  const { items } = await listPublishers(management, inAcme);
  return items.find(({ kind }) => kind === 'hosted')?.fingerprint ?? '';
}
