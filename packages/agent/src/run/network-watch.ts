// Notices that the network of this machine changed, or that the machine slept, by what Node and the kernel's files show: nothing is
// subscribed to and nobody is asked. Beside the core, for `run`; a program that embeds the agent may have better ways.
import { createRequire } from 'node:module';
import { networkInterfaces, uptime } from 'node:os';
import { LEASE_PLACES } from '../lease/lease-places.ts';
import type { Happening } from './supervisor.ts';

// To `import` it reads all members, promises too, and loads what these need: memory that waits for years.
const { readdirSync, readFileSync }: typeof import('node:fs') = createRequire(import.meta.url)('node:fs');

/** What is looked at, for tests in ten lines. */
export interface Machine {
  /** The text of a file, or '' where it cannot be read. */
  read(path: string): string;
  /** The names in a directory, or none. */
  list(directory: string): readonly string[];
  /** IPv4 addresses with their prefix lengths, by interface. */
  addresses(): Readonly<Record<string, readonly string[]>>;
  /** Seconds since the start, those asleep too; may not be known. */
  awakeAndAsleep(): number;
  /** The same without those asleep. */
  awake(): number;
}

const RESOLVERS = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'];
/** Of an interface; a link that went down and came back between two looks has changed by the first. */
const LINK = ['carrier_changes', 'carrier', 'operstate'];
/** What changes with each renewal of a lease. */
const TIMES = /renew|rebind|expire|lifetime|timestamp|^T[12]=/i;
const LONGEST_LEASE_CHARACTERS = 65_536;
/** A clock that is put right is no sleep. */
const SHORTEST_SLEEP_SECONDS = 10;

/** Says at each call what happened since the one before; the first: since it was made. */
export function createNetworkWatch(machine: Machine = thisMachine): () => Happening | null {
  const asleep = (): number => machine.awakeAndAsleep() - machine.awake();
  let seen = { network: networkOf(machine), asleep: asleep() };
  return () => {
    const before = seen;
    seen = { network: networkOf(machine), asleep: asleep() };
    if (seen.network !== before.network) return 'network-changed';
    return seen.asleep - before.asleep > SHORTEST_SLEEP_SECONDS ? 'resumed' : null;
  };
}

/** A text that is another one when the device may be on another network, and stays the same through renewals. */
function networkOf(machine: Machine): string {
  const routes = [...routesOf(machine.read('/proc/net/route')), ...routes6Of(machine.read('/proc/net/ipv6_route'))];
  const addresses = machine.addresses();
  // Bridges and tunnels of the device's own come and go: where anything leads out, only that counts.
  const out = new Set(routes.filter(({ leadsOut }) => leadsOut).map(({ link }) => link));
  const links = out.size > 0 ? [...out] : [...new Set([...Object.keys(addresses), ...routes.map(({ link }) => link)])];
  const lines = [
    ...routes.filter(({ link }) => links.includes(link)).map(({ link, where }) => `${link} ${where}`),
    ...links.flatMap((link) => [
      `${link} ${addresses[link] ?? ''}`,
      ...LINK.map((name) => `${link} ${machine.read(`/sys/class/net/${link}/${name}`).trim()}`),
    ]),
    ...RESOLVERS.flatMap((path) => linesOf(machine.read(path)).filter((line) => !/^[#;]/.test(line))),
    ...LEASE_PLACES.flatMap((directory) =>
      machine.list(directory).flatMap((name) => leaseOf(machine, directory, name)),
    ),
  ];
  return [...new Set(lines)].sort().join('\n');
}

interface Route {
  readonly link: string;
  readonly where: string;
  readonly leadsOut: boolean;
}

/** Of /proc/net/route: numbers in hexadecimal; those that count uses are left out. */
function routesOf(text: string): readonly Route[] {
  return rowsOf(text, 8).flatMap(([link = '', to, gateway, , , , metric, mask]) => {
    const leadsOut = Number(`0x${gateway}`) !== 0 || Number(`0x${mask}`) === 0;
    return link === 'Iface' ? [] : [{ link, where: `${to}/${mask} ${gateway} ${metric}`, leadsOut }];
  });
}

/** Of /proc/net/ipv6_route, without what every device has: routes to itself, link-local and multicast ones. */
function routes6Of(text: string): readonly Route[] {
  return rowsOf(text, 10).flatMap(([to = '', bits, , , gateway = '', metric, , , , link = '']) => {
    if (link === 'lo' || bits === '80' || /^f(f|e80)/.test(to)) return [];
    return [{ link, where: `${to}/${bits} ${gateway} ${metric}`, leadsOut: /[^0]/.test(gateway) || bits === '00' }];
  });
}

function rowsOf(text: string, columns: number): readonly string[][] {
  return linesOf(text)
    .map((line) => line.split(/\s+/))
    .filter((row) => row.length >= columns);
}

function leaseOf({ read }: Machine, directory: string, name: string): readonly string[] {
  if (!/^\d+$|lease/.test(name)) return [];
  const text = read(`${directory}/${name}`).slice(0, LONGEST_LEASE_CHARACTERS);
  return linesOf(text).filter((line) => !/^#/.test(line) && !TIMES.test(line));
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

const thisMachine: Machine = {
  read: (path) => orElse(() => readFileSync(path, 'utf8'), ''),
  list: (directory) => orElse(() => readdirSync(directory), []),
  addresses() {
    const entries = Object.entries(orElse(networkInterfaces, {})).filter(([, found]) =>
      found?.some((at) => !at.internal),
    );
    return Object.fromEntries(
      entries.map(([link, found = []]) => [
        link,
        found.filter(({ family }) => family === 'IPv4').map(({ cidr, address }) => cidr ?? address),
      ]),
    );
  },
  awakeAndAsleep: () => orElse(uptime, Number.NaN),
  awake: () => performance.now() / 1000,
};

/** Files of interfaces that go, or are down, cannot be read, and on some machines nothing of this can. */
function orElse<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
