// Work that the service does by itself, again and again, one at a time.

/** Begins the work now unless it is under way. */
export interface Repeating {
  readonly start: () => void;
  /** It is not begun any more; what is under way has ended. */
  readonly stop: () => Promise<void>;
}

/** The work is begun now and every so often; `isEnded` tells it to come to an end. What it throws is its own business. */
export function repeat(work: (isEnded: () => boolean) => Promise<void>, everyMilliseconds: number): Repeating {
  let ended = false;
  let again = false;
  let running: Promise<void> | null = null;
  const start = () => {
    // What was asked for while it is under way may have come too late for it.
    again = running !== null;
    if (ended) return;
    running ??= work(() => ended).finally(() => {
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
