// The power is lost before each operation on the disk, and comes back to each disk that a file system may have made of what was not synced:
// what is wrong with what is found then.
import { createWorld, type World } from '../../../protocol/src/testing/world.ts';
import type { Agent } from '../agent.ts';
import { bootstrap } from '../bootstrap.ts';
import type { FileSystem } from '../ports.ts';
import type { Result } from '../result.ts';
import type { StateStore } from '../state/store.ts';
import { fillStores } from '../stores.ts';
import { standingNow } from '../visit.ts';
import { createFailingDisk, type FailingDisk, PowerLoss } from './failing-disk.ts';
import { createFakeService, type FakeService } from './fake-service.ts';
import { BUNDLE, startAgent, type TestAgent } from './test-agent.ts';

export const world: World = createWorld();

export interface Scenario {
  readonly name: string;
  /** What the device went through before, with an exchange after each. */
  readonly before: readonly ((service: FakeService) => void)[];
  /** What it goes through when the power is lost. */
  readonly now: (service: FakeService) => void;
  /** Default: an exchange. */
  readonly act?: (agent: Agent, service: FakeService) => Promise<unknown>;
  readonly floorsDirectory?: string;
  /** How its next exchange may end, whenever the power was lost. */
  readonly ends: readonly Result['outcome'][];
}

/** What is done wrong, to see that it is found. */
export interface Fault {
  readonly disk?: (disk: FailingDisk) => FileSystem;
  readonly agent?: (agent: TestAgent) => TestAgent;
}

export interface Found {
  readonly violations: readonly string[];
  /** How often the power was lost, and how many disks there were after that. */
  readonly runs: number;
  readonly worlds: number;
}

const STATE = '/device/state.json';

/** Everything that is wrong with what is found after the power came back; with a fault only as far as the first of it. */
export async function losePowerIn(scenario: Scenario, fault: Fault = {}): Promise<Found> {
  const files = await prepared(scenario);
  const violations = new Set<string>();
  const seen = new Set<string>();
  let [runs, worlds] = [0, 0];
  for (let failAt = 0; ; failAt += 1) {
    const cut = await runUntilPowerLoss(scenario, files, failAt, fault);
    runs += 1;
    for (const contents of cut.disk.afterPowerLoss()) {
      worlds += 1;
      // The same disk under the same promises shows the same.
      const text = JSON.stringify([...contents].sort());
      const promises = JSON.stringify([text, cut.allowed, cut.marks, cut.reports.length]);
      if (seen.has(promises)) continue;
      const restarted = check(scenario, cut, contents, violations);
      if (!seen.has(text) && violations.size === 0) await goOn(scenario, cut.service, restarted, violations);
      seen.add(text).add(promises);
    }
    if (cut.ended === 'whole' || violations.size > 0) return { violations: [...violations], runs, worlds };
  }
}

/** The disk of a device that went through what was before. */
async function prepared(scenario: Scenario): Promise<ReadonlyMap<string, string>> {
  const service = createFakeService(world);
  const disk = createFailingDisk();
  for (const happened of scenario.before) {
    happened(service);
    await bootstrap(start(scenario, service, disk));
  }
  const [whole = new Map<string, string>()] = disk.afterPowerLoss();
  return whole;
}

function start({ floorsDirectory }: Scenario, service: FakeService, disk: FileSystem): TestAgent {
  return startAgent(service, { disk, ...(floorsDirectory && { floorsDirectory }) });
}

/** Both files of the state. */
interface Kept {
  readonly state: string;
  readonly floors: string;
}

interface Cut {
  readonly ended: 'whole' | 'cut';
  readonly disk: FailingDisk;
  readonly service: FakeService;
  /** What the disk may have: the last that was promised, and one that was begun. */
  readonly allowed: readonly Kept[];
  /** Marks of anchors that the bundle had before, or that a state allows which was promised. */
  readonly marks: readonly string[];
  readonly reports: FakeService['reports'];
}

