// Peers for the tests of the transport: TCP and TLS servers on free ports of the loopback interface that do as told, byte by byte.
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';
import type { Holder } from './pki.ts';

/** A server that remembers what it got. */
export interface Peer {
  readonly port: number;
  /** `127.0.0.1:port`. */
  readonly address: string;
  /** What each connection brought, as latin1 text, TLS removed. */
  readonly received: string[];
  close(): Promise<void>;
}

/** What a peer does: write these bytes when the request is there (up to the empty line), or anything else with the socket. */
export type Conduct = string | Uint8Array | ((socket: Socket, request: string) => void);

/** Silent: takes everything, answers nothing. */
export const SILENT: Conduct = () => {};

/** Speaks plain TCP. `when` 'request' (default): after the empty line; 'connection': at once. */
export function startPlainPeer(conduct: Conduct, when: 'request' | 'connection' = 'request'): Promise<Peer> {
  const received: string[] = [];
  return listen(
    createTcpServer((socket) => serve(socket, conduct, when, received)),
    received,
  );
}

/** Speaks TLS with this certificate. */
export function startTlsPeer(holder: Holder, conduct: Conduct, options: TlsOptions = {}): Promise<Peer> {
  const received: string[] = [];
  const server = createTlsServer(
    { cert: holder.chain || holder.pem, key: holder.keyPem, ...options },
    (socket: TLSSocket) => serve(socket, conduct, 'request', received),
  );
  server.on('tlsClientError', () => {});
  return listen(server, received);
}

/** The request whose head and body are whole, then an answer with these header lines and body. */
export function answer(status: string, headers: readonly string[], body: string | Uint8Array): Uint8Array {
  const head = [`HTTP/1.1 ${status}`, ...headers, `Content-Length: ${Buffer.byteLength(body)}`, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
}

function serve(socket: Socket, conduct: Conduct, when: 'request' | 'connection', received: string[]): void {
  const index = received.push('') - 1;
  let acted = false;
  const act = (): void => {
    if (acted) return;
    acted = true;
    if (typeof conduct === 'function') conduct(socket, received[index] ?? '');
    else socket.end(conduct);
  };
  socket.on('error', () => {});
  socket.on('data', (part: Buffer) => {
    received[index] += part.toString('latin1');
    if (isWhole(received[index] ?? '')) act();
  });
  if (when === 'connection') act();
}

/** An HTTP request with all of its body, or anything that is not HTTP. */
function isWhole(text: string): boolean {
  if (!/^[A-Z]+ \S/.test(text)) return true;
  const [head = '', body] = text.split(/\r\n\r\n(.*)/s);
  if (body === undefined) return false;
  return body.length >= Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
}

function listen(server: Server, received: string[]): Promise<Peer> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => {});
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      const close = (): Promise<void> =>
        new Promise((done) => {
          for (const socket of open) socket.destroy();
          server.close(() => done());
        });
      resolve({ port, address: `127.0.0.1:${port}`, received, close });
    });
  });
}
