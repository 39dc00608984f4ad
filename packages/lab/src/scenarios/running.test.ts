/** What a running agent sees of what its organization decides, through the real commands on loopback: no root, no package. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningProcess } from '../process.ts';
import { runCommand } from '../run-command.ts';
import { askWithCurl } from '../stock-clients.ts';
import { createAuthority } from '../test-pki.ts';
import type { Device } from '../windlass/installation.ts';
import { approve, claim, list, network, type ServedWorld, startServedWorld, untilAgentSays } from './world.ts';

/** Nobody wants to wait for a day. */
const REFRESH_SECONDS = 3;

describe('an agent that runs', { timeout: 180_000 }, () => {
  let world: ServedWorld;
  let device: Device;
  let agent: RunningProcess;

  beforeAll(async () => {
    world = await startServedWorld('running');
    await world.killService();
    const file = join(world.installation.serviceDirectory, 'windlass.toml');
    const config = await readFile(file, 'utf8');
    await writeFile(file, config.replace(/^refresh-seconds = .*$/m, `refresh-seconds = ${REFRESH_SECONDS}`));
    await world.serveAgain();
    device = await world.makeDevice('RUNNING-1');
    await approve(world.installation, world.proxy.inspectionCaFile);
    await claim(world.installation, 'RUNNING-1');
    agent = await device.start();
  }, 90_000);

  afterAll(async () => {
    await agent.stop();
    await world.close();
  });

  const isTrusted = async (): Promise<boolean> => {
    const connectTo = world.proxy.addresses.https;
    const target = { name: 'app.example', port: 443, caFile: device.bundleFile, connectTo };
    return (await askWithCurl(runCommand, target)).ok;
  };

  it('a rollover: the successor beside the CA that is in use, and gone again when it is retired', async () => {
    let { length } = await untilAgentSays(agent, 'active');
    const successor = join(world.directory, 'successor.pem');
    await writeFile(successor, (await createAuthority({ subject: 'CN=Successor,O=Example Corp' })).certificatePem);
    await approve(world.installation, successor);
    const both = await untilAgentSays(agent, 'active', length);
    expect(both.said.inspectionCas).toHaveLength(2);
    length = both.length;
    expect(await isTrusted()).toBe(true);
    const cas = await list(world.installation, 'inspection-ca', 'list', ...network);
    const { fingerprint } = cas.find(({ subject }) => `${subject}`.includes('Successor')) ?? {};
    await world.installation.windlass('inspection-ca', 'retire', String(fingerprint), ...network);
    await world.installation.windlass('profile', 'publish', ...network);
    const one = await untilAgentSays(agent, 'active', length);
    expect(one.said.inspectionCas).toHaveLength(1);
    expect(one.said.removed).toHaveLength(1);
  });

  it('the kill switch: the CA is off, and no program trusts it any more', async () => {
    const from = (await agent.log()).length;
    expect(await isTrusted()).toBe(true);
    const [ca] = (await list(world.installation, 'inspection-ca', 'list', ...network)).filter(
      ({ state }) => state === 'active',
    );
    const without = ['--without', String(ca?.['fingerprint']), '--reason', 'the proxy was broken into'];
    await world.installation.windlass('organization', 'kill-switch', 'acme', ...without);
    const { said } = await untilAgentSays(agent, 'awaiting-approval', from);
    expect(said).toMatchObject({ inspectionCas: [], removed: [expect.any(String)] });
    expect(await isTrusted()).toBe(false);
  });
});
