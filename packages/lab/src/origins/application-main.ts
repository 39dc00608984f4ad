/**
 * An application server as a process: `node application-main.js CONFIG.json`. Answers every request with 200 and a short JSON, and one for
 * a WebSocket with 101, prints a line for each, and `ready {address}` when it listens. Ends on SIGTERM.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { ApplicationConfig } from '../origins.ts';

const config = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as ApplicationConfig;
let requests = 0;
/** RFC 6455 section 1.3. */
const webSocketGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const listener: RequestListener = (request, response) => {
  requests += 1;
  console.log(`request ${request.method} ${request.url}`);
  // A body that nobody reads would keep the connection busy.
  request.resume();
  const file = config.files?.[request.url ?? ''];
  if (file !== undefined) return void response.end(file);
  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(`${JSON.stringify({ application: config.name, requests })}\n`);
};

const server = config.tls
  ? createHttpsServer(
      { key: await readFile(config.tls.keyFile), cert: await readFile(config.tls.certificateFile) },
      listener,
    )
  : createHttpServer(listener);

server.on('upgrade', ({ method, url, headers }: IncomingMessage, socket: Duplex) => {
  console.log(`request ${method} ${url} for ${headers.upgrade}`);
  const accept = createHash('sha1').update(`${headers['sec-websocket-key']}${webSocketGuid}`).digest('base64');
  const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  socket.on('error', () => {});
  socket.end([...head, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'));
});

server.listen(config.port, config.host, () => console.log(`ready ${JSON.stringify(server.address())}`));
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
