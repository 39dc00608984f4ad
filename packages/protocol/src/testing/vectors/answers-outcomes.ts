// Answers that a device accepts: each outcome, what may be held, and what an organization's own publisher may sign with.
import { createCertificate, createKey, type KeyKind } from '../test-certificates.ts';
import { type CmsOptions, signingTime, smimeCapabilities } from '../test-cms.ts';
import { at, DAY, type Members, payloadOf, profileOf, signerOptions, type World } from '../world.ts';
import { signWithOpenssl } from './openssl.ts';
import { answerVector, NO_FLOORS, type Vector } from './vector.ts';

const NAMELESS: Members = { organization: undefined, network: undefined, epoch: undefined };

export function outcomeVectors(world: World): readonly Vector[] {
  return [...grantedVectors(world), ...otherOutcomeVectors(world), ...publisherVectors(world)];
}

function grantedVectors(world: World): readonly Vector[] {
  const first = () => ({ floors: NO_FLOORS });
  return [
    answerVector(world, {
      name: 'granted',
      rule: 'D16',
      says: 'A newer claim and a newer profile are sent.',
      shell: true,
    }),
    answerVector(
      world,
      {
        name: 'granted-first',
        rule: 'D10',
        says: 'A device that never accepted anything is granted its first profile.',
        shell: true,
      },
      { input: first },
    ),
    answerVector(
      world,
      {
        name: 'granted-held',
        rule: 'D5',
        says: 'Claim and profile are held by digest and left out of the answer.',
        shell: true,
      },
      { held: ['claim', 'profile'] },
    ),
    answerVector(
      world,
      { name: 'granted-held-claim', rule: 'D6', says: 'The claim is held; the profile is sent.', shell: true },
      { held: ['claim'] },
    ),
    answerVector(
      world,
      {
        name: 'granted-clock-1970',
        rule: 'T1',
        says: 'The clock is at 1970 and untrusted: everything is judged at decision.time.',
        shell: true,
      },
      { input: () => ({ clock: { state: 'floor', time: at(0) } }) },
    ),
    answerVector(
      world,
      { name: 'granted-hand-carried', rule: 'D4', says: 'A hand-carried answer arrives after 29 days.', shell: true },
      { input: ({ request }) => ({ request: { ...request, kind: 'hand-carried', ageSeconds: 29 * DAY } }) },
    ),
    answerVector(
      world,
      {
        name: 'granted-signing-time',
        rule: 'E4',
        says: 'signingTime and smimeCapabilities are there and ignored.',
        shell: true,
      },
      { cms: { decision: { extraAttributes: [signingTime, smimeCapabilities] } } },
    ),
  ];
}

function otherOutcomeVectors(world: World): readonly Vector[] {
  const without = { network: undefined, profile: undefined };
  const released: Members = { organization: null, publishers: [], ownership: 4, epoch: 0 };
  return [
    answerVector(
      world,
      {
        name: 'not-inspected',
        rule: 'M1',
        says: 'The service was reached without inspection; the assigned profile comes along.',
        shell: true,
      },
      { decision: { outcome: 'not-inspected' } },
    ),
    answerVector(
      world,
      {
        name: 'not-inspected-without-profile',
        rule: 'M1',
        says: 'Without inspection, and no network is assigned.',
        shell: true,
      },
      { decision: { outcome: 'not-inspected', ...without }, profile: null },
    ),
    answerVector(
      world,
      {
        name: 'awaiting-approval',
        rule: 'M1',
        says: 'No inspection CA of the owner signed the presented chain.',
        shell: true,
      },
      { decision: { outcome: 'awaiting-approval', ...without, retryAfterSeconds: 60 }, profile: null },
    ),
    answerVector(
      world,
      { name: 'unclaimed', rule: 'M1', says: 'The device belongs to nobody yet.', shell: true },
      {
        decision: { outcome: 'unclaimed', ...NAMELESS },
        claim: null,
        profile: null,
        input: () => ({ floors: NO_FLOORS }),
      },
    ),
    answerVector(
      world,
      {
        name: 'unclaimed-release',
        rule: 'D12',
        says: 'The device was released: the claim that says so comes along.',
        shell: true,
      },
      { decision: { outcome: 'unclaimed', ...NAMELESS }, claim: released, profile: null },
    ),
    answerVector(
      world,
      { name: 'refused', rule: 'M1', says: 'The service knows the device under another key.', shell: true },
      {
        decision: { outcome: 'refused', ...NAMELESS, code: 'device-key-changed' },
        claim: null,
        profile: null,
        expected: { code: 'device-key-changed' },
      },
    ),
  ];
}

/** Profiles of an organization that signs with its own PKI. */
function publisherVectors(world: World): readonly Vector[] {
  const variants: readonly (readonly [string, KeyKind, CmsOptions, string])[] = [
    ['p384', 'p384', { hash: 'sha384' }, 'ECDSA P-384 with SHA-384'],
    ['p256-sha512', 'p256', { hash: 'sha512' }, 'ECDSA P-256 with SHA-512'],
    ['rsa-2048', 'rsa2048', {}, 'RSA-2048 PKCS#1 v1.5 with SHA-256, by rsaEncryption'],
    [
      'rsa-2048-sha384',
      'rsa2048',
      { hash: 'sha384', rsaByHash: true },
      'RSA-2048 PKCS#1 v1.5, by sha384WithRSAEncryption',
    ],
    ['rsa-pss', 'rsa2048', { pssSalt: 32 }, 'RSA-PSS with SHA-256 and a salt of 32 bytes'],
    ['rsa-pss-sha512', 'rsa2048', { hash: 'sha512', pssSalt: 64 }, 'RSA-PSS with SHA-512 and a salt of 64 bytes'],
  ];
  const byOpenssl = (payload: string) => signWithOpenssl(payload, world.publisher);
  return [
    ...variants.map(([name, kind, cms, says]) => {
      const own = {
        name: 'publisher',
        key: createKey(kind),
        issuer: world.publisherAnchor,
        ...signerOptions('publisher'),
      };
      const twist = { chains: { profile: [createCertificate(own)] }, cms: { profile: cms } };
      return answerVector(
        world,
        { name: `granted-publisher-${name}`, rule: 'E5', says: `The profile is signed with ${says}.`, shell: true },
        twist,
      );
    }),
    answerVector(
      world,
      {
        name: 'granted-publisher-openssl',
        rule: 'E5',
        says: 'The profile is signed by the documented openssl cms command.',
        shell: true,
      },
      { answer: (parts) => ({ ...parts, profile: byOpenssl(payloadOf(profileOf(world))) }) },
    ),
  ];
}
