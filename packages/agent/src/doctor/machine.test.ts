import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { thisMachine } from './machine.ts';

let server: Server | undefined;

afterEach(() => server?.close());

async function listening(conduct: (socket: Socket) => void): Promise<number> {
  server = createServer(conduct);
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

describe('this machine', () => {
  it('tells an open port from one that is cut at once and one that is closed', async () => {
    const port = await listening((socket) => socket.on('error', () => {}));
    expect(await thisMachine.open('127.0.0.1', port)).toMatchObject({ state: 'open' });
    server?.close();
    const cut = await listening((socket) => socket.resetAndDestroy());
    expect(await thisMachine.open('127.0.0.1', cut)).toMatchObject({ state: 'reset' });
    await new Promise((done) => server?.close(done));
    expect(await thisMachine.open('127.0.0.1', cut)).toMatchObject({ state: 'refused' });
  });

  it('resolves by the hosts file too, and tells what nobody has from what it found', async () => {
    expect(await thisMachine.resolve('localhost')).toMatchObject({ kind: 'addresses' });
    expect((await thisMachine.resolve('windlass-test.invalid')).kind).not.toBe('addresses');
  });

  it('shows links, addresses and gateways without loopback', () => {
    expect(thisMachine.links()?.map(({ name }) => name) ?? []).not.toContain('lo');
    expect(thisMachine.addresses().map(({ address }) => address)).not.toContain('127.0.0.1');
    for (const { via } of thisMachine.gateways() ?? []) expect(via ?? '').not.toContain('NaN');
  });
});
