// One attempt to reach a peer: it owns every socket and timer that it opened, and gives each phase its deadline.
import type { Stage } from '../ports.ts';
import { asPathError, PathError } from './path-error.ts';

/** The longest time of each phase, in milliseconds; `whole` is from the first look-up to the last byte of the answer. */
export interface Deadlines {
  readonly name: number;
  readonly connect: number;
  readonly proxy: number;
  readonly tls: number;
  readonly 'first-byte': number;
  readonly whole: number;
}

export const DEADLINES_MS: Deadlines = {
  name: 5_000,
  connect: 5_000,
  proxy: 5_000,
  tls: 10_000,
  'first-byte': 15_000,
  whole: 30_000,
};

interface Destroyable {
  destroy(): unknown;
}

export interface Attempt {
  /** Gives `resource` to the attempt, which destroys it when it ends. */
  own<T extends Destroyable>(resource: T): T;
  /**
   * The value that `begin` hands to its first argument. Rejects with a PathError of this stage when `begin` calls its second
   * argument, or when the deadline of the phase or of the whole attempt has passed (`timeout`). What `begin` throws is a bug and is
   * thrown on.
   */
  phase<T>(stage: Stage, begin: (done: (value: T) => void, fail: (error: unknown) => void) => void): Promise<T>;
  /** Destroys everything that is owned. May be called twice. */
  end(): void;
}

/** The clock of the whole attempt runs from now. */
export function startAttempt(deadlines: Deadlines): Attempt {
  const owned = new Set<Destroyable>();
  const endsAt = performance.now() + deadlines.whole;
  const patience = (stage: Stage): number => {
    const rest = Math.max(0, endsAt - performance.now());
    return stage === 'body' ? rest : Math.min(rest, deadlines[stage]);
  };
  return {
    own(resource) {
      owned.add(resource);
      return resource;
    },
    phase: (stage, begin) =>
      new Promise((resolve, reject) => {
        const settle = (act: () => void): void => {
          clearTimeout(timer);
          act();
        };
        const fail = (error: unknown): void => settle(() => reject(asPathError(error, stage)));
        const timer = setTimeout(() => fail(new PathError('timeout', stage)), patience(stage)); // spec L3
        try {
          begin((value) => settle(() => resolve(value)), fail);
        } catch (error) {
          settle(() => reject(error));
        }
      }),
    end() {
      // The newest first: Node crashes when a socket is destroyed before the TLS socket over it.
      for (const resource of [...owned].reverse()) resource.destroy();
      owned.clear();
    },
  };
}
