/** Ports for a demo on loopback: free when asked, and not among those that systems give to outgoing connections. */
import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/** Below the ports for outgoing connections (32 768 and up on Linux): nobody gets one of these by chance before it is listened on. */
const FIRST_PORT = 10_000;
const PORTS = 22_000;
const MAX_ATTEMPTS = 100;

/** So many different ports on 127.0.0.1 that were free a moment ago. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const held: Server[] = [];
  const ports: number[] = [];
  for (let attempt = 0; ports.length < count && attempt < MAX_ATTEMPTS; attempt++) {
    const port = FIRST_PORT + randomInt(PORTS);
    const server = await listenOn(port);
    if (server === null) continue;
    held.push(server);
    ports.push(port);
  }
  await Promise.all(held.map((server) => new Promise((done) => server.close(done))));
  if (ports.length < count) throw new Error(`No ${count} ports are free on 127.0.0.1.`);
  return ports;
}

/** null: somebody listens there. */
function listenOn(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
