/** What boxes do to answers: each told from a valid answer, never accepted wrongly, and nothing of the device outside of the signed body. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Behaviour } from '../hostile/behaviours.ts';
import type { Device } from '../windlass/installation.ts';
import { approve, bootstrap, claim, type ServedWorld, startServedWorld } from './world.ts';

/** Behaviours under which the bytes of the answer survive: the device must come online all the same. */
const survived: readonly Behaviour[] = [
  'status-500',
  'gzip-body',
  'lower-cased-headers',
  'removed-headers',
  'chunked-answer',
  'http10-answer',
  'leaf-only-chain',
  'chain-with-root-and-duplicates',
  'leaf-without-key-identifiers',
  'ecdsa-leaf',
  'tls12-only',
  'refuse-chunked-requests',
  'strips-client-certificate',
  'alpn-fatal',
];

/** Behaviours that leave no answer: what is said, by cause. */
const unanswered: readonly (readonly [Behaviour, string])[] = [
  ['block-page-200', 'blocked'],
  ['block-page-403', 'blocked'],
  ['block-page-503', 'blocked'],
  ['redirect-to-portal', 'captive'],
  ['empty-body', 'empty'],
  ['truncated-body', 'truncated'],
  ['headerless-answer', 'http'],
  ['injected-html', 'http'],
  ['reset-after-accept', 'reset'],
];

describe('a box that spoils answers', { timeout: 120_000 }, () => {
  let world: ServedWorld;
  let count = 0;

  beforeAll(async () => {
    world = await startServedWorld('faults');
    await approve(world.installation, world.proxy.inspectionCaFile);
  }, 60_000);

  afterAll(async () => {
    await world.close();
  });

  async function claimedDevice(): Promise<Device> {
    count += 1;
    const device = await world.makeDevice(`FAULT-${count}`);
    await claim(world.installation, device.serial);
    return device;
  }

  for (const behaviour of survived) {
    it(`${behaviour}: the device comes online`, async () => {
      const device = await claimedDevice();
      await world.proxy.behave([behaviour]);
      try {
        expect(await bootstrap(device)).toMatchObject({ exit: 0, outcome: 'active' });
      } finally {
        await world.proxy.behave([]);
      }
    });
  }

  for (const [behaviour, cause] of unanswered) {
    it(`[L4] ${behaviour}: no answer, ${cause}, nothing trusted; once the box behaves, the device comes online`, async () => {
      const device = await claimedDevice();
      await world.proxy.forget();
      await world.proxy.behave([behaviour]);
      try {
        expect(await bootstrap(device)).toMatchObject({ exit: 20, outcome: 'no-answer', cause, inspectionCas: [] });
      } finally {
        await world.proxy.behave([]);
      }
      for (const { headers } of await world.proxy.exchanges()) {
        const names = headers.map(([name]) => name.toLowerCase());
        expect(names).not.toContain('authorization');
        expect(names).not.toContain('cookie');
        expect(headers.map(([, value]) => value).join(' ')).not.toContain(device.serial);
      }
      expect(await bootstrap(device)).toMatchObject({ exit: 0 });
    });
  }

  it('an old answer is replayed: not valid, nonce-mismatch, nothing installed', async () => {
    const device = await claimedDevice();
    await world.proxy.behave(['block-page-200'], { path: '/.well-known/windlass/v1/report' });
    await bootstrap(device);
    await world.proxy.behave(['replay-old-answer'], { path: '/.well-known/windlass/v1/bootstrap' });
    try {
      expect(await bootstrap(device)).toMatchObject({
        exit: 30,
        outcome: 'not-valid',
        code: 'nonce-mismatch',
        inspectionCas: [],
      });
    } finally {
      await world.proxy.behave([]);
    }
  });

  it('the answer for another device is served: not valid, device-mismatch, nothing installed', async () => {
    const first = await claimedDevice();
    const second = await claimedDevice();
    expect(await bootstrap(first)).toMatchObject({ exit: 0 });
    await world.proxy.behave(['swap-answers'], { path: '/.well-known/windlass/v1/bootstrap' });
    try {
      const said = await bootstrap(second);
      expect(said).toMatchObject({ exit: 30, outcome: 'not-valid', inspectionCas: [] });
      expect(['device-mismatch', 'nonce-mismatch']).toContain(said.code);
    } finally {
      await world.proxy.behave([]);
    }
  });

  it('[C2] a portal in place of a required application, with a valid certificate: the profile is reverted, exit 40 names the endpoint', async () => {
    const device = await claimedDevice();
    await world.installation.windlass(
      'endpoint',
      'add',
      'app',
      '--host',
      'app.example',
      '--port',
      '443',
      '--protocol',
      'https',
      '--required',
      '--organization',
      'acme',
      '--network',
      'plant-a',
    );
    await world.installation.windlass('profile', 'publish', '--organization', 'acme', '--network', 'plant-a');
    await world.proxy.behave(['redirect-to-portal'], { names: ['app.example'] });
    try {
      expect(await bootstrap(device)).toMatchObject({
        exit: 40,
        outcome: 'reverted',
        endpoint: 'app',
        inspectionCas: [],
      });
    } finally {
      await world.proxy.behave([]);
    }
    expect(await bootstrap(device)).toMatchObject({
      exit: 0,
      endpoints: [expect.objectContaining({ name: 'app', verdict: 'inspected-trusted' })],
    });
  });
});
