// Where this network says that its PAC file lies: DHCP, and then DNS. Anybody in the network can say so; it chooses a path and nothing else.
import { readFileSync } from 'node:fs';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { leaseValues, WPAD_OPTION } from '../../lease/lease-files.ts';

const MAX_LEASED = 3;
const MAX_DOMAINS = 3;

export interface WpadPlaces {
  /** Files and directories; null: where they usually are. */
  readonly leaseFiles: readonly string[] | null;
  /** Default: `/etc/resolv.conf`. */
  readonly resolverFile?: string;
}

/**
 * URLs, the likeliest first: option 252 of DHCP, and `http://wpad.DOMAIN/wpad.dat` for the search domains of the resolver. For these alone:
 * nobody goes up from them, for who asks for `wpad` in the domain above asks strangers sooner or later. A domain of one label is none.
 */
export function wpadUrls({ leaseFiles, resolverFile = '/etc/resolv.conf' }: WpadPlaces): readonly URL[] {
  const leased = leaseValues(leaseFiles, WPAD_OPTION).flatMap(parsed).slice(0, MAX_LEASED);
  const named = searchDomains(resolverFile).map((domain) => `http://wpad.${domain}/wpad.dat`);
  return [...leased, ...named.flatMap(parsed)];
}

function parsed(text: string): readonly URL[] {
  if (!URL.canParse(text)) return [];
  const url = new URL(text);
  const isUsable = /^https?:$/.test(url.protocol) && url.username + url.password === '';
  return isUsable && !isHere(url.hostname.replace(/^\[|\]$/g, '')) ? [url] : [];
}

const HERE = new BlockList();
for (const network of ['0.0.0.0', '127.0.0.0']) HERE.addSubnet(network, 8);
for (const address of ['::', '::1']) HERE.addAddress(address, 'ipv6');

/**
 * A host that is this machine, by name or address: what listens only here was never meant to be asked something because somebody in the
 * network says so.
 */
export function isHere(host: string): boolean {
  if (isIP(host)) return HERE.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
  return /^(.*\.)?localhost\.?$/i.test(host);
}

function searchDomains(file: string): readonly string[] {
  const lines = textOf(file).match(/^(search|domain)\s+.+$/gm) ?? [];
  const domains = lines.flatMap((line) => line.toLowerCase().split(/\s+/).slice(1));
  const usable = domains.map((name) => name.replace(/\.$/, '')).filter((name) => /^[\w-]+(\.[\w-]+)+$/.test(name));
  return [...new Set(usable)].slice(0, MAX_DOMAINS);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
