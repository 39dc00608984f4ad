import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '@windlass/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createWorld } from '../../../protocol/src/testing/world.ts';
import type { ShiftMemory } from '../run/keep-running.ts';
import { type FactoryDevice, makeFactoryDevice } from '../testing/factory-device.ts';
import { SERVICE } from '../testing/fake-service.ts';
import { AGENT_VERSION } from '../version.ts';
import { takeLock } from './lock.ts';
import { parseCommandLine } from './parse.ts';
import { runShift } from './shift.ts';
import { typed } from './testing/command.ts';

const world = createWorld();
let device: FactoryDevice;
let out: string[];
let err: string[];

beforeEach(() => {
  device = makeFactoryDevice(world, world.manufacturer.pem);
  device.configure({ connectTo: { '*:443': '127.0.0.1:1', '*:80': '127.0.0.1:1' } });
  out = [];
  err = [];
});

afterEach(() => device.remove());

const terminal = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
const run = (...args: string[]): Promise<number> => typed(args, terminal);

/** A shift of `run`, which is another process: one that lives as long as this test. */
function shift(before: ShiftMemory | null, { isLast = false } = {}) {
  const order = { config: device.config, json: false, before, happened: null, isLast };
  return runShift(order, process.ppid, terminal);
}

describe('windlass-agent', () => {
  test('--help has an example and every exit code', async () => {
    expect(await run('--help')).toBe(0);
    expect(out.join('\n')).toMatch(/Example: windlass-agent bootstrap --config/);
    for (const code of [0, 1, 2, 10, 11, 12, 20, 30, 31, 40, 70])
      expect(out.join('\n')).toMatch(new RegExp(`\\b${code} `));
  });

  test.each(['bootstrap', 'run', 'status', 'reset', 'doctor', 'request', 'import'])(
    '%s --help has its own example, which is right',
    async (name) => {
      expect(await run(name, '--help')).toBe(0);
      const example = /^Example: windlass-agent (.+)$/m.exec(out.join('\n'))?.[1]?.split(' >')[0] ?? '';
      expect(parseCommandLine(example.split(' '))).toMatchObject({ config: '/etc/windlass/agent.json' });
      expect(example.split(' ')[0]).toBe(name);
    },
  );

  test('--version is that of reports', async () => {
    expect(await run('--version')).toBe(0);
    expect(out).toEqual([AGENT_VERSION]);
  });

  test.each([
    [[]],
    [['fly']],
    [['bootstrap']],
    [['bootstrap', '--config']],
    [['status', 'now', '--config', 'x']],
    [['status', '--colour']],
    [['request', '--config', 'x']],
    [['import', '--config', 'x']],
    [['import', 'a', 'b', '--config', 'x']],
    [['bootstrap', '--out', 'x', '--config', 'x']],
    [['status', '--report', 'x', '--config', 'x']],
  ])('wrong usage %j: exit 1 and one sentence', async (args) => {
    expect(await run(...args)).toBe(1);
    expect(err).toEqual([expect.stringContaining('Try windlass-agent --help.')]);
  });

  test('more than a command takes: it says so, and does not ask for a command', async () => {
    expect(await run('status', 'now', '--config', device.config)).toBe(1);
    expect(await run('import', 'a', 'b', '--config', device.config)).toBe(1);
    expect(err).toEqual([
      expect.stringContaining('After status there is more than it takes: it takes options alone.'),
      expect.stringContaining('After import there is more than it takes: it takes one file.'),
    ]);
  });

  test('a full disk, here that of standard output: exit 70 and one sentence', async () => {
    const full = (): never => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
    };
    expect(await typed(['status', '--config', device.config], { ...terminal, out: full })).toBe(70);
    expect(err).toEqual([expect.stringContaining('no room is left on the disk: make some (write: ENOSPC).')]);
  });

  test('a configuration that cannot be used: exit 2 and one sentence', async () => {
    expect(await run('status', '--config', join(device.directory, 'nowhere.json'))).toBe(2);
    expect(err).toEqual([expect.stringContaining('no such file or directory')]);
  });

  test('no way out: exit 20 with the cause, as one object with --json', async () => {
    expect(await run('bootstrap', '--config', device.config, '--json')).toBe(20);
    expect(out.map((line) => JSON.parse(line))).toMatchObject([
      { outcome: 'no-answer', cause: 'refused', stage: 'connect', inspectionCas: [] },
    ]);
  });

  test('the bundle has the system roots before anything was ever received', async () => {
    await run('bootstrap', '--config', device.config);
    expect(readdirSync(join(device.directory, 'state')).sort()).toEqual(['bundle.pem', 'floors.json', 'state.json']);
    expect(out.at(-1)).toContain('no answer: refused at connect');
  });

  test('status asks nobody and writes nothing', async () => {
    expect(await run('status', '--config', device.config)).toBe(20);
    expect(out[0]).toBe('no valid answer yet: no organization');
    expect(existsSync(join(device.directory, 'state'))).toBe(false);
  });

  test('doctor names the broken step with its exit code, writes nothing, and works beside an agent that holds the lock', async () => {
    const lock = takeLock(join(device.directory, 'state'));
    const [before, exit] = [
      readdirSync(join(device.directory, 'state')),
      await run('doctor', '--config', device.config),
    ];
    expect(exit).toBe(59);
    expect(out.join('\n')).toMatch(/^TCP +BROKEN +443 refused \(127.0.0.1\); 80 refused/m);
    expect(out.join('\n')).toContain('tcp-refused (exit code 59)');
    expect(readdirSync(join(device.directory, 'state'))).toEqual(before);
    if (lock.kind === 'held') lock.release();
    expect(err).toEqual([]);
  });

  test('doctor --for-it and --json are for people and for programs; neither has the password of the proxy', async () => {
    device.configure({ explicitProxy: 'http://plant:opensesame@127.0.0.1:1' });
    expect(await run('doctor', '--config', device.config, '--for-it', '--offline')).toBe(56);
    expect(await run('doctor', '--config', device.config, '--for-it', '--json')).toBe(56);
    expect(JSON.parse(out.at(-1) ?? '')).toMatchObject({
      verdict: 'proxy-unreachable',
      proxy: { host: '127.0.0.1', port: 1 },
    });
    expect(out.join('\n')).toContain('127.0.0.1:1');
    expect(out.join('\n')).not.toMatch(/opensesame|plant:|cGxhbnQ6/);
  });

  test('doctor --help has each verdict; its options are for no other command', async () => {
    expect(await run('doctor', '--help')).toBe(0);
    expect(out.join('\n')).toMatch(/^ +67 +unknown-inspection-ca +An inspecting proxy/m);
    expect(await run('status', '--for-it', '--config', device.config)).toBe(1);
    expect(err).toEqual(['The options --for-it and --offline are those of doctor. Try windlass-agent --help.']);
  });

  test('status says whether claims need a label proof, so that the factory can look', async () => {
    const needs = async () => {
      await run('status', '--config', device.config, '--json');
      return JSON.parse(out.at(-1) ?? '').labelProof;
    };
    expect(await needs()).toBe(false);
    device.write('label.code', '7K3M9QXT2B5D8FHJ4NPR6STVWY');
    device.configure({ labelCode: 'label.code' });
    expect(await needs()).toBe(true);
    await run('status', '--config', device.config);
    expect(out.at(-1)).toBe('takes a claim only with a proof by the code of its label');
  });

  test('reset of a new device leaves nothing of ours', async () => {
    expect(await run('reset', '--config', device.config)).toBe(0);
    expect(out).toEqual([
      'trust store bundle: read back, no anchor of ours is in it',
      'reset: nothing was held, no anchor of ours is left',
    ]);
  });

  test('[C4] a bundle that moves: nothing of ours stays where it was, a reset proves both places', async () => {
    await run('bootstrap', '--config', device.config);
    const old = join(device.directory, 'state', 'bundle.pem');
    const ours = `# windlass: acme/plant-a, SHA-256 00\n${world.inspectionCa.pem}`;
    const roots = readFileSync(old, 'utf8');
    writeFileSync(old, ours + roots);
    device.configure({
      connectTo: { '*:443': '127.0.0.1:1', '*:80': '127.0.0.1:1' },
      trustStores: [{ kind: 'bundle', name: 'apps', path: 'moved.pem' }],
    });
    await run('bootstrap', '--config', device.config);
    expect(readFileSync(old, 'utf8')).toBe(roots);
    writeFileSync(old, ours + roots);
    expect(await run('reset', '--config', device.config, '--json')).toBe(0);
    expect(readFileSync(old, 'utf8')).toBe(roots);
    expect(JSON.parse(out.at(-1) ?? '')).toMatchObject({
      proof: [
        { name: 'apps', path: join(device.directory, 'moved.pem'), content: 'no-anchor', anchors: [] },
        { name: old, path: old, content: 'no-anchor', anchors: [] },
      ],
    });
  });

  test('[C3] the copy of the floors may be elsewhere; when its partition fails the device goes on', async () => {
    device.configure({ floorsDirectory: 'floors', connectTo: { '*:443': '127.0.0.1:1', '*:80': '127.0.0.1:1' } });
    expect(await run('bootstrap', '--config', device.config)).toBe(20);
    expect(readdirSync(join(device.directory, 'floors'))).toEqual(['floors.json']);
    expect(readdirSync(join(device.directory, 'state')).sort()).toEqual(['bundle.pem', 'state.json']);
    device.configure({ floorsDirectory: 'device.pem/x', connectTo: { '*:443': '127.0.0.1:1', '*:80': '127.0.0.1:1' } });
    expect(await run('bootstrap', '--config', device.config)).toBe(20);
  });

  test('[C3] reset says so where a trust store cannot be written, and does not end with 0', async () => {
    device.configure({ trustStores: [{ kind: 'bundle', name: 'locked', path: 'device.pem/bundle.pem' }] });
    expect(await run('reset', '--config', device.config)).toBe(2);
    expect(err).toEqual([expect.stringContaining('trust store locked cannot be written')]);
  });

  test('two agents on one state directory: the second is told', async () => {
    const first = run('bootstrap', '--config', device.config);
    expect(await run('bootstrap', '--config', device.config)).toBe(2);
    expect(err).toEqual([expect.stringContaining(`Another agent (process ${process.pid}) works on`)]);
    expect(await first).toBe(20);
  });

  test('the shifts of run say each state and each warning once; the agent is there from the first to the last', async () => {
    device.configure({ colour: 'red', connectTo: { '*:443': '127.0.0.1:1', '*:80': '127.0.0.1:1' } });
    const { memory } = await shift(null);
    const waiting = memory && { ...memory.waiting, until: 0, state: { ...memory.waiting.state, due: 0 } };
    const asked = readFileSync(join(device.directory, 'state/state.json'), 'utf8');
    expect(await shift(memory && waiting && { ...memory, waiting })).toMatchObject({ code: 0 });
    expect(readFileSync(join(device.directory, 'state/state.json'), 'utf8')).not.toBe(asked);
    expect(out).toEqual([expect.stringMatching(/^no answer: refused at connect: .*; no inspection CA is trusted$/)]);
    expect(err).toEqual([expect.stringContaining('"colour" is not known')]);
    expect(await run('bootstrap', '--config', device.config)).toBe(2);
    expect(err.at(-1)).toContain(`Another agent (process ${process.ppid}) works on`);
    expect(await shift(memory, { isLast: true })).toEqual({ code: 0, memory: null });
    expect(await run('bootstrap', '--config', device.config)).toBe(20);
  });

  test('the state directory of another service: exit 2 and a sentence', async () => {
    await run('reset', '--config', device.config);
    device.configure({ service: 'other.example' });
    expect(await run('status', '--config', device.config)).toBe(2);
    expect(err).toEqual([expect.stringContaining('belongs to the service bootstrap.windlass.example')]);
  });

  test('[C5] the state of a newer agent: exit 2 and a sentence, and nothing is touched', async () => {
    await run('reset', '--config', device.config);
    const state = JSON.stringify({ version: 3, service: SERVICE });
    const text = JSON.stringify({ digest: digestOf(state), state: JSON.parse(state) });
    const directory = join(device.directory, 'state');
    writeFileSync(join(directory, 'state.json'), text);
    const before = readdirSync(directory);
    const each = ['bootstrap', 'status', 'reset'].map((command) => () => run(command, '--config', device.config));
    for (const attempt of [...each, () => shift(null).then(({ code }) => code)]) {
      expect(await attempt()).toBe(2);
      expect(err.at(-1)).toContain('A newer agent wrote the state directory (version 3)');
    }
    expect(readdirSync(directory)).toEqual(before);
    expect(readFileSync(join(directory, 'state.json'), 'utf8')).toBe(text);
  });

  test('a damaged state does not stop the device', async () => {
    await run('reset', '--config', device.config);
    writeFileSync(join(device.directory, 'state/state.json'), 'x');
    expect(await run('bootstrap', '--config', device.config)).toBe(20);
    expect(readdirSync(join(device.directory, 'state'))).toContain('state.json.damaged');
    await run('status', '--config', device.config, '--json');
    expect(JSON.parse(out.at(-1) ?? '')).toMatchObject({
      stateFault: 'state-damaged',
      trouble: { code: 'tcp-refused', since: expect.stringMatching(/^2026-/) },
    });
    await run('status', '--config', device.config);
    expect(out.at(-1)).toMatch(/^not reported yet: tcp-refused, since 2026-.*: Connections to the service are refused/);
    expect(out.at(-2)).toMatch(/^not reported yet: state-damaged: a file of the state was damaged/);
  });
});
