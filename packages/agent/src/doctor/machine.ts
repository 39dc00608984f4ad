// What this machine shows of its network: Node's own and the files of the kernel, read as they are now.
import { getServers } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Address, Link, Machine, Resolved, TcpSeen } from './ports.ts';
import { gatewaysOf4, gatewaysOf6 } from './route-files.ts';

/** The machine that this runs on. */
export const thisMachine: Machine = {
  links,
  addresses,
  gateways() {
    const [four, six] = ['/proc/net/route', '/proc/net/ipv6_route'].map(textOf);
    return four === null ? null : [...gatewaysOf4(four ?? ''), ...gatewaysOf6(six ?? '')];
  },
  resolvers: () => getServers(),
  resolve,
  open,
  proxyVariables: () =>
    ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'all_proxy', 'ALL_PROXY'].filter((name) => process.env[name]),
};

const LINKS = '/sys/class/net';
/** How long the resolver and a connection may take, in milliseconds. */
const DEADLINE_MS = 5_000;
/** How long a connection is watched for being cut at once. */
const WATCH_MS = 250;

function links(): readonly Link[] | null {
  if (!existsSync(LINKS)) return null;
  return readdirSync(LINKS)
    .filter((name) => name !== 'lo' && existsSync(`${LINKS}/${name}/operstate`))
    .map((name) => ({
      name,
      kind: existsSync(`${LINKS}/${name}/wireless`) ? 'Wi-Fi' : 'cable',
      isUp: isUp(name),
    }));
}

/** Tunnels and modems say `unknown` while they work. Whether there is a carrier cannot be read while the link is switched off. */
function isUp(name: string): boolean {
  const [state, carrier] = ['operstate', 'carrier'].map((file) => textOf(`${LINKS}/${name}/${file}`)?.trim());
  return state === 'up' || (state === 'unknown' && carrier === '1');
}

function addresses(): readonly Address[] {
  return Object.entries(networkInterfaces()).flatMap(([link, all = []]) =>
    all.filter(({ internal }) => !internal).map(({ address, mac }) => ({ link, mac, address })),
  );
}

async function resolve(name: string): Promise<Resolved> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Resolved>((done) => {
    timer = setTimeout(done, DEADLINE_MS, { kind: 'silent' });
  });
  const asked = lookup(name, { all: true }).then<Resolved, Resolved>(
    (found) => ({ kind: 'addresses', addresses: found.map(({ address }) => address) }),
    (error: NodeJS.ErrnoException) => ({ kind: error.code === 'ENOTFOUND' ? 'unknown' : 'silent' }),
  );
  return Promise.race([asked, late]).finally(() => clearTimeout(timer));
}

function open(host: string, port: number): Promise<TcpSeen> {
  const began = performance.now();
  const elapsed = (): number => Math.round(performance.now() - began);
  return new Promise((done) => {
    const socket = connect({ host, port });
    let opened: number | null = null;
    const end = (state: TcpSeen['state']): void => {
      clearTimeout(timer);
      socket.destroy();
      done({ state, milliseconds: opened ?? elapsed() });
    };
    let timer = setTimeout(end, DEADLINE_MS, 'timeout');
    socket.on('connect', () => {
      opened = elapsed();
      clearTimeout(timer);
      timer = setTimeout(end, WATCH_MS, 'open');
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) =>
      end(opened === null ? (STATES[code ?? ''] ?? 'refused') : 'reset'),
    );
    socket.on('end', () => end('reset'));
    socket.resume();
  });
}

const STATES: Readonly<Record<string, TcpSeen['state']>> = {
  ECONNRESET: 'reset',
  ETIMEDOUT: 'timeout',
  ENETUNREACH: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
};

/** Null where it cannot be read. */
function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
