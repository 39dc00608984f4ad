import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createWorld } from '../../../protocol/src/testing/world.ts';
import { type FactoryDevice, makeFactoryDevice } from '../testing/factory-device.ts';
import { answerReport, answerRequest, createFakeService, type FakeService, SERVICE } from '../testing/fake-service.ts';
import { typed } from './testing/command.ts';

const world = createWorld();
let device: FactoryDevice;
let service: FakeService;
let out: string[];
let err: string[];

beforeEach(() => {
  device = makeFactoryDevice(world, world.manufacturer.pem);
  device.configure({ connectTo: { '*:443': '127.0.0.1:1', '*:80': '127.0.0.1:1', '*:8883': '127.0.0.1:1' } });
  service = createFakeService(world);
  out = [];
  err = [];
});

afterEach(() => device.remove());

const here = (name: string): string => join(device.directory, name);

function run(...args: string[]): Promise<number> {
  const terminal = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) };
  return typed([...args, '--config', device.config], terminal);
}

/** The request goes to the service, and what it says comes back in a file. */
async function carried(): Promise<string> {
  expect(await run('request', '--out', here('request.json'))).toBe(0);
  const answer = answerRequest(service, readFileSync(here('request.json'), 'utf8'));
  writeFileSync(here('answer.json'), answer);
  return here('answer.json');
}

describe('windlass-agent request', () => {
  test('a file that cannot be written: exit 2, and the answer to the request before is still taken', async () => {
    service.claim = null;
    const answer = await carried();
    expect(await run('request', '--out', here('nowhere/request.json'))).toBe(2);
    expect(err).toEqual([`${here('nowhere/request.json')}: there is no such file or directory (open: ENOENT).`]);
    expect(await run('import', answer)).toBe(10);
  });

  test('writes a file that others cannot read, and says what to do with it', async () => {
    expect(await run('request', '--out', here('request.json'))).toBe(0);
    expect(statSync(here('request.json')).mode & 0o777).toBe(0o600);
    const text = out.join('\n');
    expect(text).toContain(`windlass carry ${here('request.json')} --out answer.json`);
    expect(text).toContain(`https://${SERVICE}/.well-known/windlass/v1/bootstrap`);
    expect(text).toContain(`windlass-agent import answer.json --config ${device.config}`);
    out.length = 0;
    await run('status');
    expect(out).toContainEqual(expect.stringMatching(/^a request of .* waits for an answer/));
  });

  test('writes to standard output alone with -, and one object with --json', async () => {
    expect(await run('request', '--out', '-')).toBe(0);
    expect(out).toHaveLength(1);
    expect(JSON.parse(out[0] ?? '')).toEqual({ payload: expect.any(String), signature: expect.any(String) });
    out.length = 0;
    expect(await run('request', '--out', here('r'), '--json')).toBe(0);
    expect(out.map((line) => JSON.parse(line))).toEqual([
      { outcome: 'requested', file: here('r'), url: expect.any(String), until: expect.stringMatching(/Z$/) },
    ]);
  });

  test('a file that cannot be written: exit 2 and one sentence', async () => {
    expect(await run('request', '--out', here('nowhere/request.json'))).toBe(2);
    expect(err).toEqual([expect.stringContaining('no such file or directory')]);
  });
});

describe('what is there already', () => {
  const key = (): string => readFileSync(here('device.key'), 'utf8');

  test('a request takes the place of an earlier one, and of nothing else: exit 2, and the earlier request still counts', async () => {
    service.claim = null;
    const answer = await carried();
    const before = key();
    symlinkSync(here('device.key'), here('link'));
    symlinkSync(here('nowhere'), here('dangling'));
    mkdirSync(here('directory'));
    for (const name of ['device.key', 'link', 'dangling', 'directory', 'answer.json']) {
      err.length = 0;
      expect([name, await run('request', '--out', here(name))]).toEqual([name, 2]);
      expect(err).toEqual([`${here(name)} is there and is no request or report: name another file.`]);
    }
    expect([key(), existsSync(here('nowhere'))]).toEqual([before, false]);
    expect(await run('import', answer)).toBe(10);
    expect(await run('request', '--out', here('request.json'))).toBe(0);
  });

  test('nor a report, which is said before the answer is looked at', async () => {
    service.claim = null;
    const answer = await carried();
    const before = key();
    expect(await run('import', answer, '--report', here('device.key'))).toBe(2);
    expect(key()).toBe(before);
    expect(await run('import', answer, '--report', here('report.json'))).toBe(10);
  });
});

