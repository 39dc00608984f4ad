/** Every real inspecting box of the lab by name, and every mode each of them has. */
import type { BoxMode, BoxOptions, InspectingBox } from './box.ts';
import { startMitmproxy } from './mitmproxy.ts';
import { startSquid } from './squid.ts';
import { startSslsplit } from './sslsplit.ts';

/** What `startBox` can start: the rows of the lab's table. */
export const inspectingBoxes = [
  { name: 'squid', mode: 'explicit' },
  { name: 'squid', mode: 'transparent' },
  { name: 'mitmproxy', mode: 'explicit' },
  { name: 'mitmproxy', mode: 'transparent' },
  { name: 'sslsplit', mode: 'transparent' },
] as const satisfies readonly { readonly name: string; readonly mode: BoxMode }[];

export type InspectingBoxName = (typeof inspectingBoxes)[number]['name'];

/** The Debian package that each box comes from. */
export const boxPackages: Readonly<Record<InspectingBoxName | 'tinyproxy', string>> = {
  squid: 'squid-openssl',
  mitmproxy: 'mitmproxy',
  sslsplit: 'sslsplit',
  tinyproxy: 'tinyproxy',
};

/** The box stands between device and cloud and its traffic is led to it. @throws with the end of its log when it does not start. */
export function startBox(name: InspectingBoxName, options: BoxOptions): Promise<InspectingBox> {
  switch (name) {
    case 'squid':
      return startSquid(options);
    case 'mitmproxy':
      return startMitmproxy(options);
    case 'sslsplit':
      return startSslsplit(options);
  }
}
