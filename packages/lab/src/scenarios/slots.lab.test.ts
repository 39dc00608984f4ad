/** A device as it ships: a read-only root with two slots, and a writable partition for the state, one more for the copy of the floors. */
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cloudNames } from '../address-plan.ts';
import { labIsReady } from '../can-run-lab.ts';
import { type CommandResult, runCommand } from '../run-command.ts';
import { askWithCurl } from '../stock-clients.ts';
import { agentArgv } from '../windlass/commands.ts';
import { approve, claim, type ServedWorld, startServedWorld } from './world.ts';

const ready = await labIsReady('the agent on a read-only root', ['curl']);

describe.runIf(ready)('a read-only root with two slots', { timeout: 120_000 }, () => {
  let world: ServedWorld;
  let device: Slots;

  beforeAll(async () => {
    world = await startServedWorld('slots');
    await approve(world.installation, world.proxy.inspectionCaFile);
    device = await makeSlots(world, 'SLOT-1');
  }, 60_000);

  afterAll(async () => {
    await world.close();
  });

  it('comes online from slot A; nothing is written outside of the two partitions', async () => {
    const before = await contentOf(device.slot('a'));
    expect(await device.bootstrap('a')).toMatchObject({ code: 0 });
    expect(await contentOf(device.slot('a'))).toEqual(before);
    expect([...(await contentOf(device.data)).keys()].sort()).toEqual(['bundle-a.pem', 'state/state.json']);
    expect([...(await contentOf(device.floors)).keys()]).toEqual(['floors.json']);
    expect(await trusts(world, join(device.data, 'bundle-a.pem'))).toBe(true);
  });

  it('updated to slot B, whose bundle is elsewhere: online at once, and nothing of ours stays in the old place', async () => {
    const said = await device.bootstrap('b');
    expect(said).toMatchObject({ code: 0 });
    expect(JSON.parse(said.stdout)).toMatchObject({ outcome: 'active', rung: 1, removed: [] });
    expect(await trusts(world, join(device.data, 'bundle-b.pem'))).toBe(true);
    expect(await trusts(world, join(device.data, 'bundle-a.pem'))).toBe(false);
  });

  it('rolled back to slot A: online, with the floors of slot B', async () => {
    const { time } = await device.state();
    expect(await device.bootstrap('a')).toMatchObject({ code: 0 });
    expect((await device.state()).time).toBeGreaterThanOrEqual(time);
    expect(await trusts(world, join(device.data, 'bundle-a.pem'))).toBe(true);
    expect(await trusts(world, join(device.data, 'bundle-b.pem'))).toBe(false);
  });

  it('[C5] rolled back to an agent that does not know the state: ends with 2, touches nothing, and the bundle goes on working', async () => {
    const kept = await readFile(device.stateFile);
    await device.writeState(({ version, ...state }) => ({ version: Number(version) + 1, ...state, more: [] }));
    const before = [await contentOf(device.data), await contentOf(device.floors)];
    for (const command of ['bootstrap', 'reset', 'status']) {
      const said = await device.agent('a', command);
      expect(said).toMatchObject({ code: 2, stderr: expect.stringContaining('A newer agent wrote') });
    }
    expect([await contentOf(device.data), await contentOf(device.floors)]).toEqual(before);
    expect(await trusts(world, join(device.data, 'bundle-a.pem'))).toBe(true);
    await writeFile(device.stateFile, kept);
  });

  it('updated from an agent that wrote the first version of the state: it goes on from there', async () => {
    await device.writeState(({ floors, lastNonce, counter, outcome, holding, previous, service }) => {
      const { profiles, ...held } = holding as { profiles: { network: string; envelope: object }[] };
      const first = profiles.map(({ network, envelope }) => ({ network, envelope }));
      return {
        version: 1,
        service,
        floors,
        lastNonce,
        counter,
        outcome,
        holding: { ...held, profiles: first },
        previous,
      };
    });
    const said = await device.bootstrap('b');
    expect(said).toMatchObject({ code: 0 });
    expect(JSON.parse(said.stdout)).toMatchObject({ rung: 1, reported: true });
    expect(await device.state()).toMatchObject({ version: 2, trouble: null, fault: null });
  });

  it('[C3] the partition of the state is lost: online again, and the floors are those of before', async () => {
    const { floors } = await device.state();
    await writeFile(device.stateFile, '');
    expect(await device.bootstrap('b')).toMatchObject({ code: 0 });
    expect(await device.state()).toMatchObject({
      floors: { generation: floors['generation'], networks: floors['networks'] },
    });
    expect(floors['generation']).toBeGreaterThan(0);
  });

  it('a partition of the state that is read-only too: ends with 2 and names it', async () => {
    const said = await device.agent('b', 'bootstrap', []);
    expect(said).toMatchObject({ code: 2, stderr: expect.stringMatching(/state.*EROFS/) });
  });

  it('[C3] reset takes the anchors out of both places and proves it by their content and by a handshake', async () => {
    expect(await device.bootstrap('a')).toMatchObject({ code: 0 });
    expect(await device.bootstrap('b')).toMatchObject({ code: 0 });
    // As if slot A had been started by an agent that knows nothing of former places.
    await cp(join(device.data, 'bundle-b.pem'), join(device.data, 'bundle-a.pem'));
    expect(await trusts(world, join(device.data, 'bundle-a.pem'))).toBe(true);
    const said = await device.agent('b', 'reset');
    expect(said, said.stderr).toMatchObject({ code: 0 });
    const { proof } = JSON.parse(said.stdout) as { proof: { path: string }[] };
    expect(proof.map(({ path }) => path)).toEqual(['b', 'a'].map((slot) => join(device.data, `bundle-${slot}.pem`)));
    const refused = expect.stringMatching(/^refused: [A-Z_]+$/);
    for (const each of proof) expect(each).toMatchObject({ content: 'no-anchor', anchors: [], handshake: refused });
    for (const slot of ['a', 'b']) expect(await trusts(world, join(device.data, `bundle-${slot}.pem`))).toBe(false);
  });
});

