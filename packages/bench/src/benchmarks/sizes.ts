/** How many bytes one bootstrap is on the wire: counted on a socket, against a real service, header fields included. */

import { type DeviceInHand, openDevice } from '../device.ts';
import { bootstrapPath, type Exchange, exchange, reportPath } from '../exchange.ts';
import type { Figure, Limit } from '../figure.ts';
import { startInstallation } from '../installation.ts';
import { createServicePki, makeLargeNetwork } from '../large-network.ts';
import type { Bench } from '../run-benchmark.ts';

/** RFC 6928: ten segments of 1 460 bytes. A larger first answer costs another round trip. */
const initialCongestionWindow: Limit = { kind: 'hard', most: 14_600 };
const refreshLimit: Limit = { kind: 'hard', most: 2_560 };
/** Beyond HTTP: the body alone. */
const unchangedLimit: Limit = { kind: 'hard', most: 2_048 };
const unchangedShareLimit: Limit = { kind: 'hard', most: 20 };
const requestLimit: Limit = { kind: 'hard', most: 8_192 };

const reportLimit: Limit = { kind: 'hard', most: 4_096 };

const serial = 'SIZES-0001';

/** The sizes of both exchanges are reported; every answer passed every check of a device. */
export async function measureSizes(bench: Bench): Promise<void> {
  bench.say('starting a service with P-256 signers');
  const { server } = await createServicePki();
  const installation = await startInstallation(bench, server);
  const { presentedChain } = await makeLargeNetwork(bench, installation);
  const device = await openDevice(await installation.makeDevice(serial), serial);
  bench.say('one bootstrap, one refresh, one report');
  await measureExchanges(bench, { device, presentedChain, port: installation.httpPort });
}

interface Path {
  readonly device: DeviceInHand;
  readonly presentedChain: readonly Uint8Array[];
  readonly port: number;
}

async function measureExchanges(bench: Bench, { device, presentedChain, port }: Path): Promise<void> {
  const chainBytes = presentedChain.reduce((sum, { length }) => sum + length, 0);
  bench.report(bytes('presented chain, 3 RSA-2048 certificates (DER)', chainBytes));
  const first = device.request(presentedChain, null);
  const answer = await ask(port, bootstrapPath, first.body);
  const held = device.accept(answer.body, first, null);
  bench.report(bytes('first request with that chain, P-256 device', answer.sentBytes, requestLimit));
  bench.report(bytes('first answer, 4 inspection CAs', answer.receivedBytes, initialCongestionWindow));
  const again = device.request(presentedChain, held);
  const refresh = await ask(port, bootstrapPath, again.body);
  device.accept(refresh.body, again, held);
  bench.report(bytes('refresh request, claim and profile held', refresh.sentBytes, requestLimit));
  bench.report(bytes('refresh answer, nothing new', refresh.receivedBytes, refreshLimit));
  bench.report(bytes('of it beyond HTTP', refresh.body.length, unchangedLimit));
  const share = (100 * refresh.body.length) / answer.body.length;
  const name = 'beside the first answer, both beyond HTTP';
  bench.report({ kind: 'measured', name, value: share, unit: '%', limit: unchangedShareLimit });
  const report = device.report(held, first.nonce, 1);
  const acknowledged = await ask(port, reportPath, report.body);
  device.acceptAcknowledgement(acknowledged.body, report);
  bench.report(bytes('report, 4 anchors in one trust store', acknowledged.sentBytes, reportLimit));
  bench.report(bytes('acknowledgement', acknowledged.receivedBytes, unchangedLimit));
}

async function ask(port: number, path: string, body: string): Promise<Exchange> {
  const answer = await exchange(port, path, body);
  if (answer.status !== 200)
    throw new Error(`the service answered ${answer.status} to ${path}: ${Buffer.from(answer.body).toString()}`);
  return answer;
}

function bytes(name: string, value: number, limit?: Limit): Figure {
  return { kind: 'measured', name, value, unit: 'bytes', ...(limit ? { limit } : {}) };
}
