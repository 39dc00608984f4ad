/**
 * The real agent killed at each of its durable writes, in their middle and between them, one after the other until a run is whole: always
 * the old or the new state, and the next run is as if nothing had been.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProxyProcess } from '../proxies/inspecting-proxy-process.ts';
import { type CommandResult, runCommand } from '../run-command.ts';
import { agentArgv } from '../windlass/commands.ts';
import type { Device } from '../windlass/installation.ts';
import { list, organization, type ServedWorld, startServedWorld } from './world.ts';

/** By hand all scenarios, at each operation on files: WINDLASS_CRASH_POINTS=all (some ten minutes). */
const isAll = process.env['WINDLASS_CRASH_POINTS'] === 'all';
const OPERATIONS = isAll ? '' : '&only=writeFileSync,renameSync';
const killAt = fileURLToPath(new URL('../../dist/kill-at.js', import.meta.url));

interface Scenario {
  readonly name: string;
  readonly command: 'bootstrap' | 'reset';
  /** Exit code of a whole run. */
  readonly exit: number;
  /** The least number of places to kill it at. */
  readonly atLeast: number;
  /** The device is as it is before, and world and device are so that the run does what its name says. */
  prepare(world: ServedWorld): Promise<Device>;
}

const install: Scenario = {
  ...{ name: 'install', command: 'bootstrap', exit: 0, atLeast: 14 },
  async prepare(world) {
    const { device } = await inPlant(world, 'install');
    return device;
  },
};

const revert: Scenario = {
  ...{ name: 'revert', command: 'bootstrap', exit: 40, atLeast: 4 },
  async prepare(world) {
    const { device, network } = await inPlant(world, 'revert');
    await mustEnd(device, 0);
    const nowhere = ['--host', 'nowhere.example', '--port', '443', '--protocol', 'https', '--required'];
    await world.installation.windlass('endpoint', 'add', 'nowhere', ...nowhere, ...network);
    await world.installation.windlass('profile', 'publish', ...network);
    return device;
  },
};

const change: Scenario = {
  ...{ name: 'switch', command: 'bootstrap', exit: 0, atLeast: 14 },
  async prepare(world) {
    const { device } = await inPlant(world, 'from');
    await mustEnd(device, 0);
    const { proxy } = await plant(world, 'to');
    await connectThrough(device, proxy);
    return device;
  },
};

const rollover: Scenario = {
  ...{ name: 'rollover', command: 'bootstrap', exit: 0, atLeast: 14 },
  async prepare(world) {
    const { device, network } = await inPlant(world, 'rollover');
    await mustEnd(device, 0);
    const [before] = await list(world.installation, 'inspection-ca', 'list', ...network);
    const successor = await world.anotherProxy('CN=Successor,O=Plant');
    await approveIn(world, successor, network);
    await world.installation.windlass('inspection-ca', 'retire', String(before?.['fingerprint']), ...network);
    await world.installation.windlass('profile', 'publish', ...network);
    await connectThrough(device, successor);
    return device;
  },
};

const reset: Scenario = {
  ...{ name: 'reset', command: 'reset', exit: 0, atLeast: 4 },
  async prepare(world) {
    const { device } = await inPlant(world, 'reset');
    await mustEnd(device, 0);
    return device;
  },
};

describe('killed at each durable write', { timeout: isAll ? 900_000 : 120_000 }, () => {
  let world: ServedWorld;

  beforeAll(async () => {
    world = await startServedWorld('crash-points');
  }, 60_000);

  afterAll(async () => {
    await world.close();
  });

  for (const scenario of isAll ? [install, change, rollover, revert, reset] : [install, revert]) {
    it(`[C1] ${scenario.name}: the old or the new state, and the next run is whole`, async () => {
      const device = await scenario.prepare(world);
      const disk = await createSnapshot(device);
      const before = lookAt(device);
      const whole = await killed(device, scenario, Number.POSITIVE_INFINITY);
      expect(whole, whole.stderr).toMatchObject({ code: scenario.exit });
      const after = lookAt(device);
      let at = 0;
      for (; ; at += 1) {
        await disk.restore();
        const run = await killed(device, scenario, at);
        const where = `${scenario.name}, killed at ${at}`;
        if (run.code !== undefined) {
          expect(run.code, where).toBe(scenario.exit);
          break;
        }
        const found = lookAt(device);
        const isNew = found.holding === after.holding;
        expect([before.holding, after.holding], where).toContain(found.holding);
        expect(isWhole(found.bundle), where).toBe(true);
        const allowed = [...before.marks, ...(isNew ? after.marks : [])];
        expect(
          found.marks.filter((mark) => !allowed.includes(mark)),
          where,
        ).toEqual([]);
        const next = await device.agent(scenario.command, { args: ['--json'] });
        expect(next.code, `${where}: ${next.stderr}${next.stdout}`).toBe(scenario.exit);
        const end = lookAt(device);
        expect([end.holding, end.marks], where).toEqual([after.holding, after.marks]);
        expect(readdirSync(join(device.directory, 'state')).filter((name) => name.endsWith('.damaged'))).toEqual([]);
      }
      expect(at).toBeGreaterThanOrEqual(scenario.atLeast);
      console.log(`${scenario.name}: killed at ${at} places`);
    });
  }
});

