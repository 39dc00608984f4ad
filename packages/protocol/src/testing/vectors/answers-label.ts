// Answers to a device that has the code of its label: each claim is the claim authority's, and only the proof tells whether somebody who
// has the label had it made.
import { createHmac, hkdfSync } from 'node:crypto';
import { createCertificate, type TestCertificate } from '../test-certificates.ts';
import {
  base64,
  deviceId,
  type Members,
  ORGANIZATION,
  OTHER_ORGANIZATION,
  SERVICE,
  sha256,
  signerOptions,
  type World,
} from '../world.ts';
import { LONG } from './signers.ts';
import { type AnswerTwist, answerVector, type CaseHead, FLOORS, NO_FLOORS, type Vector } from './vector.ts';

const CODE = '7K3M9QXT2B5D8FHJ4NPR6STVWY';
const OTHER_CODE = '7K3M9QXT2B5D8FHJ4NPR6STVWZ';
const NAMELESS: Members = { organization: undefined, network: undefined, epoch: undefined, profile: undefined };

/** What a proof is made of; as the honest claim says it, unless a case says otherwise. */
interface Proved {
  readonly code?: string;
  readonly info?: string;
  readonly service?: string;
  readonly manufacturer?: string;
  readonly serial?: string;
  readonly organization?: string;
  readonly ownership?: number;
  readonly anchors?: readonly TestCertificate[];
}

type Make = (head: Omit<CaseHead, 'rule' | 'shell'>, twist: AnswerTwist) => Vector;

export function labelVectors(world: World): readonly Vector[] {
  const make: Make = (head, twist) => {
    const input: AnswerTwist['input'] = (honest) => ({ labelCode: CODE, ...twist.input?.(honest) });
    return answerVector(world, { ...head, rule: 'D21' }, { ...twist, input });
  };
  const proofOf = (proved: Proved = {}): string => makeProof(world, proved);
  return [
    ...honestVectors(world, make, proofOf),
    ...forgedVectors(make, proofOf),
    ...otherOwnerVectors(world, make, proofOf),
    ...releaseVectors(make, proofOf),
  ];
}

function makeProof(world: World, proved: Proved): string {
  const { manufacturer, serial } = deviceId(world) as { manufacturer: string; serial: string };
  const { code = CODE, info = 'label proof', anchors = [world.publisherAnchor] } = proved;
  const key = new Uint8Array(hkdfSync('sha256', code, '', info, 32));
  const parts = [
    proved.service ?? SERVICE,
    proved.manufacturer ?? manufacturer,
    proved.serial ?? serial,
    proved.organization ?? ORGANIZATION,
    proved.ownership ?? 3,
    ...anchors.map(({ der }) => sha256(der)),
  ];
  return createHmac('sha256', key).update(parts.join('|')).digest('base64');
}

type ProofOf = (proved?: Proved) => string;

function honestVectors(world: World, make: Make, proofOf: ProofOf): readonly Vector[] {
  const anchors = [world.publisherAnchor, world.otherPublisherAnchor];
  const publishers = anchors.map(({ der }) => base64(der));
  const device = deviceId(world);
  return [
    make({ name: 'label-proof', says: 'The claim has the right proof.' }, { claim: { labelProof: proofOf() } }),
    make(
      { name: 'label-proof-first-claim', says: 'The first claim of a device has the right proof.' },
      { claim: { labelProof: proofOf() }, input: () => ({ floors: NO_FLOORS }) },
    ),
    make(
      {
        name: 'label-proof-claim-signed-anew',
        says: 'A later generation, of a later epoch, without a key and with another end, has the same proof.',
      },
      {
        decision: { epoch: 3 },
        claim: { device, generation: 20, epoch: 3, expires: '2026-12-01T00:00:00Z', labelProof: proofOf() },
        profile: { epoch: 3 },
      },
    ),
    make(
      { name: 'label-proof-two-publishers', says: 'The proof covers both publisher anchors.' },
      { claim: { publishers, labelProof: proofOf({ anchors }) } },
    ),
    make(
      {
        name: 'label-proof-publishers-in-other-order',
        says: 'The proof covers both publisher anchors, in another order than the claim has them.',
        error: 'label-proof',
      },
      { claim: { publishers, labelProof: proofOf({ anchors: anchors.toReversed() }) } },
    ),
  ];
}

