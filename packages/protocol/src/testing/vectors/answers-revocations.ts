// Answers with revocation lists, and answers by signers that a list names, sent or held.
import { createCertificate, type TestCertificate } from '../test-certificates.ts';
import { type CrlOptions, createCrl, criticalExtension } from '../test-crl.ts';
import { base64, DAY, NOW, type World } from '../world.ts';
import { authorityOf, LONG, type Make, responderOf, signedBy } from './signers.ts';
import { type AnswerTwist, answerVector, FLOORS, type Vector } from './vector.ts';

export function revocationVectors(world: World): readonly Vector[] {
  const make: Make = (head, twist) => answerVector(world, head, twist);
  return [...formVectors(world, make), ...rollbackVectors(world, make), ...revokedVectors(world, make)];
}

/** What the device holds before. */
function holding(...lists: readonly Uint8Array[]): AnswerTwist {
  return { input: () => ({ floors: { ...FLOORS, revocations: lists.map(base64) } }) };
}

/** What it holds afterwards. */
function keeping(...lists: readonly Uint8Array[]): AnswerTwist {
  return { expectedFloors: { revocations: lists.map(base64) } };
}

function formVectors(world: World, make: Make): readonly Vector[] {
  const { serviceAnchor } = world;
  const former = responderOf(world);
  const list = (options: CrlOptions = {}): Uint8Array => createCrl(serviceAnchor, { revoked: [former], ...options });
  const refused = (name: string, says: string, twist: AnswerTwist): Vector =>
    make({ name: `list-${name}`, says, rule: 'R1', error: 'revocations' }, twist);
  const foreign = createCertificate({ name: 'Foreign anchor', ca: true, ...LONG });
  const silent = createCertificate({
    name: 'Windlass service anchor',
    key: serviceAnchor.key,
    ca: true,
    keyUsage: ['keyCertSign'],
    ...LONG,
  });
  const good = list();
  const past = list({ from: NOW - 90 * DAY, until: NOW - 60 * DAY });
  const ahead = list({ from: NOW + DAY });
  return [
    make(
      { name: 'list-accepted', says: 'The list names another responder.', rule: 'R1' },
      { revocations: [good], ...keeping(good) },
    ),
    make(
      { name: 'list-past-its-update', says: 'The next update of the list should have come long ago.', rule: 'R3' },
      { revocations: [past], ...keeping(past) },
    ),
    make(
      { name: 'list-ahead-of-decision', says: 'The list was made after the decision.', rule: 'R3' },
      { revocations: [ahead], ...keeping(ahead) },
    ),
    refused('not-a-crl', 'A certificate in the place of a list.', { revocations: [serviceAnchor.der] }),
    refused('of-stranger', 'The list is of a foreign anchor.', { revocations: [createCrl(foreign)] }),
    refused('of-responder', 'The responder made the list.', { revocations: [createCrl(world.responder)] }),
    refused('of-namesake', "Another key made the list in the anchor's name.", {
      revocations: [list({ signWith: foreign.key })],
    }),
    refused('of-other-name', "The anchor's key made the list in another name.", {
      revocations: [list({ named: foreign })],
    }),
    refused('anchor-without-crl-sign', 'The anchor may not sign lists.', {
      revocations: [good],
      input: () => ({ serviceAnchors: [silent.pem] }),
    }),
    refused('sha1', 'The list is signed with SHA-1.', { revocations: [list({ hash: 'sha1' })] }),
    refused('critical-extension', 'The list has a critical extension: it may be a part of one.', {
      revocations: [list({ extensions: [criticalExtension] })],
    }),
    refused('critical-entry', 'An entry has a critical extension: it may be about another issuer.', {
      revocations: [list({ entryExtensions: [criticalExtension] })],
    }),
    refused('negative-number', 'The number is negative.', { revocations: [list({ number: Uint8Array.of(0x80) })] }),
    refused('huge-number', 'The number is 2^53.', { revocations: [list({ number: 2 ** 53 })] }),
    refused('twice', 'Two lists of one anchor.', { revocations: [good, list({ number: 2 })] }),
  ];
}

