// Which blocks of this package's sources have run: precise coverage of V8, asked for after each batch of inputs.

import { type Profiler, Session } from 'node:inspector';

/** Coverage of this process from the start of it. */
export interface Coverage {
  /** What ran, since the last question, that had never run before; undefined when nothing did. */
  fresh(): Fresh | undefined;
  /** True when some of it ran since the last question. */
  ran(fresh: Fresh): boolean;
}

/** Characters of functions: 1 where they are meant. */
export type Fresh = ReadonlyMap<string, Uint8Array>;

/** Sources that count: those of the package, not those of its tests. */
const COUNTED = /\/x509\/src\/(?!testing\/)[^/]+\.ts$/;

/**
 * Coverage from now on. Start it before the sources are imported: what was compiled before has no counters for its
 * blocks.
 */
export function startCoverage(): Coverage {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
  const known = new Map<string, Uint8Array>();
  return {
    fresh() {
      const fresh = new Map<string, Uint8Array>();
      for (const [key, now] of takeRun(session)) {
        const before = known.get(key) ?? new Uint8Array(now.length);
        if (now.some((is, i) => is > (before[i] ?? 0)))
          fresh.set(
            key,
            now.map((is, i) => is & ~(before[i] ?? 0)),
          );
        known.set(
          key,
          now.map((is, i) => is | (before[i] ?? 0)),
        );
      }
      return fresh.size > 0 ? fresh : undefined;
    },
    ran: (fresh) => takeRun(session).some(([key, now]) => fresh.get(key)?.some((is, i) => is & (now[i] ?? 0))),
  };
}

/** The functions that ran since the last time this was asked, and which of their characters. */
function takeRun(session: Session): readonly (readonly [string, Uint8Array])[] {
  const run: (readonly [string, Uint8Array])[] = [];
  // The session is with this same thread: the answer is there when post returns.
  session.post('Profiler.takePreciseCoverage', (_, taken) => {
    for (const { url, scriptId, functions } of taken?.result ?? []) {
      if (COUNTED.test(url)) run.push(...functions.flatMap(({ ranges }) => charactersOf(scriptId, ranges)));
    }
  });
  return run;
}

function charactersOf(
  scriptId: string,
  [whole, ...blocks]: readonly Profiler.CoverageRange[],
): readonly (readonly [string, Uint8Array])[] {
  if (!whole || whole.count === 0) return [];
  const { startOffset: start, endOffset: end } = whole;
  const characters = new Uint8Array(end - start).fill(1);
  for (const { startOffset, endOffset, count } of blocks) {
    characters.fill(Math.min(1, count), startOffset - start, endOffset - start);
  }
  return [[`${scriptId}:${start}:${end}`, characters]];
}