/** One run with the power lost before operation `failAt`. */
async function runUntilPowerLoss(
  scenario: Scenario,
  files: ReadonlyMap<string, string>,
  failAt: number,
  { disk: spoilDisk = (disk) => disk, agent: spoilAgent = (agent) => agent }: Fault,
): Promise<Cut> {
  const service = createFakeService(world);
  for (const happened of [...scenario.before, scenario.now]) happened(service);
  service.now += 3_600;
  const keptOn = (on: FileSystem): Kept => {
    const floors = on.read(`${scenario.floorsDirectory ?? '/device'}/floors.json`);
    return { state: textOf(on.read(STATE)), floors: textOf(floors) };
  };
  const disk = createFailingDisk(files, failAt);
  const opened = createFailingDisk(files);
  start(scenario, service, opened);
  const begun = [keptOn(disk), keptOn(opened)];
  let promised = 0;
  const marks = [...marksOf(files.get(BUNDLE) ?? '')];
  const live = async (): Promise<void> => {
    const agent = start(scenario, service, spoilDisk(disk));
    promised += 1;
    const commit: StateStore['commit'] = (next) => {
      const other = createFailingDisk();
      start(scenario, service, other).state.commit(next);
      begun.push(keptOn(other));
      agent.state.commit(next);
      promised += 1;
      marks.push(...marksAllowedBy(start(scenario, service, other)));
    };
    const state = committing(agent.state, commit);
    const watched = spoilAgent({ ...agent, state, transport: poweredBy(disk, agent) });
    await (scenario.act ?? bootstrap)(watched, service);
  };
  // What a trust store throws is taken for a store that cannot be written: the disk knows better.
  await live().catch((error: unknown) => (error instanceof PowerLoss ? null : Promise.reject(error)));
  const ended = disk.isOff ? 'cut' : 'whole';
  return { ended, disk, service, allowed: begun.slice(promised), marks, reports: [...service.reports] };
}

/** Nothing is sent without power. */
function poweredBy(disk: FailingDisk, { transport }: TestAgent): TestAgent['transport'] {
  const orOff = <T>(value: T): T => {
    if (disk.isOff) throw new PowerLoss();
    return value;
  };
  return {
    ...transport,
    async connect(...args) {
      const connection = orOff(await transport.connect(...args));
      if ('cause' in connection) return connection;
      return { ...connection, post: async (...sent) => orOff(connection).post(...sent) };
    },
  };
}

export function committing(state: StateStore, commit: StateStore['commit']): StateStore {
  return {
    get current() {
      return state.current;
    },
    commit,
  };
}

/** Looks at one disk; the agent that was started on it again. */
function check(
  scenario: Scenario,
  { allowed, marks, reports, service }: Cut,
  contents: ReadonlyMap<string, string>,
  violations: Set<string>,
): TestAgent {
  const disk = createFailingDisk(contents);
  const bundle = contents.get(BUNDLE) ?? '';
  const floors = contents.get(`${scenario.floorsDirectory ?? '/device'}/floors.json`) ?? '';
  const restarted = start(scenario, service, disk);
  const { fault, counter, lastNonce } = restarted.state.current;
  const mine = marksAllowedBy(restarted);
  const told = reports.every(
    (report) =>
      counter >= Number(report['counter']) &&
      (!String(report['phases']).includes('accepted') || lastNonce === report['nonce']),
  );
  const isOne = (which: keyof Kept, text: string): boolean => allowed.some((each) => each[which] === text);
  const wrong = {
    'state.json is neither the old nor the new state': !isOne('state', contents.get(STATE) ?? ''),
    'floors.json is neither the old nor the new one': !isOne('floors', floors),
    'bundle.pem is torn': !isWhole(bundle),
    'bundle.pem has what the state does not have': marksOf(bundle).some((mark) => ![...marks, ...mine].includes(mark)),
    'the service was told of what is not durable': !told,
    'the state has a fault': fault !== null,
    'the bundle is not what the state says': mine.length !== standingNow(restarted).inspectionCas.length,
  };
  for (const [violation, is] of Object.entries(wrong)) if (is) violations.add(violation);
  return restarted;
}

/** The device lives on. */
async function goOn(
  { ends }: Scenario,
  service: FakeService,
  agent: TestAgent,
  violations: Set<string>,
): Promise<void> {
  service.now += 60;
  const { outcome } = await bootstrap(agent);
  if (!ends.includes(outcome)) violations.add(`the next exchange ends with ${outcome}`);
}

function isWhole(bundle: string): boolean {
  return bundle === '' || (bundle.endsWith('-----END CERTIFICATE-----\n') && /^(# windlass|-----BEGIN)/.test(bundle));
}

/** What the bundle has when it is filled by the state. */
function marksAllowedBy(agent: TestAgent): readonly string[] {
  fillStores(agent, standingNow(agent));
  return marksOf(agent.bundle());
}

function marksOf(bundle: string): readonly string[] {
  return bundle.match(/^# windlass: .*$/gm) ?? [];
}

function textOf(bytes: Uint8Array | null): string {
  return new TextDecoder().decode(bytes ?? new Uint8Array());
}