function rollbackVectors(world: World, make: Make): readonly Vector[] {
  const { serviceAnchor } = world;
  const [first, second] = [responderOf(world), responderOf(world)];
  const list = (number: number, ...revoked: readonly TestCertificate[]): Uint8Array =>
    createCrl(serviceAnchor, { number, revoked });
  const held = list(5, first);
  const rolledBack = { rule: 'R2', error: 'revocations-rollback' };
  const longer = list(6, second, first);
  return [
    make(
      { name: 'list-newer', says: 'The list has a higher number and one more entry.', rule: 'R2' },
      { revocations: [longer], ...holding(held), ...keeping(longer) },
    ),
    make(
      { name: 'list-again', says: 'The list is the one that is held.', rule: 'R2' },
      { revocations: [held], ...holding(held), ...keeping(held) },
    ),
    make(
      { name: 'list-lower-number', says: 'The list has all entries and a lower number.', ...rolledBack },
      { revocations: [list(4, first)], ...holding(held) },
    ),
    make(
      { name: 'list-shorter', says: 'The list has a higher number and leaves an entry out.', ...rolledBack },
      { revocations: [list(6, second)], ...holding(held) },
    ),
  ];
}

function revokedVectors(world: World, make: Make): readonly Vector[] {
  const { serviceAnchor } = world;
  const namesAll = (...revoked: readonly TestCertificate[]): Uint8Array => createCrl(serviceAnchor, { revoked });
  const issuing = createCertificate({ name: 'Signers', issuer: serviceAnchor, ca: true, ...LONG });
  const below = signedBy('decision', responderOf(world, { issuer: issuing }), issuing);
  const second = createCertificate({ name: 'Second service anchor', ca: true, ...LONG });
  const two = { serviceAnchors: [second.pem, serviceAnchor.pem] };
  const ofSecond = createCrl(second, { revoked: [world.responder] });
  const ofPublisher = namesAll(world.publisher);
  const revoked = { rule: 'K8', error: 'signer-revoked' };
  const heldAndSecond: AnswerTwist = {
    input: () => ({ ...two, floors: { ...FLOORS, revocations: [base64(namesAll(world.responder))] } }),
  };
  return [
    make(
      // X1: a client that leaves revocation out refuses every answer with a list.
      { name: 'responder-revoked', says: 'The list that comes along names the responder.', ...revoked, shell: true },
      { revocations: [namesAll(world.responder)] },
    ),
    make(
      { name: 'responder-revoked-earlier', says: 'A held list names the responder; none comes along.', ...revoked },
      holding(namesAll(world.responder)),
    ),
    make(
      { name: 'claim-authority-revoked', says: 'A list names the claim authority.', ...revoked },
      { revocations: [namesAll(world.claimAuthority)] },
    ),
    make(
      { name: 'held-claim-of-revoked-authority', says: 'The claim is held; a list names its signer.', ...revoked },
      { held: ['claim'], revocations: [namesAll(world.claimAuthority)] },
    ),
    make(
      { name: 'intermediate-revoked', says: 'A list names the CA above the responder.', ...revoked },
      { ...below, revocations: [namesAll(issuing)] },
    ),
    make(
      {
        name: 'revoked-past-its-update',
        says: 'A list names the responder; its next update should have come.',
        ...revoked,
      },
      {
        revocations: [
          createCrl(serviceAnchor, { revoked: [world.responder], from: NOW - 90 * DAY, until: NOW - 60 * DAY }),
        ],
      },
    ),
    make(
      {
        name: 'revoked-list-of-other-anchor-sent',
        says: 'A held list names the responder; the list of another anchor comes along.',
        ...revoked,
        rule: 'R3',
      },
      { ...heldAndSecond, revocations: [createCrl(second, { revoked: [authorityOf(world)] })] },
    ),
    make(
      {
        name: 'number-on-list-of-other-anchor',
        says: "The list of another anchor has the responder's serial number.",
        rule: 'K8',
      },
      { input: () => two, revocations: [ofSecond], ...keeping(ofSecond) },
    ),
    make(
      {
        name: 'list-of-former-anchor',
        says: 'A held list is of an anchor that the device has no more, and names the serial number of the responder.',
        rule: 'R3',
      },
      { ...holding(ofSecond), ...keeping() },
    ),
    make(
      {
        name: 'publisher-number-on-list',
        says: "The service anchor's list has the publisher's serial number.",
        rule: 'K8',
      },
      { revocations: [ofPublisher], ...keeping(ofPublisher) },
    ),
  ];
}
