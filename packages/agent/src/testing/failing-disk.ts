// A disk that loses power: whatever was not synced may be gone or may be there, in any combination, as file systems do it.

import { dirname } from 'node:path';
import type { FileSystem } from '../ports.ts';

/** What is on the disk for sure, and what is only on its way. */
export interface FailingDisk extends FileSystem {
  /** Number of operations so far. */
  readonly operations: number;
  /** The power was lost. */
  readonly isOff: boolean;
  remove(path: string): void;
  /** Everything that a reader may find after power is lost right now: each combination of what was not synced. */
  afterPowerLoss(): readonly ReadonlyMap<string, string>[];
}

/** Thrown by the operation at which the power is lost. */
export class PowerLoss extends Error {}

interface Inode {
  /** What may be found as content: the last synced one, each later one, and a torn one. */
  synced: string | null;
  latest: string;
}
/** Names of a directory: what is durable, and the changes to it that are not. */
type Change = { readonly name: string; readonly inode: Inode | null };

/** A disk with `files`; the power is lost before operation number `failAt`, counted from 0. */
export function createFailingDisk(
  files: ReadonlyMap<string, string> = new Map(),
  failAt = Number.POSITIVE_INFINITY,
): FailingDisk {
  const durable = new Map<string, Inode>([...files].map(([name, text]) => [name, { synced: text, latest: text }]));
  const pending: Change[] = [];
  let operations = 0;
  let isOff = false;
  const tick = (): void => {
    isOff ||= operations >= failAt;
    if (isOff) throw new PowerLoss();
    operations += 1;
  };
  const current = (): Map<string, Inode> => applied(durable, pending);
  return {
    get operations() {
      return operations;
    },
    get isOff() {
      return isOff;
    },
    read(path) {
      const inode = current().get(path);
      return inode ? Buffer.from(inode.latest) : null;
    },
    write(path, bytes) {
      tick();
      pending.push({ name: path, inode: { synced: null, latest: Buffer.from(bytes).toString() } });
    },
    sync(path) {
      tick();
      const inode = current().get(path);
      if (inode) {
        inode.synced = inode.latest;
        return;
      }
      const settled = pending.filter((change) => dirname(change.name) === path);
      for (const change of settled) {
        apply(durable, change);
        pending.splice(pending.indexOf(change), 1);
      }
    },
    rename(from, to) {
      tick();
      const inode = current().get(from) ?? null;
      pending.push({ name: to, inode }, { name: from, inode: null });
    },
    remove(path) {
      tick();
      pending.push({ name: path, inode: null });
    },
    afterPowerLoss() {
      const worlds: Map<string, string>[] = [];
      for (let mask = 0; mask < 2 ** pending.length; mask += 1) {
        const kept = pending.filter((_, i) => mask & (1 << i));
        for (const contents of variants(applied(durable, kept))) worlds.push(contents);
      }
      return worlds;
    },
  };
}

function applied(durable: ReadonlyMap<string, Inode>, changes: readonly Change[]): Map<string, Inode> {
  const names = new Map(durable);
  for (const change of changes) apply(names, change);
  return names;
}

function apply(names: Map<string, Inode>, { name, inode }: Change): void {
  if (inode) names.set(name, inode);
  else names.delete(name);
}

/** Content that was not synced may be empty, torn or whole. */
function variants(names: ReadonlyMap<string, Inode>): readonly Map<string, string>[] {
  let worlds: Map<string, string>[] = [new Map()];
  for (const [name, inode] of names) {
    const half = inode.latest.slice(0, Math.floor(inode.latest.length / 2));
    const texts = inode.synced === inode.latest ? [inode.latest] : [...new Set(['', half, inode.latest])];
    worlds = worlds.flatMap((world) => texts.map((text) => new Map([...world, [name, text]])));
  }
  return worlds;
}
