/**
 * The network of one lab: device -> middlebox -> cloud, three network namespaces joined by two veth pairs, nothing on the host's
 * side. Labs run in parallel; a lab that crashed is cleaned up by the next one.
 */
import { type AddressPlan, type CloudHost, cloudHosts, cloudNames, type Family, familyPlans } from './address-plan.ts';
import { addNamespace, inKernel, newNamespacePrefix, removeLeftovers, removeNamespace } from './namespaces.ts';
import { type RunningProcess, type StartOptions, startProcess } from './process.ts';
import { type CommandOptions, type CommandResult, mustRun, runCommand } from './run-command.ts';

export const places = ['device', 'middlebox', 'cloud'] as const;
export type Place = (typeof places)[number];

export interface NetworkOptions {
  /** Default ['ipv4']. Names resolve to an address of each family. */
  readonly families?: readonly [Family, ...Family[]];
  /** More names for the cloud's hosts, for instance `{ 'other.example': 'application' }`. */
  readonly moreNames?: Readonly<Record<string, CloudHost>>;
}

/** A redirect in the middlebox: what a device sends to `port` anywhere arrives at `to` on the middlebox. */
export interface Redirect {
  readonly port: number;
  readonly to: number;
}

export interface LabNetwork {
  readonly namespaces: Readonly<Record<Place, string>>;
  /** Addresses of the first family. */
  readonly addresses: AddressPlan;
  /** Every name that resolves here, and the host it leads to. */
  readonly names: Readonly<Record<string, CloudHost>>;
  /** The argv that runs `argv` in that place. */
  readonly inNamespace: (place: Place, argv: readonly string[]) => readonly string[];
  /** Runs a program to its end in that place; see runCommand. */
  readonly run: (place: Place, argv: readonly string[], options?: CommandOptions) => Promise<CommandResult>;
  /** Starts a program in that place; it is stopped at the latest when the network is closed. See startProcess. */
  readonly start: (place: Place, options: StartOptions) => Promise<RunningProcess>;
  /** Replaces all redirects (transparent boxes). An empty list ends interception. */
  readonly redirect: (redirects: readonly Redirect[]) => Promise<void>;
  /** The middlebox answers a reset to whatever would be routed to these ports: only an explicit proxy leads out. Replaces earlier refusals. */
  readonly refuseDirect: (ports: readonly number[]) => Promise<void>;
  /** Every program started here has ended, and the namespaces and their files are gone. Safe to call again. */
  readonly close: () => Promise<void>;
}

/** The network is up and routes in both directions; no box is in it yet. Needs root, iproute2 and nftables. */
export async function createNetwork(options: NetworkOptions = {}): Promise<LabNetwork> {
  await removeLeftovers();
  const families = options.families ?? (['ipv4'] as const);
  const names = { ...ownNames(), ...options.moreNames };
  const prefix = newNamespacePrefix();
  const namespaces = { device: `${prefix}-device`, middlebox: `${prefix}-middlebox`, cloud: `${prefix}-cloud` };
  const removeAll = async (): Promise<void> => {
    await Promise.all(places.map((place) => removeNamespace(namespaces[place])));
  };
  try {
    await Promise.all(places.map((place) => addNamespace(namespaces[place], filesIn(families, names))));
    await join(namespaces);
    for (const family of families) await configure(namespaces, family);
  } catch (error) {
    await removeAll();
    throw error;
  }
  return { ...handle(namespaces, removeAll), addresses: familyPlans[families[0]].addresses, names };
}

