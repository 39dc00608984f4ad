import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cloudNames } from '../address-plan.ts';
import { labIsReady } from '../can-run-lab.ts';
import { startApplication } from '../origins.ts';
import { createOutsideWorld, type OutsideWorld } from '../outside-world.ts';
import {
  askPlainWithCurl,
  askWithCurl,
  presentedChain,
  publishWithMosquitto,
  type Run,
  shakeHandsWithOpenssl,
} from '../stock-clients.ts';
import { type Authority, createAuthority, issueServerCertificate } from '../test-pki.ts';
import type { Box, InspectingBox } from './box.ts';
import { boxPackages, inspectingBoxes, startBox } from './start-box.ts';
import { startTinyproxy } from './tinyproxy.ts';

const ready = await labIsReady('real inspecting boxes', [
  ...['iproute2', 'nftables', 'curl', 'openssl', 'mosquitto', 'mosquitto-clients'],
  ...Object.values(boxPackages),
]);

describe.runIf(ready)('real boxes, seen with stock clients', () => {
  const app = { name: cloudNames.application, port: 443 };
  const service = { name: cloudNames.service, port: 443 };
  const mqtt = { name: cloudNames.broker, port: 8883 };
  let world: OutsideWorld;
  let privateRoot: Authority;
  let run: Run;

  beforeAll(async () => {
    world = await createOutsideWorld();
    run = (argv, options) => world.network.run('device', argv, options);
    privateRoot = await createAuthority({ subject: 'CN=Private Service Root', keyType: 'ec-p256' });
    const certificate = await issueServerCertificate(privateRoot, { names: [service.name] });
    const inCloud = { directory: world.directory, prefix: world.network.inNamespace('cloud', []) };
    const host = world.network.addresses.service;
    await startApplication({ ...inCloud, name: 'service-https', host, port: 443, certificate });
    await startApplication({ ...inCloud, name: 'service-http', host, port: 80 });
  });
  afterAll(() => world.close());

  test('without a box everything validates under the public root, MQTT included', async () => {
    const caFile = world.webRootFile;
    expect(await askWithCurl(run, { ...app, caFile })).toMatchObject({ ok: true });
    expect(await shakeHandsWithOpenssl(run, { ...app, caFile })).toMatchObject({ ok: true });
    expect(await publishWithMosquitto(run, { ...mqtt, caFile })).toMatchObject({ ok: true });
  });

  describe.each(inspectingBoxes)('$name, $mode', ({ name, mode }) => {
    let box: InspectingBox;
    let proxy: { proxy?: { host: string; port: number } };
    beforeAll(async () => {
      const upstreamRoots = [world.webRoot.certificatePem, privateRoot.certificatePem];
      const pki = { inspectionCa: world.inspectionCa, upstreamRoots };
      box = await startBox(name, { network: world.network, pki, mode, directory: world.directory });
      proxy = box.explicitProxy ? { proxy: box.explicitProxy } : {};
    });
    afterAll(() => box.close());

    test('the public root alone fails with unknown issuer', async () => {
      const target = { ...app, ...proxy, caFile: world.webRootFile };
      expect(await askWithCurl(run, target)).toMatchObject({ ok: false, failure: 'unknown-issuer' });
      expect(await shakeHandsWithOpenssl(run, target)).toMatchObject({ ok: false, failure: 'unknown-issuer' });
    });

    test('with the box’s CA the same connections validate and reach the origin', async () => {
      const target = { ...app, ...proxy, caFile: box.inspectionCa.certificateFile };
      const before = await world.application.requests();
      const answer = await askWithCurl(run, target);
      expect(answer).toMatchObject({ ok: true });
      expect(JSON.parse(answer.detail)).toMatchObject({ application: 'app.example' });
      expect(await world.application.requests()).toBe(before + 1);
      expect(await shakeHandsWithOpenssl(run, target)).toMatchObject({ ok: true });
    });

    test('an origin under a further upstream root is inspected like any other', async () => {
      const target = { ...service, ...proxy, caFile: box.inspectionCa.certificateFile };
      expect(await askWithCurl(run, target)).toMatchObject({ ok: true });
    });

    test('plain HTTP passes', async () => {
      const answer = await askPlainWithCurl(run, { name: service.name, port: 80, ...proxy });
      expect(answer).toMatchObject({ ok: true });
      expect(JSON.parse(answer.detail)).toMatchObject({ application: 'service-http' });
    });

    test('the chain on the wire begins with an RSA-2048 leaf that the box’s CA signed', async () => {
      const chain = await presentedChain(run, { ...app, ...proxy });
      const [leaf] = chain.map((pem) => new X509Certificate(pem));
      expect(leaf?.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
      expect(leaf?.verify(new X509Certificate(box.inspectionCa.pem).publicKey)).toBe(true);
      if (process.env['WINDLASS_LAB_SHOW']) {
        await writeFile(join('/tmp', `chain-${name}-${mode}.pem`), chain.join(''));
      }
    });

    test.runIf(name === 'sslsplit')('MQTT: unknown issuer before, acknowledged after', async () => {
      const before = await publishWithMosquitto(run, { ...mqtt, caFile: world.webRootFile });
      expect(before).toMatchObject({ ok: false, failure: 'unknown-issuer' });
      const after = await publishWithMosquitto(run, { ...mqtt, caFile: box.inspectionCa.certificateFile });
      expect(after).toMatchObject({ ok: true });
    });
  });

  describe('tinyproxy', () => {
    let box: Box;
    const through = (credentials: string) => ({
      ...app,
      caFile: world.webRootFile,
      proxy: { ...address(), credentials },
    });
    const address = () => box.explicitProxy ?? { host: '', port: 0 };
    beforeAll(async () => {
      const pki = { inspectionCa: world.inspectionCa, upstreamRoots: [] };
      const { network, directory } = world;
      box = await startTinyproxy({ network, pki, directory, credentials: 'device:secret' });
    });
    afterAll(() => box.close());

    test('the direct way is closed; through the proxy nothing is inspected', async () => {
      expect(await askWithCurl(run, { ...app, caFile: world.webRootFile })).toMatchObject({
        ok: false,
        failure: 'other',
      });
      expect(await askWithCurl(run, through('device:secret'))).toMatchObject({ ok: true });
    });

    test('wrong credentials: no connection, and the proxy names itself as the one who asks', async () => {
      const refused = await askWithCurl(run, through('device:wrong'));
      expect(refused.ok).toBe(false);
      expect(refused.detail).toMatch(/40[17]/);
    });
  });

  test('after the last box is gone, the direct path is as before', async () => {
    expect(await askWithCurl(run, { ...app, caFile: world.webRootFile })).toMatchObject({ ok: true });
  });
});
