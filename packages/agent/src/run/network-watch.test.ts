import { describe, expect, test } from 'vitest';
import { LEASE_PLACES } from '../lease/lease-places.ts';
import { createNetworkWatch, type Machine } from './network-watch.ts';

const ROUTES = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	0101A8C0	0003	0	0	100	00000000	0	0	0
eth0	0001A8C0	00000000	0001	0	0	100	00FFFFFF	0	0	0
docker0	000011AC	00000000	0001	0	0	0	0000FFFF	0	0	0
`;
const ROUTES_6 = `20010db8000000010000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000002 00000000 00450003     eth0
20010db8000000010000000000000abc 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000002 00000000 80200001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
`;
const RESOLVERS = '# by dhcpcd at 10:00\nnameserver 192.168.1.1\n';
const LEASE =
  '# private\nADDRESS=192.168.1.7\nROUTER=192.168.1.1\nSERVER_ADDRESS=192.168.1.1\nT1=1800\nLIFETIME=3600\n';

/** A machine whose files the test changes, and a look at it. */
function startMachine() {
  const files = new Map([
    ['/proc/net/route', ROUTES],
    ['/proc/net/ipv6_route', ROUTES_6],
    ['/sys/class/net/eth0/carrier_changes', '2\n'],
    ['/sys/class/net/eth0/operstate', 'up\n'],
    ['/sys/class/net/docker0/carrier_changes', '1\n'],
    ['/etc/resolv.conf', RESOLVERS],
    ['/run/systemd/netif/leases/2', LEASE],
  ]);
  const clocks = { all: 1_000, awake: 900 };
  let addresses: Record<string, string[]> = { eth0: ['192.168.1.7/24'], docker0: ['172.17.0.1/16'] };
  const machine: Machine = {
    read: (path) => files.get(path) ?? '',
    list: (directory) =>
      [...files.keys()]
        .filter((path) => path.startsWith(`${directory}/`))
        .map((path) => path.slice(directory.length + 1)),
    addresses: () => addresses,
    awakeAndAsleep: () => clocks.all,
    awake: () => clocks.awake,
  };
  const change = (path: string, from: string | RegExp, to: string): void => {
    const before = files.get(path) ?? '';
    expect(before).toMatch(from);
    files.set(path, before.replace(from, to));
  };
  return {
    files,
    clocks,
    change,
    look: createNetworkWatch(machine),
    address: (given: typeof addresses) => (addresses = given),
  };
}

type Started = ReturnType<typeof startMachine>;

describe('the network changed', () => {
  test.each<[string, (machine: Started) => void]>([
    ['another default route', ({ change }) => change('/proc/net/route', '0101A8C0', '0201A8C0')],
    [
      'no default route any more',
      ({ files }) => files.set('/proc/net/route', ROUTES.split('\n').slice(0, 1).join('\n')),
    ],
    ['another metric', ({ change }) => change('/proc/net/route', '100', '20100')],
    ['another network by IPv6', ({ change }) => change('/proc/net/ipv6_route', '20010db800000001', '20010db800000002')],
    [
      'another IPv6 router',
      ({ change }) =>
        change('/proc/net/ipv6_route', 'fe800000000000000000000000000001', 'fe800000000000000000000000000002'),
    ],
    ['the link went down', ({ change }) => change('/sys/class/net/eth0/operstate', 'up', 'down')],
    ['down and up between two looks', ({ change }) => change('/sys/class/net/eth0/carrier_changes', '2', '4')],
    ['another address', ({ address }) => address({ eth0: ['192.168.1.8/24'], docker0: ['172.17.0.1/16'] })],
    ['another resolver', ({ change }) => change('/etc/resolv.conf', '192.168.1.1', '192.168.1.2')],
    [
      'another DHCP server, all else alike',
      ({ change }) => change('/run/systemd/netif/leases/2', 'SERVER_ADDRESS=192.168.1.1', 'SERVER_ADDRESS=192.168.1.2'),
    ],
    ...LEASE_PLACES.map((place): [string, (machine: Started) => void] => [
      `a lease in ${place}`,
      ({ files }) => files.set(`${place}/eth0.lease`, LEASE.replaceAll('192.168.1', '10.0.0')),
    ]),
  ])('%s: told once', (_, happens) => {
    const machine = startMachine();
    expect(machine.look()).toBeNull();
    happens(machine);
    expect([machine.look(), machine.look()]).toEqual(['network-changed', null]);
  });

  test('where nothing leads out, each link counts', () => {
    const machine = startMachine();
    machine.files.set('/proc/net/route', ROUTES.replace(/.*0101A8C0.*\n/, ''));
    machine.files.set('/proc/net/ipv6_route', '');
    machine.look();
    machine.change('/sys/class/net/docker0/carrier_changes', '1', '2');
    expect(machine.look()).toBe('network-changed');
  });
});

describe('it is no change', () => {
  test.each<[string, (machine: Started) => void]>([
    ['a lease renewed', ({ change }) => change('/run/systemd/netif/leases/2', 'T1=1800', 'T1=1700')],
    ['a comment in resolv.conf', ({ change }) => change('/etc/resolv.conf', '10:00', '11:00')],
    ['counters of routes', ({ change }) => change('/proc/net/route', '0003	0	0', '0003	7	9')],
    ['a temporary address by IPv6', ({ change }) => change('/proc/net/ipv6_route', '00000abc 80', '00000def 80')],
    [
      "a bridge of the device's own",
      ({ change, address }) => {
        change('/sys/class/net/docker0/carrier_changes', '1', '2');
        address({ eth0: ['192.168.1.7/24'] });
      },
    ],
    ['a moment on the clock', ({ clocks }) => Object.assign(clocks, { all: 1_061, awake: 960 })],
  ])('%s', (_, happens) => {
    const machine = startMachine();
    machine.look();
    happens(machine);
    expect(machine.look()).toBeNull();
  });
});

test('time that passed without the process was sleep', () => {
  const machine = startMachine();
  Object.assign(machine.clocks, { all: 9_000, awake: 930 });
  expect([machine.look(), machine.look()]).toEqual(['resumed', null]);
});

test('on a machine that shows nothing of this, nothing ever happens', () => {
  const look = createNetworkWatch({
    read: () => '',
    list: () => [],
    addresses: () => ({}),
    awakeAndAsleep: () => Number.NaN,
    awake: () => 1,
  });
  expect([look(), look()]).toEqual([null, null]);
});

test('this machine is looked at without an error', () => {
  const look = createNetworkWatch();
  look();
  expect(['network-changed', null]).toContain(look());
});
