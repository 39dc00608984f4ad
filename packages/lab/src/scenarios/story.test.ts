/**
 * The whole story by commands alone: a vendor and its devices, a customer whose people log in, two of whom decide, a device behind a proxy that
 * nobody told it about, a box that nobody knows, a rollover, a retirement, a transfer, and what the audit says of all of it.
 */
import { createPublicKey, X509Certificate } from 'node:crypto';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../../../service/src/testing/browser.ts';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  startIdentityProvider,
  type TestIdentityProvider,
} from '../../../service/src/testing/identity-provider.ts';
import { type RunningProcess, startProcess } from '../process.ts';
import { runCommand } from '../run-command.ts';
import { createTemporaryDirectory } from '../temporary-directory.ts';
import { writeSecret } from '../test-pki.ts';
import { windlass, windlassArgv, wordsOf } from '../windlass/commands.ts';
import type { Device } from '../windlass/installation.ts';
import { createLoopbackWorld, type LoopbackWorld } from '../windlass/loopback-world.ts';
import { bootstrap } from './world.ts';

const EXIT_WAITS = 3;
const serial = 'STORY-1';
const inAcme = ['--organization', 'acme'] as const;
const inPlant = [...inAcme, '--network', 'plant-a'] as const;

type Answer = Readonly<Record<string, unknown>>;

/** Somebody at a shell of their own. */
interface Person {
  /** A command that must succeed; what it answers. */
  readonly does: (...args: readonly string[]) => Promise<Answer>;
  /** A command that must wait for a second person; the id of the approval. */
  readonly asks: (...args: readonly string[]) => Promise<string>;
  /** A command that is refused; what it says. */
  readonly fails: (...args: readonly string[]) => Promise<string>;
}

