// From a name to an open TCP connection: every address of both families, the next one tried while the former is still waiting.
import { lookup } from 'node:dns/promises';
import { connect, isIP, isIPv6, type Socket } from 'node:net';
import type { Attempt } from './attempt.ts';

/** How long an address is alone before the next one joins the race, in milliseconds. @see RFC 8305 section 5 */
const STAGGER_MS = 250;
/** More addresses than this are no help. */
const MAX_ADDRESSES = 16;

/** All addresses of a name, as text, in the order of preference. */
export type Lookup = (name: string) => Promise<readonly string[]>;

/** The system's resolver, both families. */
const systemLookup: Lookup = async (name) => (await lookup(name, { all: true })).map(({ address }) => address);

/**
 * The addresses of `host`, families taken in turn. An IP address is its own.
 * @throws PathError of the stage `name`
 */
export async function resolveName(
  attempt: Attempt,
  host: string,
  resolve: Lookup = systemLookup,
): Promise<readonly string[]> {
  if (isIP(host)) return [host];
  const addresses = await attempt.phase<readonly string[]>('name', (done, fail) => {
    resolve(host).then((found) => (found.length > 0 ? done(found) : fail()), fail);
  });
  return interleaved(addresses).slice(0, MAX_ADDRESSES);
}

/**
 * The first TCP connection that opens; the others are dropped. An address that does not answer is not given up when the next one
 * starts, as Node's own autoSelectFamily does: on a slow link that would give up the only good one.
 * @throws PathError of the stage `connect`: of the last address that failed, or `timeout`
 */
export function dial(attempt: Attempt, addresses: readonly string[], port: number): Promise<Socket> {
  return attempt.phase<Socket>('connect', (done, fail) => {
    const racing = new Set<Socket>();
    const rest = [...addresses];
    const destroy = (): void => {
      clearInterval(stagger);
      for (const loser of racing) loser.destroy();
      racing.clear();
    };
    const start = (): void => {
      const host = rest.shift();
      if (host === undefined) return;
      const socket = attempt.own(connect({ host, port }));
      racing.add(socket);
      socket.on('error', (error) => {
        if (!racing.delete(socket)) return;
        if (rest.length + racing.size === 0) {
          destroy();
          fail(error);
        } else start();
      });
      socket.on('connect', () => {
        racing.delete(socket);
        destroy();
        done(socket);
      });
    };
    const stagger = setInterval(start, STAGGER_MS);
    attempt.own({ destroy });
    start();
  });
}

/** The family of the first address goes first, then they alternate. @see RFC 8305 section 4 */
function interleaved(addresses: readonly string[]): readonly string[] {
  const first = isIPv6(addresses[0] ?? '');
  const halves = [true, false].map((half) => addresses.filter((address) => (isIPv6(address) === first) === half));
  return addresses.flatMap((_, i) => halves.flatMap((half) => half.slice(i, i + 1)));
}
