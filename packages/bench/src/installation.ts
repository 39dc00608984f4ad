/** A service and its devices on loopback, made and driven by the built `windlass` command as a person would. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  logContains,
  type RunningProcess,
  runCommand,
  type ServerCertificate,
  startProcess,
  writeSecret,
} from '@windlass/lab';
import type { Bench } from './run-benchmark.ts';

export const serviceName = 'bootstrap.bench.example';
export const organization = 'acme';
export const network = 'plant-a';

export interface Installation {
  readonly httpPort: number;
  readonly httpsPort: number;
  /** The CA of the factory that makes the devices (PEM). */
  readonly manufacturerFile: string;
  /** The process of `windlass serve`. */
  readonly service: RunningProcess;
  /** Approves and publishes these CAs (PEM files) for the network. */
  readonly publish: (inspectionCaFiles: readonly string[]) => Promise<void>;
  /** A device from the factory, claimed for the network; the path of its directory. `options`: more of `windlass factory device`. */
  readonly makeDevice: (serial: string, options?: readonly string[]) => Promise<string>;
}

/** A service runs, with an organization and an empty network. It ends with the benchmark. */
export async function startInstallation(bench: Bench, tls: ServerCertificate): Promise<Installation> {
  const [httpPort = 0, httpsPort = 0, managementPort = 0] = await freePorts(3);
  const service = join(bench.directory, 'service');
  const factory = join(bench.directory, 'factory');
  const ports = ['--http-port', httpPort, '--https-port', httpsPort, '--management-port', managementPort].map(String);
  const manage = (...args: readonly string[]): Promise<unknown> => windlass(...args, '--dir', service);
  const inNetwork = ['--organization', organization, '--network', network];
  await windlass(
    'init',
    '--dir',
    service,
    '--service',
    serviceName,
    ...ports,
    ...(await tlsFiles(bench.directory, tls)),
  );
  await listenForLoad(join(service, 'windlass.toml'));
  await windlass('factory', 'manufacturer', '--out', factory);
  const running = await serve(bench, service);
  await manage('manufacturer', 'add', 'gizmo', '--certificate', join(factory, 'manufacturer.pem'));
  await manage('organization', 'add', organization);
  await manage('network', 'add', network, '--organization', organization);
  return {
    httpPort,
    httpsPort,
    manufacturerFile: join(factory, 'manufacturer.pem'),
    service: running,
    publish: async (files) => {
      const names = ['--permit', serviceName, '--permit', 'app.bench.example'];
      for (const file of files) await manage('inspection-ca', 'add', file, ...names, ...inNetwork);
      await manage('profile', 'publish', ...inNetwork);
    },
    makeDevice: async (serial, options = []) => {
      const directory = join(bench.directory, `device-${serial}`);
      const anchor = ['--service', serviceName, '--service-anchor', join(service, 'service-anchor.pem')];
      const identity = ['--manufacturer', factory, '--serial', serial, '--out', directory];
      await windlass('factory', 'device', ...identity, ...anchor, ...options);
      await manage('claim', 'add', '--serial', serial, ...inNetwork);
      return directory;
    },
  };
}

/** The path of a file of another package's build. */
export function built(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

async function windlass(...args: readonly string[]): Promise<unknown> {
  const result = await runCommand([process.execPath, built('cli/bin/windlass.js'), ...args, '--json']);
  if (result.code === 0) return JSON.parse(result.stdout);
  throw new Error(
    `windlass ${args.slice(0, 2).join(' ')} ended with ${result.code}: ${result.stderr}${result.stdout}`.trim(),
  );
}

async function serve(bench: Bench, directory: string): Promise<RunningProcess> {
  const running = await startProcess({
    name: 'windlass serve',
    argv: [process.execPath, built('cli/bin/windlass.js'), 'serve', '--config', join(directory, 'windlass.toml')],
    logFile: join(bench.directory, 'service.log'),
    ready: logContains('ready'),
  });
  bench.atEnd(running.stop);
  return running;
}

async function tlsFiles(directory: string, { chainPem, keyPem }: ServerCertificate): Promise<readonly string[]> {
  const folder = join(directory, 'service-tls');
  await mkdir(folder, { mode: 0o700 });
  const [certificate, key] = [join(folder, 'tls.pem'), join(folder, 'tls.key')];
  await writeFile(certificate, chainPem);
  await writeSecret(key, keyPem);
  return ['--tls-certificate', certificate, '--tls-key', key];
}

// All load comes from one address, which the service would slow down; and nobody else is to reach it.
async function listenForLoad(configFile: string): Promise<void> {
  const text = await readFile(configFile, 'utf8');
  const changed = text.replace('address = "0.0.0.0"', 'address = "127.0.0.1"\nrequests-per-second = 1000000');
  if (changed === text) throw new Error(`${configFile} does not have the address that "windlass init" used to write`);
  await writeFile(configFile, changed);
}

/** So many different ports on 127.0.0.1 that were free a moment ago. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', resolve);
      });
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
