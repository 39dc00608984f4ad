// The life of one device through a history: the real exchange and the real run over a disk that loses power, in time that passes at once.
import { X509Certificate } from 'node:crypto';
import { keyOf } from '@windlass/protocol';
import * as core from '../../core.ts';
import type { Result } from '../../result.ts';
import { createRun } from '../../run/run-agent.ts';
import type { RunCore } from '../../run/steps.ts';
import { createFailingDisk, type FailingDisk, PowerLoss } from '../failing-disk.ts';
import { NOW } from '../fake-service.ts';
import { BUNDLE, startAgent, type TestAgent } from '../test-agent.ts';
import { arrange, createField, DERS, type Field, KEYS, mend, perform, plantACas, RETRY_SECONDS } from './field.ts';
import type { Act, Box, History } from './history.ts';
import { createOracle, must, type Oracle, stateOn } from './oracle.ts';

/** What is wrong with a device on purpose. */
export interface Planted {
  agent?(agent: TestAgent): TestAgent;
  core?(parts: RunCore): RunCore;
}

/** After everything works again: what the device was told before, a look, a start, a back-off, and its hourly limit. */
const BACK_AFTER_SECONDS = 2 * RETRY_SECONDS + 60 + 5 + 60 + 30 + 2 * 120;
/** How long the last act has before everything is mended. */
const LAST_SECONDS = 900;
const CLOCK_2099 = 4_070_908_800;
const FINGERPRINTS = DERS.map(([key, der]) => [key, new X509Certificate(der).fingerprint256] as const);

/** The history is over. */
class Over extends Error {}
/** The device is switched off. */
class Off extends Error {}

interface Boot {
  readonly failAt: number;
  readonly found: number;
  readonly isReset: boolean;
}

interface Life {
  readonly field: Field;
  readonly oracle: Oracle;
  readonly planted: Planted;
  readonly chance: () => number;
  readonly steps: History['steps'][number][];
  readonly end: Box;
  /** When something happens next. */
  next: number;
  boot: Boot;
  /** Since when everything works; null: not yet. */
  mended: number | null;
  /** Nothing is sent by itself before. */
  notBefore: number;
}

const UNHARMED: Boot = { failAt: Number.POSITIVE_INFINITY, found: 0, isReset: false };

/** The device comes through; rejects with `Broken` where something did not hold. How many exchanges there were. */
export async function live({ box, steps, end, seed }: History, planted: Planted = {}): Promise<number> {
  const life: Life = {
    ...{ field: createField(box), oracle: createOracle(), planted, chance: chanceOf(seed), steps: [...steps], end },
    ...{ next: steps[0]?.after ?? 0, boot: UNHARMED, mended: null, notBefore: 0 },
  };
  let files: ReadonlyMap<string, string> = new Map();
  for (;;) {
    const { failAt, found } = life.boot;
    const disk = createFailingDisk(files, failAt);
    try {
      await switchOn(life, disk);
    } catch (error) {
      if (error instanceof Over) return life.field.service.requests.length;
      if (!(error instanceof Off || error instanceof PowerLoss)) throw error;
      if (error instanceof PowerLoss) life.boot = UNHARMED;
    }
    const remains = disk.afterPowerLoss();
    files = remains[found % remains.length] ?? files;
    life.oracle.disk(createFailingDisk(files));
    life.field.on = life.field.now;
    if (life.mended !== null) life.mended = life.field.now;
  }
}

/** From power on until it goes, or the history is over. */
async function switchOn(life: Life, disk: FailingDisk): Promise<void> {
  const { field, oracle, planted, chance } = life;
  const before = stateOn(disk);
  const plain = startAgent(field.service, { disk, now: () => shown(field), monotonic: () => field.now - field.on });
  const connect: TestAgent['transport']['connect'] = async (scheme, trust) => {
    if (disk.isOff) throw new PowerLoss();
    arrange(field);
    oracle.judges(trust.inspectionCas, trust.time);
    return plain.transport.connect(scheme, trust);
  };
  const tell: TestAgent['tell'] = (event) => {
    if (disk.isOff) return;
    oracle.tell(event);
    if (event.kind === 'ended') ended(life, event.result, disk, plain.clock.read().time);
  };
  const stores = plain.stores.map((store) => ({
    ...store,
    write: (given: Parameters<typeof store.write>[0]): void => {
      must(isKept(disk, keysOf(given.inspectionCas)), 'no store is ahead of the state');
      store.write(given);
    },
  }));
  const watched = { ...plain, stores, tell, transport: { ...plain.transport, connect } };
  const agent = planted.agent?.(watched) ?? watched;
  const standing = core.standingNow(agent);
  const active = before?.holding.active ?? null;
  must(standing.fault !== null || standing.network === active, 'what was active is active after a restart');
  if (life.boot.isReset) forget(life, agent);
  core.fillStores(agent, core.standingNow(agent));
  const parts: RunCore = {
    ...core,
    bootstrap(given) {
      must(field.now >= life.notBefore, 'nothing is sent before the signed time');
      field.met = [];
      return core.bootstrap(given);
    },
  };
  let { moves } = field;
  const look = (): 'network-changed' | null => {
    const happened = moves === field.moves ? null : 'network-changed';
    moves = field.moves;
    return happened;
  };
  /** What is trusted is checked when it changes: it is verified again each hour. */
  let looked: Result['inspectionCas'] | null = null;
  const sleep = async (seconds: number): Promise<void> => {
    if (disk.isOff) throw new PowerLoss();
    const { inspectionCas } = core.standingNow(agent);
    if (inspectionCas !== looked) oracle.trusts(inspectionCas, plain.clock.read().time);
    looked = inspectionCas;
    pass(life, Math.ceil(seconds * 1_000 + 1) / 1_000); // as the timer of `run` does
  };
  const run = createRun(planted.core?.(parts) ?? parts);
  await run(agent, { stopped: new Promise<void>(() => {}), sleep, chance, look });
}

