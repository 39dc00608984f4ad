/**
 * The faulty proxy's control: HTTP on a Unix socket (which can be reached from any network namespace) or on a loopback port.
 * PUT /behaviours {"behaviours": [...], "only": {...}} · GET /exchanges · DELETE /exchanges. Bytes are base64.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { parseBehaviour } from './behaviours.ts';
import type { FaultyProxyControl, Only } from './faulty-proxy.ts';
import type { RecordedExchange } from './recording.ts';

/** Where the control listens. */
export type ControlAddress =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'loopback'; readonly port: number };

/** The control answers at this address. */
export async function serveControl(proxy: FaultyProxyControl, address: ControlAddress): Promise<Server> {
  const server = createServer((incoming, response) => {
    answer(proxy, incoming, response).catch((error: unknown) => response.writeHead(400).end(`${error}\n`));
  });
  if (address.kind === 'socket') server.listen(address.path);
  else server.listen(address.port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Controls a faulty proxy that runs in another process. Every call @throws when the proxy is gone or refuses. */
export function connectControl(address: ControlAddress): FaultyProxyControl {
  return {
    behave: async (behaviours, only = {}) => {
      await call(address, 'PUT', '/behaviours', JSON.stringify({ behaviours, only }));
    },
    exchanges: async () => (JSON.parse(await call(address, 'GET', '/exchanges')) as OnTheWire[]).map(fromWire),
    forget: async () => {
      await call(address, 'DELETE', '/exchanges');
    },
  };
}

async function answer(proxy: FaultyProxyControl, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = Buffer.concat(await incoming.toArray()).toString();
  switch (`${incoming.method} ${incoming.url}`) {
    case 'PUT /behaviours': {
      const { behaviours = [], only = {} } = JSON.parse(body) as { behaviours?: unknown[]; only?: Only };
      await proxy.behave(behaviours.map(parseBehaviour), only);
      response.end('{}\n');
      return;
    }
    case 'GET /exchanges':
      response.end(JSON.stringify((await proxy.exchanges()).map(toWire)));
      return;
    case 'DELETE /exchanges':
      await proxy.forget();
      response.end('{}\n');
      return;
    default:
      response.writeHead(404).end('known: PUT /behaviours, GET /exchanges, DELETE /exchanges\n');
  }
}

async function call(address: ControlAddress, method: string, path: string, body = ''): Promise<string> {
  const where = address.kind === 'socket' ? { socketPath: address.path } : { host: '127.0.0.1', port: address.port };
  const outgoing = request({ ...where, method, path, agent: false, timeout: 5_000 });
  outgoing.on('timeout', () => outgoing.destroy(new Error('the faulty proxy does not answer its control')));
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const text = Buffer.concat(await response.toArray()).toString();
  if (response.statusCode !== 200) throw new Error(`the faulty proxy refuses ${method} ${path}: ${text.trim()}`);
  return text;
}

type BinaryField = 'body' | 'rawRequest' | 'rawAnswer';
type OnTheWire = Omit<RecordedExchange, BinaryField> & { body: string; rawRequest: string; rawAnswer?: string };

function toWire(exchange: RecordedExchange): OnTheWire {
  const { body, rawRequest, rawAnswer, ...rest } = exchange;
  const text = { body: body.toString('base64'), rawRequest: rawRequest.toString('base64') };
  return { ...rest, ...text, ...(rawAnswer ? { rawAnswer: rawAnswer.toString('base64') } : {}) };
}

function fromWire({ body, rawRequest, rawAnswer, ...rest }: OnTheWire): RecordedExchange {
  const bytes = { body: Buffer.from(body, 'base64'), rawRequest: Buffer.from(rawRequest, 'base64') };
  return { ...rest, ...bytes, ...(rawAnswer === undefined ? {} : { rawAnswer: Buffer.from(rawAnswer, 'base64') }) };
}
