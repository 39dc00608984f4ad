import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpsServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createCertificate, createKey } from '../../protocol/src/testing/test-certificates.ts';
import { at, claimOf, inspectionCaOf, profileOf } from '../../protocol/src/testing/world.ts';
import { type FactoryDevice, makeFactoryDevice } from './testing/factory-device.ts';
import {
  answerReport,
  answerRequest,
  createFakeService,
  DAY,
  type FakeService,
  NOW,
  SERVICE,
} from './testing/fake-service.ts';
import { createLastingWorld, LATER } from './testing/lasting-world.ts';
import { findNode20 } from './testing/node-20.ts';

// The file that ships, those beside it, and its core, on the oldest Node that it is for, against a service behind real TLS signed by an inspection CA.
const scratch = mkdtempSync(join(tmpdir(), 'windlass-bundle-'));
const bundle = join(scratch, 'windlass-agent.mjs');
const core = join(scratch, 'windlass-agent-core.mjs');
const node20 = findNode20();
const KILLS = 10;
const world = createLastingWorld();

let service: FakeService;
let server: Server;
let device: FactoryDevice;

beforeAll(() => {
  const tool = new URL('../../../tools/bundle-agent.ts', import.meta.url).pathname;
  const made = spawnSync(process.execPath, [tool, scratch], { encoding: 'utf8' });
  expect({ status: made.status, said: made.stderr }).toMatchObject({ status: 0 });
}, 60_000);

afterAll(() => rmSync(scratch, { recursive: true }));

beforeEach(async () => {
  service = createFakeService(world);
  service.claim = claimOf(world, { expires: at(LATER) });
  const inspectionCas = [
    inspectionCaOf(world.inspectionCa.der, { permittedNames: ['windlass.example', 'example.com'], until: at(LATER) }),
  ];
  const endpoints = [{ name: 'app', host: 'app.example.com', port: 443, protocol: 'https', required: true }];
  service.profiles.set('plant-a', {
    ca: world.inspectionCa,
    payload: profileOf(world, { inspectionCas, endpoints, expires: at(LATER) }),
    chain: [world.publisher],
  });
  server = await startInspectedServer();
  device = makeFactoryDevice(world, service.root.pem);
  const { port } = server.address() as AddressInfo;
  device.configure({ connectTo: { '*:443': `127.0.0.1:${port}`, '*:80': '127.0.0.1:1' } });
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  device.remove();
});

/** Every name at this address is re-signed by the inspection CA, on the fly as it were. */
function startInspectedServer(): Promise<Server> {
  const options = { key: createKey('rsa2048'), issuer: world.inspectionCa, from: NOW - DAY, until: LATER };
  const leaf = createCertificate({
    name: SERVICE,
    dns: [SERVICE, 'app.example.com'],
    purposes: ['1.3.6.1.5.5.7.3.1'],
    ...options,
  });
  const key = leaf.key.privateKey.export({ type: 'pkcs8', format: 'pem' });
  const started = createHttpsServer({ cert: leaf.pem, key }, (request, response) => {
    const parts: Uint8Array[] = [];
    request.on('data', (part: Uint8Array) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString();
      const answer =
        request.method !== 'POST'
          ? '{}'
          : request.url?.endsWith('bootstrap')
            ? answerRequest(service, body)
            : answerReport(service, body);
      response.setHeader('content-type', 'application/json').end(answer);
    });
  });
  return new Promise((resolve) => started.listen(0, '127.0.0.1', () => resolve(started)));
}

interface Running {
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
  /** Resolves when this was printed. */
  said(text: string): Promise<void>;
  kill(signal: 'SIGKILL' | 'SIGTERM'): void;
  readonly pid: number | undefined;
}

const start = (...args: string[]): Running => startFile(bundle, ...args);
const startFile = (file: string, ...args: string[]): Running => startOn(node20, file, ...args);

function startOn(node: string, file: string, ...args: string[]): Running {
  const child = spawn(node, [file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  const ended: Running['ended'] = new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
  child.stderr.on('data', (part) => {
    err += part;
  });
  child.stdout.on('data', (part) => {
    out += part;
  });
  const said = (text: string): Promise<void> =>
    new Promise((resolve) => {
      child.stdout.on('data', () => out.includes(text) && resolve());
    });
  return { ended, said, kill: (signal) => child.kill(signal), pid: child.pid };
}

const run = (...args: string[]) => start(...args).ended;

/** The agent with all that belongs beside it but one file, in the device's directory. */
function copyWithout(missing: string): string {
  for (const name of readdirSync(scratch).filter((each) => each !== `windlass-agent-${missing}.mjs`))
    copyFileSync(join(scratch, name), join(device.directory, name));
  return join(device.directory, 'windlass-agent.mjs');
}

const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/from\s*"([^"]+)"/g)].map(([, name = '']) => name);

