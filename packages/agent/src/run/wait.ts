// Waiting: until a moment, or until something happens around the device, or until the agent is to end.
import type { Happening } from './supervisor.ts';

export interface WaitOptions {
  /** Resolves when the agent is to end. */
  readonly stopped: Promise<void>;
  /** Waits; may end early when `stopped` resolves. */
  sleep(seconds: number): Promise<void>;
  /** In [0, 1). */
  chance(): number;
  /** What happened around the device since the last look, or null; looked at once a minute. */
  look?(): Happening | null;
}

export interface Wait {
  /** At `moment` of the uptime: null; earlier: what happened. Where it is to end meanwhile nothing is waited for any more. */
  until(moment: number): Promise<Happening | null>;
  /** The value, or null as soon as it is to end. */
  orElse<T>(value: Promise<T>): Promise<T | null>;
  readonly isStopped: boolean;
}

/** How long the agent sleeps at most before it looks at the time again, in seconds. */
const LONGEST_SLEEP_SECONDS = 3_600;
/** The same where it looks at the network too. */
const LOOK_SECONDS = 60;

export function createWait({ stopped, sleep, chance, look }: WaitOptions, uptime: () => number): Wait {
  /** Those who look do it at moments of their own, so that a fleet does not see a change in the same second. */
  const offset = chance() * LOOK_SECONDS;
  const untilLook = (): number => (look ? LOOK_SECONDS - ((uptime() + offset) % LOOK_SECONDS) : LONGEST_SLEEP_SECONDS);
  // Nothing is left behind on `stopped`, as `Promise.race` does each time: the agent may run for years, and wakes each minute.
  let leave = (): void => {};
  let isStopped = false;
  void stopped.then(() => {
    isStopped = true;
    leave();
  });
  return {
    get isStopped() {
      return isStopped;
    },
    async until(moment) {
      let happened: Happening | null = null;
      do {
        await sleep(Math.max(0, Math.min(moment - uptime(), untilLook())));
        happened = look?.() ?? null;
      } while (!happened && !isStopped && uptime() < moment);
      return happened;
    },
    orElse: (value) =>
      new Promise((resolve, reject) => {
        leave = () => resolve(null);
        if (isStopped) leave();
        value.then(resolve, reject);
      }),
  };
}

/** Waits by a timer; there is none left when `stopped` resolves. */
export function createSleep(stopped: Promise<void>): WaitOptions['sleep'] {
  let timer: NodeJS.Timeout | undefined;
  void stopped.then(() => clearTimeout(timer));
  return (seconds) =>
    new Promise((resolve) => {
      timer = setTimeout(resolve, Math.ceil(seconds * 1000) + 1); // Node's may end a millisecond too early, and be needed again
    });
}
