// What the agent remembers, on the disk: one file that is replaced whole, so that claim, profile, floors and used nonce change in one
// durable write, and a second one with the floors only, for the day on which the first one is damaged.
import { dirname } from 'node:path';
import { NO_FLOORS, type ServiceName, type UnixSeconds } from '@windlass/protocol';
import type { FileSystem } from '../ports.ts';
import { OWN_MARK } from '../trust-store/bundle.ts';
import {
  type AgentState,
  decodeState,
  encodeState,
  NewerStateError,
  NOTHING_HELD,
  OtherServiceError,
} from './agent-state.ts';
import { diskFiles, replaceDurably } from './file-system.ts';

/** What was wrong with the files at the start; said in the next report. */
export type StateFault = 'state-damaged' | 'floors-lost';

export interface StateStore {
  readonly current: AgentState;
  /** What was found damaged; whoever has reported it sets it to null. */
  fault: StateFault | null;
  /** `next` is what the agent remembers afterwards, through power loss too; before, all of the old state. @see spec C1 */
  commit(next: AgentState): void;
}

const STATE = 'state.json';
const FLOORS = 'floors.json';
/** What stands in the place of a damaged state where there was none at all. */
const GONE = Buffer.from('missing\n');

export interface StateOptions {
  /** Made at the first write; its files have the mode 0600. */
  readonly directory: string;
  readonly service: ServiceName;
  readonly firmwareBuild: UnixSeconds;
  /** `none`: nothing is written by opening, not even what is damaged is set aside. */
  readonly change: 'allowed' | 'none';
  /** Where anchors of ours may stand; with them the device had a state once. */
  readonly bundles: readonly string[];
  readonly files?: FileSystem;
}

/**
 * The state in the directory; a damaged one is set aside and rebuilt from the floors. One of a newer agent stays as it is (spec C5).
 * @throws NewerStateError; OtherServiceError; errors of the file system
 */
export function openState(options: StateOptions): StateStore {
  const { directory, service, firmwareBuild, change, bundles, files = diskFiles } = options;
  const pathOf = (name: string): string => `${directory}/${name}`;
  /** Undefined: damaged. */
  const read = (name: string): AgentState | null | undefined => {
    const bytes = files.read(pathOf(name));
    if (!bytes) return null;
    try {
      return decodeState(bytes, service);
    } catch (error) {
      if (error instanceof OtherServiceError || error instanceof NewerStateError) throw error;
      return undefined;
    }
  };
  const write = (name: string, state: AgentState): void =>
    replaceDurably(files, pathOf(name), encodeState(state, service), 0o600);
  const [main, copy] = [read(STATE), read(FLOORS)];
  const isAside = [STATE, FLOORS].some((name) => files.read(asideOf(pathOf(name))));
  const isNew = main === null && copy === null && !isAside && !bundles.some((path) => hasAnchorsOfOurs(files, path));
  const fault: StateFault | null = main || isNew ? null : copy ? 'state-damaged' : 'floors-lost';
  if (change === 'allowed') {
    if (main === undefined) setAside(files, pathOf(STATE));
    if (copy === undefined) setAside(files, pathOf(FLOORS));
    // A trace for the next start, since the bundle is written anew in this one.
    if (main === null && copy === null && fault && !isAside) replaceDurably(files, asideOf(pathOf(STATE)), GONE, 0o600);
  }
  let current = main ?? copy ?? empty(firmwareBuild);
  return {
    get current() {
      return current;
    },
    fault,
    commit(next) {
      write(STATE, next); // spec C1
      write(FLOORS, withoutHolding(next)); // spec C3
      current = next;
    },
  };
}

function asideOf(path: string): string {
  return `${path}.damaged`;
}

function setAside(files: FileSystem, path: string): void {
  files.rename(path, asideOf(path));
  files.sync(dirname(path));
}

function hasAnchorsOfOurs(files: FileSystem, path: string): boolean {
  try {
    return files.read(path)?.includes(OWN_MARK) ?? false;
  } catch {
    return false; // that it cannot be used is said by its receipt
  }
}

/** What survives a factory reset. @see spec C3 */
export function withoutHolding({ notBefore: _, ...state }: AgentState): AgentState {
  return { ...state, holding: NOTHING_HELD, previous: null, outcome: null };
}

function empty(firmwareBuild: UnixSeconds): AgentState {
  const floors = NO_FLOORS(firmwareBuild);
  return { floors, lastNonce: null, counter: 0, outcome: null, holding: NOTHING_HELD, previous: null };
}
