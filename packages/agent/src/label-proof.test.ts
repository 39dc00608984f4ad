import {
  claimCodeOf,
  type LabelKey,
  labelKeyOf,
  labelProofOf,
  parseClaim,
  parseServiceName,
  proofTermsOf,
} from '@windlass/protocol';
import { beforeEach, expect, test } from 'vitest';
import { claimOf, createWorld, type Members } from '../../protocol/src/testing/world.ts';
import { bootstrap } from './bootstrap.ts';
import { createFakeService, type FakeService, SERVICE } from './testing/fake-service.ts';
import { startAgent } from './testing/test-agent.ts';
import { standingNow } from './visit.ts';

const world = createWorld();
let service: FakeService;

beforeEach(() => {
  service = createFakeService(world);
});

function keyOf(code: string): LabelKey {
  const parsed = claimCodeOf(code);
  const key = parsed && labelKeyOf(parsed);
  if (!key) throw new Error('not a long code');
  return key;
}

const labelKey = keyOf('7K3M9QXT2B5D8FHJ4NPR6STVWY');

function proved(claim: Members, key: LabelKey = labelKey): Members {
  const terms = proofTermsOf(parseClaim(JSON.stringify(claim), parseServiceName(SERVICE)));
  return { ...claim, labelProof: labelProofOf(key, terms) };
}

test('a device with a label code refuses a claim without its proof, says why, and trusts nothing [D21]', async () => {
  const agent = startAgent(service, { labelKey });
  for (const claim of [claimOf(world), proved(claimOf(world), keyOf('7K3M9QXT2B5D8FHJ4NPR6STVWZ'))]) {
    service.claim = claim;
    expect(await bootstrap(agent)).toMatchObject({ outcome: 'not-valid', code: 'label-proof', inspectionCas: [] });
    expect(service.reports.at(-1)).toMatchObject({ phases: ['fetched', 'failed'], code: 'label-proof' });
    expect(agent.bundle()).not.toContain('windlass');
  }
  service.claim = proved(claimOf(world));
  expect(await bootstrap(agent)).toMatchObject({ outcome: 'active' });
});

test('what was proved is trusted after a restart, signed anew with the same proof, and released without one [D21]', async () => {
  service.claim = proved(claimOf(world));
  const agent = startAgent(service, { labelKey });
  await bootstrap(agent);
  const restarted = startAgent(service, { labelKey, disk: agent.disk });
  expect(standingNow(restarted).inspectionCas).toHaveLength(1);
  service.claim = { ...service.claim, generation: 12 };
  expect(await bootstrap(restarted)).toMatchObject({ outcome: 'active' });
  service.claim = claimOf(world, { organization: null, publishers: [], ownership: 4, generation: 13 });
  expect(await bootstrap(restarted)).toMatchObject({ outcome: 'unclaimed', inspectionCas: [] });
});

test('a device without a label code takes no claim that has a proof: it cannot judge it [X1]', async () => {
  service.claim = proved(claimOf(world));
  expect(await bootstrap(startAgent(service))).toMatchObject({ outcome: 'not-valid', code: 'unsupported' });
});
