import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Attempt, startAttempt } from './attempt.ts';
import { dial, resolveName } from './dial.ts';
import { type Peer, SILENT, startPlainPeer } from './testing/servers.ts';

const opened: (Peer | Attempt)[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await ('close' in each ? each.close() : each.end());
});

function attempt(deadlines = {}): Attempt {
  const started = startAttempt(deadlines);
  opened.push(started);
  return started;
}

async function peer(): Promise<Peer> {
  const started = await startPlainPeer(SILENT);
  opened.push(started);
  return started;
}

test('families are tried in turn, in the order of the resolver', async () => {
  const lookup = async (): Promise<string[]> => ['2001:db8::1', '2001:db8::2', '192.0.2.1', '192.0.2.2'];
  expect(await resolveName(attempt(), 'a.example', lookup)).toEqual([
    '2001:db8::1',
    '192.0.2.1',
    '2001:db8::2',
    '192.0.2.2',
  ]);
});

test('an address is its own and is not looked up', async () => {
  const lookup = (): Promise<string[]> => Promise.reject(new Error('asked'));
  expect(await resolveName(attempt(), '192.0.2.7', lookup)).toEqual(['192.0.2.7']);
  expect(await resolveName(attempt(), '2001:db8::7', lookup)).toEqual(['2001:db8::7']);
});

test('a name that is unknown, or has no address, fails at the stage name', async () => {
  const unknown = Object.assign(new Error(), { code: 'ENOTFOUND' });
  await expect(resolveName(attempt(), 'a.example', () => Promise.reject(unknown))).rejects.toMatchObject({
    reason: 'name',
    stage: 'name',
  });
  await expect(resolveName(attempt(), 'a.example', async () => [])).rejects.toMatchObject({
    reason: 'name',
    stage: 'name',
  });
});

test('[L3] a resolver that hangs runs into the deadline of the name', async () => {
  const never = new Promise<string[]>(() => {});
  await expect(resolveName(attempt({ name: 20 }), 'a.example', () => never)).rejects.toMatchObject({
    reason: 'timeout',
    stage: 'name',
  });
});

test('an address that refuses gives way to the next one', async () => {
  const { port } = await peer();
  const socket = await dial(attempt(), ['127.0.0.2', '::1', '127.0.0.1'], port);
  expect(socket.remoteAddress).toBe('127.0.0.1');
});

test('an address that hangs gives way to the next one, and is not given up before', async () => {
  const hanging = await hangingServer();
  try {
    const started = performance.now();
    const { port } = hanging;
    const free = createServer().listen(port, '127.0.0.2');
    await new Promise((resolve) => free.once('listening', resolve));
    const socket = await dial(attempt(), ['127.0.0.1', '127.0.0.2'], port);
    expect(socket.remoteAddress).toBe('127.0.0.2');
    expect(performance.now() - started).toBeGreaterThan(200);
    socket.destroy();
    await new Promise((resolve) => free.close(resolve));
  } finally {
    hanging.end();
  }
});

test('all addresses refused: refused, at the stage connect', async () => {
  const { port, close } = await startPlainPeer(SILENT);
  await close();
  await expect(dial(attempt(), ['127.0.0.1', '127.0.0.2'], port)).rejects.toMatchObject({
    reason: 'refused',
    stage: 'connect',
  });
});

test('[L3] addresses that hang run into the deadline of connect', async () => {
  const hanging = await hangingServer();
  try {
    const waiting = dial(attempt({ connect: 50 }), ['127.0.0.1'], hanging.port);
    await expect(waiting).rejects.toMatchObject({ reason: 'timeout', stage: 'connect' });
  } finally {
    hanging.end();
  }
});

/** A listener whose queue is full: the kernel drops what else wants to connect. */
async function hangingServer(): Promise<{ port: number; end(): void }> {
  // Only another process that never accepts keeps its queue full.
  const program = `const n=require('node:net');const s=n.createServer();s.listen({port:0,host:'127.0.0.1',backlog:1},()=>{process.stdout.write(String(s.address().port)+'\\n',()=>{for(;;)Atomics.wait(new Int32Array(new SharedArrayBuffer(4)),0,0)})})`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<number>((resolve) => child.stdout.once('data', (line) => resolve(Number(line))));
  const fillers = Array.from({ length: 6 }, () => connect({ host: '127.0.0.1', port }).on('error', () => {}));
  await new Promise((resolve) => setTimeout(resolve, 100));
  return {
    port,
    end() {
      for (const filler of fillers) filler.destroy();
      child.kill('SIGKILL');
    },
  };
}
