/** A private directory for the files of one lab: keys, configurations, logs. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownPrefix } from './ownership.ts';

export interface TemporaryDirectory {
  readonly path: string;
  /** The directory and everything in it is gone. */
  readonly remove: () => Promise<void>;
}

/** A new directory that only its owner can enter; `parent` is one of those where leftovers are looked for. */
export async function createTemporaryDirectory(purpose: string, parent = tmpdir()): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(parent, `${ownPrefix()}-${purpose}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
