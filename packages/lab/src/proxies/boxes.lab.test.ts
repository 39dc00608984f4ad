import { X509Certificate } from 'node:crypto';
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
import { startSquid } from './squid.ts';
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
    world = await createOutsideWorld({ moreNames: { 'distrusted.example': 'broker' } });
    run = (argv, options) => world.network.run('device', argv, options);
    privateRoot = await createAuthority({ subject: 'CN=Private Service Root', keyType: 'ec-p256' });
    const certificate = await issueServerCertificate(privateRoot, { names: [service.name] });
    const inCloud = { directory: world.directory, prefix: world.network.inNamespace('cloud', []) };
    const host = world.network.addresses.service;
    await startApplication({ ...inCloud, name: 'service-https', host, port: 443, certificate });
    await startApplication({ ...inCloud, name: 'service-http', host, port: 80 });
    const nobody = await createAuthority({ subject: 'CN=Known to Nobody', keyType: 'ec-p256' });
    const distrusted = await issueServerCertificate(nobody, { names: ['distrusted.example'] });
    const elsewhere = { host: world.network.addresses.broker, port: 443, certificate: distrusted };
    await startApplication({ ...inCloud, name: 'distrusted', ...elsewhere });
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
    });

    test('MQTT is inspected by sslsplit, passed by other transparent boxes, and has no way around an explicit one', async () => {
      const before = await publishWithMosquitto(run, { ...mqtt, caFile: world.webRootFile });
      const after = await publishWithMosquitto(run, { ...mqtt, caFile: box.inspectionCa.certificateFile });
      if (name === 'sslsplit') {
        expect(before).toMatchObject({ ok: false, failure: 'unknown-issuer' });
        expect(after).toMatchObject({ ok: true });
      } else if (mode === 'transparent') {
        expect(before).toMatchObject({ ok: true });
        expect(after).toMatchObject({ ok: false, failure: 'unknown-issuer' });
      } else {
        expect(before).toMatchObject({ ok: false, failure: 'other' });
      }
    });

    test('an origin it does not trust: a block page under a valid certificate; sslsplit does not look', async () => {
      const caFile = box.inspectionCa.certificateFile;
      const answer = await askWithCurl(run, { name: 'distrusted.example', port: 443, ...proxy, caFile });
      if (name === 'sslsplit') expect(answer).toMatchObject({ ok: true });
      else
        expect(answer).toMatchObject({
          ok: false,
          failure: 'other',
          detail: expect.stringMatching(/50[23][\s\S]*<html/i),
        });
    });
  });

  test('squid told to let distrusted origins pass signs them with a CA that says so', async () => {
    const pki = { inspectionCa: world.inspectionCa, upstreamRoots: [world.webRoot.certificatePem] };
    const { network, directory } = world;
    const squid = await startSquid({ network, pki, mode: 'transparent', directory, untrustedOrigin: 'not-trusted-by' });
    const [leaf] = await presentedChain(run, { name: 'distrusted.example', port: 443 });
    await squid.close();
    expect(new X509Certificate(leaf ?? '').issuer).toMatch(/CN=Not trusted by .*Example Corp TLS Inspection CA/);
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

    test('407 without credentials, 401 for wrong ones, 403 for CONNECT to another port than 443', async () => {
      const { credentials: _, ...anonymous } = through('').proxy;
      const refused = await askWithCurl(run, { ...app, caFile: world.webRootFile, proxy: anonymous });
      expect(refused).toMatchObject({ ok: false, detail: expect.stringContaining('407') });
      expect((await askWithCurl(run, through('device:wrong'))).detail).toContain('401');
      const elsewhere = await askWithCurl(run, { ...through('device:secret'), port: 8883 });
      expect(elsewhere.detail).toContain('403');
    });
  });

  test('after the last box is gone, the direct path is as before', async () => {
    expect(await askWithCurl(run, { ...app, caFile: world.webRootFile })).toMatchObject({ ok: true });
  });
});
