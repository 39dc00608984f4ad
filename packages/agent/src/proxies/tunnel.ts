// A tunnel through an explicit proxy, and what it is told of who asks.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ProxyAddress } from '@windlass/protocol';
import type { Parts } from '../parts.ts';
import type { HostPort } from '../ports.ts';
import type { Attempt } from '../transport/attempt.ts';

/** A proxy that is asked to open connections, with what it wants for that. */
export interface ExplicitProxy extends ProxyAddress {
  /** Sent as Basic (RFC 7617), to this proxy only. */
  readonly username?: string;
  readonly password?: string;
}

/** The value of Proxy-Authorization for `proxy`, where it has credentials. */
export function proxyCredentials({ username, password = '' }: ExplicitProxy): Readonly<Record<string, string>> {
  const credentials = Buffer.from(`${username}:${password}`).toString('base64');
  return username === undefined ? {} : { 'Proxy-Authorization': `Basic ${credentials}` };
}

/** The socket, a connection to `proxy`, is one to `target` afterwards. @throws PathError of the stage `proxy` @see RFC 9110 section 9.3.6 */
export async function openTunnel(
  { request, authority, PathError }: Parts,
  attempt: Attempt,
  socket: Socket,
  { proxy, target }: { readonly proxy: ExplicitProxy; readonly target: HostPort },
): Promise<void> {
  const { statusCode: status = 0, headers } = await attempt.phase<IncomingMessage>('proxy', (done, fail) => {
    const path = authority(target);
    const asked = request({
      method: 'CONNECT',
      path,
      headers: { Host: path, ...proxyCredentials(proxy) },
      createConnection: () => socket,
    });
    asked.removeHeader('Connection');
    asked.on('error', fail);
    asked.on('close', () => fail());
    asked.on('connect', (response, _, early) => {
      socket.unshift(early);
      done(response);
    });
    asked.end();
  });
  // One box answers a bad password with 401.
  if (status === 407 || status === 401)
    throw new PathError('proxy-authentication', 'proxy', headers['proxy-authenticate']);
  if (status === 511 || (status >= 300 && status < 400)) throw new PathError('captive', 'proxy');
  if (status < 200 || status >= 300) throw new PathError(status === 403 ? 'blocked' : 'proxy', 'proxy');
}
