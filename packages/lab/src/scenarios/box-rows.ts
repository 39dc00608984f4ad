/** The boxes of the lab's table: each real box and mode, IPv6 alone, a password, two in series. */
import type { Family } from '../address-plan.ts';
import type { BoxOptions, InspectingBox } from '../proxies/box.ts';
import { startPasswordThenInspecting, startTwoInspecting } from '../proxies/series.ts';
import { inspectingBoxes, startBox } from '../proxies/start-box.ts';

export interface BoxRow {
  readonly name: string;
  readonly families?: readonly [Family, ...Family[]];
  /** How the device knows of an explicit proxy; default: its configuration names it. */
  readonly named?: 'in the configuration' | 'by PAC';
  /** What the explicit proxy wants: `user:password`. */
  readonly credentials?: string;
  /** Whether MQTT on 8883 is inspected too. */
  readonly inspectsMqtt?: true;
  readonly start: (options: Omit<BoxOptions, 'mode'>) => Promise<InspectingBox>;
}

const credentials = 'device:secret';

export const boxRows: readonly BoxRow[] = [
  ...inspectingBoxes.map(alone),
  ...inspectingBoxes.map(
    (box): BoxRow => ({ ...alone(box), name: `${alone(box).name}, IPv6 only`, families: ['ipv6'] }),
  ),
  {
    name: 'squid explicit, named by PAC',
    named: 'by PAC',
    start: (options) => startBox('squid', { ...options, mode: 'explicit' }),
  },
  { name: 'mitmproxy before squid', start: startTwoInspecting },
  {
    name: 'tinyproxy with 407 before squid',
    credentials,
    start: (options) => startPasswordThenInspecting({ ...options, credentials }),
  },
];

function alone({ name, mode }: (typeof inspectingBoxes)[number]): BoxRow {
  return {
    name: `${name} ${mode}`,
    ...(name === 'sslsplit' ? { inspectsMqtt: true } : {}),
    start: (options) => startBox(name, { ...options, mode }),
  };
}

/** The row of that name. @throws when there is none */
export function boxRow(name: string): BoxRow {
  const found = boxRows.find((row) => row.name === name);
  if (!found) throw new Error(`no box of the lab is "${name}"`);
  return found;
}