interface State {
  readonly version: number;
  readonly time: number;
  readonly floors: Readonly<Record<string, unknown>>;
}

interface Slots {
  /** What is writable, but for the floors. */
  readonly data: string;
  readonly floors: string;
  readonly stateFile: string;
  slot(name: 'a' | 'b'): string;
  /** Runs the agent of a slot where only these directories can be written; default: both partitions. */
  agent(name: 'a' | 'b', command: string, writable?: readonly string[]): Promise<CommandResult>;
  bootstrap(name: 'a' | 'b'): Promise<CommandResult>;
  state(): Promise<State>;
  /** Another agent wrote it. */
  writeState(change: (state: Readonly<Record<string, unknown>>) => object): Promise<void>;
}

async function makeSlots(world: ServedWorld, serial: string): Promise<Slots> {
  const made = await world.makeDevice(serial);
  await claim(world.installation, serial);
  const config = JSON.parse(await readFile(join(made.directory, 'agent.json'), 'utf8')) as object;
  const [data, floors] = [join(world.directory, 'data'), join(world.directory, 'floors')];
  const slot = (name: string): string => join(world.directory, `slot-${name}`);
  for (const directory of [data, floors]) await mkdir(directory);
  for (const name of ['a', 'b']) {
    await cp(made.directory, slot(name), { recursive: true });
    const trustStores = [{ kind: 'bundle', name: 'apps', path: join(data, `bundle-${name}.pem`) }];
    const own = { ...config, stateDirectory: join(data, 'state'), floorsDirectory: floors, trustStores };
    await writeFile(join(slot(name), 'agent.json'), JSON.stringify(own));
  }
  const stateFile = join(data, 'state', 'state.json');
  const agent: Slots['agent'] = (name, command, writable = [data, floors]) => {
    const argv = agentArgv([command, '--config', join(slot(name), 'agent.json'), '--json']);
    return runCommand(['unshare', '-m', 'sh', '-euc', READ_ONLY, world.directory, writable.join(' '), ...argv]);
  };
  return {
    ...{ data, floors, stateFile, slot, agent },
    bootstrap: (name) => agent(name, 'bootstrap'),
    state: async () => (JSON.parse(await readFile(stateFile, 'utf8')) as { state: State }).state,
    async writeState(change) {
      const { state } = JSON.parse(await readFile(stateFile, 'utf8')) as { state: Record<string, unknown> };
      const body = JSON.stringify(change(state));
      const digest = createHash('sha256').update(body).digest('base64');
      await writeFile(stateFile, `{"digest":"${digest}","state":${body}}\n`);
    },
  };
}

/** $0 the directory of the world, $1 what stays writable in it, then the program. In a mount namespace of its own: the machine's mounts stay as they are. */
const READ_ONLY = `
  mount --bind "$0" "$0"
  for each in $1; do mount --bind "$each" "$each"; done
  mount -o remount,bind,ro "$0"
  mount -o remount,bind,ro /
  shift
  exec "$@"
`;

/** Every file under a directory, but for the lock of an agent that works, with its content. */
async function contentOf(directory: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(
    files.map(async (file) => [file.slice(directory.length + 1), await readFile(file, 'utf8')] as const),
  );
  return new Map(contents);
}

/** A stock program that reads the bundle gets through the box. */
async function trusts(world: ServedWorld, caFile: string): Promise<boolean> {
  const target = { name: cloudNames.application, port: 443, caFile, connectTo: world.proxy.addresses.https };
  return (await askWithCurl(runCommand, target)).ok;
}
