// What the agent remembers, on the disk: one file that is replaced whole, so that claim, profile, floors and used nonce change in one
// durable write, and a second one with the floors only, for the day on which the first one is damaged.
import { NO_FLOORS, type ServiceName, type UnixSeconds } from '@windlass/protocol';
import type { FileSystem } from '../ports.ts';
import { type AgentState, decodeState, encodeState, NOTHING_HELD, OtherServiceError } from './agent-state.ts';
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

export interface StateOptions {
  /** Made at the first write; its files have the mode 0600. */
  readonly directory: string;
  readonly service: ServiceName;
  readonly firmwareBuild: UnixSeconds;
  /** `none`: nothing is written by opening, not even what is damaged is set aside. */
  readonly change: 'allowed' | 'none';
  readonly files?: FileSystem;
}

/** The state in the directory; a damaged one is set aside and rebuilt from the floors. @throws OtherServiceError; errors of the file system */
export function openState({ directory, service, firmwareBuild, change, files = diskFiles }: StateOptions): StateStore {
  /** Undefined: damaged. */
  const read = (name: string): AgentState | null | undefined => {
    const path = `${directory}/${name}`;
    const bytes = files.read(path);
    if (!bytes) return null;
    try {
      return decodeState(bytes, service);
    } catch (error) {
      if (error instanceof OtherServiceError) throw error;
      if (change === 'allowed') {
        files.rename(path, `${path}.damaged`);
        files.sync(directory);
      }
      return undefined;
    }
  };
  const write = (name: string, state: AgentState): void =>
    replaceDurably(files, `${directory}/${name}`, encodeState(state, service), 0o600);
  const [main, copy] = [read(STATE), read(FLOORS)];
  let current = main ?? copy ?? empty(firmwareBuild);
  const fault: StateFault | null =
    main || (main === null && copy === null) ? null : copy ? 'state-damaged' : 'floors-lost';
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

/** What survives a factory reset. @see spec C3 */
export function withoutHolding(state: AgentState): AgentState {
  return { ...state, holding: NOTHING_HELD, previous: null, outcome: null };
}

function empty(firmwareBuild: UnixSeconds): AgentState {
  const floors = NO_FLOORS(firmwareBuild);
  return { floors, lastNonce: null, counter: 0, outcome: null, holding: NOTHING_HELD, previous: null };
}
