// What the agent remembers, on the disk: one file that is replaced whole, so that claim, profile, floors and used nonce change in one
// durable write, and a second one with the floors only, for the day on which the first one is damaged.
import { dirname } from 'node:path';
import { NO_FLOORS, type ServiceName, type UnixSeconds } from '@windlass/protocol';
import type { FileSystem } from '../ports.ts';
import { codeOf } from '../transport/path-error.ts';
import { OWN_MARK } from '../trust-store/bundle.ts';
import {
  type AgentState,
  decodeState,
  encodeState,
  MAX_PATHS,
  NewerStateError,
  NOTHING_HELD,
  OtherServiceError,
} from './agent-state.ts';
import { diskFiles, replaceDurably } from './file-system.ts';

export interface StateStore {
  readonly current: AgentState;
  /**
   * `next` is what the agent remembers afterwards, through power loss too; before, all of the old state. Where only the copy of the floors
   * cannot be written that is its fault from then on. @see spec C1
   */
  commit(next: AgentState): void;
}

const STATE = 'state.json';
const FLOORS = 'floors.json';

export interface StateOptions {
  /** Made at the first write; its files have the mode 0600. */
  readonly directory: string;
  /** Of the copy of the floors; best on another partition. */
  readonly floorsDirectory: string;
  readonly service: ServiceName;
  readonly firmwareBuild: UnixSeconds;
  /** `none`: nothing is written by opening, not even what is damaged is set aside. */
  readonly change: 'allowed' | 'none';
  /** Where anchors of ours are going to be written, absolute; where some are already the device had a state once. */
  readonly bundles: readonly string[];
  readonly files?: FileSystem;
}

/**
 * The state in the directory; a damaged one is set aside and rebuilt from the floors. One of a newer agent stays as it is (spec C5).
 * @throws NewerStateError; OtherServiceError; errors of the file system
 */
export function openState(options: StateOptions): StateStore {
  const { directory, floorsDirectory, service, firmwareBuild, change, bundles, files = diskFiles } = options;
  const pathOf = (name: string): string => `${name === STATE ? directory : floorsDirectory}/${name}`;
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
  const found = main ?? copy ?? empty(firmwareBuild);
  const fault = found.fault ?? (main || isNew ? null : copy ? 'state-damaged' : 'floors-lost');
  const paths = [...new Set([...bundles, ...found.paths])].slice(0, MAX_PATHS);
  let current: AgentState = { ...found, fault, paths };
  const store: StateStore = {
    get current() {
      return current;
    },
    commit(next) {
      write(STATE, next); // spec C1
      current = next;
      try {
        write(FLOORS, withoutHolding(next)); // spec C3
      } catch (error) {
        if (!codeOf(error)) throw error;
        current = { ...next, fault: next.fault ?? 'floors-unwritten' }; // the copy's partition must not take the device offline
      }
    },
  };
  if (change === 'allowed') {
    if (main === undefined) setAside(files, pathOf(STATE));
    if (copy === undefined) setAside(files, pathOf(FLOORS));
    // What was found out, and where bundles are going to be, is durable before anything else happens; the copy is never behind.
    if (!isAlike(copy, withoutHolding(current))) store.commit(current);
  }
  return store;
}

function isAlike(one: AgentState | null | undefined, other: AgentState): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
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
  return { ...state, holding: NOTHING_HELD, previous: null, outcome: null, pending: null, trouble: null };
}

function empty(firmwareBuild: UnixSeconds): AgentState {
  const floors = NO_FLOORS(firmwareBuild);
  const nothing = { lastNonce: null, outcome: null, previous: null, pending: null, trouble: null, fault: null };
  return { floors, counter: 0, time: floors.time, paths: [], holding: NOTHING_HELD, ...nothing };
}