describe('the whole story', { timeout: 300_000 }, () => {
  let directory: Awaited<ReturnType<typeof createTemporaryDirectory>>;
  let world: LoopbackWorld;
  let provider: TestIdentityProvider;
  let service: RunningProcess;
  let url = '';
  let vendor: Person;
  let device: Device;
  const people = new Map<string, Person>();
  const person = (name: string): Person => {
    const found = people.get(name);
    if (found === undefined) throw new Error(`${name} has not logged in.`);
    return found;
  };

  beforeAll(async () => {
    directory = await createTemporaryDirectory('story');
    world = await createLoopbackWorld(directory.path);
    url = `http://127.0.0.1:${world.ports.management}`;
    const redirectUrl = `${url}/login/callback`;
    provider = await startIdentityProvider(redirectUrl);
    const { serviceDirectory } = world.installation;
    await writeSecret(join(serviceDirectory, 'login-secret'), CLIENT_SECRET);
    const login = `\n[login]\nissuer = "${provider.issuer}"\nclient-id = "${CLIENT_ID}"\nclient-secret-file = "login-secret"\nredirect-url = "${redirectUrl}"\n`;
    await appendFile(join(serviceDirectory, 'windlass.toml'), login);
    service = await world.installation.serve();
    vendor = withToken((await readFile(join(serviceDirectory, 'admin-token'), 'utf8')).trim());
  }, 60_000);

  afterAll(async () => {
    await service.stop();
    await provider.close();
    await world.close();
    await directory.remove();
  });

  function withToken(token: string): Person {
    const env = { WINDLASS_URL: url, WINDLASS_TOKEN: token };
    const run = (args: readonly string[]) => runCommand(windlassArgv(...args, '--json'), { env });
    return {
      does: async (...args) => (await windlass(args, { env })) as Answer,
      asks: async (...args) => {
        const result = await run(args);
        expect([args, result.code, wordsOf(result)]).toEqual([
          args,
          EXIT_WAITS,
          expect.stringContaining('second person'),
        ]);
        return /approve ([0-9a-f]{32})/.exec(result.stderr)?.[1] ?? '';
      },
      fails: async (...args) => {
        const result = await run(args);
        expect([args, result.code]).toEqual([args, 1]);
        return wordsOf(result);
      },
    };
  }

  /** `windlass login`, the provider's page, ours, and the token that comes back. */
  async function logIn(name: string): Promise<void> {
    const tokenFile = join(directory.path, `${name}-token`);
    const argv = windlassArgv('login', '--url', url, '--token-file', tokenFile);
    const log = join(directory.path, `${name}-login.log`);
    const ready = async (command: RunningProcess) => /\/login\?port=\d+/.test(await command.log());
    const command = await startProcess({ name: 'windlass login', argv, logFile: log, ready });
    try {
      provider.signInAs({ subject: `id of ${name}`, email: name, emailVerified: true });
      const start = /http\S+\/login\?\S+/.exec(await command.log())?.[0] ?? '';
      const page = await (await openBrowser(url, url).logIn(start)).text();
      expect(page).toContain(name);
      expect((await fetch(/href="([^"]+)"/.exec(page)?.[1] ?? '')).status).toBe(200);
      expect([await command.ended, await command.log()]).toEqual([0, expect.stringContaining(`You are ${name}`)]);
    } finally {
      await command.stop();
    }
    people.set(name, withToken((await readFile(tokenFile, 'utf8')).trim()));
  }

  /** Ann asks, Bob looks and approves. */
  async function both(...args: readonly string[]): Promise<Answer> {
    const id = await person('ann@acme.example').asks(...args);
    await person('ann@acme.example').fails('approval', 'approve', id);
    const { approval, result } = await person('bob@acme.example').does('approval', 'approve', id, '--reason', 'seen');
    expect(approval).toMatchObject({
      state: 'approved',
      requestedBy: 'ann@acme.example',
      decidedBy: 'bob@acme.example',
    });
    return result as Answer;
  }

  it('the vendor makes a device with a label, announces it, and makes two customers', async () => {
    device = await world.makeDevice(serial);
    await vendor.does('manufacturer', 'add', 'gizmo', '--certificate', world.installation.manufacturerFile);
    const codes = join(directory.path, 'codes.csv');
    await vendor.does('factory', 'code', serial, '--out', codes);
    const [, line = ''] = (await readFile(codes, 'utf8')).split('\n');
    const [, code = '', , hash = ''] = line.split(',');
    await writeFile(join(directory.path, 'label.txt'), code);
    const certificate = new X509Certificate(await readFile(join(device.directory, 'device.pem')));
    const key = createPublicKey(certificate.publicKey.export({ type: 'spki', format: 'pem' }));
    const publicKey = key.export({ type: 'spki', format: 'der' }).toString('base64');
    const manifest = join(directory.path, 'manifest.csv');
    await writeFile(manifest, `serial,public_key,claim_code_hash\n${serial},${publicKey},${hash}\n`);
    await vendor.does('manifest', 'import', manifest, '--manufacturer', 'gizmo');
    for (const [name, approver] of [
      ['acme', 'ann@acme.example'],
      ['rival', 'rita@rival.example'],
    ] as const) {
      const tokenFile = join(directory.path, `${name}-first-token`);
      await vendor.does('organization', 'add', name, '--approver', approver, '--token-file', tokenFile);
    }
  });

  it('the customers log in; from then on two people of acme have to agree', async () => {
    await logIn('ann@acme.example');
    const ann = person('ann@acme.example');
    await ann.does('person', 'add', 'bob@acme.example', '--role', 'approver');
    await ann.does('person', 'add', 'nina@acme.example', '--role', 'network-admin');
    await ann.does('person', 'add', 'ivan@acme.example', '--role', 'installer');
    for (const name of ['bob@acme.example', 'nina@acme.example', 'ivan@acme.example', 'rita@rival.example'])
      await logIn(name);
    await ann.does('organization', 'two-person', 'acme', 'on', '--reason', 'policy 7');
  });

  it('the installer claims the device with its label; it comes online, and nothing is trusted yet', async () => {
    await person('nina@acme.example').does('network', 'add', 'plant-a', ...inAcme);
    await person('nina@acme.example').does(
      'endpoint',
      'add',
      'cloud',
      '--host',
      'app.example',
      '--port',
      '443',
      '--protocol',
      'https',
      '--required',
      ...inPlant,
    );
    const claim = [
      'claim',
      'add',
      '--serial',
      serial,
      '--code-file',
      join(directory.path, 'label.txt'),
      '--network',
      'plant-a',
    ];
    await person('ivan@acme.example').does(...claim);
    expect(await person('ivan@acme.example').fails(...claim)).toMatch(/cannot be claimed|claimed/);
    expect(await bootstrap(device)).toMatchObject({ exit: 11, outcome: 'awaiting-approval', inspectionCas: [] });
  });

  it('the network admin adds the CA, the two approve it by its words and publish: the device is online through the proxy', async () => {
    await letIn(world.proxy.inspectionCaFile);
    expect(await bootstrap(device)).toMatchObject({ exit: 0, outcome: 'active', reported: true });
  });

  it('a box that nobody knows: an observation, linked to a CA that follows the first one; both are trusted, then only the new one', async () => {
    const nina = person('nina@acme.example');
    await world.proxy.behave(['twin-ca']);
    expect(await bootstrap(device)).toMatchObject({ exit: 11, outcome: 'awaiting-approval' });
    const [observation] = (await nina.does('observation', 'list', ...inAcme))['items'] as Answer[];
    expect(observation).toMatchObject({ devices: 1, serials: [serial], state: 'new' });
    const successor = join(directory.path, 'successor.pem');
    await writeFile(successor, String(observation?.['certificate']));
    const [first] = await inspectionCas();
    await letIn(successor, ['--replaces', String(first?.['fingerprint'])], async (fingerprint) => {
      const id = String(observation?.['id']);
      const linked = await nina.does('observation', 'link', id, '--fingerprint', fingerprint, ...inPlant);
      expect(linked).toMatchObject({ state: 'linked', link: { fingerprint, state: 'draft' } });
      expect(await bootstrap(device)).toMatchObject({ exit: 11, outcome: 'awaiting-approval' });
    });
    expect((await nina.does('observation', 'list', ...inAcme))['items']).toEqual([]);
    expect(await bootstrap(device)).toMatchObject({ exit: 0, outcome: 'active', reported: true });
    await both('inspection-ca', 'retire', String(first?.['fingerprint']), '--reason', 'replaced', ...inPlant);
    await both('profile', 'publish', '--reason', 'the old CA goes', ...inPlant);
    const said = await bootstrap(device);
    expect(said).toMatchObject({ exit: 0, outcome: 'active' });
    expect([said.removed.length, said.inspectionCas.length]).toEqual([1, 1]);
    expect((await inspectionCas()).map(({ state }) => state)).toEqual(['retired', 'active']);
  });

  it('the device goes to another organization, and nothing of acme stays on it', async () => {
    const offered = await both('transfer', 'offer', '--serial', serial, '--to', 'rival');
    await person('rita@rival.example').does('transfer', 'accept', String(offered['id']));
    const said = await bootstrap(device);
    expect(said).toMatchObject({ outcome: 'awaiting-approval', inspectionCas: [] });
    expect(said.removed).toHaveLength(1);
    const rita = person('rita@rival.example');
    expect(await rita.does('device', 'show', serial)).toMatchObject({ organization: 'rival' });
    const inHall = ['--organization', 'rival', '--network', 'hall'];
    await rita.does('network', 'add', 'hall', '--organization', 'rival');
    const box = join(directory.path, 'successor.pem');
    await rita.does('inspection-ca', 'add', box, '--permit', 'example', ...inHall);
    await rita.does('inspection-ca', 'approve', '--certificate', box, ...inHall);
    await rita.does('profile', 'publish', ...inHall);
    // What acme publishes later is not for it: it holds what rival published, and its receipt says what it dropped.
    await both('profile', 'publish', '--force', ...inPlant);
    expect(await bootstrap(device)).toMatchObject({ exit: 0, outcome: 'active', reported: true });
    expect(await readFile(device.bundleFile, 'utf8')).toContain('rival/hall');
    const { purge } = await person('ann@acme.example').does('device', 'show', serial);
    expect(purge).toMatchObject({ former: 'acme', reported: expect.any(String), removed: 1 });
  });

  it('the audit has all of it, by whom, approved by whom, and its chain is whole', async () => {
    expect(await vendor.does('audit', 'verify', '--decisions')).toMatchObject({ brokenAt: null, changedHours: [] });
    const { entries } = await person('ann@acme.example').does(
      'audit',
      'list',
      '--act',
      'profile.publish',
      '--outcome',
      'done',
      ...inAcme,
    );
    expect((entries as Answer[]).length).toBe(4);
    for (const entry of entries as Answer[]) {
      expect(entry['actor']).toMatch(/^bob@acme\.example token /);
      expect(entry['detail']).toMatchObject({
        approval: { requestedBy: expect.stringMatching(/^ann@acme\.example token /) },
      });
    }
  });

  /** Nina adds the CA; whoever runs the proxy reads its words out, two people approve it, and publish. */
  async function letIn(
    file: string,
    more: readonly string[] = [],
    meanwhile: (fingerprint: string) => Promise<void> = async () => {},
  ): Promise<void> {
    const nina = person('nina@acme.example');
    const { fingerprint, words } = await nina.does(
      'inspection-ca',
      'add',
      file,
      '--permit',
      'example',
      ...more,
      ...inPlant,
    );
    await meanwhile(String(fingerprint));
    await both('inspection-ca', 'approve', String(fingerprint), '--words', String(words), ...inPlant);
    await both('profile', 'publish', '--reason', 'a proxy of plant A', ...inPlant);
  }

  async function inspectionCas(): Promise<readonly Answer[]> {
    return (await person('nina@acme.example').does('inspection-ca', 'list', ...inPlant))['items'] as Answer[];
  }
});
