// Answers signed by somebody who may not: a stranger, one role in place of another, the wrong name, the wrong time, a broken path.

import { PURPOSE } from '../../purposes.ts';
import { ia5, sequence, tlv } from '../der.ts';
import { type CertificateOptions, createCertificate, extension, type TestCertificate } from '../test-certificates.ts';
import { DAY, NOW, SERVICE, signerOptions, type World } from '../world.ts';
import { authorityOf, LONG, type Make, publisherOf, responderOf, signedBy } from './signers.ts';
import { type AnswerTwist, answerVector, type Vector } from './vector.ts';

const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
const ANY_PURPOSE = '2.5.29.37.0';

export function signerVectors(world: World): readonly Vector[] {
  const make: Make = (head, twist) => answerVector(world, { ...head, shell: true }, twist);
  return [
    ...untrustedVectors(world, make),
    ...pathVectors(world),
    ...timeVectors(world, make),
    ...purposeVectors(world, make),
  ];
}

function untrustedVectors(world: World, make: Make): readonly Vector[] {
  const foreign = createCertificate({ name: 'Foreign anchor', ca: true, ...LONG });
  const namesake = createCertificate({ name: 'Windlass service anchor', ca: true, ...LONG });
  const rule = { rule: 'K1', error: 'signer-untrusted' };
  return [
    make(
      { name: 'responder-of-stranger', says: 'The responder is of a foreign anchor, which comes along.', ...rule },
      signedBy('decision', responderOf(world, { issuer: foreign }), foreign),
    ),
    make(
      { name: 'claim-authority-of-stranger', says: 'The claim authority is of a foreign anchor.', ...rule },
      signedBy('claim', authorityOf(world, { issuer: foreign }), foreign),
    ),
    make(
      {
        name: 'responder-of-publisher-anchor',
        says: "The responder is of the organization's publisher anchor.",
        ...rule,
      },
      signedBy('decision', responderOf(world, { issuer: world.publisherAnchor })),
    ),
    make(
      { name: 'responder-self-signed', says: 'The responder signed itself.', ...rule },
      signedBy('decision', selfSigned(signerOptions('responder'))),
    ),
    make(
      {
        name: 'publisher-of-service-anchor',
        says: 'The publisher is of the service anchor, which the claim does not name.',
        ...rule,
      },
      signedBy('profile', publisherOf(world, { issuer: world.serviceAnchor })),
    ),
    make(
      { name: 'publisher-not-in-claim', says: 'The publisher is of an anchor that the claim does not name.', ...rule },
      signedBy('profile', publisherOf(world, { issuer: world.otherPublisherAnchor })),
    ),
    make(
      { name: 'publisher-of-other-organization', says: "Another organization's hosted publisher signed.", ...rule },
      signedBy('profile', world.otherPublisher),
    ),
    make(
      { name: 'responder-of-device', says: 'A device signed the decision with its factory key.', ...rule },
      signedBy('decision', world.device, world.manufacturer),
    ),
    answerVector(
      world,
      {
        name: 'responder-of-namesake',
        says: "The responder is of an anchor with the service anchor's name and another key.",
        rule: 'K1',
        error: 'signer-untrusted',
      },
      signedBy('decision', responderOf(world, { issuer: namesake }), namesake),
    ),
    answerVector(
      world,
      {
        name: 'responder-forged-issuer',
        rule: 'K1',
        says: 'The responder says it is of the service anchor; another key signed it.',
        error: 'signer-path',
        shell: true,
      },
      signedBy('decision', responderOf(world, { issuer: namesake, authorityKey: world.serviceAnchor.key })),
    ),
    make(
      { name: 'second-anchor', says: 'The device has two service anchors: the signers are of the second.', rule: 'K1' },
      { input: ({ serviceAnchors }) => ({ serviceAnchors: [foreign.pem, ...serviceAnchors] }) },
    ),
  ];
}

function selfSigned(options: Pick<CertificateOptions, 'from' | 'until'>): TestCertificate {
  return createCertificate({ name: 'self', ...options });
}

function pathVectors(world: World): readonly Vector[] {
  const refused = (name: string, says: string, twist: AnswerTwist) =>
    answerVector(world, { name, says, rule: 'K1', error: 'signer-path', shell: true }, twist);
  const intermediate = (changes: Partial<CertificateOptions>): TestCertificate =>
    createCertificate({ name: 'Signers', issuer: world.serviceAnchor, ca: true, ...LONG, ...changes });
  const below = (issuer: TestCertificate): AnswerTwist => signedBy('decision', responderOf(world, { issuer }), issuer);
  const narrow = intermediate({ name: 'Narrow', pathLength: 0 });
  const lower = createCertificate({ name: 'Lower', issuer: narrow, ca: true, ...LONG });
  const permitted = sequence(tlv(0xa0, sequence(ia5(0x82, 'elsewhere.example'))));
  const constrained = intermediate({ name: 'Constrained', extensions: [extension('2.5.29.30', 'true', permitted)] });
  const unknown = extension('2.25.253403436449784854204672248200112754133.99', 'true', sequence());
  return [
    answerVector(
      world,
      {
        name: 'responder-below-intermediate',
        says: 'The responder is below an intermediate, which comes along.',
        rule: 'K1',
        shell: true,
      },
      below(intermediate({})),
    ),
    refused('intermediate-not-a-ca', 'The intermediate is not a CA.', below(intermediate({ ca: false }))),
    refused(
      'intermediate-key-usage',
      'The intermediate may not sign certificates.',
      below(intermediate({ keyUsage: ['cRLSign'] })),
    ),
    refused(
      'path-too-long',
      'An intermediate is below another that allows none.',
      signedBy('decision', responderOf(world, { issuer: lower }), lower, narrow),
    ),
    refused('name-constraints', "The intermediate's name constraints exclude the service.", below(constrained)),
    refused(
      'critical-extension',
      'The responder has an unknown critical extension.',
      signedBy('decision', responderOf(world, { extensions: [unknown] })),
    ),
    refused(
      'intermediate-critical-extension',
      'The intermediate has an unknown critical extension.',
      below(intermediate({ extensions: [unknown] })),
    ),
    answerVector(
      world,
      {
        name: 'responder-sha1',
        says: "The responder's certificate is signed with SHA-1.",
        rule: 'K1',
        error: 'signer-path',
      },
      signedBy('decision', responderOf(world, { hash: 'sha1' })),
    ),
    answerVector(
      world,
      {
        name: 'responder-key-usage',
        says: "The responder's key may not sign messages.",
        rule: 'K1',
        error: 'signer-path',
      },
      signedBy('decision', responderOf(world, { keyUsage: ['keyCertSign'] })),
    ),
  ];
}

