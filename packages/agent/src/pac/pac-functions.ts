// The functions that a PAC file may call, as browsers have them: the classic ones, and those of IPv6 that end with Ex.
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';
import { dateRange, timeRange, weekdayRange } from './pac-times.ts';

/** What goes in and out of the sandbox. */
export type PacValue = string | number | boolean | null | undefined;

export interface PacWorld {
  readonly now: Date;
  /** This machine's. */
  readonly addresses: readonly string[];
  /** The addresses of a name, [] where it is not known. */
  resolve(name: string): readonly string[];
}

export type PacFunctions = Readonly<Record<string, (...given: readonly PacValue[]) => PacValue>>;

/** Longer texts match nothing. */
const MAX_CHARACTERS = 4_096;

export function pacFunctions(world: PacWorld): PacFunctions {
  const { now, addresses } = world;
  const addressesOf = (host: string): readonly string[] => (isIP(host) ? [host] : world.resolve(host));
  const first4 = (host: string): string | null => addressesOf(host).find((each) => isIPv4(each)) ?? null;
  const own = (family: (address: string) => boolean, other: string): string => addresses.find(family) ?? other;
  return {
    isPlainHostName: (host) => !text(host).includes('.') && !text(host).includes(':'),
    dnsDomainIs: (host, domain) => lower(host).endsWith(lower(domain)),
    localHostOrDomainIs: (host, name) => lower(host) === lower(name) || isFirstLabel(lower(host), lower(name)),
    isResolvable: (host) => first4(text(host)) !== null,
    isInNet: (host, network, mask) => isInNet(first4(text(host)), text(network), text(mask)),
    dnsResolve: (host) => first4(text(host)),
    convert_addr: (address) => numberOf(text(address)),
    myIpAddress: () => own(isIPv4, '127.0.0.1'),
    dnsDomainLevels: (host) => text(host).split('.').length - 1,
    shExpMatch: (value, pattern) => isGlob(text(value), text(pattern)),
    weekdayRange: (...given) => weekdayRange(now, given),
    dateRange: (...given) => dateRange(now, given),
    timeRange: (...given) => timeRange(now, given),
    alert: () => undefined,
    isResolvableEx: (host) => addressesOf(text(host)).length > 0,
    isInNetEx: (host, range) => addressesOf(text(host)).some((each) => isInRange(each, text(range))),
    dnsResolveEx: (host) => addressesOf(text(host)).join(';'),
    myIpAddressEx: () => addresses.join(';'),
    sortIpAddressList: (list) => sorted(text(list)),
    getClientVersion: () => '1.0',
  };
}

function text(value: PacValue): string {
  return typeof value === 'string' && value.length <= MAX_CHARACTERS ? value : '';
}

function lower(value: PacValue): string {
  return text(value).toLowerCase();
}

/** `host` has no dot, and is the first label of `name`. */
function isFirstLabel(host: string, name: string): boolean {
  return host !== '' && !host.includes('.') && name.startsWith(`${host}.`);
}

function isInNet(address: string | null, network: string, mask: string): boolean {
  if (address === null || !isIPv4(network) || !isIPv4(mask)) return false;
  return (numberOf(address) & numberOf(mask)) === (numberOf(network) & numberOf(mask));
}

/** An IPv4 address as the signed number of 32 bits that `&` gives; 0 for anything else. */
function numberOf(address: string): number {
  return isIPv4(address) ? address.split('.').reduce((sum, part) => (sum << 8) | Number(part), 0) : 0;
}

function isInRange(address: string, range: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  const family = isIPv6(network) ? 'ipv6' : 'ipv4';
  const most = family === 'ipv6' ? 128 : 32;
  if (!isIP(network) || !/^\d{1,3}$/.test(bits) || Number(bits) > most) return false;
  if ((family === 'ipv6') !== isIPv6(address)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(address, family);
}

/** IPv6 first; false where one of them is no address. */
function sorted(list: string): string | false {
  const all = list.split(';').map((each) => each.trim());
  if (!all.every((each) => isIP(each))) return false;
  const keyed = all.map((address) => ({ address, key: `${isIPv6(address) ? 0 : 1}${expanded(address)}` }));
  return keyed
    .sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)))
    .map(({ address }) => address)
    .join(';');
}

/** The same text for the same address, in the order of addresses. */
function expanded(address: string): string {
  if (isIPv4(address))
    return address
      .split('.')
      .map((part) => part.padStart(3, '0'))
      .join('');
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = (half: string): string[] => (half === '' ? [] : half.split(':'));
  const [before, after] = [groups(head), tail === undefined ? [] : groups(tail)];
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return [...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join('');
}

/** `*` and `?` as a shell has them, without backtracking further than to the last `*`. */
function isGlob(value: string, pattern: string): boolean {
  let [at, star, mark] = [0, -1, 0];
  let next = 0;
  while (at < value.length) {
    if (next < pattern.length && (pattern[next] === '?' || (pattern[next] !== '*' && pattern[next] === value[at]))) {
      at += 1;
      next += 1;
    } else if (pattern[next] === '*') {
      [star, mark] = [next, at];
      next += 1;
    } else if (star >= 0) {
      mark += 1;
      [at, next] = [mark, star + 1];
    } else return false;
  }
  return [...pattern.slice(next)].every((each) => each === '*');
}