function forgedVectors(make: Make, proofOf: ProofOf): readonly Vector[] {
  const refused = (name: string, says: string, labelProof?: string): Vector =>
    make({ name, says, error: 'label-proof' }, { claim: { labelProof } });
  return [
    refused('label-proof-missing', 'The claim has no proof.'),
    refused('label-proof-of-other-code', 'The proof is by another code.', proofOf({ code: OTHER_CODE })),
    refused('label-proof-of-claim-token', 'The proof is made with the claim token.', proofOf({ info: 'claim' })),
    refused('label-proof-for-other-service', 'The proof is for another service.', proofOf({ service: 'b.example' })),
    refused('label-proof-for-other-serial', 'The proof is for another device.', proofOf({ serial: 'SN-0002' })),
    refused(
      'label-proof-for-other-manufacturer',
      'The proof is for a device of another manufacturer.',
      proofOf({ manufacturer: sha256('another') }),
    ),
    refused(
      'label-proof-for-other-organization',
      'The proof is for another organization.',
      proofOf({ organization: OTHER_ORGANIZATION }),
    ),
    refused(
      'label-proof-for-earlier-ownership',
      'The proof is of the time before the device was released and claimed again.',
      proofOf({ ownership: 1 }),
    ),
  ];
}

/** What a thief of claim authority and responder would send: everything else is right. */
function otherOwnerVectors(world: World, make: Make, proofOf: ProofOf): readonly Vector[] {
  const own = createCertificate({ name: 'publisher anchor of a thief', ca: true, ...LONG });
  const chains = { profile: [createCertificate({ name: 'thief', issuer: own, ...signerOptions('publisher') })] };
  const organization = OTHER_ORGANIZATION;
  const theirs = {
    decision: { organization },
    profile: { organization },
    chains: { profile: [world.otherPublisher] },
    input: () => ({ floors: { ...FLOORS, epochs: {}, networks: {} } }),
  };
  const claim = { organization, ownership: 4, publishers: [base64(world.otherPublisherAnchor.der)] };
  const anchors = [world.otherPublisherAnchor];
  return [
    make(
      {
        name: 'label-proof-copied-to-other-publishers',
        says: 'The right proof is copied into a claim with a publisher anchor of a thief, whose profile comes along.',
        error: 'label-proof',
      },
      { claim: { publishers: [base64(own.der)], labelProof: proofOf() }, chains },
    ),
    make(
      {
        name: 'label-proof-copied-to-more-publishers',
        says: 'The right proof is copied into a claim that names a publisher anchor of a thief too.',
        error: 'label-proof',
      },
      {
        claim: { publishers: [world.publisherAnchor, own].map(({ der }) => base64(der)), labelProof: proofOf() },
        chains,
      },
    ),
    make(
      {
        name: 'label-proof-copied-to-other-organization',
        says: 'The right proof of the owner is copied into a claim that gives the device to another organization.',
        error: 'label-proof',
      },
      { ...theirs, claim: { ...claim, labelProof: proofOf() } },
    ),
    make(
      { name: 'label-proof-transferred', says: 'The device changes hands, with a proof for the new owner.' },
      { ...theirs, claim: { ...claim, labelProof: proofOf({ organization, ownership: 4, anchors }) } },
    ),
  ];
}

function releaseVectors(make: Make, proofOf: ProofOf): readonly Vector[] {
  const released: Members = { organization: null, publishers: [], ownership: 4 };
  const decision: Members = { outcome: 'unclaimed', ...NAMELESS };
  return [
    make(
      { name: 'label-proof-release', says: 'A release needs no proof.' },
      { decision, claim: released, profile: null },
    ),
    make(
      { name: 'label-proof-in-a-release', says: 'A release has a proof.', error: 'label-proof' },
      {
        decision,
        claim: { ...released, labelProof: proofOf({ organization: 'null', ownership: 4, anchors: [] }) },
        profile: null,
      },
    ),
  ];
}
