// The list of peers for which no proxy is asked, in the grammar that `no_proxy` has by custom, written down here once.
import { BlockList, isIP, isIPv6 } from 'node:net';
import type { IsListed } from '../../proxies/proxies.ts';

/** More entries than this are a mistake. */
const MAX_ENTRIES = 256;

/**
 * The list of these entries. An entry is `*`, everything; a DNS name, itself and what is below it; `.name` or `*.name`, only what is below;
 * an IP address; or a range of them, `10.0.0.0/8` or `fd00::/8`. All but a range may end with a port, `name:8883` or `[::1]:443`. Names and
 * addresses are not looked up: a range has the peers that are named by an address. Case and a last dot do not matter.
 * @throws Error: an entry that is none of these
 */
export function parseNoProxy(entries: readonly string[]): IsListed {
  if (entries.length > MAX_ENTRIES) throw new Error();
  const rules = entries.map(parseEntry);
  return ({ host, port }) => rules.some((rule) => rule({ host: host.toLowerCase().replace(/\.$/, ''), port }));
}

/** Never by a proxy: what a proxy calls so is itself. */
export const isThisMachine = parseNoProxy(['localhost', '127.0.0.0/8', '::1']);

function parseEntry(entry: string): IsListed {
  if (entry === '*') return () => true;
  const [, network, bits] = /^([\d.]+|[\da-f:.]+)\/(\d{1,3})$/i.exec(entry) ?? [];
  if (network !== undefined) return rangeRule(network, Number(bits));
  const [, bare, bracketed, plain, port] =
    /^(?:([\da-f:.]*:[\da-f:.]*:[\da-f:.]*)|(?:\[([\da-f:.]+)\]|([^\s:/[\]]+))(?::(\d{1,5}))?)$/i.exec(entry) ?? [];
  const rule = hostRule((bare ?? bracketed ?? plain ?? '').toLowerCase().replace(/\.$/, ''));
  return port === undefined ? rule : (peer) => peer.port === Number(port) && rule(peer);
}

function hostRule(host: string): IsListed {
  if (isIP(host)) return rangeRule(host, isIPv6(host) ? 128 : 32);
  const [, only, name = ''] = /^(\*?\.)?((?!\d+(?:\.\d+)*$)[\w-]+(?:\.[\w-]+)*)$/.exec(host) ?? [];
  if (name === '') throw new Error();
  return (peer) => (only === undefined && peer.host === name) || peer.host.endsWith(`.${name}`);
}

function rangeRule(network: string, bits: number): IsListed {
  const family = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');
  const list = new BlockList();
  list.addSubnet(network, bits, family(network));
  return ({ host }) => isIP(host) !== 0 && list.check(host, family(host));
}