/** A device that belongs to a plant, behind its box, with nothing fetched yet. */
async function inPlant(world: ServedWorld, name: string) {
  const made = await plant(world, name);
  const device = await world.makeDevice(`CRASH-${name}`, [], made.proxy);
  await world.installation.windlass('claim', 'add', '--serial', device.serial, ...made.network);
  return { ...made, device };
}

/** A network with a box whose CA is approved and published. */
async function plant(world: ServedWorld, name: string) {
  await world.installation.windlass('network', 'add', `plant-${name}`, ...organization);
  const proxy = await world.anotherProxy(`CN=${name},O=Plant`);
  const network = [...organization, '--network', `plant-${name}`];
  await approveIn(world, proxy, network);
  return { proxy, network };
}

async function approveIn(
  { installation }: ServedWorld,
  { inspectionCaFile: ca }: ProxyProcess,
  network: readonly string[],
) {
  await installation.windlass('inspection-ca', 'add', ca, '--permit', 'example', ...network);
  await installation.windlass('inspection-ca', 'approve', '--certificate', ca, ...network);
  await installation.windlass('profile', 'publish', ...network);
}

async function connectThrough(device: Device, { addresses }: ProxyProcess): Promise<void> {
  const file = join(device.directory, 'agent.json');
  const [https, http] = [addresses.https, addresses.http].map(({ host, port }) => `${host}:${port}`);
  const config = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...config, connectTo: { '*:443': https, '*:80': http } }));
}

async function mustEnd(device: Device, code: number): Promise<void> {
  const said = await device.agent('bootstrap', { args: ['--json'] });
  expect(said, said.stderr + said.stdout).toMatchObject({ code });
}

/** One run, killed at that operation. */
function killed(device: Device, { command }: Scenario, at: number): Promise<CommandResult> {
  const [node = '', ...agent] = agentArgv([command, '--config', join(device.directory, 'agent.json'), '--json']);
  const below = encodeURIComponent(join(device.directory, 'state'));
  const preload = `file://${killAt}?at=${at}&below=${below}${OPERATIONS}`;
  return runCommand([node, '--import', preload, ...agent]);
}

/** What the disk is now can be made again. */
async function createSnapshot(device: Device): Promise<{ restore(): Promise<void> }> {
  const state = join(device.directory, 'state');
  const copy = join(device.directory, 'state-before');
  if (existsSync(state)) await cp(state, copy, { recursive: true });
  const restore = async (): Promise<void> => {
    await laterThanCounter(device);
    await rm(state, { recursive: true, force: true });
    if (existsSync(copy)) await cp(copy, state, { recursive: true });
  };
  return { restore };
}

/** Counters of reports go by the time: a device that is set back must not use one again. */
async function laterThanCounter(device: Device): Promise<void> {
  const { counter } = stateOf(device);
  while (Date.now() / 1_000 <= counter + 1) await sleep(100);
}

interface State {
  readonly counter: number;
  readonly holding: {
    readonly active: string | null;
    readonly profiles: readonly { readonly network: string; readonly envelope: { readonly payload: string } }[];
  };
}

/** @throws when the file is not whole */
function stateOf(device: Device): State {
  const file = join(device.directory, 'state', 'state.json');
  if (!existsSync(file)) return { counter: 0, holding: { active: null, profiles: [] } };
  const [, digest, body = ''] = /^\{"digest":"([^"]+)","state":(.*)\}\n$/.exec(readFileSync(file, 'utf8')) ?? [];
  expect(createHash('sha256').update(body).digest('base64')).toBe(digest);
  return JSON.parse(body) as State;
}

/** What is held and active, and what the bundle has. */
function lookAt(device: Device) {
  const { active, profiles } = stateOf(device).holding;
  const bundle = existsSync(device.bundleFile) ? readFileSync(device.bundleFile, 'utf8') : '';
  const holding = JSON.stringify([active, profiles.map(({ network, envelope }) => [network, envelope.payload])]);
  return { holding, bundle, marks: bundle.match(/^# windlass: .*$/gm) ?? [] };
}

function isWhole(bundle: string): boolean {
  return bundle === '' || bundle.endsWith('-----END CERTIFICATE-----\n');
}
