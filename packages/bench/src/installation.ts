/** A service and its devices on loopback, made and driven by the built commands as a person would. */
import { fileURLToPath } from 'node:url';
import { createInstallation, freePorts, type RunningProcess, type ServerCertificate } from '@windlass/lab';
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
export async function startInstallation(
  bench: Bench,
  tls: ServerCertificate,
  more: { readonly refreshSeconds?: number } = {},
): Promise<Installation> {
  const [httpPort = 0, httpsPort = 0, managementPort = 0] = await freePorts(3);
  const ports = { httpPort, httpsPort, managementPort };
  // All load comes from one address, which the service would slow down.
  const load = { requestsPerSecond: 1_000_000 };
  const made = await createInstallation({
    directory: bench.directory,
    service: serviceName,
    ...ports,
    ...load,
    ...more,
    tls,
  });
  const service = await made.serve();
  bench.atEnd(service.stop);
  const inNetwork = ['--organization', organization, '--network', network];
  await made.windlass('manufacturer', 'add', 'gizmo', '--certificate', made.manufacturerFile);
  await made.windlass('organization', 'add', organization);
  await made.windlass('network', 'add', network, '--organization', organization);
  return {
    httpPort,
    httpsPort,
    manufacturerFile: made.manufacturerFile,
    service,
    publish: async (files) => {
      const names = ['--permit', serviceName, '--permit', 'app.bench.example'];
      for (const file of files) {
        await made.windlass('inspection-ca', 'add', file, ...names, ...inNetwork);
        await made.windlass('inspection-ca', 'approve', '--certificate', file, ...inNetwork);
      }
      await made.windlass('profile', 'publish', ...inNetwork);
    },
    makeDevice: async (serial, options = []) => {
      const device = await made.makeDevice({ serial, options });
      await made.windlass('claim', 'add', '--serial', serial, ...inNetwork);
      return device.directory;
    },
  };
}

/** The path of a file of another package's build. */
export function built(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}
