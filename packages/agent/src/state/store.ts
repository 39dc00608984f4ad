// What the agent remembers, on the disk: one file that is replaced whole, so that claim, profile, floors and used nonce change in one
// durable write, and a second one with the floors only, for the day on which the first one is damaged.
import { NO_FLOORS, type ServiceName, type UnixSeconds } from '@windlass/protocol';
import type { StateDirectory } from '../ports.ts';
import { type AgentState, decodeState, encodeState, NOTHING_HELD, OtherServiceError } from './agent-state.ts';

/** What was wrong with the files at the start; said in the next report. */
export type StateFault = 'state-damaged' | 'floors-lost';

export interface StateStore {
  readonly current: AgentState;
  /** What was found damaged and is not reported yet. */
  readonly fault: StateFault | null;
  /** `next` is what the agent remembers afterwards, through power loss too; before, all of the old state. @see spec C1 */
  commit(next: AgentState): void;
  faultReported(): void;
}

const STATE = 'state.json';
const FLOORS = 'floors.json';

/** The state in `directory`; a damaged one is set aside and rebuilt from the floors. @throws OtherServiceError; errors of the file system */
export function openState(
  directory: StateDirectory,
  given: { readonly service: ServiceName; readonly firmwareBuild: UnixSeconds; readonly change: 'allowed' | 'none' },
): StateStore {
  const read = (name: string): AgentState | 'missing' | 'damaged' => {
    const bytes = directory.read(name);
    if (bytes === null) return 'missing';
    try {
      return decodeState(bytes, given.service);
    } catch (error) {
      if (error instanceof OtherServiceError) throw error;
      if (given.change === 'allowed') directory.setAside(name);
      return 'damaged';
    }
  };
  const [main, copy] = [read(STATE), read(FLOORS)];
  let current = typeof main === 'object' ? main : typeof copy === 'object' ? copy : empty(given.firmwareBuild);
  let fault = faultOf(main, copy);
  return {
    get current() {
      return current;
    },
    get fault() {
      return fault;
    },
    commit(next) {
      directory.replace(STATE, encodeState(next, given.service)); // spec C1
      directory.replace(FLOORS, encodeState(withoutHolding(next), given.service)); // spec C3
      current = next;
    },
    faultReported() {
      fault = null;
    },
  };
}

/** What survives a factory reset. @see spec C3 */
export function withoutHolding(state: AgentState): AgentState {
  return { ...state, holding: NOTHING_HELD, previous: null, outcome: null };
}

function faultOf(main: AgentState | string, copy: AgentState | string): StateFault | null {
  if (typeof main === 'object') return null;
  if (typeof copy === 'object') return 'state-damaged';
  return main === 'missing' && copy === 'missing' ? null : 'floors-lost';
}

function empty(firmwareBuild: UnixSeconds): AgentState {
  const floors = NO_FLOORS(firmwareBuild);
  return { floors, lastNonce: null, counter: 0, outcome: null, holding: NOTHING_HELD, previous: null };
}
