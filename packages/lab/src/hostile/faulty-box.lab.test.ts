import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labIsReady } from '../can-run-lab.ts';
import { createOutsideWorld, type OutsideWorld } from '../outside-world.ts';
import type { BoxMode } from '../proxies/box.ts';
import { askWithCurl, publishWithMosquitto, type Run } from '../stock-clients.ts';
import { startFaultyBox } from './faulty-box.ts';

const packages = ['iproute2', 'nftables', 'curl', 'mosquitto', 'mosquitto-clients'];
const ready = await labIsReady('the faulty proxy between namespaces', packages);

describe.runIf(ready)('the faulty proxy as a box', () => {
  const app = { name: 'app.example', port: 443 };
  let world: OutsideWorld;
  let run: Run;
  const start = (mode: BoxMode) => {
    const pki = { inspectionCa: world.inspectionCa, upstreamRoots: [world.webRoot.certificatePem] };
    return startFaultyBox({ network: world.network, pki, mode, directory: world.directory });
  };
  beforeAll(async () => {
    world = await createOutsideWorld();
    run = (argv, options) => world.network.run('device', argv, options);
  });
  afterAll(() => world.close());

  test('transparent: inspects HTTPS and MQTT, misbehaves from outside the namespace, records', async () => {
    const box = await start('transparent');
    const caFile = box.inspectionCa.certificateFile;
    expect(await askWithCurl(run, { ...app, caFile: world.webRootFile })).toMatchObject({ failure: 'unknown-issuer' });
    expect(await askWithCurl(run, { ...app, caFile })).toMatchObject({ ok: true });
    const mqtt = { name: 'mqtt.example', port: 8883 };
    expect(await publishWithMosquitto(run, { ...mqtt, caFile })).toMatchObject({ ok: true });
    await box.behave(['block-page-200']);
    expect((await askWithCurl(run, { ...app, caFile })).detail).toContain('Access blocked');
    expect((await box.exchanges()).map((exchange) => exchange.startLine)).toEqual(['GET / HTTP/1.1', 'GET / HTTP/1.1']);
    await box.close();
  });

  test('explicit: leads out where the direct way is refused, and asks who is there', async () => {
    const box = await start('explicit');
    const caFile = box.inspectionCa.certificateFile;
    const proxy = { host: '', port: 0, ...box.explicitProxy };
    expect(await askWithCurl(run, { ...app, caFile })).toMatchObject({ ok: false, failure: 'other' });
    expect(await askWithCurl(run, { ...app, caFile, proxy })).toMatchObject({ ok: true });
    await box.behave(['proxy-authentication']);
    expect((await askWithCurl(run, { ...app, caFile, proxy })).detail).toContain('407');
    const credentials = 'device:secret';
    expect(await askWithCurl(run, { ...app, caFile, proxy: { ...proxy, credentials } })).toMatchObject({ ok: true });
    await box.close();
  });
});
