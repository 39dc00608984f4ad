import { beforeEach, expect, test } from 'vitest';
import { createWorld } from '../../../protocol/src/testing/world.ts';
import { bootstrap } from '../bootstrap.ts';
import { resetAgent } from '../reset.ts';
import { createFailingDisk, type FailingDisk } from '../testing/failing-disk.ts';
import { createFakeService, type FakeService, keyDigestOf, makeProxyCa, publish } from '../testing/fake-service.ts';
import { BUNDLE, startAgent, type TestAgent } from '../testing/test-agent.ts';
import { type Absence, heldAnchors, isProved, proveAbsence } from './absence.ts';

const world = createWorld();
const plantB = makeProxyCa('Plant B proxy CA');
let service: FakeService;
let disk: FailingDisk;
let agent: TestAgent;

/** A device that was in two plants. */
beforeEach(async () => {
  service = createFakeService(world);
  disk = createFailingDisk();
  agent = startAgent(service, { disk });
  publish(service, 'plant-b', plantB);
  await bootstrap(agent);
  service.network.inspector = plantB;
  await bootstrap(agent);
});

async function proofOf(
  options: {
    systemRoots?: readonly Uint8Array[];
    files?: FailingDisk;
    handshake?: string | null;
    anchors?: never[];
  } = {},
): Promise<Absence | undefined> {
  const { systemRoots = [], files = disk, handshake = 'SELF_SIGNED_CERT_IN_CHAIN' } = options;
  const transport = { ...agent.transport, prove: async () => handshake };
  const anchors = options.anchors ?? heldAnchors(agent);
  const stores = [{ name: 'bundle', path: BUNDLE }];
  return (await proveAbsence({ ...agent, transport }, { stores, anchors, systemRoots, files }))[0];
}

test('the anchors of all held profiles are looked for, not only of the active one', () => {
  expect([...heldAnchors(agent)].sort()).toEqual([world.inspectionCa, plantB].map(keyDigestOf).sort());
});

test('a held profile that cannot be read stops no reset', () => {
  const { current } = agent.state;
  const profiles = current.holding.profiles.map((held, i) =>
    i === 0 ? { ...held, envelope: { payload: '{"type":"security-profile","version":9}', signature: '' } } : held,
  );
  agent.state.commit({ ...current, holding: { ...current.holding, profiles } });
  expect(heldAnchors(agent)).toEqual([keyDigestOf(world.inspectionCa)]);
  expect(resetAgent(agent).unwritten).toEqual([]);
});

test('[C3] what is left in a store is found by its key, with our line or without it, in whatever text', async () => {
  expect(await proofOf()).toMatchObject({ content: 'anchors', anchors: [keyDigestOf(plantB)] });
  disk.write(
    BUNDLE,
    Buffer.from(`-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\nnoise\n${world.inspectionCa.pem}`),
    0o644,
  );
  const found = await proofOf();
  expect(found).toMatchObject({ content: 'anchors', anchors: [keyDigestOf(world.inspectionCa)] });
  expect(found && isProved(found)).toBe(false);
  disk.write(BUNDLE, Buffer.from('# windlass: acme/plant-a, cut short'), 0o644);
  expect(await proofOf()).toMatchObject({ content: 'anchors', anchors: [] });
});

test('[C3] after a reset the store is read back, and TLS with it to what the box signs is refused', async () => {
  const anchors = heldAnchors(agent) as never[];
  resetAgent(agent);
  const found = await proofOf({ anchors });
  expect(found).toEqual({
    ...{ name: 'bundle', path: BUNDLE, content: 'no-anchor', anchors: [], systemRoots: [] },
    handshake: 'refused: SELF_SIGNED_CERT_IN_CHAIN',
  });
  expect(found && isProved(found)).toBe(true);
});

test('[C3] a store by which TLS is valid that no root validates is not proved, whatever was read', async () => {
  const anchors = heldAnchors(agent) as never[];
  resetAgent(agent);
  const found = await proofOf({ anchors, handshake: null });
  expect(found).toMatchObject({ content: 'no-anchor', handshake: 'trusted' });
  expect(found && isProved(found)).toBe(false);
  service.network.inspector = null;
  expect(await proofOf({ anchors, handshake: null })).toMatchObject({ handshake: 'by-root' });
});

test('a root of the system that is an inspection CA too is named, and nobody got it from us', async () => {
  const anchors = heldAnchors(agent) as never[];
  resetAgent(agent);
  disk.write(BUNDLE, Buffer.from(plantB.pem), 0o644);
  const found = await proofOf({ anchors, systemRoots: [plantB.der] });
  expect(found).toMatchObject({ content: 'no-anchor', anchors: [], systemRoots: [keyDigestOf(plantB)] });
});

test('without a way out, without a file, and without the right to read: said as it is', async () => {
  const anchors = heldAnchors(agent) as never[];
  resetAgent(agent);
  expect(await proofOf({ anchors, handshake: 'connect, refused' })).toMatchObject({
    handshake: 'none: connect, refused',
  });
  expect(await proofOf({ anchors: [] })).toMatchObject({ handshake: 'none: nothing was held' });
  expect(await proofOf({ anchors, files: createFailingDisk() })).toMatchObject({ content: 'no-file' });
  const read = (): never => {
    throw Object.assign(new Error(), { code: 'EACCES' });
  };
  const found = await proofOf({ anchors, files: { ...disk, read } as FailingDisk });
  expect(found).toMatchObject({ content: 'unreadable', handshake: 'none: EACCES' });
  expect(found && isProved(found)).toBe(false);
});