describe('the core', () => {
  test('needs no npm package, has nothing of the command line, and is a library on the oldest Node that it is for', () => {
    expect(importsOf(core).filter((name) => !name.startsWith('node:'))).toEqual([]);
    const text = readFileSync(core, 'utf8');
    const sentences = ['--config', 'awaiting approval', 'check the DNS', 'is missing', 'stop it first'];
    expect(sentences.filter((sentence) => text.includes(sentence))).toEqual([]);
    const program = `import(${JSON.stringify(core)}).then((core) => console.log(Object.keys(core).join(' ')))`;
    const { stdout, stderr } = spawnSync(node20, ['-e', program], { encoding: 'utf8' });
    expect(stderr).toBe('');
    for (const name of ['openAgent', 'bootstrap', 'standingNow', 'resetAgent', 'deviceKeyOf', 'createTransport'])
      expect(stdout.trim().split(' ')).toContain(name);
  });

  test("does not make Node load its fetch, which takes memory and is nobody's here", () => {
    const loaded = (module: string): string => {
      const program = `import(${JSON.stringify(module)}).then(() => console.log(process.moduleLoadList.filter((each) => each.includes('undici')).length))`;
      return spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' }).stdout.trim();
    };
    expect(loaded(core)).toBe('0');
  });
});

describe('the files beside it', () => {
  test('need no npm package, and bring nothing that the agent has', () => {
    const beside = readdirSync(scratch).filter(
      (name) => join(scratch, name) !== bundle && join(scratch, name) !== core,
    );
    expect(beside).toEqual(expect.arrayContaining(['windlass-agent-probes.mjs', 'windlass-agent-run.mjs']));
    for (const name of beside)
      expect(importsOf(join(scratch, name)).filter((each) => !each.startsWith('node:'))).toEqual([]);
  });

  test('without its file `run` ends with 2 and says what is missing', async () => {
    const alone = copyWithout('run');
    const { code, err } = await startFile(alone, 'run', '--config', device.config).ended;
    expect(code).toBe(2);
    expect(err).toContain('windlass-agent-run.mjs belongs beside the agent');
  });

  test.each(['status', 'run'])('without the commands `%s` ends with 2 and says what is missing', async (command) => {
    const agent = startFile(copyWithout('commands'), command, '--config', device.config);
    const { code, out, err } = await agent.ended;
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^windlass-agent-commands\.mjs belongs beside the agent, from the same build: .*\n$/);
  });

  test('[C2] without the probes a profile that requires an endpoint is not kept, and it is said what is missing', async () => {
    const alone = copyWithout('probes');
    const { code, out, err } = await startFile(alone, 'bootstrap', '--config', device.config).ended;
    expect(code).toBe(40);
    expect(out).toContain('reverted: not-probed: app is required and was not tried: windlass-agent-probes.mjs');
    expect(err).toContain('warning: endpoints cannot be tried');
    expect(service.reports.at(-1)).toMatchObject({ code: 'not-probed', phases: expect.arrayContaining(['reverted']) });
  });
});

