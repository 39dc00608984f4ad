// Makes chains, asks both verifiers in both profiles, a few processes at a time.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Profile } from '../../checks.ts';
import { buildChain } from './chain.ts';
import { type GeneratedChain, generateChain } from './generate.ts';
import { createKeyPool, type KeyPool } from './keys.ts';
import { opensslVerdict, verifyCommand, writeChain } from './openssl.ts';
import { type Observation, ourVerdict } from './verdict.ts';

/** What is asked of a run. */
export interface RunOptions {
  readonly seed: string;
  /** Numbers of the chains. */
  readonly numbers: readonly number[];
  /** Called after each chain. */
  readonly onChain: () => void;
}

/** Each of our profiles is compared with openssl as strict as it. */
export const PROFILES: readonly Profile[] = ['strict', 'webpki-like'];
/** Chains that are asked about at a time. */
const LANES = 3;

/** All observations, in the order of the numbers, `strict` first. */
export async function observe({ seed, numbers, onChain }: RunOptions): Promise<readonly Observation[]> {
  const folder = mkdtempSync(join(tmpdir(), 'windlass-differential-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const pool = createKeyPool();
  const results: (readonly Observation[])[] = [];
  const queue = numbers.entries();
  const drain = async (lane: number) => {
    for (const [i, number] of queue) {
      results[i] = await compare(generateChain(seed, number), pool, { folder, file: `lane${lane}` });
      onChain();
    }
  };
  try {
    await Promise.all(Array.from({ length: LANES }, (_, lane) => drain(lane)));
    return results.flat();
  } finally {
    process.off('exit', remove);
    remove();
  }
}

/** Writes the chains of those observations into the folder, with keys made anew: roots, intermediates and leaf of each. */
export function dump(observations: readonly Observation[], seed: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const pool = createKeyPool();
  for (const { id } of observations) {
    const { chain } = generateChain(seed, Number(id.split('-').at(-1)));
    writeChain(buildChain(chain, pool), folder, id);
  }
}

async function compare(
  { id, mutations, chain }: GeneratedChain,
  pool: KeyPool,
  { folder, file }: { readonly folder: string; readonly file: string },
): Promise<readonly Observation[]> {
  const built = buildChain(chain, pool);
  const files = writeChain(built, folder, file);
  const asked = PROFILES.map(async (profile): Promise<Observation> => {
    const openssl = await opensslVerdict(verifyCommand(files, profile));
    return { id, mutations, profile, ours: ourVerdict(built, profile), openssl };
  });
  return Promise.all(asked);
}
