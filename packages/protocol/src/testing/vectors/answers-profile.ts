// Answers whose security profile is refused: missing, swapped, of another network or time, or with an inspection CA that may not be one.
import { createCertificate, createKey } from '../test-certificates.ts';
import {
  at,
  DAY,
  inspectionCaOf,
  type Members,
  NETWORK,
  NOW,
  ORGANIZATION,
  OTHER_ORGANIZATION,
  profileOf,
  sha256,
  signMessage,
  type World,
} from '../world.ts';
import { type AnswerTwist, answerVector, type CaseHead, FLOORS, type Vector } from './vector.ts';

type Make = (head: CaseHead, twist: AnswerTwist) => Vector;

export function profileVectors(world: World): readonly Vector[] {
  const make: Make = (head, twist) => answerVector(world, head, twist);
  const shell: Make = (head, twist) => answerVector(world, { ...head, shell: true }, twist);
  return [
    ...presenceVectors(world, shell),
    ...agreementVectors(shell),
    ...sequenceVectors(shell),
    ...validityVectors(shell),
    ...inspectionCaVectors(world, make),
    ...inspectionKeyVectors(world, shell),
  ];
}

function presenceVectors(world: World, make: Make): readonly Vector[] {
  const other = signMessage(profileOf(world, { sequence: 12 }), [world.publisher]);
  return [
    make(
      {
        name: 'profile-stripped',
        rule: 'D6',
        says: 'The profile is neither in the answer nor held.',
        error: 'profile-missing',
      },
      { answer: ({ profile: _, ...rest }) => rest },
    ),
    make(
      {
        name: 'profile-stripped-other-held',
        rule: 'D6',
        says: 'The profile is stripped and the device holds an older one.',
        error: 'profile-missing',
      },
      { answer: ({ profile: _, ...rest }) => rest, input: () => ({ held: { profiles: [other] } }) },
    ),
    make(
      {
        name: 'profile-swapped',
        rule: 'D6',
        says: 'Another good profile of the network is put in its place.',
        error: 'profile-digest',
      },
      { answer: (parts) => ({ ...parts, profile: other }) },
    ),
    make(
      {
        name: 'profile-not-named',
        rule: 'D6',
        says: 'A profile comes with an outcome that has none.',
        error: 'profile-digest',
      },
      { decision: { outcome: 'awaiting-approval', network: undefined, profile: undefined } },
    ),
  ];
}

function agreementVectors(make: Make): readonly Vector[] {
  return [
    make(
      {
        name: 'profile-other-organization',
        rule: 'D12',
        says: 'The profile is of another organization than claim and decision.',
        error: 'organization-mismatch',
      },
      { profile: { organization: OTHER_ORGANIZATION } },
    ),
    make(
      {
        name: 'profile-other-network',
        rule: 'D13',
        says: 'The profile is of another network than the decision.',
        error: 'network-mismatch',
      },
      { profile: { network: 'plant-b' } },
    ),
    make(
      {
        name: 'profile-other-epoch',
        rule: 'D14',
        says: 'The profile is of an epoch that the claim authority did not set.',
        error: 'epoch-mismatch',
      },
      { profile: { epoch: 3 } },
    ),
    make(
      {
        name: 'profile-older-epoch',
        rule: 'D14',
        says: 'The profile is from before a kill switch.',
        error: 'epoch-mismatch',
      },
      { decision: { epoch: 3 }, claim: { epoch: 3 } },
    ),
  ];
}

function sequenceVectors(make: Make): readonly Vector[] {
  const floors = (epoch: number, sequence: number, digest: string) => ({
    floors: { ...FLOORS, networks: { [`${ORGANIZATION}/${NETWORK}`]: { epoch, sequence, digest } } },
  });
  const accepted = (epoch: number, sequence: number): AnswerTwist => ({
    input: () => floors(epoch, sequence, sha256('the profile before')),
  });
  const raised = { decision: { epoch: 3 }, claim: { epoch: 3 }, profile: { epoch: 3, sequence: 1 } };
  return [
    make(
      { name: 'sequence-rollback', rule: 'D16', says: 'An older profile is replayed.', error: 'sequence-rollback' },
      accepted(2, 12),
    ),
    make(
      {
        name: 'sequence-conflict',
        rule: 'D16',
        says: 'Another profile with the accepted sequence.',
        error: 'sequence-conflict',
      },
      accepted(2, 11),
    ),
    make(
      { name: 'sequence-equal', rule: 'D16', says: 'The accepted profile once more.' },
      { input: ({ body }) => floors(2, 11, sha256(JSON.parse(body ?? '{}').profile.payload)) },
    ),
    make(
      { name: 'sequence-lower-in-higher-epoch', rule: 'D16', says: 'A higher epoch starts its sequence again.' },
      { ...raised, ...accepted(2, 900) },
    ),
    make(
      { name: 'sequence-step', rule: 'D16', says: 'The sequence rises by 2^24.' },
      { profile: { sequence: 10 + 2 ** 24 } },
    ),
    make(
      {
        name: 'sequence-step-too-large',
        rule: 'D16',
        says: 'The sequence rises by 2^24 + 1: the honest profile could never follow.',
        error: 'step-too-large',
      },
      { profile: { sequence: 11 + 2 ** 24 } },
    ),
    make(
      {
        name: 'first-sequence-too-large',
        rule: 'D16',
        says: 'The first profile of a network has a sequence above 2^24.',
        error: 'step-too-large',
      },
      { profile: { sequence: 1 + 2 ** 24 }, input: () => ({ floors: { ...FLOORS, networks: {} } }) },
    ),
  ];
}

