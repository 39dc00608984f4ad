// Is there an address of either family that leads beyond the own link, and a way out of the subnet.
import { isIPv6 } from 'node:net';
import { broken, brokenBy, type Finding, fine, type Step, suspect } from '../finding.ts';
import type { Address, DoctorPorts, Gateway } from '../ports.ts';

export const address: Step = {
  name: 'address',
  prevented: (findings) => (brokenBy(findings, ['no-link']) ? 'without a link there is no address' : null),
  look(ports) {
    const all = ports.machine.addresses();
    const addresses = all.filter(isRoutable);
    const gateways = ports.machine.gateways();
    return {
      findings:
        addresses.length > 0
          ? [addressesFinding(addresses, gateways, ports)]
          : [broken('address', 'no-address', nothing(all))],
      seen: { addresses, gateways: gateways ?? [] },
    };
  },
};

/** Neither made up by the device itself (RFC 3927) nor for the link alone (RFC 4291 section 2.5.6). */
function isRoutable({ address: text }: Address): boolean {
  return !/^(169\.254\.|fe[89ab].:)/i.test(text);
}

function nothing(all: readonly Address[]): string {
  const own = all.find(({ address: text }) => text.startsWith('169.254.'));
  if (own) return `${own.link} has only ${own.address}, which it gave itself: DHCP did not answer`;
  return all.length > 0 ? 'only addresses that are good for the link itself (fe80::)' : 'no interface has an address';
}

function addressesFinding(
  addresses: readonly Address[],
  gateways: readonly Gateway[] | null,
  { device }: DoctorPorts,
): Finding {
  const families = [true, false]
    .map((v6) => addresses.filter(({ address: text }) => isIPv6(text) === v6))
    .map((some, i) =>
      some.length > 0
        ? some.map(({ address: text, link }) => `${text} (${link})`).join(', ')
        : `no ${['IPv6', 'IPv4'][i]}`,
    )
    .reverse();
  const ways = gateways?.map(({ via, link }) => via ?? link) ?? [];
  const out = gateways === null ? '' : ways.length > 0 ? `; gateway ${ways.join(', ')}` : '; no gateway';
  const saw = `${families.join('; ')}${out}`;
  // A proxy may be in the own subnet, and so may a service: the later steps tell.
  return ways.length === 0 && gateways !== null && !device.proxy
    ? suspect('address', 'no-route', saw)
    : fine('address', saw);
}
