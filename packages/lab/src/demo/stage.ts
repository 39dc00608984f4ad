/**
 * Where the demo plays: on this machine's loopback with our own inspecting proxy (no root), or between network namespaces with a
 * real box (root, Debian). Every actor is a process of its own with a directory of its own.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cloudNames } from '../address-plan.ts';
import { labIsReady } from '../can-run-lab.ts';
import { startApplication } from '../origins.ts';
import { createOutsideWorld } from '../outside-world.ts';
import { startInspectingProxyProcess } from '../proxies/inspecting-proxy-process.ts';
import { boxPackages, type InspectingBoxName, startBox } from '../proxies/start-box.ts';
import type { Address } from '../proxies/upstream.ts';
import { type Run } from '../stock-clients.ts';
import { runCommand } from '../run-command.ts';
import { createAuthority, issueServerCertificate } from '../test-pki.ts';
import { createInstallation, type Installation } from '../windlass/installation.ts';
import { freePorts } from '../windlass/free-ports.ts';

export interface Stage {
  /** For the story: what stands in the way. */
  readonly box: string;
  readonly installation: Installation;
  /** PEM file with the only public root of this world. */
  readonly webRootFile: string;
  /** PEM file: what the proxy's administrator exports. */
  readonly inspectionCaFile: string;
  /** Options of `windlass factory device` and the prefix of what runs on the device. */
  readonly device: { readonly options: readonly string[]; readonly prefix: readonly string[] };
  /** Runs a program where the device is. */
  readonly run: Run;
  /** Where the device's connections to these names go; absent: to the name's address. */
  readonly connectTo?: Address;
  readonly urls: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

const service = cloudNames.service;
const application = cloudNames.application;

/** Everything on loopback; the device's connections are led to the proxy, which nobody tells it about. */
export async function loopbackStage(directory: string): Promise<Stage> {
  const [httpPort = 0, httpsPort = 0, managementPort = 0] = await freePorts(3);
  const webRoot = await createAuthority({ subject: 'CN=Public Web Root,O=Public Web' });
  const webRootFile = join(directory, 'web-root.pem');
  await writeFile(webRootFile, webRoot.certificatePem);
  const folder = async (name: string): Promise<string> => {
    await mkdir(join(directory, name), { mode: 0o700 });
    return join(directory, name);
  };
  const [tls, certificate] = await Promise.all([issueServerCertificate(webRoot, { names: [service] }), issueServerCertificate(webRoot, { names: [application] })]);
  const app = await startApplication({ directory: await folder('application'), name: application, certificate });
  const routes = {
    [`${service}:80`]: { host: '127.0.0.1', port: httpPort },
    [`${service}:443`]: { host: '127.0.0.1', port: httpsPort },
    [`${application}:443`]: app.address,
  };
  const proxy = await startInspectingProxyProcess({ directory: await folder('proxy'), routes, upstreamRootFiles: [webRootFile], organization: 'Plant A' });
  const installation = await createInstallation({ directory, service, httpPort, httpsPort, managementPort, tls });
  const { https, http } = proxy.addresses;
  return {
    box: 'an inspecting proxy that made its CA a moment ago',
    installation,
    webRootFile,
    inspectionCaFile: proxy.inspectionCaFile,
    device: { options: ['--connect-to', `*:443=${https.host}:${https.port}`, '--connect-to', `*:80=${http.host}:${http.port}`], prefix: [] },
    run: runCommand,
    connectTo: https,
    urls: { 'management API': `http://127.0.0.1:${managementPort}`, 'device listener': `http://127.0.0.1:${httpPort}`, 'the proxy (HTTPS)': `${https.host}:${https.port}` },
    close: async () => {
      await Promise.all([app.close(), proxy.close()]);
    },
  };
}

/** Between network namespaces, with a real transparent box. @throws one sentence when this machine cannot. */
export async function namespaceStage(directory: string, name: InspectingBoxName): Promise<Stage> {
  const packages = ['iproute2', 'nftables', 'mosquitto', 'curl', boxPackages[name]];
  if (!(await labIsReady(`the demo with ${name}`, packages))) throw new Error(`the demo with ${name} needs root on Debian: see above`);
  const world = await createOutsideWorld();
  try {
    const tls = await issueServerCertificate(world.webRoot, { names: [service] });
    const box = await startBox(name, { network: world.network, pki: { inspectionCa: world.inspectionCa, upstreamRoots: [world.webRoot.certificatePem] }, mode: 'transparent', directory: world.directory });
    const prefix = world.network.inNamespace('cloud', []);
    const installation = await createInstallation({ directory, service, httpPort: 80, httpsPort: 443, managementPort: 8440, tls, prefix });
    return {
      box: `${name}, transparent, between network namespaces`,
      installation,
      webRootFile: world.webRootFile,
      inspectionCaFile: box.inspectionCa.certificateFile,
      device: { options: [], prefix: world.network.inNamespace('device', []) },
      run: (argv, options) => world.network.run('device', argv, options),
      urls: { 'inside the namespace': world.network.namespaces.cloud, 'management API (there)': 'http://127.0.0.1:8440' },
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
