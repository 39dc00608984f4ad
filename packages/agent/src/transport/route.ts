// The way to a peer: straight, or through the explicit proxy; and the address override for trials.
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { type Attempt, DEADLINES_MS, type Deadlines } from './attempt.ts';
import { dial, type Lookup, resolveName, systemLookup } from './dial.ts';
import { PathError } from './path-error.ts';

/** A proxy that is asked to open connections, with what it wants for that. */
export interface ExplicitProxy {
  readonly host: string;
  readonly port: number;
  /** Sent as Basic (RFC 7617), to this proxy only. */
  readonly username?: string;
  readonly password?: string;
}

/** How peers are reached from here. */
export interface PathOptions {
  /** For trials: `name:port` or `*:port` to `host:port`, where the TCP connection goes instead; name, SNI and Host stay what they are. */
  readonly connectTo: Readonly<Record<string, string>>;
  readonly explicitProxy?: ExplicitProxy;
  /** Default: 5 s for name, connect and proxy, 10 s for TLS, 15 s for the first byte, 30 s for the whole. */
  readonly deadlines?: Partial<Deadlines>;
  /** Default: the system's resolver. */
  readonly lookup?: Lookup;
}

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** The deadlines of these options. */
export function deadlinesOf(path: PathOptions): Deadlines {
  return { ...DEADLINES_MS, ...path.deadlines };
}

/**
 * A connection on which `target` speaks: straight, or a tunnel through the explicit proxy.
 * @throws PathError of the stages `name`, `connect`, `proxy`
 */
export async function openRoute(attempt: Attempt, path: PathOptions, target: HostPort): Promise<Socket> {
  const { explicitProxy } = path;
  if (!explicitProxy) return reach(attempt, path, target);
  const socket = await reach(attempt, path, explicitProxy);
  await openTunnel(attempt, socket, explicitProxy, target);
  return socket;
}

/**
 * A connection for a plain HTTP request to `target`: to the explicit proxy where there is one, which then wants the absolute form.
 * @throws PathError of the stages `name`, `connect`
 */
export function openPlainRoute(attempt: Attempt, path: PathOptions, target: HostPort): Promise<Socket> {
  return reach(attempt, path, path.explicitProxy ?? target);
}

/** The value of Proxy-Authorization for `proxy`, where it has credentials. */
export function proxyCredentials(proxy: ExplicitProxy | undefined): Readonly<Record<string, string>> {
  if (proxy?.username === undefined) return {};
  return {
    'Proxy-Authorization': `Basic ${Buffer.from(`${proxy.username}:${proxy.password ?? ''}`).toString('base64')}`,
  };
}

/** `host:port` as it stands in a request line or a Host field. */
export function authority({ host, port }: HostPort): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function reach(attempt: Attempt, path: PathOptions, { host, port }: HostPort): Promise<Socket> {
  const there = path.connectTo[`${host}:${port}`] ?? path.connectTo[`*:${port}`] ?? authority({ host, port });
  const colon = there.lastIndexOf(':');
  const addresses = await resolveName(
    attempt,
    there.slice(0, colon).replace(/^\[|\]$/g, ''),
    path.lookup ?? systemLookup,
  );
  return dial(attempt, addresses, Number(there.slice(colon + 1)));
}

/** @see RFC 9110 section 9.3.6 */
async function openTunnel(attempt: Attempt, socket: Socket, proxy: ExplicitProxy, target: HostPort): Promise<void> {
  const status = await attempt.phase<number>('proxy', (done, fail) => {
    const name = authority(target);
    const headers = { Host: name, ...proxyCredentials(proxy) };
    const asked = request({ method: 'CONNECT', path: name, headers, createConnection: () => socket });
    asked.removeHeader('Connection');
    asked.on('error', fail);
    asked.on('close', () => fail(new PathError('reset', 'proxy')));
    asked.on('connect', (answer, _, early) => {
      if (early.length > 0) socket.unshift(early);
      done(answer.statusCode ?? 0);
    });
    asked.end();
  });
  if (status >= 200 && status < 300) return;
  // One box answers a bad password with 401.
  if (status === 407 || status === 401) throw new PathError('proxy-authentication', 'proxy');
  if (status === 511 || (status >= 300 && status < 400)) throw new PathError('captive', 'proxy');
  throw new PathError(status === 403 ? 'blocked' : 'proxy', 'proxy');
}
