// Answers whose claim is refused: missing, swapped, for another device, rolled back. Each claim is signed by the claim authority.
import {
  at,
  claimOf,
  deviceId,
  type Members,
  NOW,
  OTHER_ORGANIZATION,
  payloadOf,
  sha256,
  signMessage,
  type World,
} from '../world.ts';
import {
  type AnswerTwist,
  answerVector,
  type CaseHead,
  FLOORS,
  NO_FLOORS,
  type Vector,
  type VectorFloors,
} from './vector.ts';

type Make = (head: Omit<CaseHead, 'shell'>, twist: AnswerTwist) => Vector;

const NAMELESS: Members = { organization: undefined, network: undefined, epoch: undefined };

export function claimVectors(world: World): readonly Vector[] {
  const make: Make = (head, twist) => answerVector(world, { ...head, shell: true }, twist);
  return [
    ...presenceVectors(world, make),
    ...deviceVectors(world, make),
    ...rollbackVectors(make),
    ...stepVectors(make),
    ...agreementVectors(world, make),
  ];
}

function presenceVectors(world: World, make: Make): readonly Vector[] {
  const other = signMessage(claimOf(world, { generation: 9 }), [world.claimAuthority]);
  return [
    make(
      {
        name: 'claim-stripped',
        rule: 'D5',
        says: 'The claim is neither in the answer nor held.',
        error: 'claim-missing',
      },
      { answer: ({ claim: _, ...rest }) => rest },
    ),
    make(
      {
        name: 'claim-stripped-other-held',
        rule: 'D5',
        says: 'The claim is stripped and the device holds another one.',
        error: 'claim-missing',
      },
      { answer: ({ claim: _, ...rest }) => rest, input: ({ held }) => ({ held: { ...held, claim: other } }) },
    ),
    make(
      {
        name: 'claim-swapped',
        rule: 'D5',
        says: 'Another good claim of the device is put in its place.',
        error: 'claim-digest',
      },
      { answer: (parts) => ({ ...parts, claim: other }) },
    ),
    make(
      {
        name: 'claim-not-named',
        rule: 'D5',
        says: 'An unclaimed device is sent a claim that the decision does not name.',
        error: 'claim-digest',
      },
      {
        decision: { outcome: 'unclaimed', ...NAMELESS, claim: undefined },
        profile: null,
        input: () => ({ floors: NO_FLOORS }),
      },
    ),
  ];
}

function deviceVectors(world: World, make: Make): readonly Vector[] {
  const device = deviceId(world) as object;
  const key = world.device.key.digest;
  return [
    make(
      { name: 'claim-other-serial', rule: 'D7', says: 'The claim is for another device.', error: 'claim-device' },
      { claim: { device: { ...device, serial: 'SN-0002', key } } },
    ),
    make(
      {
        name: 'claim-other-manufacturer',
        rule: 'D7',
        says: 'The claim is for another manufacturer.',
        error: 'claim-device',
      },
      { claim: { device: { ...device, manufacturer: sha256('another'), key } } },
    ),
    make(
      {
        name: 'claim-other-key',
        rule: 'D7',
        says: 'The claim is for another key: two devices with one serial.',
        error: 'claim-device',
      },
      { claim: { device: { ...device, key: sha256('another key') } } },
    ),
    make(
      { name: 'claim-without-key', rule: 'D7', says: 'The service did not know the key when it made the claim.' },
      { claim: { device } as Members },
    ),
    make(
      { name: 'claim-last-second', rule: 'D8', says: 'The claim expires at decision.time.' },
      { claim: { expires: at(NOW) } },
    ),
    make(
      {
        name: 'claim-expired',
        rule: 'D8',
        says: 'The claim expired one second before decision.time.',
        error: 'claim-expired',
      },
      { claim: { expires: at(NOW - 1) } },
    ),
  ];
}

function rollbackVectors(make: Make): readonly Vector[] {
  const after = (floors: Partial<VectorFloors>): AnswerTwist => ({
    input: () => ({ floors: { ...FLOORS, ...floors } }),
  });
  const reset = { epochs: {}, networks: {} };
  return [
    make(
      {
        name: 'ownership-rollback',
        rule: 'D9',
        says: 'The claim is of an earlier owner.',
        error: 'ownership-rollback',
      },
      after({ ownership: 4, organization: OTHER_ORGANIZATION }),
    ),
    make(
      { name: 'generation-rollback', rule: 'D9', says: 'An older claim is replayed.', error: 'generation-rollback' },
      after({ generation: 8 }),
    ),
    make(
      {
        name: 'generation-rollback-after-reset',
        rule: 'D9',
        says: 'An older claim is replayed after a factory reset, which keeps the floors.',
        error: 'generation-rollback',
      },
      after({ generation: 8, ...reset }),
    ),
    make(
      {
        name: 'generation-conflict',
        rule: 'D9',
        says: 'Another claim with the accepted generation.',
        error: 'generation-conflict',
      },
      after({ generation: 7 }),
    ),
    make(
      { name: 'generation-equal', rule: 'D9', says: 'The accepted claim once more, signed anew: no change.' },
      { input: ({ body }) => ({ floors: { ...FLOORS, generation: 7, claimDigest: sha256(claimText(body)) } }) },
    ),
    make(
      {
        name: 'organization-changed-silently',
        rule: 'D10',
        says: 'Another organization without a higher ownership.',
        error: 'ownership-mismatch',
      },
      after({ organization: OTHER_ORGANIZATION }),
    ),
    make(
      { name: 'organization-changed', rule: 'D10', says: 'Another organization with a higher ownership: a transfer.' },
      after({ ownership: 2, organization: OTHER_ORGANIZATION, epochs: { [OTHER_ORGANIZATION]: 900 }, networks: {} }),
    ),
    make(
      {
        name: 'claimed-again-without-ownership',
        rule: 'D10',
        says: 'A released device is claimed without a higher ownership.',
        error: 'ownership-mismatch',
      },
      after({ organization: null }),
    ),
  ];
}

