/** A relay in front of the service for one device: what a black box shows of when it comes. */
import { connect, createServer, type Socket } from 'node:net';
import type { Address } from '../proxies/upstream.ts';
import type { Seen } from './arrivals.ts';

export interface Relay {
  readonly address: Address;
  /** Milliseconds, of each connection. */
  readonly connections: readonly number[];
  readonly close: () => Promise<void>;
}

/** Listens on a free port of 127.0.0.1, and passes on to `to`. */
export function startRelay(to: Address): Promise<Relay> {
  const connections: number[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    connections.push(performance.timeOrigin + performance.now());
    const onward = connect(to.port, to.host);
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      open.add(one);
      one.on('close', () => open.delete(one)).on('error', () => other.destroy());
      one.pipe(other);
    }
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({
        address: { host: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 },
        connections,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            for (const socket of open) socket.destroy();
          }),
      });
    });
  });
}

/** A request and its report are closer together than this, and waits are longer. */
const quietMs = 4_000;

/**
 * What `windlass-agent run --json` and its connections show: each group of connections is an exchange, the last of which is the report,
 * so the answer came no later than that; the log says only how it ended.
 */
export function seenOf(serial: string, connections: readonly number[], log: string): readonly Seen[] {
  const outcomes = log.split('\n').flatMap((line) => (line.startsWith('{') ? [outcomeOf(line)] : []));
  const groups: { readonly first: number; last: number }[] = [];
  for (const at of connections) {
    const group = groups.at(-1);
    if (group && at - group.last < quietMs) group.last = at;
    else groups.push({ first: at, last: at });
  }
  return groups.flatMap(({ first, last }, index): readonly Seen[] => {
    const outcome = index === groups.length - 1 ? outcomes.at(-1) : outcomes[0];
    const asked: Seen = { kind: 'asked', serial, at: first };
    return outcome === undefined ? [asked] : [asked, { kind: 'told', serial, at: last, outcome }];
  });
}

function outcomeOf(line: string): string {
  return (JSON.parse(line) as { readonly outcome?: string }).outcome ?? '';
}
