/**
 * Our own inspecting proxy: no root and no package needed. It ends TLS by SNI with leaves minted on the fly, validates the origin,
 * reads everything and passes it on. Clients are led to it by an address override, by an nft redirect, or explicitly (CONNECT).
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { Authority } from '../test-pki.ts';
import { readBytes } from './byte-reader.ts';
import { honestConduct } from './honest-conduct.ts';
import { encodeMessage, type HttpMessage, makeResponse, readRequest, withHeaders } from './http-message.ts';
import { createLeafMint, type LeafMint } from './leaf-mint.ts';
import { type TlsConduct, terminateTls } from './tls-termination.ts';
import type { Address, UpstreamOptions } from './upstream.ts';

/** The four ways in. `https` and `mqtts` take TLS meant for ports 443 and 8883, `http` plain HTTP meant for port 80, `explicit` CONNECT and absolute-form. */
export const entrances = ['https', 'http', 'mqtts', 'explicit'] as const;
export type Entrance = (typeof entrances)[number];

export interface InspectingProxyOptions extends UpstreamOptions {
  /** Signs the leaves; the CA that devices have to learn (or, for an issuing CA, its root). */
  readonly authority: Authority;
  /** Default 127.0.0.1, and a free port for each entrance. */
  readonly bind?: { readonly host?: string } & { readonly [K in Entrance]?: number };
  /** One line for each connection: its name and what of it could be read. */
  readonly log?: (line: string) => void;
}

export interface InspectingProxy {
  readonly authority: Authority;
  readonly addresses: Readonly<Record<Entrance, Address>>;
  /** All listeners and connections are closed. */
  readonly close: () => Promise<void>;
}

/** One connection of a client, after TLS has been ended. */
export interface ClientConnection {
  readonly stream: Socket;
  /** The TCP connection below TLS; the same as `stream` for plain HTTP. */
  readonly socket: Socket;
  readonly name: string;
  /** The port the client means: 443, 80, 8883, or the one in CONNECT. */
  readonly port: number;
  readonly transport: 'tls' | 'plain';
  readonly entrance: Entrance;
  /** The request that came with the connection (plain HTTP), its target in origin-form. */
  readonly first?: HttpMessage;
}

/** What a proxy does where boxes differ. The faulty proxy is the same machine with another conduct. */
export interface Conduct {
  /** 'taken': the conduct deals with the socket itself, nobody reads from it. */
  readonly accept?: (socket: Socket, entrance: Entrance) => 'serve' | 'taken';
  readonly tls: (entrance: Entrance, name: string | undefined) => TlsConduct;
  /** An answer refuses the explicit request (CONNECT or absolute-form). */
  readonly admit?: (request: HttpMessage) => HttpMessage | undefined;
  readonly serve: (connection: ClientConnection) => Promise<void>;
}

/** The proxy listens on all four entrances. @throws when a port is in use. */
export async function startInspectingProxy(options: InspectingProxyOptions): Promise<InspectingProxy> {
  return startProxyWith(options, honestConduct(options));
}

/** As startInspectingProxy, with another conduct and, if given, a mint that is shared with it. */
export async function startProxyWith(
  options: InspectingProxyOptions,
  conduct: Conduct,
  mint?: LeafMint,
): Promise<InspectingProxy> {
  const handling = { mint: mint ?? (await createLeafMint(options.authority)), conduct };
  const sockets = new Set<Socket>();
  const listen = (entrance: Entrance) =>
    listenOn(options.bind?.host ?? '127.0.0.1', options.bind?.[entrance] ?? 0, (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => undefined);
      // Every failure of one connection ends that connection and nothing else.
      if (conduct.accept?.(socket, entrance) !== 'taken')
        enter(handling, entrance, socket).catch(() => socket.destroy());
    });
  const [https, http, mqtts, explicit] = await Promise.all([
    listen('https'),
    listen('http'),
    listen('mqtts'),
    listen('explicit'),
  ]);
  const servers = [https, http, mqtts, explicit];
  return {
    authority: options.authority,
    addresses: {
      https: addressOf(https),
      http: addressOf(http),
      mqtts: addressOf(mqtts),
      explicit: addressOf(explicit),
    },
    close: async () => {
      const closed = servers.map((server) => new Promise((done) => server.close(done)));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

interface Handling {
  readonly mint: LeafMint;
  readonly conduct: Conduct;
}

function enter(handling: Handling, entrance: Entrance, socket: Socket): Promise<void> {
  switch (entrance) {
    case 'https':
      return enterTls(handling, entrance, socket, 443);
    case 'mqtts':
      return enterTls(handling, entrance, socket, 8883);
    case 'http':
      return enterPlain(handling, socket);
    case 'explicit':
      return enterExplicit(handling, socket);
  }
}

async function enterTls(
  { mint, conduct }: Handling,
  entrance: Entrance,
  socket: Socket,
  port: number,
  connectName?: string,
): Promise<void> {
  const tls = (name: string | undefined) => conduct.tls(entrance, name);
  const { stream, name } = await terminateTls(socket, mint, tls, connectName);
  await conduct.serve({ stream, socket, name, port, transport: 'tls', entrance });
}

async function enterPlain({ conduct }: Handling, socket: Socket): Promise<void> {
  const first = await readHttp(socket);
  if (!first) return;
  const host = first.headers.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? '';
  const { hostname } = new URL(`http://${host}`);
  await conduct.serve({
    stream: socket,
    socket,
    name: hostname,
    port: 80,
    transport: 'plain',
    entrance: 'http',
    first,
  });
}

async function enterExplicit(handling: Handling, socket: Socket): Promise<void> {
  const request = await readHttp(socket);
  if (!request) return;
  const refusal = handling.conduct.admit?.(request);
  if (refusal) {
    socket.end(encodeMessage(refusal));
    return;
  }
  const [method = '', target = ''] = request.startLine.split(' ');
  if (method === 'CONNECT') {
    const { hostname, port } = new URL(`https://${target}`);
    // Before the origin is reached, as boxes do: 200 here says nothing about it.
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    await enterTls(handling, 'explicit', socket, Number(port || 443), hostname);
    return;
  }
  const { hostname, port, pathname, search } = new URL(target);
  const startLine = `${method} ${pathname}${search} HTTP/1.1`;
  const first = { ...withHeaders(request, ['proxy-authorization', 'proxy-connection']), startLine };
  const connection = { name: hostname, port: Number(port || 80), transport: 'plain', entrance: 'explicit' } as const;
  await handling.conduct.serve({ ...connection, stream: socket, socket, first });
}

// One request for each plain connection: the next one may be for another host.
async function readHttp(socket: Socket): Promise<HttpMessage | undefined> {
  const reader = readBytes(socket);
  const request = await readRequest(reader).catch(() => {
    socket.end(encodeMessage(makeResponse('400 Bad Request', [['Connection', 'close']], 'not HTTP\n')));
    return undefined;
  });
  reader.handBack();
  return request;
}

function listenOn(host: string, port: number, onSocket: (socket: Socket) => void): Promise<Server> {
  // Half-open: a client that has sent all it has to say still gets its answer.
  const server = createServer({ allowHalfOpen: true }, onSocket);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}

function addressOf(server: Server): Address {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the listener has no address');
  return { host: address.address, port: address.port };
}
