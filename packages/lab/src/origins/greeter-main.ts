/**
 * A server of some protocol over TLS, as far as its first answer: `node greeter-main.js CONFIG.json`. Answers the first bytes of each
 * connection with those of its configuration, and prints `ready {address}` when it listens. Ends on SIGTERM.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:tls';
import type { GreeterConfig } from '../origins.ts';

const { host, port, answer, tls } = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as GreeterConfig;
const credentials = { key: await readFile(tls.keyFile), cert: await readFile(tls.certificateFile) };

const server = createServer(credentials, (socket) => {
  socket.on('error', () => {});
  socket.once('data', () => socket.write(Buffer.from(answer, 'hex')));
});
server.on('tlsClientError', () => {});
server.listen(port, host, () => console.log(`ready ${JSON.stringify(server.address())}`));
process.once('SIGTERM', () => process.exit());
