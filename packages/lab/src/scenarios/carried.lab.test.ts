/** A device without any route to the service, behind a real box on its own network: request and answer are carried (root, Debian). */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cloudNames } from '../address-plan.ts';
import { labIsReady } from '../can-run-lab.ts';
import { labPackages } from '../debian-packages.ts';
import type { CommandResult } from '../run-command.ts';
import { askWithCurl } from '../stock-clients.ts';
import { windlassArgv, wordsOf } from '../windlass/commands.ts';
import type { Device } from '../windlass/installation.ts';
import { boxRow } from './box-rows.ts';
import { type BoxWorld, inBoxWorld } from './box-world.ts';
import { approve, bootstrap, claim } from './world.ts';

const { application } = cloudNames;

describe.runIf(await labIsReady('an answer that is carried by hand', labPackages))(
  'a device without any route to the service',
  { timeout: 180_000 },
  () => {
    it('gets its profile on a stick, is confirmed by the first way out, and takes nothing else', async () => {
      await inBoxWorld(boxRow('squid transparent'), carriedIn);
    });
  },
);

async function carriedIn(boxWorld: BoxWorld): Promise<void> {
  const { world, installation, caFile, makeDevice } = boxWorld;
  const { network, directory } = world;
  const [device, other] = [await makeDevice('CARRIED-1'), await makeDevice('CARRIED-2')];
  for (const { serial } of [device, other]) await claim(installation, serial);
  await approve(installation, caFile);
  const noRoute = ['unreachable', `${network.addresses.service}/32`];
  await network.run('device', ['ip', 'route', 'add', ...noRoute]);
  expect(await bootstrap(device)).toMatchObject({ exit: 20, outcome: 'no-answer', stage: 'connect' });

  const stick = (name: string): string => join(directory, name);
  for (const { serial, agent } of [device, other])
    expect(await said(agent('request', { args: ['--out', stick(`${serial}.json`), '--json'] }))).toMatchObject({
      code: 0,
    });
  const carry = (...args: readonly string[]): Promise<CommandResult> =>
    network.run('cloud', windlassArgv('carry', ...args, '--tls-anchor', world.webRootFile, '--json'));
  expect(await said(carry(stick('CARRIED-1.json'), '--out', stick('answer.json')))).toMatchObject({
    code: 0,
    outcome: 'granted',
    network: 'plant-a',
  });

  const isTrusted = async (): Promise<boolean> => {
    const target = { name: application, port: 443, caFile: device.bundleFile };
    return (await askWithCurl((argv, options) => network.run('device', argv, options), target)).ok;
  };
  expect(await isTrusted()).toBe(false);
  expect(await imported(other, stick('answer.json'))).toMatchObject({ code: 30, outcome: 'not-valid' });
  expect(await imported(device, stick('answer.json'), '--report', stick('report.json'))).toMatchObject({
    code: 0,
    outcome: 'active',
    confirmed: false,
    reported: false,
    endpoints: [{ name: 'app', verdict: 'inspected-trusted', ok: true }],
  });
  expect(await isTrusted()).toBe(true);
  expect(await imported(device, stick('answer.json'))).toMatchObject({ code: 30, outcome: 'not-valid' });

  expect(await said(carry(stick('report.json')))).toMatchObject({ code: 0, carried: 'report' });
  expect(await installation.windlass('device', 'show', device.serial)).toMatchObject({
    lastReport: { phases: expect.arrayContaining(['active']) },
  });
  expect(await bootstrap(device)).toMatchObject({ exit: 20 });
  expect(await said(device.agent('status', { args: ['--json'] }))).toMatchObject({ code: 0, confirmed: false });
  expect(await isTrusted()).toBe(true);

  await network.run('device', ['ip', 'route', 'del', ...noRoute]);
  expect(await bootstrap(device)).toMatchObject({ exit: 0, outcome: 'active', rung: 1, reported: true });
  expect(await said(device.agent('status', { args: ['--json'] }))).toMatchObject({ code: 0, confirmed: true });
}

function imported(device: Device, file: string, ...more: readonly string[]): Promise<object> {
  return said(device.agent('import', { args: [file, ...more, '--json'] }));
}

/** The exit code of a program with the members of what it printed. */
async function said(running: Promise<CommandResult>): Promise<object> {
  const result = await running;
  try {
    return { ...(JSON.parse(result.stdout) as object), code: result.code };
  } catch {
    throw new Error(`it ended with ${result.code}: ${wordsOf(result)}`);
  }
}
