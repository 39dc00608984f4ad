/** Explicit proxies as an integrator meets them: one that wants a password, found in the configuration or in the environment. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labIsReady } from '../can-run-lab.ts';
import { labPackages } from '../debian-packages.ts';
import { startApplication } from '../origins.ts';
import { createOutsideWorld, type OutsideWorld } from '../outside-world.ts';
import type { RunningProcess } from '../process.ts';
import type { Box } from '../proxies/box.ts';
import { startTinyproxy } from '../proxies/tinyproxy.ts';
import type { Device, Installation } from '../windlass/installation.ts';
import { installService } from './box-world.ts';
import { bootstrap, claim, organization, network as plant } from './world.ts';

const credentials = 'plant:secret';

describe.runIf(await labIsReady('explicit proxies', labPackages))(
  'behind tinyproxy, which wants a password and is the only way out',
  { timeout: 120_000 },
  () => {
    let world: OutsideWorld;
    let box: Box;
    let installation: Installation;
    let served: RunningProcess;
    let proxy: string;
    let count = 0;

    beforeAll(async () => {
      world = await createOutsideWorld();
      const pki = { inspectionCa: world.inspectionCa, upstreamRoots: [world.webRoot.certificatePem] };
      const { network, directory } = world;
      box = await startTinyproxy({ network, pki, directory, credentials });
      await network.refuseDirect([80, 443, 8883]);
      installation = await installService(world);
      served = await installation.serve();
      proxy = `${box.explicitProxy?.host}:${box.explicitProxy?.port}`;
    }, 120_000);

    afterAll(async () => {
      await served.stop();
      await box.close();
      await world.close();
    });

    async function device(...options: readonly string[]): Promise<Device> {
      count += 1;
      const prefix = world.network.inNamespace('device', []);
      const made = { serial: `PROXY-${count}`, systemRoots: world.webRootFile, prefix, options };
      const factoryFresh = await installation.makeDevice(made);
      await claim(installation, made.serial);
      return factoryFresh;
    }

    const online = { exit: 12, outcome: 'not-inspected', rung: 1 };

    it('without a password: no answer, the proxy and what it offers are named, and nothing goes around it', async () => {
      // It answers 407 to nobody and 401, without a word of schemes, to a wrong password.
      for (const [url, schemes] of [
        [`http://${proxy}`, ['Basic']],
        [`http://plant:wrong@${proxy}`, []],
      ] as const) {
        expect(await bootstrap(await device('--explicit-proxy', url))).toMatchObject({
          exit: 20,
          outcome: 'no-answer',
          cause: 'proxy-authentication',
          explicitProxy: { host: box.explicitProxy?.host, schemes },
          detail: expect.stringContaining(`the explicit proxy ${proxy} wants a user and a password`),
        });
      }
    });

    it('with the password in the configuration: online', async () => {
      expect(await bootstrap(await device('--explicit-proxy', `http://${credentials}@${proxy}`))).toMatchObject(online);
    });

    it('with the environment: online where the configuration lets it count, else there is no way out', async () => {
      const url = `http://${credentials}@${proxy}`;
      const env = { https_proxy: url, http_proxy: url };
      expect(await bootstrap(await device('--proxy-environment'), { env })).toMatchObject(online);
      expect(await bootstrap(await device(), { env })).toMatchObject({ exit: 20, cause: 'refused', stage: 'connect' });
      const except = { ...env, no_proxy: '.example' };
      expect(await bootstrap(await device('--proxy-environment'), { env: except })).toMatchObject({ cause: 'refused' });
    });

    it('with a PAC file of the network: online by the proxy that it names, and with credentials for this one alone', async () => {
      const pac = (body: string) => `function FindProxyForURL(url, host) { ${body} }`;
      const files = {
        '/proxy.pac': pac(`return dnsDomainIs(host, ".example") ? "PROXY ${proxy}; DIRECT" : "DIRECT"`),
        '/loop.pac': pac('while (true);'),
      };
      const { network, directory } = world;
      const { application } = network.addresses;
      const prefix = network.inNamespace('cloud', []);
      const web = await startApplication({ directory, name: 'pac', host: application, port: 8082, prefix, files });
      const url = (name: string) => `http://app.example:8082/${name}.pac`;
      try {
        const good = await device('--pac', url('proxy'), '--proxy-credentials', `http://${credentials}@${proxy}`);
        expect(await bootstrap(good)).toMatchObject(online);
        const without = await device('--pac', url('proxy'));
        expect(await bootstrap(without)).toMatchObject({
          cause: 'proxy-authentication',
          explicitProxy: { schemes: ['Basic'] },
        });
        const env = { all_proxy: `http://${credentials}@${proxy}` };
        const looping = await device('--pac', url('loop'), '--proxy-environment');
        const { code, stderr } = await looping.agent('bootstrap', { env });
        expect([code, stderr]).toEqual([
          12,
          `warning: the proxy configuration ${url('loop')} is not used: it takes too long\n`,
        ]);
      } finally {
        await web.close();
      }
    });

    it('with the proxy that the profile of its network names, and the password in its own configuration: online', async () => {
      await installation.windlass('network', 'set', 'plant-a', '--proxy', `http://${proxy}`, ...organization);
      await installation.windlass('profile', 'publish', ...plant);
      await world.network.refuseDirect([]);
      const told = await device('--proxy-credentials', `http://${credentials}@${proxy}`);
      const without = await device();
      for (const each of [told, without]) expect(await bootstrap(each)).toMatchObject(online);
      await world.network.refuseDirect([80, 443, 8883]);
      expect(await bootstrap(told)).toMatchObject(online);
      expect(await bootstrap(without)).toMatchObject({ exit: 20, cause: 'proxy-authentication' });
    });

    it('with a proxy that is gone, and a second one that is there: online by the second', async () => {
      const options = ['--explicit-proxy', `http://${box.explicitProxy?.host}:9`, '--proxy-environment'];
      const env = { all_proxy: `http://${credentials}@${proxy}` };
      expect(await bootstrap(await device(...options), { env })).toMatchObject(online);
    });
  },
);
