/** `windlass-agent doctor` as an integrator tries it: every step broken for real, between network namespaces (root, Debian). */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cloudNames } from '../address-plan.ts';
import { labIsReady } from '../can-run-lab.ts';
import { labPackages } from '../debian-packages.ts';
import { rewriteNames } from '../hostile/name-server.ts';
import { startSquid } from '../proxies/squid.ts';
import { startTinyproxy } from '../proxies/tinyproxy.ts';
import { mustRun } from '../run-command.ts';
import { createAuthority } from '../test-pki.ts';
import type { Device } from '../windlass/installation.ts';
import { boxRow } from './box-rows.ts';
import { inBoxWorld } from './box-world.ts';
import {
  createDoctorWorld,
  type DoctorWorld,
  endpoints,
  examine,
  pinFile,
  secretsOf,
  uninspectable,
} from './doctor-world.ts';
import { approve, bootstrap, claim, list, organization } from './world.ts';

const { service } = cloudNames;
const FAKED = { LD_PRELOAD: fakeTimeLibrary(), FAKETIME_DONT_FAKE_MONOTONIC: '1', FAKETIME_DONT_RESET: '1' };

describe.runIf(await labIsReady('the doctor, with every step broken', labPackages))(
  'the doctor',
  { timeout: 120_000 },
  () => {
    let lab: DoctorWorld;
    const onDevice = (...argv: string[]) => lab.world.network.run('device', argv);

    beforeAll(async () => {
      lab = await createDoctorWorld();
    }, 120_000);
    afterAll(() => lab?.close());

    it('fine: online behind the box, and without one', async () => {
      expect(await examine(lab.device)).toMatchObject({ exit: 0, json: { verdict: 'fine' } });
      await without(async () => {
        expect(await examine(lab.device)).toMatchObject({ exit: 0, json: { verdict: 'fine' } });
      });
    });

    it('1 no link', async () => {
      await onDevice('ip', 'link', 'set', 'eth0', 'down');
      try {
        await told('no-link', 50, /without link: eth0/);
      } finally {
        await onDevice('ip', 'link', 'set', 'eth0', 'up');
        await restoreRoute();
      }
    });

    it('2 no address; and an address without a gateway', async () => {
      await onDevice('ip', 'addr', 'flush', 'dev', 'eth0');
      try {
        await told('no-address', 51, /no interface has an address|for the link itself/);
        await onDevice('ip', 'addr', 'add', `${lab.world.network.addresses.device}/24`, 'dev', 'eth0');
        await told('no-route', 52, /no gateway/);
      } finally {
        await restoreRoute();
      }
    });

    it('3 DNS: no server, an unknown name, names rewritten to somebody else and to nowhere', async () => {
      await without(async () => {
        await withNames('none', () => told('name-fails', 53, /does not know bootstrap.windlass.example/));
        await withNames(lab.world.network.addresses.middleboxLan, () =>
          told('name-rewritten', 54, /is 10.77.1.1 .*for a name that nobody has/),
        );
        await withNames('0.0.0.0', () => told('name-rewritten', 54, /is 0.0.0.0 .*leads nowhere/));
      });
    });

    it('4 the clock: at 1970, in 2099, and twenty minutes behind', async () => {
      await told('clock-wrong', 55, /1970-01-02.*or later/, { env: { ...FAKED, FAKETIME: '@1970-01-02 00:00:00' } });
      await told('clock-wrong', 55, /2099-01-01/, { env: { ...FAKED, FAKETIME: '@2099-01-01 00:00:00' } });
      await told('clock-wrong', 55, /behind the signed time|or later/, { env: { ...FAKED, FAKETIME: '-20m' } });
    });

    it('5 a proxy that answers 407, to a wrong password too; one that is not there; and one that takes the password', async () => {
      const at = (user: string, port: number) => `http://${user}${lab.world.network.addresses.middleboxLan}:${port}`;
      const explicit = (serial: string, user: string, port = 3128) =>
        lab.makeDevice(serial, ['--explicit-proxy', at(user, port)]);
      await behaving(['proxy-authentication'], async () => {
        const device = await explicit('PROXY-1', '');
        await told('proxy-authentication', 57, /10.77.1.1:3128 wants a user and a password, by Basic/, { device });
        await told('proxy-authentication', 57, /10.77.1.1:3128 wants a user and a password, by Basic/, {
          device: await explicit('PROXY-2', 'device:wronghorse@'),
        });
        await told('unclaimed', 10, /service.*unclaimed/, { device: await explicit('PROXY-3', 'device:secret@') });
      });
      await without(async () => {
        const device = await explicit('PROXY-4', '', 3999);
        await told('unclaimed', 10, /odd +10.77.1.1:3999 is not reached; the service is, without it/, { device });
        await lab.world.network.refuseDirect([443, 80]);
        await told('proxy-unreachable', 56, /10.77.1.1:3999/, { device });
      });
    });

    it('6 TCP: rejected, cut when it is open, dropped; cut at the name', async () => {
      await without(async () => {
        await lab.world.network.refuseDirect([443, 80]);
        await told('tcp-refused', 59, /443 refused/);
        await lab.world.network.refuseDirect([443]);
        await told('tcp-refused', 59, /443 refused .*80 open/);
        await lab.world.network.refuseDirect([]);
        await dropping([443, 80], () => told('tcp-timeout', 60, /443 timeout/));
      });
      await behaving(['reset-after-accept'], () => told('tcp-reset', 61, /443 reset/));
    });

    it('6 a box that takes connections and says nothing: told with the deadline of each phase, not of all in a row', async () => {
      await behaving(['hang-after-accept'], () =>
        told('tls-fails', 63, /TLS +BROKEN .*no answer to the beginning of TLS/),
      );
    });

    it('7 a box with a CA that nobody approved, with certificates that do not hold, with old answers; one that does not trust the service', async () => {
      const stranger = await lab.makeDevice('STRANGER-1');
      await told('unclaimed', 10, /unclaimed/, { device: stranger });
      await claim(lab.installation, stranger.serial);
      await told('profile-not-installed', 69, /granted/, { device: stranger });
      await behaving(['twin-ca'], () => told('unknown-inspection-ca', 67, /signed by "/));
      await behaving(['expired-leaf'], () => told('certificate-not-valid', 65, /TLS +BROKEN +expired: .*valid from/));
      await behaving(['wrong-name-leaf'], () => told('name-rewritten', 54, /the certificate is for "CN=/));
      await behaving(['replay-old-answer'], () => told('answer-not-valid', 30, /nonce-mismatch/));
      await behaving(['distrusted-issuer'], () => told('box-distrusts-service', 66, /signed by ".*[Nn]ot trusted/));
      const observations = await list(lab.installation, 'observation', 'list', ...organization);
      expect(observations.length).toBeGreaterThan(0);
    });

    it('8 a block page, whatever its status', async () => {
      for (const page of ['block-page-200', 'block-page-403', 'block-page-503'] as const)
        await behaving([page], () => told('blocked', 71, /service +BROKEN .*in TLS: HTTP \d{3} "Blocked"/));
    });

    it('what kept it offline is in the report with which it is back, and the owner reads it with the same sentence [M7]', async () => {
      const { json } = await behaving(['block-page-403'], async () => {
        expect(await bootstrap(lab.device)).toMatchObject({ exit: 20, cause: 'blocked' });
        return examine(lab.device);
      });
      expect(await bootstrap(lab.device)).toMatchObject({ exit: 0, reported: true });
      const shown = await lab.installation.windlass('device', 'show', lab.device.serial);
      expect(shown).toMatchObject({ lastTrouble: { code: json.verdict } });
      const { stdout } = await lab.installation.say('device', 'show', lab.device.serial);
      for (const words of ['Last trouble', json.says, json.todo]) expect(stdout).toContain(words);
    });

    it('9 a captive portal', async () => {
      const { json } = await behaving(['redirect-to-portal'], () => told('captive', 62, /HTTP 302 to http/));
      expect(json.forIt).toMatch(/portal: HTTP 302 to http/);
    });

    it('10 an endpoint that demands a client certificate, behind inspection and not', async () => {
      await lab.addEndpoint(uninspectable.mutual);
      try {
        const { json } = await told('endpoint-needs-bypass', 84, /mutual: app.example 8883 .*client certificate/);
        expect(listOf(json.forIt, 'BYPASS')).toMatch(/app.example +8883 .*client certificate/);
        expect(listOf(json.forIt, 'INSPECT')).not.toMatch(/app.example +8883/);
        await without(async () => {
          expect(await examine(lab.device)).toMatchObject({ exit: 0 });
        });
      } finally {
        await lab.removeEndpoint('mutual');
      }
    });

    it('11 an endpoint whose clients take one key only', async () => {
      await lab.addEndpoint([...uninspectable.pinned, pinFile(lab.world)]);
      try {
        const { json } = await told('endpoint-needs-bypass', 84, /pinned: mqtt.example 443 .*(pin|key)/);
        expect(listOf(json.forIt, 'BYPASS')).toMatch(/mqtt.example +443 .*pinned/);
        await without(async () => {
          expect(await examine(lab.device)).toMatchObject({ exit: 0 });
        });
      } finally {
        await lab.removeEndpoint('pinned');
      }
    });

    it('12 port 8883 closed: rejected, and dropped', async () => {
      await without(async () => {
        await lab.world.network.refuseDirect([8883]);
        await told('endpoint-unreachable', 81, /telemetry: mqtt.example 8883 .*closed/);
        await lab.world.network.refuseDirect([]);
        await dropping([8883], () => told('endpoint-unreachable', 81, /telemetry: mqtt.example 8883 .*in time/));
      });
    });

    describe('with real boxes in the place of the faulty one', () => {
      const options = ({ world: { network, directory, webRoot, inspectionCa } }: DoctorWorld) => ({
        network,
        directory,
        pki: { inspectionCa, upstreamRoots: [webRoot.certificatePem] },
      });
      beforeAll(() => lab.box.close());

      it('5 tinyproxy: 407 without a password, 401 with a wrong one', async () => {
        const proxy = await startTinyproxy({ ...options(lab), credentials: 'plant:opensesame' });
        const explicit = (serial: string, user: string) =>
          lab.makeDevice(serial, [
            '--explicit-proxy',
            `http://${user}${lab.world.network.addresses.middleboxLan}:3128`,
          ]);
        const wants = '10.77.1.1:3128 wants a user and a password';
        try {
          await told('proxy-authentication', 57, new RegExp(`${wants}, by Basic, and this device has none`), {
            device: await explicit('PROXY-5', ''),
          });
          await told('proxy-authentication', 57, new RegExp(`${wants}, and does not take the one of this device`), {
            device: await explicit('PROXY-6', 'plant:wronghorse@'),
          });
        } finally {
          await proxy.close();
        }
      });

      it('7 Squid with a CA that nobody approved', async () => {
        const inspectionCa = await createAuthority({ subject: 'CN=Plant 7 Squid CA,O=Plant 7' });
        const { pki, ...rest } = options(lab);
        const squid = await startSquid({ ...rest, pki: { ...pki, inspectionCa }, mode: 'transparent' });
        try {
          const { json } = await told(
            'unknown-inspection-ca',
            67,
            /signed by ".*CN=Plant 7 Squid CA.*looks like Squid/,
          );
          for (const words of ['INSPECTION CA WANTED', 'never its key', 'CN=Plant 7 Squid CA'])
            expect(json.forIt).toContain(words);
        } finally {
          await squid.close();
        }
      });
    });

    /** The verdict, told to people and programs: cause and action in words, evidence, a whole text for the network team, no secret. */
    async function told(
      verdict: string,
      exit: number,
      evidence: RegExp,
      {
        device = lab.device,
        env = {},
      }: { readonly device?: Device; readonly env?: Readonly<Record<string, string>> } = {},
    ) {
      const examined = await examine(device, env);
      const { text, json } = examined;
      expect({ exit: examined.exit, verdict: json.verdict }, text).toEqual({ exit, verdict });
      expect(json.exitCode).toBe(exit);
      const { says = '?', todo = '?' } = json;
      for (const words of [`${verdict} (exit code ${exit})`, says, todo]) expect(text).toContain(words);
      expect(text).toMatch(evidence);
      for (const words of [device.serial, says, todo]) expect(json.forIt).toContain(words);
      const allowed = listOf(json.forIt, 'ALLOW');
      const known = device === lab.device ? endpoints.map(([, host, port]) => [host, port] as const) : [];
      for (const [host, port] of [[service, 443], [service, 80], ...known] as const)
        expect(allowed).toMatch(new RegExp(`^ +${host} +${port} `, 'm'));
      for (const secret of await secretsOf(device)) expect(text + JSON.stringify(json)).not.toContain(secret);
      return examined;
    }

    /** Nobody inspects while `work` runs. */
    async function without<T>(work: () => Promise<T>): Promise<T> {
      await lab.inspect('off');
      try {
        return await work();
      } finally {
        await lab.world.network.refuseDirect([]);
        await lab.inspect('on');
      }
    }

    async function behaving<T>(
      behaviours: Parameters<DoctorWorld['box']['behave']>[0],
      work: () => Promise<T>,
    ): Promise<T> {
      await lab.box.behave(behaviours);
      try {
        return await work();
      } finally {
        await lab.box.behave([]);
      }
    }

    async function withNames(answer: string, work: () => Promise<unknown>): Promise<void> {
      const undo = await rewriteNames(lab.world.network, lab.world.directory, answer);
      try {
        await work();
      } finally {
        await undo();
      }
    }

    /** The middlebox forwards nothing to these ports, and says nothing. */
    async function dropping(ports: readonly number[], work: () => Promise<unknown>): Promise<void> {
      const nft = lab.world.network.inNamespace('middlebox', ['nft', '-f', '-']);
      const rule = `iifname lan tcp dport { ${ports.join(', ')} } drop`;
      await mustRun(nft, {
        input: `table inet drops { chain rules { type filter hook forward priority filter; ${rule}; }; }\n`,
      });
      try {
        await work();
      } finally {
        await mustRun(nft, { input: 'delete table inet drops\n' });
      }
    }

    /** The device's address and way out, as they were. */
    async function restoreRoute(): Promise<void> {
      const { device, middleboxLan } = lab.world.network.addresses;
      await onDevice('ip', 'addr', 'replace', `${device}/24`, 'dev', 'eth0');
      await onDevice('ip', 'route', 'replace', 'default', 'via', middleboxLan);
    }
  },
);

describe.runIf(await labIsReady('the doctor on IPv6 alone', labPackages))('the doctor on IPv6 alone', () => {
  it('walks the same way: approved, not installed yet; then fine', { timeout: 120_000 }, async () => {
    await inBoxWorld(boxRow('squid transparent, IPv6 only'), async ({ installation, makeDevice, caFile }) => {
      const device = await makeDevice('SIX-1');
      await claim(installation, device.serial);
      const { exit, text } = await examine(device);
      expect(exit, text).toBe(67);
      expect(text).toMatch(/address +ok +no IPv4; fd77:0?:.*gateway fd77:/);
      expect(text).toMatch(/TCP +ok +443 open \(fd77:/);
      await approve(installation, caFile);
      expect(await examine(device)).toMatchObject({ exit: 69, json: { verdict: 'profile-not-installed' } });
      expect(await bootstrap(device)).toMatchObject({ exit: 0 });
      const online = await examine(device);
      expect(online, online.text).toMatchObject({ exit: 0, json: { verdict: 'fine' } });
    });
  });
});

/** The rows of one list of the text. */
function listOf(text: string, title: string): string {
  return new RegExp(`^${title} LIST.*\\n((?: {2}.*\\n)+)`, 'm').exec(text)?.[1] ?? '';
}

function fakeTimeLibrary(): string {
  const folders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu'];
  return folders.map((folder) => `${folder}/faketime/libfaketime.so.1`).find((file) => existsSync(file)) ?? '';
}
