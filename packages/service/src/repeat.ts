// Work that the service does by itself, again and again, one at a time.

/** Where it is told what the service did by itself, and what it could not do. */
export interface WorkLog {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
}

/** How often something is done, and what is told when it fails. */
export interface Repetition {
  readonly everyMilliseconds: number;
  readonly log: Pick<WorkLog, 'warn'>;
  /** A sentence for the log, beside the cause. The work is begun again all the same. */
  readonly failed: string;
}

/** Begins the work now unless it is under way. */
export interface Repeating {
  readonly start: () => void;
  /** It is not begun any more; what is under way has ended. */
  readonly stop: () => Promise<void>;
}

/** The work is begun now and every so often; `isEnded` tells it to come to an end. */
export function repeat(
  work: (isEnded: () => boolean) => Promise<unknown>,
  { everyMilliseconds, log, failed }: Repetition,
): Repeating {
  let ended = false;
  let again = false;
  let running: Promise<void> | null = null;
  const attempt = async () => {
    try {
      await work(() => ended);
    } catch (cause) {
      log.warn({ err: cause }, failed);
    }
  };
  const start = () => {
    // What was asked for while it is under way may have come too late for it.
    again = running !== null;
    if (ended) return;
    running ??= attempt().finally(() => {
      running = null;
      if (again) start();
    });
  };
  start();
  const timer = setInterval(start, everyMilliseconds);
  timer.unref();
  const stop = async () => {
    ended = true;
    clearInterval(timer);
    await running;
  };
  return { start, stop };
}
