/** What Windlass promises behind one real box, tried and answered promise by promise: the rows of `npm run lab`. */
import { cloudNames } from '../address-plan.ts';
import { inUrl } from '../proxies/box.ts';
import {
  askWithCurl,
  presentedChain,
  publishWithMosquitto,
  type Run,
  shakeHandsWithOpenssl,
} from '../stock-clients.ts';
import type { Device } from '../windlass/installation.ts';
import type { BoxRow } from './box-rows.ts';
import { type BoxWorld, inBoxWorld } from './box-world.ts';
import { type AgentSays, approve, bootstrap, claim, list, organization } from './world.ts';

export interface Promised {
  readonly promise: string;
  readonly kept: boolean;
  /** What was seen, for people. */
  readonly detail: string;
}

const service = cloudNames.service;
const application = cloudNames.application;
const broker = cloudNames.broker;

/** How a device fares behind a box. */
export interface BoxResult {
  readonly promises: readonly Promised[];
  /** What the device says when the box's CA is approved, and its report of the application. */
  readonly verdict: string;
}

/** All promises behind this box, in a world of their own; then what `measure` finds in it. */
export function boxPromises<Measured>(
  row: BoxRow,
  measure: (world: BoxWorld) => Promise<Measured>,
): Promise<BoxResult & { readonly measured: Measured }> {
  return inBoxWorld(row, async (boxWorld) => {
    const device = await boxWorld.makeDevice('BOX-1');
    await claim(boxWorld.installation, 'BOX-1');
    const result = await tryAll({ ...boxWorld, device, row });
    return { ...result, measured: await measure(boxWorld) };
  });
}

interface Trial extends BoxWorld {
  readonly device: Device;
  readonly row: BoxRow;
}

async function tryAll({ device, row, ...boxWorld }: Trial): Promise<BoxResult> {
  const { world, installation, proxy, caFile } = boxWorld;
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
  if (row.inspectsMqtt)
    results.push(
      await stock(
        'mosquitto publishes over TLS',
        publishWithMosquitto(run, { name: broker, port: 8883, caFile: device.bundleFile }),
      ),
    );
  if (proxy.proxy?.credentials) results.push(...(await withoutPassword(boxWorld, proxy.proxy)));
  const still = await askWithCurl(run, { name: application, port: 443, caFile: world.webRootFile, ...proxy });
  results.push({
    promise: 'after: the public root alone still fails',
    kept: !still.ok && still.failure === 'unknown-issuer',
    detail: still.detail,
  });
  return { promises: results, verdict: verdictIn(said) };
}

function verdictIn({ outcome, rung, failure, endpoints }: AgentSays): string {
  const path = `rung ${rung}${failure ? ` after ${failure}` : ''}`;
  return [outcome, path, ...endpoints.map(({ name, verdict }) => `${name} ${verdict}`)].join(', ');
}

/** Devices that do not know the proxy's password, or a wrong one. */
async function withoutPassword(
  { makeDevice }: BoxWorld,
  { host, port }: NonNullable<BoxWorld['proxy']['proxy']>,
): Promise<readonly Promised[]> {
  const tryLogin = async (login: string, serial: string): Promise<Promised> => {
    const device = await makeDevice(serial, ['--explicit-proxy', `http://${login}${inUrl(host)}:${port}`]);
    const said = await bootstrap(device);
    const kept = said.exit === 20 && said.outcome === 'no-answer' && said.cause === 'proxy-authentication';
    return { promise: `${serial}: exit 20, proxy-authentication`, kept, detail: JSON.stringify(said) };
  };
  return [await tryLogin('', 'NO-PASSWORD'), await tryLogin('device:wrong@', 'WRONG-PASSWORD')];
}

async function stock(
  promise: string,
  result: Promise<{ readonly ok: boolean; readonly detail: string }>,
): Promise<Promised> {
  const { ok, detail } = await result;
  return { promise, kept: ok, detail };
}
