/** A world for `windlass-agent doctor`: a device that was online behind an inspecting proxy which can do everything wrong, and its endpoints. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cloudNames } from '../address-plan.ts';
import { faultyBoxRedirects, startFaultyBox } from '../hostile/faulty-box.ts';
import type { FaultyProxyControl } from '../hostile/faulty-proxy.ts';
import { startBroker } from '../origins.ts';
import { createOutsideWorld, type OutsideWorld } from '../outside-world.ts';
import type { InspectingBox } from '../proxies/box.ts';
import { issueServerCertificate } from '../test-pki.ts';
import type { Device, Installation } from '../windlass/installation.ts';
import { installService } from './box-world.ts';
import { approve, bootstrap, claim, network } from './world.ts';

const { application, broker } = cloudNames;

/** The endpoints of the profile: name, host, port, and more options of `windlass endpoint add`. The first is there from the beginning. */
export const endpoints = [
  ['app', application, '443', '--protocol', 'https', '--required'],
  ['telemetry', broker, '8883', '--protocol', 'mqtts', '--required'],
] as const;

/** Those that cannot be inspected. */
export const uninspectable = {
  mutual: ['mutual', application, '8883', '--protocol', 'mqtts', '--client-certificate'],
  pinned: ['pinned', broker, '443', '--protocol', 'tls', '--pin'],
} as const;

export interface DoctorWorld {
  readonly world: OutsideWorld;
  readonly installation: Installation;
  /** Transparent; leads nothing while `inspect` is off. */
  readonly box: InspectingBox & FaultyProxyControl;
  /** It was online behind the box, with the profile. */
  readonly device: Device;
  readonly makeDevice: (serial: string, options?: readonly string[]) => Promise<Device>;
  /** What the device sends goes through the box, or straight. */
  readonly inspect: (mode: 'on' | 'off') => Promise<void>;
  /** The profile names this endpoint too from now on, and the device has it. */
  readonly addEndpoint: (endpoint: readonly string[]) => Promise<void>;
  readonly removeEndpoint: (name: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Needs what `labIsReady` asks for. */
export async function createDoctorWorld(): Promise<DoctorWorld> {
  const world = await createOutsideWorld();
  const pki = { inspectionCa: world.inspectionCa, upstreamRoots: [world.webRoot.certificatePem] };
  const box = await startFaultyBox({ network: world.network, pki, mode: 'transparent', directory: world.directory });
  const installation = await installService(world);
  const served = await installation.serve();
  await startBrokers(world);
  await add(installation, endpoints[1]);
  await approve(installation, box.inspectionCa.certificateFile);
  const makeDevice: DoctorWorld['makeDevice'] = (serial, options = []) => {
    const prefix = world.network.inNamespace('device', []);
    return installation.makeDevice({ serial, systemRoots: world.webRootFile, prefix, options });
  };
  const device = await makeDevice('GIZMO-0042');
  await claim(installation, device.serial);
  await online(device);
  const publish = async (): Promise<void> => {
    await installation.windlass('profile', 'publish', ...network);
    await online(device);
  };
  return {
    world,
    installation,
    box,
    device,
    makeDevice,
    inspect: (mode) => world.network.redirect(mode === 'on' ? faultyBoxRedirects : []),
    addEndpoint: async (endpoint) => {
      await add(installation, endpoint);
      await publish();
    },
    removeEndpoint: async (name) => {
      await installation.windlass('endpoint', 'remove', name, ...network);
      await publish();
    },
    close: async () => {
      await served.stop();
      await box.close();
      await world.close();
    },
  };
}

/** One that demands client certificates, and one on 443 whose key the profile pins. */
async function startBrokers(world: OutsideWorld): Promise<void> {
  const { addresses } = world.network;
  const certificate = await issueServerCertificate(world.webRoot, { names: [application, broker] });
  await writeFile(pinFile(world), certificate.certificatePem);
  const common = { directory: world.directory, certificate, prefix: world.network.inNamespace('cloud', []) };
  await startBroker({
    ...common,
    name: 'mutual',
    host: addresses.application,
    port: 8883,
    clientsOf: world.webRootFile,
  });
  await startBroker({ ...common, name: 'pinned', host: addresses.broker, port: 443 });
}

/** The certificate whose key is pinned. */
export function pinFile({ directory }: Pick<OutsideWorld, 'directory'>): string {
  return join(directory, 'pinned.pem');
}

async function add({ windlass }: Installation, endpoint: readonly string[]): Promise<void> {
  const [name = '', host = '', port = '', ...more] = endpoint;
  await windlass('endpoint', 'add', name, '--host', host, '--port', port, ...more, ...network);
}

async function online(device: Device): Promise<void> {
  const said = await bootstrap(device);
  if (said.exit !== 0) throw new Error(`the device did not come online: ${JSON.stringify(said)}`);
}

/** What the doctor says. */
export interface Examined {
  readonly exit: number | undefined;
  readonly text: string;
  readonly json: {
    readonly verdict: string;
    readonly exitCode: number;
    readonly says?: string;
    readonly todo?: string;
    readonly forIt: string;
    readonly findings: readonly { readonly step: string; readonly state: string; readonly saw: string }[];
  };
}

/** The doctor as people run it, and at the same time as programs do, with the text for the network team: where nothing answers both wait long. */
export async function examine(device: Device, env: Readonly<Record<string, string>> = {}): Promise<Examined> {
  const [told, { code, stdout, stderr }] = await Promise.all([
    device.agent('doctor', { env }),
    device.agent('doctor', { args: ['--json', '--for-it'], env }),
  ]);
  try {
    return { exit: told.code, text: told.stdout, json: JSON.parse(stdout) as Examined['json'] };
  } catch {
    throw new Error(`the doctor ended with ${code} and said: ${stderr}${stdout}`);
  }
}

/** Texts that nobody may see: each line of the device's key, and the user and password for its proxy. */
export async function secretsOf({ directory }: Device): Promise<readonly string[]> {
  const key = await readFile(join(directory, 'device.key'), 'utf8');
  const config = await readFile(join(directory, 'agent.json'), 'utf8');
  const [, credentials] = /"explicitProxy":\s*"http:\/\/([^@"]+)@/.exec(config) ?? [];
  const ofProxy = credentials ? [credentials, Buffer.from(credentials).toString('base64')] : [];
  return [...key.split('\n').filter((line) => line !== '' && !line.startsWith('-----')), ...ofProxy];
}