describe('the doctor', () => {
  const stateOf = () =>
    ['state.json', 'floors.json', 'bundle.pem'].map((name) =>
      readFileSync(join(device.directory, 'state', name), 'utf8'),
    );
  const examine = async (...args: string[]) => {
    const { code, out } = await start('doctor', '--config', device.config, '--json', ...args).ended;
    return { code, ...JSON.parse(out) };
  };

  test('says what is missing before the bootstrap, that all is fine after it, and leaves no trace of its own request', async () => {
    expect(await examine()).toMatchObject({
      code: 69,
      verdict: 'profile-not-installed',
      signer: 'nobody',
      answer: { outcome: 'granted', rung: 2 },
    });
    expect(await examine('--offline')).toMatchObject({ code: 67, verdict: 'unknown-inspection-ca', answer: null });
    expect(existsSync(join(device.directory, 'state'))).toBe(false);
    expect(service.reports).toEqual([]);

    expect(await start('bootstrap', '--config', device.config).ended).toMatchObject({ code: 0 });
    const [state, reports] = [stateOf(), service.reports.length];
    const said = await examine('--for-it');
    expect(said).toMatchObject({ signer: 'active', answer: { rung: 1 }, network: 'plant-a' });
    // What this service signs is a fixed time, and the system's clock is whatever it is.
    const broken = said.findings.filter(({ state }: { state: string }) => state === 'broken');
    expect(broken.filter(({ step }: { step: string }) => step !== 'time')).toEqual([]);
    expect(said.findings).toContainEqual(expect.objectContaining({ step: 'endpoint', endpoint: 'app', state: 'fine' }));
    expect(said.forIt).toMatch(/app.example.com +443 +https/);
    expect([stateOf(), service.reports.length]).toEqual([state, reports]);
  });

  test('says which file is missing where it is not beside the agent', async () => {
    const alone = copyWithout('doctor');
    const { code, err } = await startFile(alone, 'doctor', '--config', device.config).ended;
    expect(code).toBe(2);
    expect(err).toContain('windlass-agent-doctor.mjs belongs beside the agent');
  });
});

describe('an explicit proxy', () => {
  const proxied = (): string =>
    device.write(
      'proxied.json',
      JSON.stringify({
        ...JSON.parse(readFileSync(device.config, 'utf8')),
        ...{ explicitProxy: 'http://127.0.0.1:1', connectTo: {}, stateDirectory: 'proxied-state', trustStores: [] },
      }),
    );

  test('is asked by a file beside it; what is told is what is wrong with the proxy', async () => {
    const { code, out, err } = await run('bootstrap', '--config', proxied());
    expect([code, err]).toEqual([20, '']);
    expect(out).toContain('no answer: refused at connect: the explicit proxy 127.0.0.1:1 is not reached');
  });

  test('is not asked without that file, which is said', async () => {
    const alone = copyWithout('proxies');
    const { code, out, err } = await startFile(alone, 'bootstrap', '--config', proxied()).ended;
    expect(code).toBe(20);
    expect(out).not.toContain('127.0.0.1:1');
    expect(err).toContain('warning: no explicit proxy is asked: ');
    expect(err).toContain('windlass-agent-proxies.mjs');
  });
});

