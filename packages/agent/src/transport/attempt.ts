// One attempt to reach a peer: it owns every socket and timer that it opened, and gives each phase its deadline.
import type { ProxyAddress } from '@windlass/protocol';
import type { Stage } from '../ports.ts';
import { asPathError, type Fault } from './path-error.ts';

/** The longest time of each phase, in milliseconds; `whole` is from the first look-up to the last byte of the answer. */
export interface Deadlines extends Readonly<Record<Stage, number>> {
  readonly whole: number;
}

const DEADLINES_MS: Deadlines = {
  name: 5_000,
  connect: 5_000,
  proxy: 5_000,
  tls: 10_000,
  'first-byte': 15_000,
  body: 30_000,
  whole: 30_000,
};

interface Destroyable {
  destroy(): unknown;
}

export interface Attempt {
  /** What broke its TLS socket, even while nobody waited: a TLS alert destroys the socket and leaves no trace on it. */
  fault?: Error;
  /** What the peer had presented when that happened; DER, leaf first. */
  chain?: readonly Uint8Array[];
  /** The explicit proxy on its way, and the header fields that are for that one; undefined: it goes straight. */
  proxy?: { readonly address: ProxyAddress; readonly headers: Readonly<Record<string, string>> } | undefined;
  /** Gives `resource` to the attempt, which destroys it when it ends. */
  own<T extends Destroyable>(resource: T): T;
  /**
   * The value that `begin` hands to its first argument. Rejects with a PathError of this stage when `begin` calls its second
   * argument, or when the deadline of the phase or of the whole attempt has passed (`timeout`). What `begin` throws is a bug and is
   * thrown on.
   */
  phase<T>(stage: Stage, begin: (done: (value: T) => void, fail: (fault?: Fault) => void) => void): Promise<T>;
  /** Destroys everything that is owned. May be called twice. */
  end(): void;
}

/** The clock of the whole attempt runs from now. */
export function startAttempt(deadlines: Partial<Deadlines> = {}): Attempt {
  const longest = { ...DEADLINES_MS, ...deadlines };
  const owned: Destroyable[] = [];
  const endsAt = performance.now() + longest.whole;
  return {
    own(resource) {
      owned.unshift(resource);
      return resource;
    },
    phase: (stage, begin) =>
      new Promise((resolve, reject) => {
        const fail = (fault?: Fault): void => {
          clearTimeout(timer);
          reject(asPathError(fault, stage));
        };
        const timer = setTimeout(fail, Math.max(0, Math.min(longest[stage], endsAt - performance.now())), 'timeout'); // spec L3
        begin((value) => {
          clearTimeout(timer);
          resolve(value);
        }, fail);
      }),
    end() {
      // The newest first: Node crashes when a socket is destroyed before the TLS socket over it.
      for (const resource of owned.splice(0)) resource.destroy();
    },
  };
}
