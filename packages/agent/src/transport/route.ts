// The way to a peer: straight, or through the explicit proxy; and the address override for trials.
import type { Socket } from 'node:net';
import type { Attempt, Deadlines } from './attempt.ts';
import { dial, type Lookup, resolveName } from './dial.ts';
import { request } from './node-http.ts';
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
  readonly explicitProxy?: ExplicitProxy | null;
  /** Default: 5 s for name, connect and proxy, 10 s for TLS, 15 s for the first byte, 30 s for the whole. */
  readonly deadlines?: Partial<Deadlines>;
  /** Default: the system's resolver. */
  readonly lookup?: Lookup;
}

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/**
 * A connection on which `target` speaks: straight, or a tunnel through the explicit proxy.
 * @throws PathError of the stages `name`, `connect`, `proxy`
 */
export async function openRoute(attempt: Attempt, path: PathOptions, target: HostPort): Promise<Socket> {
  const socket = await openPlainRoute(attempt, path, target);
  if (path.explicitProxy) await openTunnel(attempt, socket, path.explicitProxy, target);
  return socket;
}

/**
 * A connection for a plain HTTP request to `target`: to the explicit proxy where there is one, which then wants the absolute form.
 * @throws PathError of the stages `name`, `connect`
 */
export async function openPlainRoute(attempt: Attempt, path: PathOptions, target: HostPort): Promise<Socket> {
  const name = authority(path.explicitProxy ?? target);
  const there = path.connectTo[name] ?? path.connectTo[name.replace(/.*:/, '*:')] ?? name;
  const [, host = '', port] = /^(.*):(\d+)$/.exec(there) ?? [];
  return dial(attempt, await resolveName(attempt, host.replace(/[[\]]/g, ''), path.lookup), Number(port));
}

/** The value of Proxy-Authorization for `proxy`, where it has credentials. */
export function proxyCredentials({ username, password = '' }: ExplicitProxy): Readonly<Record<string, string>> {
  const credentials = Buffer.from(`${username}:${password}`).toString('base64');
  return username === undefined ? {} : { 'Proxy-Authorization': `Basic ${credentials}` };
}

/** `host:port` as it stands in a request line or, without the port that is `usual` for the scheme, in a Host field. */
export function authority({ host, port }: HostPort, usual?: number): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === usual ? name : `${name}:${port}`;
}

/** @see RFC 9110 section 9.3.6 */
async function openTunnel(attempt: Attempt, socket: Socket, proxy: ExplicitProxy, target: HostPort): Promise<void> {
  const status = await attempt.phase<number>('proxy', (done, fail) => {
    const path = authority(target);
    const headers = { Host: path, ...proxyCredentials(proxy) };
    const asked = request({ method: 'CONNECT', path, headers, createConnection: () => socket });
    asked.removeHeader('Connection');
    asked.on('error', fail);
    asked.on('close', () => fail());
    asked.on('connect', ({ statusCode = 0 }, _, early) => {
      socket.unshift(early);
      done(statusCode);
    });
    asked.end();
  });
  // One box answers a bad password with 401.
  if (status === 407 || status === 401) throw new PathError('proxy-authentication', 'proxy');
  if (status === 511 || (status >= 300 && status < 400)) throw new PathError('captive', 'proxy');
  if (status < 200 || status >= 300) throw new PathError(status === 403 ? 'blocked' : 'proxy', 'proxy');
}
