/** Clocks that are wrong, that jump and that start anew with each boot: the agent comes online, stays so, says so, and ends what has to end. */
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labIsReady } from '../can-run-lab.ts';
import { fakeTime, fakeTimeFrom } from '../fake-time.ts';
import type { Device } from '../windlass/installation.ts';
import {
  approve,
  bootstrap,
  claim,
  list,
  network,
  type ServedWorld,
  startServedWorld,
  untilAgentSays,
} from './world.ts';

const ready = await labIsReady('the agent with a wrong clock', ['faketime']);
/** The boxes of the lab issue leaves that are ten minutes old. */
const SLOW = fakeTime('-15m');

describe.runIf(ready)('clocks', { timeout: 120_000 }, () => {
  let world: ServedWorld;

  beforeAll(async () => {
    world = await startServedWorld('clocks');
    await approve(world.installation, world.proxy.inspectionCaFile);
  }, 60_000);

  afterAll(async () => {
    await world.close();
  });

  const makeDevice = async (serial: string, config: object = {}): Promise<Device> => {
    const device = await world.makeDevice(serial);
    const file = join(device.directory, 'agent.json');
    await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...config }));
    return device;
  };

  for (const day of ['1970-01-02', '2038-01-20', '2099-01-01']) {
    it(`[T4] a clock at ${day}: comes online twice, and says that other programs will fail`, async () => {
      const device = await makeDevice(`CLOCK-${day}`);
      await claim(world.installation, device.serial);
      for (const rung of [2, 1]) {
        const said = await bootstrap(device, { env: fakeTime(`${day} 00:00:00`) });
        expect(said).toMatchObject({ exit: 0, outcome: 'active', rung });
        expect(said.systemClock).toMatch(new RegExp(`it says ${day}.*other programs|other programs.*it says ${day}`));
        // The stores that other programs read are not claimed to work.
        expect(said.stores.find(({ name }) => name === 'bundle')?.state).not.toBe('effective');
      }
    });
  }

  it('[T5] 15 minutes slow and not trusted, leaves ten minutes old: online, and the clock is told', async () => {
    const device = await makeDevice('CLOCK-SLOW');
    await claim(world.installation, device.serial);
    const said = await bootstrap(device, { env: SLOW });
    expect(said).toMatchObject({ exit: 0, outcome: 'active', rung: 2, failure: 'unknown-issuer' });
    expect(said.systemClock).toContain('other programs will fail');
    // Now the CA is known, and only the dates of its leaf are not fine: by what was signed and kept they are.
    expect(await bootstrap(device, { env: SLOW })).toMatchObject({ exit: 0, rung: 1 });
  });

  it('15 minutes slow and trusted, leaves ten minutes old: named as the clock, with the difference, to the service too', async () => {
    const device = await makeDevice('CLOCK-TRUSTED', { clock: 'trusted' });
    await claim(world.installation, device.serial);
    const said = (await bootstrap(device, { env: SLOW })) as Awaited<ReturnType<typeof bootstrap>> & {
      endpoint: string;
    };
    expect(said).toMatchObject({ exit: 40, outcome: 'reverted', code: 'clock', reported: true, inspectionCas: [] });
    expect(said.endpoint).toMatch(/is (89\d|90\d) seconds behind the signed time/);
    const known = (await list(world.installation, 'device', 'list')).find(({ serial }) => serial === device.serial);
    expect(known).toMatchObject({ lastReport: { code: 'clock' } });
    // With the clock right again nothing stands in the way.
    expect(await bootstrap(device)).toMatchObject({ exit: 0, outcome: 'active' });
    // And a device that is online loses nothing that it holds when the clock goes wrong for a while.
    expect(await bootstrap(device, { env: SLOW })).toMatchObject({ exit: 40, code: 'clock' });
    expect(await bootstrap(device)).toMatchObject({ exit: 0, rung: 1 });
  });

  for (const clock of ['untrusted', 'trusted']) {
    it(`[T5] a clock (${clock}) that jumps back by a year in a running agent: it goes on, and says so`, async () => {
      const device = await makeDevice(`CLOCK-JUMP-${clock}`, { clock });
      const file = join(device.directory, 'time');
      await writeFile(file, '+0d');
      const agent = await device.start(fakeTimeFrom(file));
      try {
        const { length } = await untilAgentSays(agent, 'unclaimed');
        await writeFile(file, '-365d');
        await claim(world.installation, device.serial);
        const { said } = await untilAgentSays(agent, 'active', length);
        expect(said).toMatchObject({ inspectionCas: [{}], reported: true });
        expect(said.systemClock).toContain('other programs will fail');
      } finally {
        await agent.stop();
      }
    });
  }
});

describe.runIf(ready)('reboots', { timeout: 180_000 }, () => {
  let world: ServedWorld;

  beforeAll(async () => {
    world = await startServedWorld('reboots');
  }, 60_000);

  afterAll(async () => {
    await world.close();
  });

  it('[T7] a device that boots at 1970 each day, without the service: an inspection CA ends all the same', async () => {
    const device = await world.makeDevice('CLOCK-REBOOTS');
    await claim(world.installation, device.serial);
    const { inspectionCaFile: ca } = world.proxy;
    const ends = new Date(Date.now() + 35_000).toISOString().replace(/\.\d+/, '');
    await world.installation.windlass('inspection-ca', 'add', ca, '--permit', 'example', '--until', ends, ...network);
    await world.installation.windlass('inspection-ca', 'approve', '--certificate', ca, ...network);
    await world.installation.windlass('profile', 'publish', ...network);
    const boot = { env: fakeTime('1970-01-02 00:00:00') };
    expect(await bootstrap(device, boot)).toMatchObject({ exit: 0 });
    const holds = (): boolean => readFileSync(device.bundleFile, 'utf8').includes('# windlass: ');
    await world.killService();
    try {
      let boots = 0;
      for (; holds() && boots < 12; boots += 1) {
        const agent = await device.start(boot.env);
        await sleep(8_000);
        await agent.stop();
      }
      expect(boots).toBeGreaterThan(2);
      expect(holds()).toBe(false);
    } finally {
      await world.serveAgain();
    }
  });
});
