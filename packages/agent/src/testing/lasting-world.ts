// A world whose signers are valid long enough for agents that live by the system's clock.
import { createCertificate, createKey } from '../../../protocol/src/testing/test-certificates.ts';
import { createWorld, DAY, NOW, signerOptions, type World } from '../../../protocol/src/testing/world.ts';

/** 2099 is after all tests. */
export const LATER = 4_070_908_800;

export function createLastingWorld(): World {
  const usual = createWorld();
  const lasting = { from: NOW - DAY, until: LATER };
  const publisherAnchor = createCertificate({ name: 'acme publisher anchor', ...lasting, ca: true });
  return {
    ...usual,
    publisherAnchor,
    inspectionCa: createCertificate({ name: 'Plant A proxy CA', key: createKey('rsa2048'), ...lasting, ca: true }),
    claimAuthority: createCertificate({
      name: 'claim authority',
      issuer: usual.serviceAnchor,
      ...signerOptions('claim-authority'),
      ...lasting,
    }),
    publisher: createCertificate({
      name: 'acme publisher',
      issuer: publisherAnchor,
      ...signerOptions('publisher'),
      ...lasting,
    }),
  };
}
