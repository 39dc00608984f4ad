/** A relay in front of the service for one device: what a black box shows of when it comes. */
import { connect, createServer, type Socket } from 'node:net';
import type { Address } from '../proxies/upstream.ts';

export interface Relay {
  readonly address: Address;
  /** Milliseconds, of each connection. */
  readonly connections: readonly number[];
  /** Bytes so far, of what is inside TCP. */
  readonly bytes: () => { readonly sent: number; readonly received: number };
  readonly close: () => Promise<void>;
}

/** Listens on a free port of 127.0.0.1, and passes on to `to`. */
export function startRelay(to: Address): Promise<Relay> {
  const connections: number[] = [];
  const bytes = { sent: 0, received: 0 };
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    connections.push(performance.timeOrigin + performance.now());
    const onward = connect(to.port, to.host);
    socket.on('data', ({ length }) => {
      bytes.sent += length;
    });
    onward.on('data', ({ length }) => {
      bytes.received += length;
    });
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
        bytes: () => ({ ...bytes }),
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            for (const socket of open) socket.destroy();
          }),
      });
    });
  });
}
