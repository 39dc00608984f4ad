// The agent as a service of the device, in a process that does nothing but wait: each time there is something to do another one is started,
// does it and ends, and what TLS and certificates need of memory goes with it.
import type { AgentClock } from '../clock.ts';
import type { LearnedRoutes } from '../proxies/proxies.ts';
import type { Waiting } from './steps.ts';
import type { Happening } from './supervisor.ts';
import { createWait, type WaitOptions } from './wait.ts';

/** All that one shift leaves to the next; plain data. */
export interface ShiftMemory {
  readonly waiting: Waiting;
  /** From where the time runs on. */
  readonly clock: AgentClock['start'];
  /** The state of the device as it was said last. */
  readonly said: string;
  /** What was learned of the routes to peers. */
  readonly learned: LearnedRoutes;
  /** Warnings that were said. */
  readonly warned: readonly string[];
}

/** What a shift is to do: begin, go on after a wait, or `end`, after which the agent is not there any more. */
export interface ShiftOrder {
  /** The configuration's file. */
  readonly config: string;
  readonly json: boolean;
  /** Null: the first, or the first after one that broke. */
  readonly before: ShiftMemory | null;
  readonly happened: Happening | null;
  readonly isLast: boolean;
}

/** A process at work. */
export interface Shift {
  /** Its exit code, and what it left; nothing where it broke. Never rejects. */
  readonly done: Promise<{ readonly code: number; readonly memory: ShiftMemory | null }>;
  stop(): void;
}

export interface KeepOptions extends WaitOptions {
  /** Starts a process that works by this order. */
  start(order: ShiftOrder): Shift;
  /** Seconds, the same for all processes of the machine. */
  uptime(): number;
}

/** An exit code of the agent that another try does not change. */
const EXIT_CONFIGURATION = 2;
/** After a shift that broke, as after the end of a service; each begins as after a restart, so the hourly limit holds. @see spec L8 */
const AFTER_FAULT_SECONDS = 60;

/** The exit code: 0 when it was told to end; else that of the first shift, or of one that cannot work as the device is configured. */
export async function keepRunning(given: Pick<ShiftOrder, 'config' | 'json'>, options: KeepOptions): Promise<number> {
  const { start, uptime } = options;
  const wait = createWait(options, uptime);
  const order: ShiftOrder = { ...given, before: null, happened: null, isLast: false };
  let next = order;
  for (let isFirst = true; !wait.isStopped; isFirst = false) {
    const shift = start(next);
    const done = await wait.orElse(shift.done);
    if (!done) {
      shift.stop();
      await shift.done;
      break;
    }
    const { code, memory: before } = done;
    if (!before && (isFirst || code === EXIT_CONFIGURATION)) return code;
    const moment = before ? before.waiting.until : uptime() + AFTER_FAULT_SECONDS;
    const happened = await wait.orElse(wait.until(moment));
    next = { ...order, before, happened };
  }
  await start({ ...next, isLast: true }).done;
  return 0;
}
