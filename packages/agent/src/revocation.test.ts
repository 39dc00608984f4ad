// Revocation lists on their way through the device: taken with an accepted answer, kept through everything, counted from then on.
import { beforeEach, expect, test } from 'vitest';
import { createCertificate } from '../../protocol/src/testing/test-certificates.ts';
import { createCrl } from '../../protocol/src/testing/test-crl.ts';
import { base64, createWorld, signerOptions } from '../../protocol/src/testing/world.ts';
import { bootstrap } from './bootstrap.ts';
import { resetAgent } from './reset.ts';
import { createFakeService, type FakeService } from './testing/fake-service.ts';
import { startAgent } from './testing/test-agent.ts';

const world = createWorld();
const { serviceAnchor } = world;
const stolen = createCertificate({ name: 'responder', issuer: serviceAnchor, ...signerOptions('responder') });
const list = base64(createCrl(serviceAnchor, { number: 7, revoked: [stolen] }));
let service: FakeService;

beforeEach(() => {
  service = createFakeService({ ...world });
  service.tamper = (answer) => ({ ...answer, revocations: [list] });
});

/** The same service after a thief has taken its place with the key that was stolen, who leaves the list out. */
function thief(): FakeService {
  const other = createFakeService({ ...world, responder: stolen });
  other.now = service.now;
  return other;
}

test('a list that comes along is kept, named in the next request, and counts against what its signers say later', async () => {
  const agent = startAgent(service);
  expect(await bootstrap(agent)).toMatchObject({ outcome: 'active', unsent: null });
  expect(agent.state.current.floors.revocations).toEqual([list]);
  const later = startAgent(thief(), { disk: agent.disk });
  expect(await bootstrap(later)).toMatchObject({ outcome: 'not-valid', code: 'signer-revoked' });
  expect(service.requests).toMatchObject([{ holds: { revocations: [] } }]);
  await bootstrap(startAgent(service, { disk: agent.disk }));
  expect(service.requests.at(-1)).toMatchObject({
    holds: { revocations: [{ anchor: serviceAnchor.key.digest, number: 7 }] },
  });
});

test('[C3] it survives a factory reset', async () => {
  const agent = startAgent(service);
  await bootstrap(agent);
  resetAgent(agent);
  const again = startAgent(thief(), { disk: agent.disk });
  expect(await bootstrap(again)).toMatchObject({ outcome: 'not-valid', code: 'signer-revoked' });
});

test('an answer that is not valid leaves no list behind', async () => {
  service.decision = { nonce: base64(Buffer.alloc(32, 1)) };
  const agent = startAgent(service);
  expect(await bootstrap(agent)).toMatchObject({ outcome: 'not-valid', code: 'nonce-mismatch' });
  expect(agent.state.current.floors.revocations).toEqual([]);
});

test('an acknowledgement by a revoked responder confirms nothing: back to what there was', async () => {
  service.acknowledger = stolen;
  const result = await bootstrap(startAgent(service));
  expect(result).toMatchObject({ outcome: 'reverted', code: 'not-confirmed', where: 'signer-revoked' });
});
