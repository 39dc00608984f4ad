// How many connections a listener holds, of everybody and of one client: connections that say nothing cost their sender nothing,
// and must not take the places of all others.
import type { Server } from 'node:net';
import { clientOf } from '../client-address.ts';

/** The bounds. */
export interface ConnectionLimits {
  readonly total: number;
  /** Of one client address; a whole site behind one proxy is one. */
  readonly perClient: number;
}

/** What goes beyond the limits is closed as it comes. To be called before the server listens. */
export function limitConnections(server: Server, { total, perClient }: ConnectionLimits): void {
  const open = new Map<string, number>();
  server.maxConnections = total;
  server.on('connection', (socket) => {
    const client = clientOf(socket.remoteAddress ?? '');
    const count = open.get(client) ?? 0;
    if (count >= perClient) {
      socket.destroy();
      return;
    }
    open.set(client, count + 1);
    socket.once('close', () => {
      const left = (open.get(client) ?? 1) - 1;
      if (left > 0) open.set(client, left);
      else open.delete(client);
    });
  });
}
