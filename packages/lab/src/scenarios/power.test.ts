/** kill -9 of agent and service at random moments: the state stays whole, nothing goes back, nothing that was acknowledged is lost. */

import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { agentArgv } from '../windlass/commands.ts';
import type { Device } from '../windlass/installation.ts';
import { approve, bootstrap, claim, floorsOf, list, network, startServedWorld } from './world.ts';

/** By hand more: WINDLASS_KILL_CYCLES=50. */
const cycles = Number(process.env['WINDLASS_KILL_CYCLES'] ?? 10);

describe('kill -9', { timeout: 60_000 + cycles * 20_000 }, () => {
  it(`of the agent, ${cycles} times during updates: old or new, never less, and the next run is whole`, async () => {
    const world = await startServedWorld('kill-agent');
    try {
      await approve(world.installation, world.proxy.inspectionCaFile);
      await claim(world.installation, 'KILL-1');
      const device = await world.makeDevice('KILL-1');
      expect(await bootstrap(device)).toMatchObject({ exit: 0 });
      let before = sequenceOf(device);
      for (let cycle = 0; cycle < cycles; cycle++) {
        await world.installation.windlass('profile', 'publish', '--force', ...network);
        await killAfter(agentArgv(['bootstrap', '--config', join(device.directory, 'agent.json')]), randomInt(30, 700));
        const after = sequenceOf(device);
        expect(after.sequence).toBeGreaterThanOrEqual(before.sequence);
        expect(after.time >= before.time).toBe(true);
        before = after;
      }
      const said = await bootstrap(device);
      expect(said).toMatchObject({ exit: 0, outcome: 'active' });
      expect(sequenceOf(device).sequence).toBe(cycles + 1);
    } finally {
      await world.close();
    }
  });

  it(`of the service, ${cycles} times during bootstraps: every acknowledged act and report is still there`, async () => {
    const world = await startServedWorld('kill-service');
    try {
      await approve(world.installation, world.proxy.inspectionCaFile);
      const acknowledged: string[] = [];
      for (let cycle = 0; cycle < cycles; cycle++) {
        const serial = `KILL-S${cycle}`;
        await claim(world.installation, serial);
        const device = await world.makeDevice(serial);
        const exchange = bootstrap(device);
        await sleep(randomInt(30, 400));
        await world.killService();
        const said = await exchange;
        if (said.reported) acknowledged.push(serial);
        await world.serveAgain();
        if (said.exit !== 0) expect(await bootstrap(device)).toMatchObject({ exit: 0 });
      }
      const devices = await list(world.installation, 'device', 'list');
      for (let cycle = 0; cycle < cycles; cycle++) {
        const device = devices.find(({ serial }) => serial === `KILL-S${cycle}`);
        expect(device).toMatchObject({
          organization: 'acme',
          lastReport: expect.objectContaining({ phases: expect.arrayContaining(['active']) }),
        });
      }
      const audit = (await world.installation.windlass('audit', 'list')) as { chain?: unknown };
      expect(audit.chain).toBe('intact');
      console.log(
        `kill -9 of the service: ${acknowledged.length} of ${cycles} exchanges were acknowledged before the kill, none lost`,
      );
    } finally {
      await world.close();
    }
  });
});

async function killAfter(argv: readonly string[], milliseconds: number): Promise<void> {
  const [command = '', ...rest] = argv;
  const child = spawn(command, rest, { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await Promise.race([ended, sleep(milliseconds)]);
  child.kill('SIGKILL');
  await ended;
}

function sequenceOf(device: Device): { readonly sequence: number; readonly time: string } {
  const { time, networks } = floorsOf(device);
  return { time, sequence: networks['acme/plant-a']?.sequence ?? 0 };
}
