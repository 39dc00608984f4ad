/**
 * A whole Windlass for demo and scenarios: a service with an organization, a network and its approver, and devices from a factory.
 * Everything goes through the two commands; nothing here knows what is inside them.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { logContains, type RunningProcess, startProcess } from '../process.ts';
import { type CommandResult, runCommand } from '../run-command.ts';
import { type ServerCertificate, writeSecret } from '../test-pki.ts';
import { agentArgv, windlass, windlassArgv } from './commands.ts';

export interface InstallationOptions {
  /** Private directory; the installation makes `service`, `factory` and one directory per device in it. */
  readonly directory: string;
  readonly service: string;
  /** Where devices are listened to; default 127.0.0.1. */
  readonly address?: string;
  /** Requests per second and address; default the service's own limit. For load that all comes from one address. */
  readonly requestsPerSecond?: number;
  /** How long devices wait that nobody claimed or approved, in seconds; default 2: nobody wants to watch a minute. */
  readonly retrySeconds?: number;
  /** How often a device that is online asks again; default: as the service is shipped. */
  readonly refreshSeconds?: number;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly managementPort: number;
  readonly tls: ServerCertificate;
  /** Put before the service and every `windlass` call, for instance `network.inNamespace('cloud', [])`. */
  readonly prefix?: readonly string[];
}

export interface DeviceOptions {
  readonly serial: string;
  /** PEM file that stands for the device's system roots. */
  readonly systemRoots?: string;
  /** More options of `windlass factory device`, for instance `--connect-to`. */
  readonly options?: readonly string[];
  /** Put before each run of the agent, for instance `network.inNamespace('device', [])`. */
  readonly prefix?: readonly string[];
}

export interface Device {
  readonly serial: string;
  readonly directory: string;
  /** The trust bundle that the agent keeps. */
  readonly bundleFile: string;
  /** Runs the agent once: bootstrap, status or reset. `node`: the Node to run it on. */
  readonly agent: (
    command: string,
    more?: {
      readonly args?: readonly string[];
      readonly node?: string;
      readonly env?: Readonly<Record<string, string>>;
      readonly deadlineMs?: number;
    },
  ) => Promise<CommandResult>;
  /** Starts `windlass-agent run`. */
  readonly start: (env?: Readonly<Record<string, string>>) => Promise<RunningProcess>;
}

export interface Installation {
  /** D of the commands. */
  readonly serviceDirectory: string;
  /** The CA of the factory that makes the devices (PEM). */
  readonly manufacturerFile: string;
  /** A `windlass` management command on this service; its `--json` answer. */
  readonly windlass: (...args: readonly string[]) => Promise<unknown>;
  /** The same without `--json`, whatever it ends with. */
  readonly say: (...args: readonly string[]) => Promise<CommandResult>;
  readonly makeDevice: (options: DeviceOptions) => Promise<Device>;
  readonly serve: () => Promise<RunningProcess>;
}

/** `windlass init` was run and a factory is there; nothing is served yet. */
export async function createInstallation(options: InstallationOptions): Promise<Installation> {
  const { directory, service, prefix = [], tls } = options;
  const serviceDirectory = join(directory, 'service');
  const tlsDirectory = join(directory, 'service-tls');
  await mkdir(tlsDirectory, { mode: 0o700 });
  await writeFile(join(tlsDirectory, 'tls.pem'), tls.chainPem);
  await writeSecret(join(tlsDirectory, 'tls.key'), tls.keyPem);
  const tlsOptions = ['--tls-certificate', join(tlsDirectory, 'tls.pem'), '--tls-key', join(tlsDirectory, 'tls.key')];
  const ports = [
    '--http-port',
    options.httpPort,
    '--https-port',
    options.httpsPort,
    '--management-port',
    options.managementPort,
  ].map(String);
  await windlass(['init', '--dir', serviceDirectory, '--service', service, ...ports, ...tlsOptions]);
  await adjust(join(serviceDirectory, 'windlass.toml'), options);
  const factory = join(directory, 'factory');
  await windlass(['factory', 'manufacturer', '--out', factory]);
  const manage = (...args: readonly string[]) =>
    runCommand([...prefix, ...windlassArgv(...args, '--dir', serviceDirectory)]);
  return {
    serviceDirectory,
    manufacturerFile: join(factory, 'manufacturer.pem'),
    windlass: async (...args) => {
      const result = await manage(...args, '--json');
      if (result.code !== 0)
        throw new Error(`windlass ${args.join(' ')} ended with ${result.code}: ${result.stderr}${result.stdout}`);
      return JSON.parse(result.stdout);
    },
    say: manage,
    makeDevice: (device) => makeDevice(options, serviceDirectory, device),
    serve: () =>
      startProcess({
        name: 'windlass serve',
        argv: [...prefix, ...windlassArgv('serve', '--config', join(serviceDirectory, 'windlass.toml'))],
        logFile: join(directory, 'service.log'),
        ready: logContains('ready'),
      }),
  };
}

async function makeDevice(
  installation: InstallationOptions,
  serviceDirectory: string,
  device: DeviceOptions,
): Promise<Device> {
  const { serial, prefix = [], options = [], systemRoots } = device;
  const directory = join(installation.directory, `device-${serial}`);
  const manufacturer = join(installation.directory, 'factory');
  const roots = systemRoots === undefined ? [] : ['--system-roots', systemRoots];
  const anchor = ['--service', installation.service, '--service-anchor', join(serviceDirectory, 'service-anchor.pem')];
  await windlass([
    'factory',
    'device',
    '--manufacturer',
    manufacturer,
    '--serial',
    serial,
    ...anchor,
    '--out',
    directory,
    ...roots,
    ...options,
  ]);
  const config = ['--config', join(directory, 'agent.json')];
  return {
    serial,
    directory,
    bundleFile: join(directory, 'state', 'bundle.pem'),
    agent: (command, { args = [], node, ...run } = {}) =>
      runCommand([...prefix, ...agentArgv([command, ...config, ...args], node)], run),
    start: (env = {}) =>
      startProcess({
        env,
        name: 'windlass-agent run',
        argv: [...prefix, ...agentArgv(['run', ...config, '--json'])],
        logFile: join(installation.directory, `device-${serial}.log`),
        ready: async () => true,
      }),
  };
}

/** Listens on one address only, and has devices ask again as the options say. */
async function adjust(
  configFile: string,
  { address = '127.0.0.1', requestsPerSecond, retrySeconds = 2, refreshSeconds }: InstallationOptions,
): Promise<void> {
  const limit = requestsPerSecond === undefined ? '' : `\nrequests-per-second = ${requestsPerSecond}`;
  const config = await readFile(configFile, 'utf8');
  const soon = config.replace(/^retry-seconds = .*$/m, `retry-seconds = ${retrySeconds}`);
  const often = refreshSeconds ? soon.replace(/^refresh-seconds = .*$/m, `refresh-seconds = ${refreshSeconds}`) : soon;
  const adjusted = often.replace('address = "0.0.0.0"', `address = "${address}"${limit}`);
  if (!soon.includes(`retry-seconds = ${retrySeconds}`) || adjusted === often)
    throw new Error(`${configFile} is not what "windlass init" used to write`);
  await writeFile(configFile, adjusted);
}
