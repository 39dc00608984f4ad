/**
 * A fleet that starts at one moment against one service: very many supervisors in a few processes, real agents beside them, and a few
 * supervisors without jitter as the control. Nobody owns the devices at first; told to wait, they are claimed meanwhile and come online.
 */
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { logContains, nodeScript, type RunningProcess, startProcess } from '../process.ts';
import { approve, network, prepareOrganization } from '../scenarios/world.ts';
import { createTemporaryDirectory } from '../temporary-directory.ts';
import { createAuthority, issueServerCertificate } from '../test-pki.ts';
import { freePorts } from '../windlass/free-ports.ts';
import { createInstallation, type Installation } from '../windlass/installation.ts';
import type { AgentsPlan, FleetDevice } from './agents-main.ts';
import { isAnswer, onlineIn, type Returns, returnsOf, type Seen } from './arrivals.ts';
import { makeFleetDevices } from './fleet-devices.ts';
import { seenOf, startProgram } from './program.ts';
import { startRelay } from './relay.ts';

export interface FleetSize {
  /** Supervisors, and in how many processes. */
  readonly supervisors: number;
  readonly processes: number;
  /** Processes of `windlass-agent run`. */
  readonly programs: number;
  /** Supervisors without jitter, in the same processes. */
  readonly controls: number;
  /** What the service tells those to wait whom nobody owns. */
  readonly toldSeconds: number;
  readonly withinSeconds: number;
  /** The service's limit for the one address that all come from; null: as it is shipped. */
  readonly requestsPerSecond: number | null;
}

export interface FleetResult {
  readonly devices: number;
  readonly online: number;
  /** From the start until every device had its first answer, and until every one was online, in seconds. */
  readonly told: number;
  readonly took: number;
  /** Of supervisors and programs. */
  readonly returns: Returns;
  readonly control: Returns;
  /** The most that one of the processes with the supervisors had in memory. */
  readonly mostMebibytes: number;
}

/** Takes about three minutes on two cores: by hand. */
export const largeFleet: FleetSize = {
  supervisors: 1_000,
  processes: 4,
  programs: 20,
  controls: 40,
  toldSeconds: 60,
  withinSeconds: 600,
  requestsPerSecond: 2_000,
};

/** No second gets more than three times its even share: 5 % where all are told 60 seconds. */
export function mostShare(toldSeconds: number): number {
  return 3 / toldSeconds;
}

const service = 'bootstrap.fleet.example';
const order = 'FLEET';
const pollMs = 500;

/** Everything is over when it resolves, and nothing is left. @throws when not all devices are online in time */
export async function runFleet(size: FleetSize): Promise<FleetResult> {
  // Thousands of small files that are all synced: what a disk costs is no part of this.
  const inMemory = await access('/dev/shm').then(
    () => '/dev/shm',
    () => undefined,
  );
  const directory = await createTemporaryDirectory('fleet', inMemory);
  const closing: (() => Promise<unknown>)[] = [directory.remove];
  const atEnd = (close: () => Promise<unknown>): void => void closing.unshift(close);
  try {
    return await live(size, directory.path, atEnd);
  } finally {
    for (const close of closing) await close();
  }
}

type AtEnd = (close: () => Promise<unknown>) => void;

async function live(size: FleetSize, directory: string, atEnd: AtEnd): Promise<FleetResult> {
  const { installation, httpsPort } = await startService(size, directory, atEnd);
  const serials = (kind: string, count: number) => Array.from({ length: count }, (_, index) => `${kind}-${index}`);
  const supervisors = serials('SUPERVISOR', size.supervisors);
  const controls = serials('CONTROL', size.controls);
  const programs = serials('PROGRAM', size.programs);
  const home = join(directory, 'fleet');
  await mkdir(home, { mode: 0o700 });
  const model = await installation.makeDevice({
    serial: 'MODEL',
    systemRoots: join(directory, 'web-root.pem'),
    options: ['--connect-to', `*:443=127.0.0.1:${httpsPort}`],
  });
  const files = { manufacturer: dirname(installation.manufacturerFile), model: model.directory, directory: home };
  const manifest = await makeFleetDevices(files, [...supervisors, ...controls, ...programs], order);
  await installation.windlass('manifest', 'import', manifest, '--manufacturer', 'gizmo');

  const startFile = join(directory, 'start');
  const many: readonly FleetDevice[] = [...controls, ...supervisors].map((serial) => ({
    serial,
    directory: join(home, serial),
    chance: controls.includes(serial) ? 'none' : 'random',
  }));
  const processes = await startProcesses(size, directory, startFile, many, atEnd);
  const relays = await relaysFor(programs, home, httpsPort, atEnd);
  const started = performance.now();
  await writeFile(startFile, '');
  const running = programs.map((serial) => startProgram(join(home, serial, 'agent.json')));
  for (const { stop } of running) atEnd(stop);

  const look = async (): Promise<readonly Seen[]> => [
    ...(await Promise.all(processes.map(eventsOf))).flat(),
    ...running.flatMap(({ lines }, index) => seenOf(programs[index] ?? '', relays[index] ?? [], lines)),
  ];
  const devices = many.length + programs.length;
  const deadline = started + size.withinSeconds * 1000;
  const told = await until(deadline, started, async () => answeredIn(await look()).size === devices);
  await installation.windlass('claim', 'order', order, ...network);
  const took = await until(deadline, started, async () => onlineIn(await look()).size === devices);
  const seen = await look();
  const isControl = ({ serial }: Seen): boolean => serial.startsWith('CONTROL-');
  return {
    devices,
    online: onlineIn(seen).size,
    told,
    took,
    returns: returnsOf(seen.filter((event) => !isControl(event))),
    control: returnsOf(seen.filter(isControl)),
    mostMebibytes: Math.max(...(await Promise.all(processes.map(mostMebibytesOf)))),
  };
}