function timeVectors(world: World, make: Make): readonly Vector[] {
  const ended = { from: NOW - 20 * DAY, until: NOW - 1 };
  const early = { from: NOW + 1, until: NOW + 20 * DAY };
  const expired = { rule: 'K2', error: 'signer-expired' };
  const future = { rule: 'K2', error: 'signer-not-yet-valid' };
  const old = createCertificate({ name: 'Signers', issuer: world.serviceAnchor, ca: true, ...ended });
  const anchor = createCertificate({
    name: 'Windlass service anchor',
    key: world.serviceAnchor.key,
    ca: true,
    ...ended,
  });
  return [
    make(
      { name: 'responder-expired', says: 'The responder expired one second before decision.time.', ...expired },
      signedBy('decision', responderOf(world, ended)),
    ),
    answerVector(
      world,
      { name: 'responder-last-second', says: 'The responder expires at decision.time.', rule: 'K2' },
      signedBy('decision', responderOf(world, { until: NOW })),
    ),
    make(
      {
        name: 'responder-not-yet-valid',
        says: 'The responder is valid from one second after decision.time.',
        ...future,
      },
      signedBy('decision', responderOf(world, early)),
    ),
    make(
      { name: 'responder-first-second', says: 'The responder is valid from decision.time.', rule: 'K2' },
      signedBy('decision', responderOf(world, { from: NOW })),
    ),
    make(
      { name: 'claim-authority-expired', says: 'The claim authority expired.', ...expired },
      signedBy('claim', authorityOf(world, ended)),
    ),
    make(
      { name: 'claim-authority-not-yet-valid', says: 'The claim authority is not yet valid.', ...future },
      signedBy('claim', authorityOf(world, early)),
    ),
    make(
      { name: 'publisher-expired', says: 'The publisher expired.', ...expired },
      { ...signedBy('profile', publisherOf(world, ended)), profile: {} },
    ),
    make(
      { name: 'publisher-not-yet-valid', says: 'The publisher is not yet valid.', ...future },
      signedBy('profile', publisherOf(world, early)),
    ),
    make(
      { name: 'intermediate-expired', says: 'The intermediate above the responder expired.', ...expired },
      signedBy('decision', responderOf(world, { issuer: old }), old),
    ),
    make(
      { name: 'service-anchor-expired', says: 'The service anchor expired.', ...expired },
      { input: () => ({ serviceAnchors: [anchor.pem] }) },
    ),
  ];
}

function purposeVectors(world: World, make: Make): readonly Vector[] {
  const { 'claim-authority': claimAuthority, publisher, responder } = PURPOSE;
  const rule = { rule: 'K3', error: 'signer-purpose' };
  const decided = (name: string, says: string, purposes: readonly string[]) =>
    make({ name: `responder-${name}`, says, ...rule }, signedBy('decision', responderOf(world, { purposes })));
  const none = createCertificate({
    name: 'responder',
    issuer: world.serviceAnchor,
    from: NOW - 15 * DAY,
    until: NOW + 15 * DAY,
    dns: [SERVICE],
  });
  return [
    decided('server-authentication', "The service's TLS certificate signed the decision.", [SERVER_AUTHENTICATION]),
    decided('two-purposes', 'A certificate for responses and for TLS.', [responder, SERVER_AUTHENTICATION]),
    decided('any-purpose', 'A certificate for any purpose.', [ANY_PURPOSE]),
    make(
      { name: 'responder-no-purpose', says: 'A certificate without extended key usage.', ...rule },
      signedBy('decision', none),
    ),
    decided('by-claim-authority', 'The claim authority signed the decision.', [claimAuthority]),
    make(
      { name: 'claim-by-responder', says: 'The responder signed the claim: its key was stolen.', ...rule },
      signedBy('claim', world.responder),
    ),
    make(
      {
        name: 'claim-by-publisher-purpose',
        says: 'A certificate of the service anchor for publishing signed the claim.',
        ...rule,
      },
      signedBy('claim', authorityOf(world, { purposes: [publisher] })),
    ),
    make(
      {
        name: 'profile-by-responder-purpose',
        says: 'A certificate of the publisher anchor for responding signed the profile.',
        ...rule,
      },
      signedBy('profile', publisherOf(world, { purposes: [responder] })),
    ),
    make(
      { name: 'profile-by-server', says: "The organization's TLS certificate signed the profile.", ...rule },
      signedBy('profile', publisherOf(world, { purposes: [SERVER_AUTHENTICATION] })),
    ),
  ];
}