function stepVectors(make: Make): readonly Vector[] {
  return [
    make(
      { name: 'generation-step', rule: 'D11', says: 'The generation rises by 65536.' },
      { claim: { generation: 6 + 65_536 } },
    ),
    make(
      {
        name: 'generation-step-too-large',
        rule: 'D11',
        says: 'The generation rises by 65537: the honest claim could never follow.',
        error: 'step-too-large',
      },
      { claim: { generation: 6 + 65_537 } },
    ),
    make(
      { name: 'ownership-step-too-large', rule: 'D11', says: 'The ownership rises by 65537.', error: 'step-too-large' },
      { claim: { ownership: 3 + 65_537 } },
    ),
    make(
      {
        name: 'first-generation-too-large',
        rule: 'D11',
        says: 'The first claim of a device has a generation above 65536.',
        error: 'step-too-large',
      },
      { claim: { generation: 65_537 }, input: () => ({ floors: NO_FLOORS }) },
    ),
    make({ name: 'epoch-step', rule: 'D15', says: 'The epoch rises by 65536.' }, epoch(2 + 65_536)),
    make(
      { name: 'epoch-step-too-large', rule: 'D15', says: 'The epoch rises by 65537.', error: 'step-too-large' },
      epoch(2 + 65_537),
    ),
    make(
      { name: 'epoch-rollback', rule: 'D15', says: 'The epoch is before a kill switch.', error: 'epoch-rollback' },
      epoch(1),
    ),
  ];
}

function epoch(value: number): AnswerTwist {
  return { decision: { epoch: value }, claim: { epoch: value }, profile: { epoch: value } };
}

function agreementVectors(world: World, make: Make): readonly Vector[] {
  const released: Members = { organization: null, publishers: [] };
  return [
    make(
      {
        name: 'claim-other-organization',
        rule: 'D12',
        says: 'The claim is for another organization than the decision.',
        error: 'organization-mismatch',
      },
      { claim: { organization: OTHER_ORGANIZATION, ownership: 4 } },
    ),
    make(
      {
        name: 'claim-released-granted',
        rule: 'D12',
        says: 'A release goes with the outcome unclaimed only.',
        error: 'organization-mismatch',
      },
      { claim: { ...released, ownership: 4 } },
    ),
    make(
      {
        name: 'claim-owned-unclaimed',
        rule: 'D12',
        says: 'The outcome unclaimed goes with a release only.',
        error: 'organization-mismatch',
      },
      { decision: { outcome: 'unclaimed', ...NAMELESS }, profile: null },
    ),
    make(
      {
        name: 'claim-released-with-publishers',
        rule: 'D12',
        says: 'A release names a publisher.',
        error: 'organization-mismatch',
      },
      { decision: { outcome: 'unclaimed', ...NAMELESS }, claim: { organization: null, ownership: 4 }, profile: null },
    ),
    make(
      {
        name: 'claim-other-epoch',
        rule: 'D14',
        says: 'The claim is of another epoch than decision and profile.',
        error: 'epoch-mismatch',
      },
      { claim: { epoch: 3 } },
    ),
    make(
      {
        name: 'claim-other-epoch-awaiting',
        rule: 'D14',
        says: 'Awaiting approval, with a claim of another epoch.',
        error: 'epoch-mismatch',
      },
      {
        decision: { outcome: 'awaiting-approval', network: undefined, profile: undefined },
        claim: { epoch: 3 },
        profile: null,
      },
    ),
    make(
      {
        name: 'claim-other-device-answer',
        rule: 'D7',
        says: 'The whole answer of another device, with a decision made for this one.',
        error: 'claim-device',
      },
      {
        answer: (parts) => {
          const claim = claimOf(world, {
            device: { manufacturer: world.manufacturer.key.digest, serial: 'SN-0002', key: sha256('its key') },
          });
          const members = JSON.parse(parts.decision.payload);
          const decision = { ...members, claim: sha256(payloadOf(claim)) };
          return {
            ...parts,
            decision: signMessage(decision, [world.responder]),
            claim: signMessage(claim, [world.claimAuthority]),
          };
        },
      },
    ),
  ];
}

function claimText(body: string | undefined): string {
  return JSON.parse(body ?? '{}').claim.payload;
}
