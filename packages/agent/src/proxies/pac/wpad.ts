// Where this network says that its PAC file lies: DHCP, and then DNS. Anybody in the network can say so; it chooses a path and nothing else.
import { readFileSync } from 'node:fs';
import { leaseValues, WPAD_OPTION } from '../../lease/lease-files.ts';

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
  const leased = leaseValues(leaseFiles, WPAD_OPTION);
  const named = searchDomains(resolverFile).map((domain) => `http://wpad.${domain}/wpad.dat`);
  return [...leased, ...named].flatMap((text) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    return url && /^https?:$/.test(url.protocol) && url.username === '' ? [url] : [];
  });
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
