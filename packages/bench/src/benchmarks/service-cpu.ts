/** What a bootstrap costs the service, beside what a full handshake with certificates on both sides costs nginx, in the same run. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from '@windlass/lab';
import { type DeviceInHand, openDevice } from '../device.ts';
import { bootstrapPath, requestText } from '../exchange.ts';
import type { Figure, Unit } from '../figure.ts';
import { type Installation, serviceName, startInstallation } from '../installation.ts';
import { createServicePki, makeLargeNetwork, type ServicePki } from '../large-network.ts';
import { cpuMsPerRequest, type Load } from '../load/load.ts';
import { findNginx, startNginx } from '../nginx.ts';
import type { Bench } from '../run-benchmark.ts';

/** Devices of their own, so that no figure lives from one certificate that is parsed already. */
const devices = 10;
const measured = 400;
/** More of them, because each is short and the kernel counts in steps of 10 ms. */
const measuredHandshakes = 1_200;
const warmUp = 100;

/** CPU milliseconds for each bootstrap, over HTTP and HTTPS, and for each handshake of nginx; and how they compare. */
export async function measureServiceCpu(bench: Bench): Promise<void> {
  const pki = await createServicePki();
  bench.say(`starting a service and making ${devices} devices`);
  const installation = await startInstallation(bench, pki.server);
  const { presentedChain } = await makeLargeNetwork(bench, installation);
  const made = await makeDevices(installation);
  const inHand = made.map(({ device }) => device);
  const peer = await measurePeer(bench, { pki, installation, client: made[0]?.directory ?? '' });
  if (peer.kind === 'not-run')
    bench.report({ kind: 'not-run', name: 'nginx: CPU per full mTLS handshake', reason: peer.reason });
  else bench.report(figure('nginx: CPU per full mTLS handshake and tiny answer', peer.cpuMs, 'ms'));
  for (const over of ['HTTP', 'HTTPS'] as const) {
    const requests = signRequests(inHand, presentedChain);
    bench.say(`${measured} bootstraps over ${over}, 4 at a time, each on a new connection`);
    const cpuMs = await cpuMsPerRequest({
      ...serviceLoad(bench, installation),
      ...whereOver(over, installation, pki),
      requests,
    });
    bench.report(figure(`CPU per bootstrap, new ${over} connection`, cpuMs, 'ms'));
    if (peer.kind === 'measured')
      bench.report(figure(`bootstrap over ${over} / mTLS handshake of nginx`, cpuMs / peer.cpuMs, 'x'));
  }
}

function serviceLoad({ directory }: Bench, { service }: Installation) {
  return { directory, pid: service.pid, expect: 'granted', warmUp };
}

function whereOver(
  over: 'HTTP' | 'HTTPS',
  { httpPort, httpsPort }: Installation,
  { webRoot }: ServicePki,
): Pick<Load, 'name' | 'port' | 'tls'> {
  if (over === 'HTTP') return { name: over, port: httpPort };
  return { name: over, port: httpsPort, tls: { caPem: webRoot.certificatePem, name: serviceName } };
}

// Two at a time: the machine has two cores, and each device is a command or two.
async function makeDevices(
  installation: Installation,
): Promise<readonly { readonly directory: string; readonly device: DeviceInHand }[]> {
  const serials = Array.from({ length: devices }, (_, index) => `CPU-${String(index + 1).padStart(4, '0')}`);
  const made: { readonly directory: string; readonly device: DeviceInHand }[] = [];
  const work = async (): Promise<void> => {
    for (let serial = serials.pop(); serial; serial = serials.pop()) {
      const directory = await installation.makeDevice(serial);
      made.push({ directory, device: await openDevice(directory, serial) });
    }
  };
  await Promise.all([work(), work()]);
  return made;
}

// Signed before anything is measured, each with a nonce of its own.
function signRequests(inHand: readonly DeviceInHand[], presentedChain: readonly Uint8Array[]): readonly string[] {
  return Array.from({ length: warmUp + measured }, (_, index) => {
    const device = inHand[index % inHand.length];
    if (device === undefined) throw new Error('there is no device');
    return requestText(bootstrapPath, device.request(presentedChain, null).body);
  });
}

type Peer =
  | { readonly kind: 'measured'; readonly cpuMs: number }
  | { readonly kind: 'not-run'; readonly reason: string };

interface PeerParts {
  readonly pki: ServicePki;
  readonly installation: Installation;
  /** The directory of the device whose certificate the clients show. */
  readonly client: string;
}

async function measurePeer(bench: Bench, { pki, installation, client }: PeerParts): Promise<Peer> {
  const nginx = await findNginx();
  if (nginx.kind === 'missing') return { kind: 'not-run', reason: nginx.reason };
  bench.say(`${measuredHandshakes} handshakes with nginx, 4 at a time`);
  const [port = 0] = await freePorts(1);
  const running = await startNginx({
    program: nginx.program,
    directory: join(bench.directory, 'nginx'),
    port,
    name: serviceName,
    certificate: pki.server,
    clientCaPem: await readFile(installation.manufacturerFile, 'utf8'),
  });
  bench.atEnd(running.stop);
  const [clientCertificatePem, clientKeyPem] = await Promise.all(
    ['device.pem', 'device.key'].map((name) => readFile(join(client, name), 'utf8')),
  );
  const cpuMs = await cpuMsPerRequest({
    name: 'nginx',
    directory: bench.directory,
    pid: running.pid,
    port,
    tls: { caPem: pki.webRoot.certificatePem, name: serviceName, clientCertificatePem, clientKeyPem },
    expect: 'ok',
    requests: Array.from(
      { length: warmUp + measuredHandshakes },
      () => `GET / HTTP/1.1\r\nHost: ${serviceName}\r\nConnection: close\r\n\r\n`,
    ),
    warmUp,
  });
  await running.stop();
  return { kind: 'measured', cpuMs };
}

function figure(name: string, value: number, unit: Unit): Figure {
  return { kind: 'measured', name, value, unit };
}