async function startService(
  { toldSeconds, requestsPerSecond }: FleetSize,
  directory: string,
  atEnd: AtEnd,
): Promise<{ readonly installation: Installation; readonly httpsPort: number }> {
  const [httpPort = 0, httpsPort = 0, managementPort = 0] = await freePorts(3);
  const webRoot = await createAuthority({ subject: 'CN=Public Web Root,O=Public Web', keyType: 'ec-p256' });
  await writeFile(join(directory, 'web-root.pem'), webRoot.certificatePem);
  const installation = await createInstallation({
    directory,
    service,
    ...(requestsPerSecond === null ? {} : { requestsPerSecond }),
    retrySeconds: toldSeconds,
    httpPort,
    httpsPort,
    managementPort,
    tls: await issueServerCertificate(webRoot, { names: [service] }),
  });
  const served = await installation.serve();
  atEnd(served.stop);
  await prepareOrganization(installation);
  const inspectionCa = join(directory, 'inspection-ca.pem');
  await writeFile(inspectionCa, (await createAuthority({ subject: 'CN=Plant A Inspection CA' })).certificatePem);
  await approve(installation, inspectionCa);
  return { installation, httpsPort };
}

/** The devices are dealt out, so that each process has as many controls as the others. */
async function startProcesses(
  { processes }: FleetSize,
  directory: string,
  startFile: string,
  devices: readonly FleetDevice[],
  atEnd: AtEnd,
): Promise<readonly RunningProcess[]> {
  const agentPackage = fileURLToPath(new URL('../../../agent', import.meta.url));
  return Promise.all(
    Array.from({ length: processes }, async (_, index) => {
      const dealt = devices.filter((_device, place) => place % processes === index);
      const plan: AgentsPlan = { agentPackage, startFile, devices: dealt };
      const planFile = join(directory, `agents-${index}.json`);
      await writeFile(planFile, JSON.stringify(plan));
      const started = await startProcess({
        name: 'a process of supervisors',
        argv: [...nodeScript(import.meta.url, './agents-main'), planFile],
        logFile: join(directory, `agents-${index}.log`),
        ready: logContains('ready'),
        readyWithinMs: 60_000,
        stopSignal: 'SIGKILL',
      });
      atEnd(started.stop);
      return started;
    }),
  );
}

/** The moments of the connections of each. */
async function relaysFor(
  serials: readonly string[],
  home: string,
  httpsPort: number,
  atEnd: AtEnd,
): Promise<readonly (readonly number[])[]> {
  return Promise.all(
    serials.map(async (serial) => {
      const relay = await startRelay({ host: '127.0.0.1', port: httpsPort });
      atEnd(relay.close);
      const configFile = join(home, serial, 'agent.json');
      const config = JSON.parse(await readFile(configFile, 'utf8')) as object;
      const connectTo = { '*:443': `${relay.address.host}:${relay.address.port}` };
      await writeFile(configFile, JSON.stringify({ ...config, connectTo }));
      return relay.connections;
    }),
  );
}

async function eventsOf({ log }: RunningProcess): Promise<readonly Seen[]> {
  // The last line may be half written.
  const lines = (await log()).split('\n').slice(0, -1);
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Seen);
}

function answeredIn(seen: readonly Seen[]): ReadonlySet<string> {
  return new Set(seen.filter(isAnswer).map(({ serial }) => serial));
}

/** Seconds since `started` when it became true. @throws after the deadline */
async function until(deadline: number, started: number, isSo: () => Promise<boolean>): Promise<number> {
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error('the fleet was not online in time');
    await sleep(pollMs);
  }
  return (performance.now() - started) / 1000;
}

async function mostMebibytesOf({ pid }: RunningProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
