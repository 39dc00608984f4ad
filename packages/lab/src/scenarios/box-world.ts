/** A world with one box in it, a service that runs, and devices behind the box: what the lab's scenarios with real boxes begin with. */
import { cloudNames } from '../address-plan.ts';
import { startApplication } from '../origins.ts';
import { createOutsideWorld, type OutsideWorld } from '../outside-world.ts';
import { inUrl } from '../proxies/box.ts';
import type { StockTarget } from '../stock-clients.ts';
import type { Authority } from '../test-pki.ts';
import { createCloudInstallation } from '../windlass/cloud-installation.ts';
import type { Device, Installation } from '../windlass/installation.ts';
import type { BoxRow } from './box-rows.ts';
import { network, prepareOrganization } from './world.ts';

/** A world with this box in the middle, a service that runs and knows acme and its network, and whatever a device of it is made with. */
export interface BoxWorld {
  readonly world: OutsideWorld;
  readonly installation: Installation;
  readonly proxy: Pick<StockTarget, 'proxy'>;
  /** What the box's administrator exports. */
  readonly caFile: string;
  /** The box is gone, and the same one there again, signing with another CA; its certificate file. */
  readonly replaceCa: (inspectionCa: Authority) => Promise<string>;
  /** A device behind the box. */
  readonly makeDevice: (serial: string, options?: readonly string[]) => Promise<Device>;
}

/** What `work` gives in such a world, which is gone afterwards. Needs what `labIsReady` asks for. */
export async function inBoxWorld<Result>(
  { start, families, credentials, named = 'in the configuration' }: BoxRow,
  work: (world: BoxWorld) => Promise<Result>,
): Promise<Result> {
  const world = await createOutsideWorld(families ? { families } : {});
  try {
    const { network, directory } = world;
    const startWith = (inspectionCa: Authority) =>
      start({ network, directory, pki: { inspectionCa, upstreamRoots: [world.webRoot.certificatePem] } });
    let box = await startWith(world.inspectionCa);
    const installation = await installService(world);
    const served = await installation.serve();
    const { explicitProxy } = box;
    const proxy = explicitProxy && { ...explicitProxy, ...(credentials ? { credentials } : {}) };
    const pac = proxy && named === 'by PAC' ? await servePac(world, proxy) : null;
    try {
      const explicit = pac ? ['--pac', pac.url] : proxy ? ['--explicit-proxy', urlOf(proxy)] : [];
      const prefix = world.network.inNamespace('device', []);
      const systemRoots = world.webRootFile;
      return await work({
        world,
        installation,
        proxy: proxy ? { proxy } : {},
        caFile: box.inspectionCa.certificateFile,
        replaceCa: async (inspectionCa) => {
          await box.close();
          box = await startWith(inspectionCa);
          return box.inspectionCa.certificateFile;
        },
        makeDevice: (serial, options = []) =>
          installation.makeDevice({ serial, systemRoots, prefix, options: [...explicit, ...options] }),
      });
    } finally {
      await pac?.close();
      await served.stop();
      await box.close();
    }
  } finally {
    await world.close();
  }
}

const { application } = cloudNames;

function urlOf({ host, port, credentials }: NonNullable<StockTarget['proxy']>): string {
  return `http://${credentials ? `${credentials}@` : ''}${inUrl(host)}:${port}`;
}

/** A file that names the proxy, where the network's own servers are. */
async function servePac(
  { network, directory }: OutsideWorld,
  { host, port }: NonNullable<StockTarget['proxy']>,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const body = `return dnsDomainIs(host, ".example") ? "PROXY ${inUrl(host)}:${port}" : "DIRECT"`;
  const web = await startApplication({
    directory,
    name: 'pac',
    host: network.addresses.application,
    port: pacPort,
    prefix: network.inNamespace('cloud', []),
    files: { '/proxy.pac': `function FindProxyForURL(url, host) { ${body} }` },
  });
  return { url: `http://${application}:${pacPort}/proxy.pac`, close: web.close };
}

const pacPort = 8082;

/** A Windlass in the world's cloud that knows acme and its network, with one required endpoint; it is not served yet. */
export async function installService(world: OutsideWorld): Promise<Installation> {
  const installation = await createCloudInstallation(world);
  // Management commands need the service: it is served for the time of the preparation.
  const served = await installation.serve();
  await prepareOrganization(installation);
  await installation.windlass(
    'endpoint',
    'add',
    'app',
    '--host',
    application,
    '--port',
    '443',
    '--protocol',
    'https',
    '--required',
    ...network,
  );
  await served.stop();
  return installation;
}