function validityVectors(make: Make): readonly Vector[] {
  return [
    make(
      { name: 'profile-last-second', rule: 'D17', says: 'The profile expires at decision.time.' },
      { profile: { expires: at(NOW) } },
    ),
    make(
      {
        name: 'profile-expired',
        rule: 'D17',
        says: 'The profile expired one second before decision.time.',
        error: 'profile-expired',
      },
      { profile: { expires: at(NOW - 1) } },
    ),
    make(
      {
        name: 'profile-outlives-publisher',
        rule: 'D17',
        says: 'The profile expires after its publisher.',
        error: 'profile-outlives-publisher',
      },
      { profile: { expires: at(NOW + 300 * DAY + 1) } },
    ),
    make(
      { name: 'profile-ends-with-publisher', rule: 'D17', says: 'The profile expires when its publisher does.' },
      { profile: { expires: at(NOW + 300 * DAY) } },
    ),
    make(
      { name: 'profile-issued-24h-ahead', rule: 'D17', says: 'The profile was issued 24 hours after decision.time.' },
      { profile: { issued: at(NOW + DAY) } },
    ),
    make(
      {
        name: 'profile-not-yet-valid',
        rule: 'D17',
        says: 'The profile was issued 24 hours and a second after decision.time.',
        error: 'profile-not-yet-valid',
      },
      { profile: { issued: at(NOW + DAY + 1) } },
    ),
  ];
}

function inspectionCaVectors(world: World, make: Make): readonly Vector[] {
  const dates = { from: NOW - 100 * DAY, until: NOW + 3_650 * DAY };
  const ca = (options: Partial<Parameters<typeof createCertificate>[0]>, changes: Members = {}): AnswerTwist => {
    const { der } = createCertificate({ name: 'Proxy CA', key: createKey('rsa2048'), ca: true, ...dates, ...options });
    return { profile: { inspectionCas: [inspectionCaOf(der, changes)] } };
  };
  const honest = world.inspectionCa.der;
  const refused = { rule: 'D18', error: 'inspection-ca' };
  const again = createCertificate({ name: 'The same key again', key: world.inspectionCa.key, ca: true, ...dates });
  return [
    make(
      { name: 'inspection-ca-leaf', ...refused, says: 'The certificate is not a CA.', shell: true },
      ca({ ca: false, keyUsage: ['keyCertSign'] }),
    ),
    make(
      { name: 'inspection-ca-key-usage', ...refused, says: 'The CA may not sign certificates.' },
      ca({ keyUsage: ['cRLSign'] }),
    ),
    make(
      { name: 'inspection-ca-rsa-1024', ...refused, says: 'The key is RSA-1024.' },
      ca({ key: createKey('rsa1024') }),
    ),
    make(
      { name: 'inspection-ca-sha1', ...refused, says: 'The certificate is signed with SHA-1.' },
      ca({ hash: 'sha1' }),
    ),
    make(
      { name: 'inspection-ca-not-a-certificate', ...refused, says: 'A DER value that is no certificate.' },
      { profile: { inspectionCas: [inspectionCaOf(Buffer.from('3000', 'hex'))] } },
    ),
    make(
      { name: 'inspection-ca-from-after-until', ...refused, says: 'It is to be trusted from a time after its end.' },
      ca({}, { from: at(NOW + 2 * DAY), until: at(NOW + DAY) }),
    ),
    make(
      { name: 'inspection-ca-until-after-end', ...refused, says: 'It is to be trusted after it ends.', shell: true },
      ca({ until: NOW + 100 * DAY }, { until: at(NOW + 100 * DAY + 1) }),
    ),
    make(
      {
        name: 'inspection-ca-twice',
        rule: 'D20',
        error: 'inspection-ca',
        says: 'Two inspection CAs have the same key.',
      },
      { profile: { inspectionCas: [inspectionCaOf(honest), inspectionCaOf(again.der)] } },
    ),
    make(
      {
        name: 'inspection-ca-retired',
        rule: 'D20',
        error: 'inspection-ca',
        says: 'An inspection CA is retired by the same profile.',
      },
      { profile: { retire: [world.inspectionCa.key.digest] } },
    ),
  ];
}

function inspectionKeyVectors(world: World, make: Make): readonly Vector[] {
  const dates = { from: NOW - 100 * DAY, until: NOW + 3_650 * DAY };
  const withKey = (key = world.serviceAnchor.key): AnswerTwist => ({
    profile: { inspectionCas: [inspectionCaOf(createCertificate({ name: 'Proxy CA', key, ca: true, ...dates }).der)] },
  });
  return [
    make(
      {
        name: 'inspection-ca-is-service-anchor',
        rule: 'D19',
        error: 'inspection-ca-key',
        says: 'The inspection CA has the key of the service anchor.',
      },
      withKey(),
    ),
    make(
      {
        name: 'inspection-ca-is-publisher-anchor',
        rule: 'D19',
        error: 'inspection-ca-key',
        says: 'The inspection CA has the key of a publisher anchor of the claim.',
      },
      withKey(world.publisherAnchor.key),
    ),
  ];
}
