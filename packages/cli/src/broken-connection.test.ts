// A connection that breaks when the service has done what it was asked: nobody got the answer, and the command must not do it twice.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditPage, Network } from '@windlass/management';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { serve } from '../../service/src/serve.ts';
import { initializeService } from '../../service/src/testing/service-fixture.ts';
import { runProgram } from './program.ts';
import { recordingTerminal } from './recording-terminal.ts';

const work = mkdtempSync(join(tmpdir(), 'windlass-broken-'));
let fixture: Awaited<ReturnType<typeof initializeService>>;
let service: Awaited<ReturnType<typeof serve>>;
let between: Server;
let admin = '';
let approver = '';
/** Of this many answers the client gets nothing: the connection ends when the service has given them. */
let cut = 0;
const passed: { method: string; key: string | undefined; status: number | undefined }[] = [];

beforeAll(async () => {
  fixture = await initializeService();
  service = await serve({ configFile: fixture.configFile, log: 'silent' });
  admin = readFileSync(join(fixture.directory, 'admin-token'), 'utf8').trim();
  between = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    const to = send(`${service.urls['management']}${url}`, { method, headers }, (answer) => {
      passed.push({ method, key: headers['idempotency-key']?.toString(), status: answer.statusCode });
      cut -= 1;
      if (cut >= 0) return void answer.resume().on('end', () => request.socket.destroy());
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    request.pipe(to);
  });
  await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
  await run(admin, 'organization', 'add', 'acme', '--token-file', join(work, 'approver'));
  approver = readFileSync(join(work, 'approver'), 'utf8').trim();
});
afterAll(async () => {
  between.closeAllConnections();
  await new Promise((resolve) => between.close(resolve));
  await service.close();
  fixture.remove();
  rmSync(work, { recursive: true, force: true });
});
beforeEach(() => {
  cut = 0;
  passed.splice(0);
});

async function run(token: string, ...argv: readonly string[]) {
  const { port } = between.address() as AddressInfo;
  const terminal = recordingTerminal({ WINDLASS_URL: `http://127.0.0.1:${port}`, WINDLASS_TOKEN: token });
  await runProgram(argv, terminal);
  return terminal.written;
}

const addNetwork = (name: string) => run(approver, 'network', 'add', name, '--organization', 'acme', '--json');

test('the act is done once, and the command says so', async () => {
  cut = 1;
  const { out, err, exitCode } = await addNetwork('plant');
  expect([err, exitCode]).toEqual(['', 0]);
  expect((JSON.parse(out) as Network).name).toBe('plant');
  expect(passed.map(({ status }) => status)).toEqual([201, 201]);
  expect(passed[0]?.key).toMatch(/^"[0-9a-f-]{36}"$/);
  expect(passed[1]?.key).toBe(passed[0]?.key);
  const audit = await run(admin, 'audit', 'list', '--act', 'network.add', '--json');
  expect((JSON.parse(audit.out) as AuditPage).entries).toHaveLength(1);
});

test('it is asked again once: whoever loses two answers is told that the connection failed', async () => {
  cut = 2;
  const { err, exitCode } = await addNetwork('second');
  expect(exitCode).not.toBe(0);
  expect(err).toMatch(/The connection to .* failed/);
  expect(passed).toHaveLength(2);
});

test('an answer is never asked for again, and each act has a key of its own', async () => {
  expect((await addNetwork('third')).exitCode).toBe(0);
  const { err } = await addNetwork('third');
  expect(err).toMatch(/There is a network third already/);
  expect(passed.map(({ status }) => status)).toEqual([201, 409]);
  expect(passed[0]?.key).not.toBe(passed[1]?.key);
});

test('what only reads has no key, and is not asked again', async () => {
  cut = 1;
  const { exitCode } = await run(admin, 'organization', 'list');
  expect(exitCode).not.toBe(0);
  expect(passed).toEqual([{ method: 'GET', key: undefined, status: 200 }]);
});

test('a token whose answer is lost is not made twice: the command says what to do', async () => {
  cut = 1;
  const file = join(work, 'second-token');
  const { err, exitCode } = await run(approver, 'token', 'add', 'second', '--token-file', file);
  expect(exitCode).not.toBe(0);
  expect(err).toMatch(/This was done at .*: revoke the token that was made/);
  const { out } = await run(approver, 'token', 'list', '--json');
  const tokens = JSON.parse(out) as { items: { name: string }[] };
  expect(tokens.items.filter(({ name }) => name === 'second')).toHaveLength(1);
});
