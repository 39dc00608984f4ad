/** Edges of the main job on loopback: nobody inspects, a client of stock tools, and the demo itself. */
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cloudNames } from '../address-plan.ts';
import { runCommand } from '../run-command.ts';
import { askWithCurl } from '../stock-clients.ts';
import { approve, bootstrap, claim, list, organization, type ServedWorld, startServedWorld } from './world.ts';

const shellClient = fileURLToPath(new URL('../../../../clients/shell/bootstrap.sh', import.meta.url));

describe('edges of the main job', { timeout: 120_000 }, () => {
  let world: ServedWorld;

  beforeAll(async () => {
    world = await startServedWorld('edges');
    await approve(world.installation, world.proxy.inspectionCaFile);
  }, 60_000);

  afterAll(async () => {
    await world.close();
  });

  it('a privately certified service without any proxy: not inspected, exit 12, nothing to approve', async () => {
    const { http, https } = world.ports;
    // These system roots know nothing of who certified the service.
    const stranger = join(world.directory, 'other-roots.pem');
    await writeFile(stranger, world.proxy.inspectionCaPem);
    const device = await world.installation.makeDevice({
      serial: 'EDGE-1',
      systemRoots: stranger,
      options: ['--connect-to', `*:443=127.0.0.1:${https}`, '--connect-to', `*:80=127.0.0.1:${http}`],
    });
    await claim(world.installation, 'EDGE-1');
    expect(await bootstrap(device)).toMatchObject({
      exit: 12,
      outcome: 'not-inspected',
      inspectionCas: [],
      failure: 'unknown-issuer',
    });
    const observations = await list(world.installation, 'observation', 'list', ...organization);
    expect(JSON.stringify(observations)).not.toContain('EDGE-1');
  });

  it('the client of stock tools bootstraps on its own, and curl validates with the bundle it wrote', async () => {
    const device = await world.makeDevice('EDGE-SHELL');
    await claim(world.installation, 'EDGE-SHELL');
    const config = join(device.directory, 'agent.json');
    const first = await runCommand(['sh', shellClient, 'bootstrap', config]);
    expect(first, first.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('active: acme/plant-a') });
    const curl = {
      name: cloudNames.application,
      port: 443,
      caFile: device.bundleFile,
      connectTo: world.proxy.addresses.https,
    };
    expect(await askWithCurl(runCommand, curl)).toMatchObject({ ok: true });
    // What it accepted it holds to: the same again is no rollback, and a release purges.
    expect((await runCommand(['sh', shellClient, 'bootstrap', config])).code).toBe(0);
    await world.installation.windlass('claim', 'release', '--serial', 'EDGE-SHELL', ...organization);
    expect(await runCommand(['sh', shellClient, 'bootstrap', config])).toMatchObject({ code: 10 });
    expect(readFileSync(device.bundleFile, 'utf8')).not.toContain(world.proxy.inspectionCaPem.split('\n')[3]);
  });

  it('the client of stock tools installs nothing behind a block page', async () => {
    const device = await world.makeDevice('EDGE-SHELL-2');
    await claim(world.installation, device.serial);
    await world.proxy.behave(['block-page-200']);
    try {
      expect(await runCommand(['sh', shellClient, 'bootstrap', join(device.directory, 'agent.json')])).toMatchObject({
        code: 20,
      });
      expect(existsSync(device.bundleFile)).toBe(false);
    } finally {
      await world.proxy.behave([]);
    }
  });
});

it('the demo ends by itself with 0 and tells the whole story', { timeout: 90_000 }, async () => {
  const main = fileURLToPath(new URL('../../dist/demo/main.js', import.meta.url));
  const { code, stdout, stderr } = await runCommand([process.execPath, main], { deadlineMs: 60_000 });
  expect(code, stderr).toBe(0);
  for (const words of [
    'SELF_SIGNED_CERT_IN_CHAIN',
    'unsecured connection',
    'NOT enforced',
    'status 200',
    'profile.publish',
    'is online',
  ])
    expect(stdout).toContain(words);
});