function forget(life: Life, agent: TestAgent): void {
  core.resetAgent(agent);
  life.oracle.reset();
  Object.assign(life, { boot: UNHARMED, notBefore: 0 });
}

/** An exchange is over at the time `known` of the device: what was decided is in the bundle and on the disk, and right for where the device is. */
function ended(life: Life, result: Result, disk: FailingDisk, known: number): void {
  const { field, oracle } = life;
  const { outcome, network, inspectionCas, next, unsent } = result;
  life.notBefore = next.kind === 'retry' ? field.now + next.seconds : 0;
  must(`${[...storedOn(disk)].sort()}` === `${keysOf(inspectionCas).sort()}`, 'the bundle has what is trusted');
  oracle.trusts(inspectionCas, known);
  oracle.disk(disk);
  const signers = field.met.map((box) => (box === 'none' ? '' : KEYS[box]));
  must(outcome !== 'active' || keysOf(inspectionCas).some((key) => signers.includes(key)), 'active is what signs here');
  if (outcome === 'awaiting-approval') oracle.keptOut(signers);
  const [signer, other] = [...new Set(field.met)];
  const isDecided = outcome !== 'no-answer' && outcome !== 'not-valid' && outcome !== 'refused';
  const isSeen = signer && !other && (field.way === 'open' || field.way === 'portal');
  if (isSeen && !isDecided && !stateOn(disk)?.previous)
    oracle.stands(keysOf(inspectionCas), signer === 'none' ? null : KEYS[signer], known);
  if (life.mended === null || field.way !== 'open') return;
  const here = field.box === 'b' ? 'plant-b' : plantACas(field).some((box) => box === field.box) ? 'plant-a' : null;
  const wanted = field.box === 'none' ? 'not-inspected' : here ? 'active' : 'awaiting-approval';
  if (outcome === wanted && network === (here ?? null) && unsent === null) throw new Over();
}

/** Time passes, and what is to happen meanwhile happens. */
function pass(life: Life, seconds: number): void {
  const { field } = life;
  const until = field.now + seconds;
  while (life.next <= until) {
    field.now = Math.max(field.now, life.next);
    happen(life);
  }
  field.now = until;
  must(life.mended === null || field.now - life.mended <= BACK_AFTER_SECONDS, 'it comes back when the network does');
}

function happen(life: Life): void {
  const { field, steps, end } = life;
  const step = steps.shift();
  if (!step) {
    mend(field, end);
    Object.assign(life, { mended: field.now, next: Number.POSITIVE_INFINITY });
    return;
  }
  perform(field, step.act);
  if (step.act.kind === 'off') field.now += step.act.seconds;
  life.next = field.now + (steps[0]?.after ?? LAST_SECONDS);
  const boot = bootAfter(step.act);
  if (!boot) return;
  life.boot = boot;
  throw new Off();
}

function bootAfter(act: Act): Boot | null {
  if (act.kind === 'crash') return { ...UNHARMED, failAt: act.operation, found: act.found };
  if (act.kind === 'reset') return { ...UNHARMED, isReset: true };
  return act.kind === 'off' ? UNHARMED : null;
}

/** The system's clock. */
function shown({ shows, now, on }: Field): number {
  if (shows === 'right') return NOW + Math.floor(now);
  return Math.floor(now - on) + (shows === '2099' ? CLOCK_2099 : 0);
}

function keysOf(inspectionCas: core.TrustedInspectionCa[] | Result['inspectionCas']): string[] {
  return inspectionCas.map(({ certificate }) => keyOf(certificate));
}

/** These are of the profile that is active in the state on the disk. */
function isKept(disk: FailingDisk, keys: readonly string[]): boolean {
  const { profiles = [], active } = stateOn(disk)?.holding ?? {};
  const { payload } = profiles.find(({ network }) => network === active)?.envelope ?? { payload: '' };
  return DERS.every(([key, der]) => !keys.includes(key) || payload.includes(Buffer.from(der).toString('base64')));
}

function storedOn(disk: FailingDisk): readonly string[] {
  const text = `${disk.read(BUNDLE) ?? ''}`;
  return FINGERPRINTS.filter(([, fingerprint]) => text.includes(fingerprint)).map(([key]) => key);
}

/** The same numbers for the same seed. */
function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
