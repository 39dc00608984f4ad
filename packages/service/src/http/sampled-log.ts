// What the device listener writes down: numbers by kind, never what came in. Logging each request would cost a third of it.

/** The part of a logger that is used. */
export interface LogSink {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What became of a request. Each value is one of a few: nothing here was chosen by a client. */
export interface RequestKind {
  readonly route: string;
  readonly status: number;
  /** Of the decision, or the code of the error. */
  readonly outcome: string;
}

/** Counts requests by kind and writes down the first and then one of many. */
export interface SampledLog {
  count(kind: RequestKind): void;
  /** A failure of ours; at most one a second is written down. */
  failure(cause: unknown, route: string, now: number): void;
}

const ONE_OF = 100;
const FAILURE_INTERVAL_MILLISECONDS = 1_000;

/** A log in which nothing was counted yet. */
export function sampleLog(sink: LogSink): SampledLog {
  const counts = new Map<string, number>();
  let lastFailure = Number.NEGATIVE_INFINITY;
  return {
    count: (kind) => {
      const key = `${kind.route} ${kind.status} ${kind.outcome}`;
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      if (count === 1 || count % ONE_OF === 0) sink.info({ ...kind, count }, 'device requests');
    },
    failure: (cause, route, now) => {
      if (now - lastFailure < FAILURE_INTERVAL_MILLISECONDS) return;
      lastFailure = now;
      sink.error({ err: cause, route }, 'a device request failed');
    },
  };
}
