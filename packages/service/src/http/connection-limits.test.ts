import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { limitConnections } from './connection-limits.ts';

const sockets: Socket[] = [];
const server = createServer((_, response) => response.end('here'));
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.closeAllConnections();
  server.close();
});

const port = () => (server.address() as AddressInfo).port;
const open = (from: string) =>
  new Promise<Socket>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: port(), localAddress: from });
    socket.on('error', () => undefined);
    sockets.push(socket);
    socket.once('connect', () => resolve(socket));
  });
const closed = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()));
const get = (from: string) =>
  new Promise<number | string>((resolve) => {
    const asked = request({ host: '127.0.0.1', port: port(), localAddress: from, agent: false });
    asked.on('response', (response: IncomingMessage) => resolve(response.resume().statusCode ?? 0));
    asked.on('error', () => resolve('closed'));
    asked.end();
  });

test('who holds silent connections takes no place of others, and has room again when they are gone', async () => {
  limitConnections(server, { total: 100, perClient: 3 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  for (let count = 0; count < 3; count++) await open('127.0.0.2');
  await closed(await open('127.0.0.2'));
  expect(await get('127.0.0.2')).toBe('closed');
  expect(await get('127.0.0.1')).toBe(200);
  const [first] = sockets;
  first?.destroy();
  await expect.poll(() => get('127.0.0.2')).toBe(200);
});
