/**
 * An application server as a process: `node application-main.js CONFIG.json`. Answers every request with 200 and a short JSON, prints
 * a line for each, and `ready {address}` when it listens. Ends on SIGTERM.
 */
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { ApplicationConfig } from '../origins.ts';

const config = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as ApplicationConfig;
let requests = 0;

const listener: RequestListener = (request, response) => {
  requests += 1;
  console.log(`request ${request.method} ${request.url}`);
  // A body that nobody reads would keep the connection busy.
  request.resume();
  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(`${JSON.stringify({ application: config.name, requests })}\n`);
};

const server = config.tls
  ? createHttpsServer(
      { key: await readFile(config.tls.keyFile), cert: await readFile(config.tls.certificateFile) },
      listener,
    )
  : createHttpServer(listener);

server.listen(config.port, config.host, () => console.log(`ready ${JSON.stringify(server.address())}`));
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
