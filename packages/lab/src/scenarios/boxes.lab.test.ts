/** The main job behind each real box and mode, between network namespaces (root, Debian). */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { labIsReady } from '../can-run-lab.ts';
import { labPackages } from '../debian-packages.ts';
import { boxPromises } from './box-promises.ts';
import { boxRows } from './box-rows.ts';
import { trustRows } from './trust-promises.ts';

describe.runIf(await labIsReady('the main job behind real boxes', labPackages))(
  'behind a real box',
  { timeout: 300_000 },
  () => {
    for (const row of boxRows) {
      it(`${row.name}: before, unknown issuer; one bootstrap; after, every client of the device validates through the box`, async () => {
        const store = systemStoreDigest();
        const { promises } = await boxPromises(row, async () => null);
        for (const { promise, kept, detail } of promises)
          expect.soft({ promise, kept }, detail).toEqual({ promise, kept: true });
        expect(systemStoreDigest()).toBe(store);
      });
    }
    for (const { name, promises } of trustRows) {
      it(`${name}: every runtime does as the receipt says`, async () => {
        for (const { promise, kept, detail } of await promises())
          expect.soft({ promise, kept }, detail).toEqual({ promise, kept: true });
      });
    }
  },
);

/** The system's own trust store, which no agent touches unless it is told to. */
function systemStoreDigest(): string {
  return createHash('sha256').update(readFileSync('/etc/ssl/certs/ca-certificates.crt')).digest('hex');
}
