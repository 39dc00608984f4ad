/** How long a device takes to be online behind a box, beside a bare TLS handshake through the same box. A measurement, never a test. */
import { cloudNames } from '../address-plan.ts';
import { nodeScript } from '../process.ts';
import { mustRun } from '../run-command.ts';
import type { StockTarget } from '../stock-clients.ts';
import type { BoxWorld } from './box-world.ts';
import { bootstrap, claim } from './world.ts';

/** A device is online within so many times a bare handshake. */
export const MOST_HANDSHAKES = 10;
const runs = 5;

/** The median of first bootstraps of new devices beside the median of handshakes, in turn, whole processes both. The box's CA is approved. */
export async function onlineRatio({ world, installation, makeDevice, proxy }: BoxWorld): Promise<number> {
  const handshake = world.network.inNamespace(
    'device',
    handshakeArgv({ name: cloudNames.service, port: 443, ...proxy }),
  );
  const online: number[] = [];
  const bare: number[] = [];
  for (let run = 1; run <= runs; run++) {
    const device = await makeDevice(`RATIO-${run}`);
    await claim(installation, device.serial);
    bare.push(await millisecondsOf(() => mustRun(handshake)));
    online.push(
      await millisecondsOf(async () => {
        const { exit } = await bootstrap(device);
        if (exit !== 0) throw new Error(`${device.serial} did not come online: ${exit}`);
      }),
    );
  }
  return middleOf(online) / middleOf(bare);
}

/** A process that makes one TLS handshake with the target, or `connectTo` in its place, and ends. */
export function handshakeArgv({
  name,
  port,
  connectTo = { host: name, port },
  proxy,
}: Omit<StockTarget, 'caFile'>): readonly string[] {
  const via = proxy ? [proxy.host, String(proxy.port), ...(proxy.credentials ? [proxy.credentials] : [])] : [];
  return [...nodeScript(import.meta.url, '../handshake-main'), connectTo.host, String(connectTo.port), name, ...via];
}

async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function middleOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
