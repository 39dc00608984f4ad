import { access, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labIsReady } from './can-run-lab.ts';
import { createNetwork, type LabNetwork, places } from './network.ts';
import { logContains } from './process.ts';
import { runCommand } from './run-command.ts';
import { createTemporaryDirectory, type TemporaryDirectory } from './temporary-directory.ts';

const ready = await labIsReady('networks of namespaces', ['iproute2', 'nftables', 'curl']);

/** Answers every connection with `text` and closes: enough for curl. */
function answering(text: string, host: string, port: number): readonly string[] {
  const source = `require('node:net').createServer((s) => { s.on('error', () => 0); s.end('HTTP/1.0 200 OK\\r\\n\\r\\n${text}'); })
    .listen(${port}, '${host}', () => console.log('up'))`;
  return [process.execPath, '-e', source];
}

describe.runIf(ready)('a lab network', () => {
  let directory: TemporaryDirectory;
  let network: LabNetwork;
  const curl = async (url: string): Promise<string> => {
    const { code, stdout } = await network.run('device', ['curl', '-sS', '--max-time', '5', url]);
    return code === 0 ? stdout : `exit ${code}`;
  };

  beforeAll(async () => {
    directory = await createTemporaryDirectory('network-test');
    network = await createNetwork({ families: ['ipv4', 'ipv6'], moreNames: { 'other.example': 'broker' } });
    const start = (place: 'middlebox' | 'cloud', name: string, host: string, port: number) =>
      network.start(place, {
        argv: answering(name, host, port),
        logFile: join(directory.path, `${name}.log`),
        ready: logContains('up'),
      });
    await Promise.all([
      start('cloud', 'application', network.addresses.application, 80),
      start('cloud', 'broker', network.addresses.broker, 80),
      start('cloud', 'six', 'fd77:0:0:2::11', 81),
      start('middlebox', 'box', '0.0.0.0', 3128),
    ]);
  });
  afterAll(async () => {
    await network.close();
    await directory.remove();
  });

  test('the device reaches each cloud host by its name, also by a further name and over IPv6', async () => {
    expect(await curl('http://app.example/')).toBe('application');
    expect(await curl('http://other.example/')).toBe('broker');
    expect(await curl('http://app.example:81/')).toBe('six');
  });

  test('a redirect leads to the middlebox until it is taken back', async () => {
    await network.redirect([{ port: 80, to: 3128 }]);
    expect(await curl('http://app.example/')).toBe('box');
    await network.redirect([]);
    expect(await curl('http://app.example/')).toBe('application');
  });

  test('a refused direct path is reset at once, other ports pass', async () => {
    await network.refuseDirect([81]);
    expect(await curl('http://app.example:81/')).toBe('exit 7');
    expect(await curl('http://app.example/')).toBe('application');
    await network.refuseDirect([]);
  });

  test('a name that is not in the lab fails at once', async () => {
    expect(await curl('http://nobody.example/')).toBe('exit 6');
  });

  test('two networks live side by side, and closing one leaves nothing of it', async () => {
    const second = await createNetwork();
    expect(second.namespaces.device).not.toBe(network.namespaces.device);
    await second.start('cloud', {
      argv: answering('second', '0.0.0.0', 80),
      logFile: join(directory.path, 'second.log'),
      ready: logContains('up'),
    });
    await second.close();
    for (const place of places) {
      await expect(access(`/run/netns/${second.namespaces[place]}`)).rejects.toThrow('ENOENT');
      await expect(access(`/etc/netns/${second.namespaces[place]}`)).rejects.toThrow('ENOENT');
    }
    expect(await curl('http://app.example/')).toBe('application');
  });

  test('what a dead maker left behind is removed by the next lab, with its processes and files', async () => {
    const name = 'windlass-1-1-1-leftover';
    const directory = join(tmpdir(), name);
    await mkdir(directory);
    await runCommand(['ip', 'netns', 'add', name]);
    // Process 1 lives, but its start time is not 1: to the names, that maker is dead and its pid was used again.
    const sleeper = runCommand(['ip', 'netns', 'exec', name, 'sleep', '60']);
    await expect.poll(async () => (await runCommand(['ip', 'netns', 'pids', name])).stdout).not.toBe('');
    await (await createNetwork()).close();
    expect((await sleeper).code).not.toBe(0);
    await expect(access(`/run/netns/${name}`)).rejects.toThrow('ENOENT');
    await expect(access(directory)).rejects.toThrow('ENOENT');
  });
});
