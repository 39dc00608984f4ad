/** What Windlass promises behind one real box, tried and answered promise by promise: the rows of `npm run lab`. */
import { cloudNames } from '../address-plan.ts';
import { createOutsideWorld, type OutsideWorld } from '../outside-world.ts';
import type { BoxMode } from '../proxies/box.ts';
import { type InspectingBoxName, startBox } from '../proxies/start-box.ts';
import {
  askWithCurl,
  presentedChain,
  publishWithMosquitto,
  type Run,
  type StockTarget,
  shakeHandsWithOpenssl,
} from '../stock-clients.ts';
import { issueServerCertificate } from '../test-pki.ts';
import { createInstallation, type Device, type Installation } from '../windlass/installation.ts';
import { approve, bootstrap, claim, list, network, organization, prepareOrganization } from './world.ts';

export interface Promised {
  readonly promise: string;
  readonly kept: boolean;
  /** What was seen, for people. */
  readonly detail: string;
}

const service = cloudNames.service;
const application = cloudNames.application;
const broker = cloudNames.broker;

/** A world with this box in the middle, a service that runs and knows acme and its network, and whatever a device of it is made with. */
export interface BoxWorld {
  readonly world: OutsideWorld;
  readonly installation: Installation;
  readonly proxy: Pick<StockTarget, 'proxy'>;
  /** What the box's administrator exports. */
  readonly caFile: string;
  /** A device behind the box. */
  readonly makeDevice: (serial: string, options?: readonly string[]) => Promise<Device>;
}

/** What `work` gives in such a world, which is gone afterwards. Needs what `labIsReady` asks for. */
export async function inBoxWorld<Result>(
  name: InspectingBoxName,
  mode: BoxMode,
  work: (world: BoxWorld) => Promise<Result>,
): Promise<Result> {
  const world = await createOutsideWorld();
  try {
    const box = await startBox(name, {
      network: world.network,
      pki: { inspectionCa: world.inspectionCa, upstreamRoots: [world.webRoot.certificatePem] },
      mode,
      directory: world.directory,
    });
    const installation = await installService(world);
    const served = await installation.serve();
    try {
      const explicit = box.explicitProxy
        ? ['--explicit-proxy', `http://${box.explicitProxy.host}:${box.explicitProxy.port}`]
        : [];
      const prefix = world.network.inNamespace('device', []);
      const systemRoots = world.webRootFile;
      return await work({
        world,
        installation,
        proxy: box.explicitProxy ? { proxy: box.explicitProxy } : {},
        caFile: box.inspectionCa.certificateFile,
        makeDevice: (serial, options = []) =>
          installation.makeDevice({ serial, systemRoots, prefix, options: [...explicit, ...options] }),
      });
    } finally {
      await served.stop();
      await box.close();
    }
  } finally {
    await world.close();
  }
}

/** All promises behind this box, in a world of their own. */
export function boxPromises(name: InspectingBoxName, mode: BoxMode): Promise<readonly Promised[]> {
  return inBoxWorld(name, mode, async (boxWorld) => {
    const device = await boxWorld.makeDevice('BOX-1');
    await claim(boxWorld.installation, 'BOX-1');
    return tryAll({ ...boxWorld, device, name });
  });
}

interface Trial extends BoxWorld {
  readonly device: Device;
  readonly name: InspectingBoxName;
}

async function installService(world: OutsideWorld): Promise<Installation> {
  const tls = await issueServerCertificate(world.webRoot, { names: [service] });
  const prefix = world.network.inNamespace('cloud', []);
  const installation = await createInstallation({
    directory: world.directory,
    service,
    address: world.network.addresses.service,
    httpPort: 80,
    httpsPort: 443,
    managementPort: 8440,
    tls,
    prefix,
  });
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

async function tryAll({ world, installation, device, proxy, name, caFile }: Trial): Promise<readonly Promised[]> {
  const run: Run = (argv, options) => world.network.run('device', argv, options);
  const before = await askWithCurl(run, { name: service, port: 443, caFile: world.webRootFile, ...proxy });
  const chain = await presentedChain(run, { name: service, port: 443, ...proxy });
  const rogue = await bootstrap(device);
  const [observation] = await list(installation, 'observation', 'list', ...organization);
  await approve(installation, caFile);
  const said = await bootstrap(device);
  const shown = (await installation.windlass('device', 'show', 'BOX-1')) as {
    lastReport?: { counter?: unknown; phases?: readonly string[] };
  };
  const trusting = { caFile: device.bundleFile, ...proxy };
  const results: Promised[] = [
    {
      promise: 'before: the public root alone fails with unknown issuer',
      kept: !before.ok && before.failure === 'unknown-issuer',
      detail: before.detail,
    },
    {
      promise: 'the chain that the box presents is seen',
      kept: chain.length > 0 && said.interceptedBy !== null,
      detail: `${chain.length} certificate(s), signed by ${said.interceptedBy}`,
    },
    {
      promise: 'not approved: exit 11, nothing trusted, an observation waits',
      kept: rogue.exit === 11 && rogue.inspectionCas.length === 0 && typeof observation?.['fingerprint'] === 'string',
      detail: `${JSON.stringify(rogue)} ${JSON.stringify(observation)}`,
    },
    {
      promise: 'approved: one bootstrap brings the device online',
      kept: said.exit === 0 && said.outcome === 'active',
      detail: JSON.stringify(said),
    },
    {
      promise: 'the report was acknowledged',
      kept: said.reported && (shown.lastReport?.phases ?? []).includes('active'),
      detail: JSON.stringify(shown.lastReport),
    },
    await stock(
      'curl reaches the service',
      askWithCurl(run, { name: service, port: 443, path: '/healthz', ...trusting }),
    ),
    await stock('curl reaches the application', askWithCurl(run, { name: application, port: 443, ...trusting })),
    await stock('openssl validates the service', shakeHandsWithOpenssl(run, { name: service, port: 443, ...trusting })),
  ];
  if (name === 'sslsplit')
    results.push(
      await stock(
        'mosquitto publishes over TLS',
        publishWithMosquitto(run, { name: broker, port: 8883, caFile: device.bundleFile }),
      ),
    );
  const still = await askWithCurl(run, { name: application, port: 443, caFile: world.webRootFile, ...proxy });
  results.push({
    promise: 'after: the public root alone still fails',
    kept: !still.ok && still.failure === 'unknown-issuer',
    detail: still.detail,
  });
  return results;
}

async function stock(
  promise: string,
  result: Promise<{ readonly ok: boolean; readonly detail: string }>,
): Promise<Promised> {
  const { ok, detail } = await result;
  return { promise, kept: ok, detail };
}
