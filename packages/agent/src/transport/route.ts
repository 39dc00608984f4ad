// The way to a peer: straight, or on the routes that somebody else knows; and the address override for trials.
import type { Socket } from 'node:net';
import type { HostPort, NoAnswerCause } from '../ports.ts';
import type { Attempt, Deadlines } from './attempt.ts';
import { dial, type Lookup, resolveName } from './dial.ts';

/** A peer, and what is spoken with it: HTTP, or TLS. */
export interface Target extends HostPort {
  readonly scheme: 'http' | 'https';
}

/** Ways to peers that go through explicit proxies. @see proxies/proxies.ts */
export interface Routes {
  /**
   * A connection on which `target` speaks; for plain HTTP it may be one to a proxy, which then wants the absolute form. Its proxy is in
   * `attempt.proxy`, where it fails too.
   * @throws PathError of the stages `name`, `connect`, `proxy`
   */
  open(attempt: Attempt, target: Target): Promise<Socket>;
  /** Why there was no answer of `target`. */
  learn(target: HostPort, cause: NoAnswerCause): void;
}

/** How peers are reached from here. */
export interface PathOptions {
  /** For trials: `name:port` or `*:port` to `host:port`, where the TCP connection goes instead; name, SNI and Host stay what they are. */
  readonly connectTo: Readonly<Record<string, string>>;
  /** Default: straight. */
  readonly routes?: Routes | undefined;
  /** Default: 5 s for name, connect and proxy, 10 s for TLS, 15 s for the first byte, 30 s for the whole. */
  readonly deadlines?: Partial<Deadlines>;
  /** Default: the system's resolver. */
  readonly lookup?: Lookup;
}

/** A connection on which `target` speaks. @throws PathError of the stages `name`, `connect`, `proxy` */
export function openRoute(attempt: Attempt, path: PathOptions, target: Target): Promise<Socket> {
  return path.routes?.open(attempt, target) ?? openStraight(attempt, path, target);
}

/** A TCP connection to the peer itself, or to where the override says. @throws PathError of the stages `name`, `connect` */
export async function openStraight(
  attempt: Attempt,
  { connectTo, lookup }: PathOptions,
  to: HostPort,
): Promise<Socket> {
  const name = authority(to);
  const there = connectTo[name] ?? connectTo[name.replace(/.*:/, '*:')] ?? name;
  const [, host = '', port] = /^(.*):(\d+)$/.exec(there) ?? [];
  return dial(attempt, await resolveName(attempt, host.replace(/[[\]]/g, ''), lookup), Number(port));
}

/** `host:port` as it stands in a request line or, without the port that is `usual` for the scheme, in a Host field. */
export function authority({ host, port }: HostPort, usual?: number): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === usual ? name : `${name}:${port}`;
}
