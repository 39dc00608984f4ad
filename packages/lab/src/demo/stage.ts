/**
 * Where the demo plays: on this machine's loopback with our own inspecting proxy (no root), or between network namespaces with a
 * real box (root, Debian). Every actor is a process of its own with a directory of its own.
 */
import { labIsReady } from '../can-run-lab.ts';
import { createOutsideWorld } from '../outside-world.ts';
import { boxPackages, type InspectingBoxName, startBox } from '../proxies/start-box.ts';
import type { Address } from '../proxies/upstream.ts';
import { runCommand } from '../run-command.ts';
import type { Run } from '../stock-clients.ts';
import { cloudManagementPort, createCloudInstallation } from '../windlass/cloud-installation.ts';
import type { Device, Installation } from '../windlass/installation.ts';
import { createLoopbackWorld } from '../windlass/loopback-world.ts';

export interface Stage {
  /** For the story: what stands in the way. */
  readonly box: string;
  readonly installation: Installation;
  /** PEM file with the only public root of this world. */
  readonly webRootFile: string;
  /** PEM file: what the proxy's administrator exports. */
  readonly inspectionCaFile: string;
  /** A factory makes a device and it is plugged in here. */
  readonly makeDevice: (serial: string) => Promise<Device>;
  /** Put before what runs on the device. */
  readonly prefix: readonly string[];
  /** Runs a program where the device is. */
  readonly run: Run;
  /** Where the device's connections to these names go; absent: to the name's address. */
  readonly connectTo?: Address;
  readonly urls: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

/** Everything on loopback; the device's connections are led to the proxy, which nobody tells it about. */
export async function loopbackStage(directory: string): Promise<Stage> {
  const world = await createLoopbackWorld(directory);
  const { https, http } = world.proxy.addresses;
  return {
    box: 'an inspecting proxy that made its CA a moment ago',
    installation: world.installation,
    webRootFile: world.webRootFile,
    inspectionCaFile: world.proxy.inspectionCaFile,
    makeDevice: (serial) => world.makeDevice(serial),
    prefix: [],
    run: runCommand,
    connectTo: https,
    urls: {
      'management API': `http://127.0.0.1:${world.ports.management}`,
      'device listener': `http://127.0.0.1:${world.ports.http}`,
      'the proxy': `https ${https.host}:${https.port}, http ${http.host}:${http.port}`,
    },
    close: world.close,
  };
}

/** Between network namespaces, with a real transparent box. @throws one sentence when this machine cannot. */
export async function namespaceStage(directory: string, name: InspectingBoxName): Promise<Stage> {
  const packages = ['iproute2', 'nftables', 'mosquitto', 'curl', boxPackages[name]];
  if (!(await labIsReady(`the demo with ${name}`, packages)))
    throw new Error(`the demo with ${name} needs root on Debian: see above`);
  const world = await createOutsideWorld();
  try {
    const box = await startBox(name, {
      network: world.network,
      pki: { inspectionCa: world.inspectionCa, upstreamRoots: [world.webRoot.certificatePem] },
      mode: 'transparent',
      directory: world.directory,
    });
    const installation = await createCloudInstallation(world, directory);
    const prefix = world.network.inNamespace('device', []);
    return {
      box: `${name}, transparent, between network namespaces`,
      installation,
      webRootFile: world.webRootFile,
      inspectionCaFile: box.inspectionCa.certificateFile,
      makeDevice: (serial) => installation.makeDevice({ serial, systemRoots: world.webRootFile, prefix }),
      prefix,
      run: (argv, options) => world.network.run('device', argv, options),
      urls: {
        'inside the namespace': world.network.namespaces.cloud,
        'management API (there)': `http://127.0.0.1:${cloudManagementPort}`,
      },
      close: async () => {
        await box.close();
        await world.close();
      },
    };
  } catch (error) {
    await world.close();
    throw error;
  }
}
