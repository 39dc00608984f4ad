/** The far side of our own proxy: where a name and port lead, and whom it trusts there. */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls } from 'node:tls';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `name:port` as the client means it -> where it really is. Names in lower case. */
export type Routes = Readonly<Record<string, Address>>;

export interface UpstreamOptions {
  readonly routes: Routes;
  /** PEM certificates that the proxy trusts for origins; nothing else is trusted. */
  readonly upstreamRoots: readonly string[];
}

/** The origin of a connection could not be reached or not be trusted; the message is one sentence for a block page. */
export class UpstreamError extends Error {
  readonly reason: 'no-route' | 'unreachable' | 'untrusted';
  constructor(reason: 'no-route' | 'unreachable' | 'untrusted', message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'UpstreamError';
    this.reason = reason;
  }
}

const connectDeadlineMs = 10_000;

/** A connected stream to the origin; for 'tls' its certificate was validated for `name`. @throws UpstreamError */
export function openUpstream(
  options: UpstreamOptions,
  name: string,
  port: number,
  transport: 'tls' | 'plain',
): Promise<Socket> {
  const route = options.routes[`${name.toLowerCase()}:${port}`];
  if (!route) return Promise.reject(new UpstreamError('no-route', `no route to ${name}:${port}`));
  const socket = transport === 'tls' ? openTls(route, name, options.upstreamRoots) : connectTcp(route);
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => {
      socket.destroy();
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'timeout';
      const network = /^E[A-Z]+$|^timeout$/.test(code);
      reject(new UpstreamError(network ? 'unreachable' : 'untrusted', `${name}:${port} failed: ${code}`, cause));
    };
    const timer = setTimeout(() => fail(undefined), connectDeadlineMs);
    socket.once('error', fail);
    socket.once(transport === 'tls' ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer);
      socket.off('error', fail);
      // Whoever takes the stream learns of errors by its 'close'; without a listener Node would end the process.
      socket.on('error', () => undefined);
      resolve(socket);
    });
    socket.once('close', () => clearTimeout(timer));
  });
}

function openTls(route: Address, name: string, roots: readonly string[]): Socket {
  return connectTls({
    ...route,
    ca: [...roots],
    allowPartialTrustChain: true,
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    ...(isIP(name) === 0 ? { servername: name } : {}),
  });
}
