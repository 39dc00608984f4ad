// The signers of the honest world, each of which can be made wrong in one way.
import { type CertificateOptions, createCertificate, type TestCertificate } from '../test-certificates.ts';
import { DAY, NOW, signerOptions, type World } from '../world.ts';
import type { AnswerParts, AnswerTwist, CaseHead, Vector } from './vector.ts';

export type Make = (head: CaseHead, twist: AnswerTwist) => Vector;

export function signedBy(part: keyof AnswerParts, ...chain: readonly TestCertificate[]): AnswerTwist {
  return { chains: { [part]: chain } };
}

export function responderOf(world: World, changes: Partial<CertificateOptions> = {}): TestCertificate {
  return createCertificate({
    name: 'responder',
    issuer: world.serviceAnchor,
    ...signerOptions('responder'),
    ...changes,
  });
}

export function authorityOf(world: World, changes: Partial<CertificateOptions> = {}): TestCertificate {
  return createCertificate({
    name: 'claim authority',
    issuer: world.serviceAnchor,
    ...signerOptions('claim-authority'),
    ...changes,
  });
}

export function publisherOf(world: World, changes: Partial<CertificateOptions> = {}): TestCertificate {
  return createCertificate({
    name: 'acme publisher',
    issuer: world.publisherAnchor,
    ...signerOptions('publisher'),
    ...changes,
  });
}

export const LONG = { from: NOW - 400 * DAY, until: NOW + 3_650 * DAY };
