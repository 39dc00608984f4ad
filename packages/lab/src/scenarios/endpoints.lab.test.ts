/** Every kind of endpoint behind real boxes, and on the same network without one: what the agent finds out about each (root, Debian). */
import { describe, expect, it } from 'vitest';
import { cloudNames } from '../address-plan.ts';
import { labIsReady } from '../can-run-lab.ts';
import { labPackages } from '../debian-packages.ts';
import { startBroker, startGreeter } from '../origins.ts';
import { boxPorts } from '../proxies/box.ts';
import { issueServerCertificate } from '../test-pki.ts';
import { boxRow } from './box-rows.ts';
import { type BoxWorld, inBoxWorld } from './box-world.ts';
import { type AgentSays, approve, bootstrap, claim, network } from './world.ts';

const { application, broker } = cloudNames;
/** The frame of AMQP 0-9-1 with the method Connection.Start of a server that says nothing of itself. */
const amqpStart = '01000000000016000a000a00090000000000000005504c41494e00000000ce';

/** By endpoint: the verdict, and where it is not fine the stage at which it broke. */
type Verdicts = Readonly<Record<string, string>>;

/** Ports other than 443 are routed past the transparent Squid and mitmproxy. */
const rows: readonly { readonly box: string; readonly expected: Verdicts }[] = [
  {
    box: 'squid transparent',
    expected: {
      app: 'inspected-trusted',
      'web-socket': 'needs-bypass at first-byte',
      mqtt: 'direct',
      'mqtt-443': 'needs-bypass at first-byte',
      'mqtt-mutual': 'direct',
      amqp: 'direct',
      bare: 'direct',
      pinned: 'needs-bypass at tls',
    },
  },
  {
    box: 'squid explicit',
    expected: {
      app: 'inspected-trusted',
      'web-socket': 'needs-bypass at first-byte',
      mqtt: 'needs-bypass at first-byte',
      'mqtt-443': 'needs-bypass at first-byte',
      'mqtt-mutual': 'needs-bypass at tls',
      amqp: 'needs-bypass at first-byte',
      bare: 'inspected-trusted',
      pinned: 'needs-bypass at tls',
    },
  },
  {
    // What is no HTTP it passes on inside of the TLS that it makes.
    box: 'mitmproxy transparent',
    expected: {
      app: 'inspected-trusted',
      'web-socket': 'inspected-trusted',
      mqtt: 'direct',
      'mqtt-443': 'inspected-trusted',
      'mqtt-mutual': 'direct',
      amqp: 'direct',
      bare: 'direct',
      pinned: 'needs-bypass at tls',
    },
  },
  {
    // On 443 it takes HTTP alone; where the endpoint demands a certificate of it, it cuts the device's handshake.
    box: 'sslsplit transparent',
    expected: {
      app: 'inspected-trusted',
      'web-socket': 'needs-bypass at first-byte',
      mqtt: 'inspected-trusted',
      'mqtt-443': 'needs-bypass at first-byte',
      'mqtt-mutual': 'needs-bypass at tls',
      amqp: 'inspected-trusted',
      bare: 'inspected-trusted',
      pinned: 'needs-bypass at tls',
    },
  },
];
const withoutBox: Verdicts = {
  app: 'direct',
  'web-socket': 'direct',
  mqtt: 'direct',
  'mqtt-443': 'direct',
  'mqtt-mutual': 'direct',
  amqp: 'direct',
  bare: 'direct',
  pinned: 'direct',
};

describe.runIf(await labIsReady('endpoints behind real boxes', labPackages))(
  'the endpoints of a profile',
  { timeout: 180_000 },
  () => {
    for (const { box, expected } of rows) {
      it(`behind ${box}, each its verdict; without it, all direct`, async () => {
        const { found, direct } = await inBoxWorld(boxRow(box), (boxWorld) => probedIn(boxWorld, box));
        expect(found).toEqual(expected);
        // An explicit proxy that is configured is asked on every network.
        if (!box.endsWith('explicit')) expect(direct).toEqual(withoutBox);
      });
    }
  },
);

async function probedIn(
  boxWorld: BoxWorld,
  box: string,
): Promise<{ readonly found: Verdicts; readonly direct: Verdicts }> {
  const { world, installation, caFile } = boxWorld;
  const close = await startOrigins(boxWorld);
  try {
    for (const endpoint of endpointsPinnedTo(world.webRootFile))
      await installation.windlass('endpoint', 'add', ...endpoint, ...network);
    // SSLsplit takes any protocol, wherever it is led.
    const everywhere = [5671, 8883, 8884].map((port) => ({ port, to: boxPorts.mqtts }));
    if (box.startsWith('sslsplit')) await world.network.redirect([{ port: 443, to: boxPorts.https }, ...everywhere]);
    const device = await boxWorld.makeDevice('ENDPOINTS-1');
    await claim(installation, 'ENDPOINTS-1');
    await approve(installation, caFile);
    const found = verdictsOf(await bootstrap(device));
    if (box.endsWith('explicit')) return { found, direct: {} };
    await world.network.redirect([]);
    return { found, direct: verdictsOf(await bootstrap(device)) };
  } finally {
    await close();
  }
}

/** Beside the application and the broker of every world. */
async function startOrigins({ world }: BoxWorld): Promise<() => Promise<void>> {
  const certificate = await issueServerCertificate(world.webRoot, { names: [application, broker] });
  const host = world.network.addresses.broker;
  const prefix = world.network.inNamespace('cloud', []);
  const common = { directory: world.directory, host, prefix, certificate };
  const origins = [
    await startBroker({ ...common, name: 'mqtt-443', port: 443 }),
    await startBroker({ ...common, name: 'mqtt-mutual', port: 8884, clientsOf: world.webRootFile }),
    await startGreeter({ ...common, name: 'amqp', port: 5671, answer: amqpStart }),
  ];
  return async () => {
    for (const origin of origins) await origin.close();
  };
}

function endpointsPinnedTo(certificateFile: string): readonly (readonly string[])[] {
  return [
    ['web-socket', '--host', application, '--port', '443', '--protocol', 'wss', '--path', '/live'],
    ['mqtt', '--host', broker, '--port', '8883', '--protocol', 'mqtts'],
    ['mqtt-443', '--host', broker, '--port', '443', '--protocol', 'mqtts', '--alpn', 'mqtt'],
    ['mqtt-mutual', '--host', broker, '--port', '8884', '--protocol', 'mqtts', '--client-certificate'],
    ['amqp', '--host', broker, '--port', '5671', '--protocol', 'amqps'],
    ['bare', '--host', broker, '--port', '8883', '--protocol', 'tls'],
    ['pinned', '--host', application, '--port', '443', '--protocol', 'https', '--pin', certificateFile],
  ];
}

function verdictsOf({ endpoints }: AgentSays): Verdicts {
  return Object.fromEntries(
    endpoints.map(({ name, verdict, ok, stage }) => [name, ok ? verdict : `${verdict} at ${stage}`]),
  );
}
