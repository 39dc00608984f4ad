import { parseCertificate, trustAnchor } from '@windlass/x509';
import { describe, expect, test } from 'vitest';
import {
  openEnvelope,
  ProtocolError,
  parseOrganizationId,
  parseServiceName,
  unixSeconds,
  verifySigner,
} from './index.ts';
import { createCertificate } from './testing/test-certificates.ts';
import { signEnvelope } from './testing/test-cms.ts';
import { createWorld, NOW, ORGANIZATION, SERVICE, signerOptions } from './testing/world.ts';

const world = createWorld();
const anchors = [trustAnchor(parseCertificate(world.publisherAnchor.der))];
const expected = { role: 'publisher', anchors, service: parseServiceName(SERVICE), time: unixSeconds(NOW) } as const;
const issued = (changes: object) =>
  createCertificate({ name: 'publisher', issuer: world.publisherAnchor, ...signerOptions('publisher'), ...changes });

function code(certificate: ReturnType<typeof issued>, organization?: string): string {
  const opened = openEnvelope(signEnvelope('{}', [certificate]), 'publisher');
  const named = organization === undefined ? {} : { organization: parseOrganizationId(organization) };
  try {
    verifySigner(opened, { ...expected, ...named });
  } catch (error) {
    return error instanceof ProtocolError ? error.code : `not a ProtocolError: ${error}`;
  }
  return 'accepted';
}

describe('verifySigner', () => {
  test('takes the publisher of the organization', () => {
    expect(code(issued({}), ORGANIZATION)).toBe('accepted');
  });

  test('[K4] refuses a publisher without a name, whether or not an organization is expected', () => {
    expect([code(issued({ uris: [] })), code(issued({ uris: [] }), ORGANIZATION)]).toEqual([
      'signer-name',
      'signer-name',
    ]);
  });

  test('[K4] refuses two names, though one of them is right', () => {
    const { uris } = signerOptions('publisher') as { uris: readonly string[] };
    expect(code(issued({ uris: [...uris, ...uris] }), ORGANIZATION)).toBe('signer-name');
    expect(code(issued({ dns: [SERVICE] }), ORGANIZATION)).toBe('signer-name');
  });

  test('[K4] refuses the right words in another kind of name', () => {
    const { uris } = signerOptions('publisher') as { uris: readonly string[] };
    expect(code(issued({ uris: [], dns: uris }), ORGANIZATION)).not.toBe('accepted');
  });
});
