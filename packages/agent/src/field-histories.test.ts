// The model: whole lives of devices over the real exchange and the real run. Seeds are fixed; by hand, longer and otherwise:
// WINDLASS_FIELD_HISTORIES=200000 WINDLASS_FIELD_SEED=7 npx vitest run packages/agent/src/field-histories.test.ts
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { history } from './testing/field/history.ts';
import { live } from './testing/field/life.ts';
import { Broken } from './testing/field/oracle.ts';
import { planted } from './testing/field/planted.ts';

vi.mock('node:crypto', async (original) =>
  (await import('./testing/field/quick-crypto.ts')).quickCrypto(await original()),
);
vi.mock('../../x509/src/certificate.ts', async (original) => {
  const { remembering } = await import('./testing/field/quick-crypto.ts');
  return remembering(await original<object>(), 'parseCertificate' as never, (bytes: Uint8Array) =>
    Buffer.from(bytes).toString('latin1'),
  );
});
vi.mock('../../protocol/src/envelope.ts', async (original) => {
  const { remembering } = await import('./testing/field/quick-crypto.ts');
  return remembering(
    await original<object>(),
    'openEnvelope' as never,
    ({ payload, signature }: Record<string, string>, role: string) => `${role} ${signature} ${payload}`,
  );
});

vi.mock('../../protocol/src/strict-json.ts', async (original) => {
  const { remembering } = await import('./testing/field/quick-crypto.ts');
  return remembering(await original<object>(), 'parsePayload' as never, (text: string) => text);
});

const HISTORIES = Number(process.env['WINDLASS_FIELD_HISTORIES'] ?? 10_000);
const SEED = Number(process.env['WINDLASS_FIELD_SEED'] ?? 20_261_128);
/** In so many a planted fault has to show. */
const PLANTED_HISTORIES = 500;

test('over 10 000 histories a device trusts nothing that it may not, never goes back, and always comes back', async () => {
  let exchanges = 0;
  await fc.assert(
    fc.asyncProperty(history, async (each) => {
      exchanges += await live(each);
    }),
    { numRuns: HISTORIES, seed: SEED },
  );
  expect(exchanges).toBeGreaterThan(HISTORIES);
}, 600_000);

test.each(Object.entries(planted))('finds a device that %s', async (_, [found, device]) => {
  const broken = new Set<string>();
  for (const each of fc.sample(history, { numRuns: PLANTED_HISTORIES, seed: SEED })) {
    await live(each, device).catch((error: unknown) => {
      if (!(error instanceof Broken)) throw error;
      broken.add(error.message);
    });
    if (broken.has(found)) break;
  }
  expect([...broken]).toContain(found);
});