function handle(
  namespaces: LabNetwork['namespaces'],
  removeAll: () => Promise<void>,
): Omit<LabNetwork, 'addresses' | 'names'> {
  const running: RunningProcess[] = [];
  const inNamespace: LabNetwork['inNamespace'] = (place, argv) => ['ip', 'netns', 'exec', namespaces[place], ...argv];
  const rules = (text: string) => mustRun(inNamespace('middlebox', ['nft', '-f', '-']), { input: text });
  return {
    namespaces,
    inNamespace,
    run: (place, argv, options) => runCommand(inNamespace(place, argv), options),
    start: async (place, options) => {
      const argv = inNamespace(place, options.argv);
      const started = await startProcess({ ...options, name: options.name ?? options.argv[0] ?? '', argv });
      running.push(started);
      return started;
    },
    redirect: async (redirects) => {
      await rules(redirectTable(redirects));
    },
    refuseDirect: async (ports) => {
      await rules(refusalTable(ports));
    },
    close: async () => {
      await Promise.all(running.map((program) => program.stop()));
      await removeAll();
    },
  };
}

function redirectTable(redirects: readonly Redirect[]): string {
  const rules = redirects.map(({ port, to }) => `iifname lan tcp dport ${port} redirect to :${to}`);
  return table('boxes', 'type nat hook prerouting priority dstnat;', rules);
}

function refusalTable(ports: readonly number[]): string {
  const rules = ports.map((port) => `iifname lan tcp dport ${port} reject with tcp reset`);
  return table('refusals', 'type filter hook forward priority filter;', rules);
}

// "add, delete, define": replaces the table whether or not it was there, in one transaction.
function table(name: string, hook: string, rules: readonly string[]): string {
  const chain = ['chain rules {', hook, ...rules, '}'];
  return [`add table inet ${name}`, `delete table inet ${name}`, `table inet ${name} {`, ...chain, '}', ''].join('\n');
}

function ownNames(): Record<string, CloudHost> {
  return Object.fromEntries(cloudHosts.map((host) => [cloudNames[host], host]));
}

// A name server that refuses at once: a name that is not in the hosts file fails now, not after a timeout.
function filesIn(families: readonly Family[], names: LabNetwork['names']): Record<string, string> {
  const lines = families.flatMap((family) =>
    Object.entries(names).map(([name, host]) => `${familyPlans[family].addresses[host]} ${name}`),
  );
  return {
    hosts: ['127.0.0.1 localhost', '::1 localhost', ...lines, ''].join('\n'),
    'resolv.conf': 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n',
  };
}

async function join({ device, middlebox, cloud }: LabNetwork['namespaces']): Promise<void> {
  await addLink([device, 'eth0'], [middlebox, 'lan']);
  await addLink([middlebox, 'wan'], [cloud, 'eth0']);
}

// Both ends are born in their namespaces: on the host's side their names would collide between labs.
async function addLink(a: readonly [string, string], b: readonly [string, string]): Promise<void> {
  const [from, fromName] = a;
  const [to, toName] = b;
  await mustRun(['ip', 'link', 'add', fromName, 'netns', from, 'type', 'veth', 'peer', 'name', toName, 'netns', to]);
  for (const [namespace, name] of [a, b]) await mustRun(['ip', '-n', namespace, 'link', 'set', name, 'up']);
}

async function configure({ device, middlebox, cloud }: LabNetwork['namespaces'], family: Family): Promise<void> {
  const { flag, prefixLength, addressFlags, addresses, lanSubnet, forwarding } = familyPlans[family];
  const addAddress = (namespace: string, link: string, address: string) =>
    mustRun(['ip', '-n', namespace, 'addr', 'add', `${address}/${prefixLength}`, 'dev', link, ...addressFlags]);
  await addAddress(device, 'eth0', addresses.device);
  await addAddress(middlebox, 'lan', addresses.middleboxLan);
  await addAddress(middlebox, 'wan', addresses.middleboxWan);
  for (const host of cloudHosts) await addAddress(cloud, 'eth0', addresses[host]);
  await mustRun(['ip', flag, '-n', device, 'route', 'add', 'default', 'via', addresses.middleboxLan]);
  await mustRun(['ip', flag, '-n', cloud, 'route', 'add', lanSubnet, 'via', addresses.middleboxWan]);
  await mustRun(inKernel(middlebox, forwarding, '1'));
}
