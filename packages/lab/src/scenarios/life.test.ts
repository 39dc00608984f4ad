/** The life of a device behind an inspecting proxy, through the real commands on loopback: no root, no package. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../run-command.ts';
import { askWithCurl } from '../stock-clients.ts';
import {
  approve,
  bootstrap,
  claim,
  floorsOf,
  list,
  network,
  organization,
  type ServedWorld,
  startServedWorld,
  untilAgentSays,
} from './world.ts';

describe('behind an inspecting proxy that nobody told the device about', { timeout: 120_000 }, () => {
  let world: ServedWorld;

  beforeAll(async () => {
    world = await startServedWorld('life');
  }, 60_000);

  afterAll(async () => {
    await world.close();
  });

  it('an unclaimed device: signed `unclaimed`, exit 10, nothing trusted; claimed while it runs, it comes online by itself', async () => {
    const device = await world.makeDevice('LIFE-1');
    const before = await bootstrap(device);
    expect(before).toMatchObject({
      exit: 10,
      outcome: 'unclaimed',
      failure: 'unknown-issuer',
      rung: 2,
      inspectionCas: [],
    });
    const agent = await device.start();
    try {
      await untilAgentSays(agent, 'unclaimed');
      await approve(world.installation, world.proxy.inspectionCaFile);
      await claim(world.installation, 'LIFE-1');
      const { said } = await untilAgentSays(agent, 'active');
      expect(said.inspectionCas).toHaveLength(1);
    } finally {
      await agent.stop();
    }
    const after = await askWithCurl(runCommand, {
      name: 'app.example',
      port: 443,
      caFile: device.bundleFile,
      connectTo: world.proxy.addresses.https,
    });
    expect(after).toMatchObject({ ok: true });
    const without = await askWithCurl(runCommand, {
      name: 'app.example',
      port: 443,
      caFile: world.webRootFile,
      connectTo: world.proxy.addresses.https,
    });
    expect(without).toMatchObject({ ok: false, failure: 'unknown-issuer' });
  });

  it('a claimed device: one bootstrap round trip and one report on the wire, nothing about it outside of the signed bodies', async () => {
    const device = await world.makeDevice('LIFE-2');
    await claim(world.installation, 'LIFE-2');
    await world.proxy.forget();
    expect(await bootstrap(device)).toMatchObject({
      exit: 0,
      outcome: 'active',
      rung: 2,
      failure: 'unknown-issuer',
      reported: true,
    });
    const exchanges = await world.proxy.exchanges();
    const posts = exchanges.filter(({ startLine }) => startLine.startsWith('POST '));
    expect(posts.map(({ startLine }) => startLine.split(' ')[1])).toEqual([
      '/.well-known/windlass/v1/bootstrap',
      '/.well-known/windlass/v1/report',
    ]);
    for (const { rawRequest } of posts) {
      const [head = ''] = Buffer.from(rawRequest).toString('latin1').split('\r\n\r\n');
      const names = head
        .split('\r\n')
        .slice(1)
        .map((line) => line.split(':')[0]?.toLowerCase());
      expect(names.sort()).toEqual([
        'accept',
        'cache-control',
        'connection',
        'content-length',
        'content-type',
        'host',
        'user-agent',
      ]);
      expect(head).not.toContain('LIFE-2');
    }
  });

  it('the CA is retired and the profile published: the device drops it at the next contact, says so, and its receipt proves it', async () => {
    const device = await world.makeDevice('LIFE-3');
    await claim(world.installation, 'LIFE-3');
    expect(await bootstrap(device)).toMatchObject({ exit: 0 });
    const [ca] = await list(world.installation, 'inspection-ca', 'list', ...network);
    await world.installation.windlass('inspection-ca', 'retire', String(ca?.['fingerprint']), ...network);
    await world.installation.windlass('profile', 'publish', ...network);
    const after = await bootstrap(device);
    expect(after.exit).not.toBe(0);
    expect(after.inspectionCas).toEqual([]);
    expect(after.removed).toHaveLength(1);
    expect(readFileSync(device.bundleFile, 'utf8')).not.toContain(body(world.proxy.inspectionCaPem));
    await approveAgain();
    expect(await bootstrap(device)).toMatchObject({ exit: 0 });
  });

  it('released: the next signed answer purges the anchors', async () => {
    const device = await world.makeDevice('LIFE-4');
    await claim(world.installation, 'LIFE-4');
    expect(await bootstrap(device)).toMatchObject({ exit: 0 });
    await world.installation.windlass('claim', 'release', '--serial', 'LIFE-4', ...organization);
    expect(await bootstrap(device)).toMatchObject({ exit: 10, outcome: 'unclaimed', inspectionCas: [] });
    expect(readFileSync(device.bundleFile, 'utf8')).not.toContain(body(world.proxy.inspectionCaPem));
  });

  it('[C3] reset leaves no anchor of ours and keeps the floors', async () => {
    const device = await world.makeDevice('LIFE-5');
    await claim(world.installation, 'LIFE-5');
    expect(await bootstrap(device)).toMatchObject({ exit: 0 });
    const floors = floorsOf(device);
    const reset = await device.agent('reset', { args: ['--json'] });
    expect(reset).toMatchObject({ code: 0 });
    expect(JSON.parse(reset.stdout)).toMatchObject({
      proof: [{ content: 'no-anchor', anchors: [], handshake: expect.stringMatching(/^refused: /) }],
    });
    expect(readFileSync(device.bundleFile, 'utf8')).not.toContain(body(world.proxy.inspectionCaPem));
    const kept = floorsOf(device);
    expect(kept).toMatchObject({
      generation: floors.generation,
      ownership: floors.ownership,
      networks: floors.networks,
    });
    expect(floors.generation).toBeGreaterThan(0);
  });

  it('a rogue box with the subject of the registered CA stays rogue: matching is by key', async () => {
    const device = await world.makeDevice('LIFE-6');
    await claim(world.installation, 'LIFE-6');
    await world.proxy.behave(['twin-ca']);
    try {
      const said = await bootstrap(device);
      expect(said).toMatchObject({ exit: 11, outcome: 'awaiting-approval', inspectionCas: [] });
      const observations = await list(world.installation, 'observation', 'list', ...organization);
      const own = observations.find((observation) => JSON.stringify(observation).includes('LIFE-6'));
      expect(own).toMatchObject({
        issuer: expect.stringContaining('Plant A'),
        fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
      });
      expect(own?.['fingerprint']).not.toBe(
        (await list(world.installation, 'inspection-ca', 'list', ...network))[0]?.['fingerprint'],
      );
    } finally {
      await world.proxy.behave([]);
    }
    expect(await bootstrap(device)).toMatchObject({ exit: 0 });
  });

  it('the agent on Node 20 does the same', async () => {
    const node = process.env['WINDLASS_NODE20'];
    if (node === undefined) {
      if (process.env['CI'] === 'true') throw new Error('WINDLASS_NODE20 must name a Node 20');
      console.error('NOT RUN: the agent on Node 20; set WINDLASS_NODE20');
      return;
    }
    const device = await world.makeDevice('LIFE-7');
    await claim(world.installation, 'LIFE-7');
    expect(await bootstrap(device, { node })).toMatchObject({ exit: 0, outcome: 'active' });
  });

  async function approveAgain(): Promise<void> {
    const readmitted = join(world.directory, 'again.pem');
    await writeFile(readmitted, world.proxy.inspectionCaPem);
    await approve(world.installation, readmitted);
  }
});

describe('a rogue box', { timeout: 180_000 }, () => {
  it('exit 11, nothing trusted, an observation waits; its CA is added and published: the running device comes online without a touch', async () => {
    const world = await startServedWorld('rogue');
    try {
      await claim(world.installation, 'ROGUE-1');
      const device = await world.makeDevice('ROGUE-1');
      expect(await bootstrap(device)).toMatchObject({ exit: 11, outcome: 'awaiting-approval', inspectionCas: [] });
      const [observation] = await list(world.installation, 'observation', 'list', ...organization);
      expect(observation).toMatchObject({ issuer: expect.stringContaining('Plant A Inspection CA'), devices: 1 });
      const agent = await device.start();
      try {
        await untilAgentSays(agent, 'awaiting-approval');
        await approve(world.installation, world.proxy.inspectionCaFile);
        await untilAgentSays(agent, 'active');
      } finally {
        await agent.stop();
      }
    } finally {
      await world.close();
    }
  });
});

/** The base64 of a PEM certificate's first line: enough to find it in a bundle. */
function body(pem: string): string {
  return pem.split('\n').slice(4, 6).join('\n');
}