describe('windlass-agent import', () => {
  test.runIf(process.platform === 'linux')('what is no file does not hold it up, nor one without an end', async () => {
    service.claim = null;
    const answer = await carried();
    spawnSync('mkfifo', [here('pipe')]);
    symlinkSync('/dev/zero', here('zero'));
    for (const name of ['pipe', 'zero', '.']) {
      err.length = 0;
      expect([name, await run('import', here(name))]).toEqual([name, 30]);
      expect(err).toEqual([expect.stringContaining('this is no file')]);
    }
    expect(await run('import', answer)).toBe(10);
  });

  test('nothing here is signed by the inspection CA: exit 40, nothing kept, and the same file can be tried again', async () => {
    const answer = await carried();
    for (const attempt of [1, 2]) {
      out.length = 0;
      expect(await run('import', answer, '--report', here('report.json'))).toBe(40);
      expect(out.at(-1), `attempt ${attempt}`).toContain('import the same file again');
    }
    expect(existsSync(here('report.json'))).toBe(false);
  });

  test('an answer without an inspection CA: its exit code, and a report to carry back', async () => {
    service.claim = null;
    const answer = await carried();
    expect(await run('import', answer, '--report', here('report.json'))).toBe(10);
    expect(out.at(-1)).toContain(`windlass carry ${here('report.json')}`);
    answerReport(service, readFileSync(here('report.json'), 'utf8'));
    expect(service.reports).toMatchObject([{ rung: 4, phases: ['fetched', 'accepted'] }]);
    err.length = 0;
    expect(await run('import', answer)).toBe(30);
    expect(err).toEqual([expect.stringContaining('no request of this device waits')]);
  });

  test('with --json one object, with what was not confirmed', async () => {
    service.claim = null;
    const answer = await carried();
    out.length = 0;
    expect(await run('import', answer, '--json')).toBe(10);
    expect(out.map((line) => JSON.parse(line))).toMatchObject([
      { outcome: 'unclaimed', rung: 4, confirmed: false, report: null },
    ]);
  });

  test.each([
    ['the request itself', () => readFileSync(here('request.json'), 'utf8'), 'carry it to the service'],
    ['a page', () => '<html>Blocked</html>', 'a page of the network'],
    ['half an answer', () => readFileSync(here('answer.json'), 'utf8').slice(0, 900), 'cut short'],
    ['a large file', () => 'x'.repeat(65_537), 'another file'],
  ])('%s: exit 30 and one sentence, and the right file is still taken', async (_, content, sentence) => {
    service.claim = null;
    const answer = await carried();
    writeFileSync(here('other'), content());
    expect(await run('import', here('other'))).toBe(30);
    expect(err).toEqual([expect.stringContaining(sentence)]);
    expect(await run('import', answer)).toBe(10);
  });

  test('the answer to an older request: exit 30 with its code', async () => {
    const answer = await carried();
    await run('request', '--out', here('newer.json'));
    expect(await run('import', answer)).toBe(30);
    expect(out.join('\n')).toContain('answer not valid: nonce-mismatch');
  });

  test('a file that is not there: exit 2', async () => {
    await carried();
    expect(await run('import', here('nowhere.json'))).toBe(2);
    expect(err).toEqual([expect.stringContaining('no such file or directory')]);
  });
});