describe('the file that ships', () => {
  test('needs no npm package and shows its help on the oldest Node that it is for', async () => {
    expect(importsOf(bundle).filter((name) => !name.startsWith('node:'))).toEqual([]);
    expect(await run('--help')).toMatchObject({ code: 0, err: '' });
  });

  test("comes online through TLS that is inspected, proves the bundle by Node's own TLS, shows it and forgets it", async () => {
    const { code, out } = await run('bootstrap', '--config', device.config, '--json');
    const result = JSON.parse(out);
    expect(result).toMatchObject({
      outcome: 'active',
      rung: 2,
      failure: 'unknown-issuer',
      interceptedBy: 'CN=Plant A proxy CA',
      reported: true,
    });
    expect(result.endpoints).toMatchObject([{ name: 'app', verdict: 'inspected-trusted', ok: true }]);
    expect(result.stores).toMatchObject([
      { name: 'agent' },
      { name: 'bundle', state: 'effective', scopeEnforced: false },
    ]);
    expect(code).toBe(0);
    expect(readdirSync(join(device.directory, 'state')).sort()).toEqual(['bundle.pem', 'floors.json', 'state.json']);

    expect(await run('status', '--config', device.config)).toMatchObject({
      code: 0,
      out: expect.stringContaining('active: acme/plant-a'),
    });
    expect(await run('reset', '--config', device.config)).toMatchObject({
      code: 0,
      out: expect.stringContaining('no anchor of ours is left'),
    });
    expect(readFileSync(join(device.directory, 'state/bundle.pem'), 'utf8')).not.toContain('windlass');
  });

  test('a profile whose inspection CA is not permitted for the service cannot be confirmed, and that is said', async () => {
    service.profiles.set('plant-a', {
      ca: world.inspectionCa,
      payload: profileOf(world, { endpoints: [] }),
      chain: [world.publisher],
    });
    const { code, out } = await run('bootstrap', '--config', device.config);
    expect(code).toBe(40);
    expect(out).toContain(`${SERVICE} is not among the permitted names`);
  });

  test('run stays online until SIGTERM, and leaves no lock', async () => {
    const running = start('run', '--config', device.config);
    await running.said('active; acme/plant-a');
    running.kill('SIGTERM');
    expect(await running.ended).toMatchObject({
      code: 0,
      out: 'active; acme/plant-a, trusted: "CN=Plant A proxy CA"\n',
      err: '',
    });
    expect(readdirSync(join(device.directory, 'state')).filter((name) => name.endsWith('.lock'))).toEqual([]);
  });

  test('`run` waits in a process that has no TLS and no certificates, and others work for it', async () => {
    service.decision = { refreshAfterSeconds: 1 };
    const running = start('run', '--config', device.config);
    await running.said('active; acme/plant-a');
    await expect.poll(() => service.reports.length, { timeout: 20_000 }).toBeGreaterThan(2);
    expect(service.requests.map((request) => (request as { path: { rung: number } }).path.rung)).toEqual(
      expect.arrayContaining([2, 1]),
    );
    running.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/^active;[^\n]*\n$/) });
    for (const file of [bundle, join(scratch, 'windlass-agent-run.mjs')])
      expect(importsOf(file).sort()).toEqual(['node:module', 'node:os']);
    const unused = '/(crypto|tls|http|fs.promises)$/.test(each)';
    const program = `import(${JSON.stringify(join(scratch, 'windlass-agent-run.mjs'))}).then(() => console.log(process.moduleLoadList.filter((each) => ${unused})))`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    expect(stdout).toBe('[]\n');
  });

  test('[C1] `run` killed in the middle of an exchange: who worked for it ends too, and the next agent begins', async () => {
    let isAsked = (): void => {};
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    server.prependListener('request', (request) => {
      if (request.url?.endsWith('report')) isAsked();
    });
    const killed = start('run', '--config', device.config);
    await asked;
    killed.kill('SIGKILL');
    expect(await run('bootstrap', '--config', device.config)).toMatchObject({ code: 0, err: '' });
    expect(readdirSync(join(device.directory, 'state')).filter((name) => name.endsWith('.lock'))).toEqual([]);
    const counters = service.reports.map((report) => Number(report['counter']));
    expect(counters).toEqual([...counters].sort((a, b) => a - b));
  });

  test('`run` killed while who is to work for it starts: nobody holds the state directory for an agent that is gone', async () => {
    const parent = device.write(
      'parent.mjs',
      `import { fork } from 'node:child_process';
       const child = fork(${JSON.stringify(bundle)}, ['shift'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
       const order = { config: ${JSON.stringify(device.config)}, json: false, before: null, happened: null, isLast: false };
       child.send(order, () => process.kill(process.pid, 'SIGKILL'));`,
    );
    // A newer Node gives a child the order of a parent that is gone. Its standard error is closed when both have ended.
    for (const node of [node20, process.execPath]) expect(await startOn(node, parent).ended).toMatchObject({ err: '' });
    expect(await run('bootstrap', '--config', device.config)).toMatchObject({ code: 0, err: '' });
  });

  test('a second agent is told who works, also while nobody does', async () => {
    const first = start('run', '--config', device.config);
    await first.said('active; acme/plant-a');
    for (const command of ['run', 'bootstrap', 'reset'])
      expect(await run(command, '--config', device.config)).toMatchObject({
        code: 2,
        err: expect.stringContaining(`Another agent (process ${first.pid}) works on`),
      });
    first.kill('SIGTERM');
    expect(await first.ended).toMatchObject({ code: 0, err: '' });
  });

  test('[C1] killed at any moment, the next start finds the old or the new state, and comes online', async () => {
    for (let i = 0; i < KILLS; i += 1) {
      const killed = start('bootstrap', '--config', device.config);
      setTimeout(() => killed.kill('SIGKILL'), 40 + Math.random() * 300);
      await killed.ended;
      const status = await run('status', '--config', device.config, '--json');
      expect([0, 20]).toContain(status.code);
      expect(JSON.parse(status.out)).toMatchObject({ fault: null });
    }
    expect(await run('bootstrap', '--config', device.config)).toMatchObject({ code: 0 });
    expect(existsSync(join(device.directory, 'state/state.json.damaged'))).toBe(false);
    const counters = service.reports.map((report) => Number(report['counter']));
    expect(counters).toEqual([...counters].sort((a, b) => a - b));
  });
});
