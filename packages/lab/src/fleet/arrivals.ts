/** What is seen of a fleet, and what is said of it: pure, so that it can be tried with arrivals that are made up. */

/** A device asks the service, or was answered; `at` in milliseconds of one clock for all. */
export type Seen =
  | { readonly kind: 'asked'; readonly serial: string; readonly at: number }
  | { readonly kind: 'told'; readonly serial: string; readonly at: number; readonly outcome: string };

/** How devices came back after their first answer. */
export interface Returns {
  readonly count: number;
  /** The most that came in any second, beside all of them. */
  readonly busiestShare: number;
  /** The same if all had been told at one moment: what their own spread is worth. */
  readonly busiestShareOfTold: number;
  /** Seconds from the answer to the next request: the shortest and the longest. */
  readonly earliest: number;
  readonly latest: number;
}

/** The returns of these devices. Those that did not come back are not among `count`. */
export function returnsOf(seen: readonly Seen[]): Returns {
  const serials = [...new Set(seen.map(({ serial }) => serial))];
  const bySerial = new Map(serials.map((serial): [string, Seen[]] => [serial, []]));
  for (const event of seen) bySerial.get(event.serial)?.push(event);
  const returns = [...bySerial.values()].flatMap((events) => {
    const told = events.find(isAnswer);
    const back = told && events.find(({ kind, at }) => kind === 'asked' && at > told.at);
    return told && back ? [{ at: back.at, after: (back.at - told.at) / 1000 }] : [];
  });
  const after = returns.map((one) => one.after);
  return {
    count: returns.length,
    busiestShare: mostInOneSecond(returns.map(({ at }) => at / 1000)) / returns.length,
    busiestShareOfTold: mostInOneSecond(after) / returns.length,
    earliest: Math.min(...after),
    latest: Math.max(...after),
  };
}

/** An answer of the service; without one a device asks again by its own back-off. */
export function isAnswer(event: Seen): boolean {
  return event.kind === 'told' && event.outcome !== 'no-answer';
}

/** Of moments in seconds, in any window of one second. */
export function mostInOneSecond(moments: readonly number[]): number {
  const sorted = moments.toSorted((a, b) => a - b);
  let first = 0;
  let most = 0;
  for (const [index, moment] of sorted.entries()) {
    while (moment - (sorted[first] ?? moment) >= 1) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

/** Devices whose last answer says that they are online: active, or nobody inspects. */
export function onlineIn(seen: readonly Seen[]): ReadonlySet<string> {
  const last = new Map(
    seen.flatMap((event) => (event.kind === 'told' ? [[event.serial, event.outcome] as const] : [])),
  );
  return new Set(
    [...last].filter(([, outcome]) => outcome === 'active' || outcome === 'not-inspected').map(([serial]) => serial),
  );
}
