import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createClient } from './client.ts';
import { ManagementError } from './errors.ts';
import { problemOf } from './problems.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const serve = async (listener: RequestListener) => `http://127.0.0.1:${await listen(createServer(listener))}`;

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

async function failure(promise: Promise<unknown>): Promise<ManagementError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ManagementError);
  return error as ManagementError;
}

test('an input is spread over path, query and body, without what is undefined, and the token is sent as bearer', async () => {
  const seen: unknown[] = [];
  const url = await serve(async (request, response) => {
    seen.push([request.method, request.url, request.headers.authorization, await bodyOf(request)]);
    response.setHeader('content-type', 'application/json');
    response.end('{"items":[]}');
  });
  const client = createClient({ url, token: 'wl_secret' });
  await client.addNetwork({ organization: 'acme', name: 'plant-7' });
  await client.showDevice({ serial: 'A/1 b', manufacturer: 'm' });
  await client.listDevices();
  await client.listAudit({ limit: 5, before: undefined });
  expect(seen).toEqual([
    ['POST', '/v1/organizations/acme/networks', 'Bearer wl_secret', '{"name":"plant-7"}'],
    ['GET', '/v1/devices/A%2F1%20b?manufacturer=m', 'Bearer wl_secret', ''],
    ['GET', '/v1/devices', 'Bearer wl_secret', ''],
    ['GET', '/v1/audit?limit=5', 'Bearer wl_secret', ''],
  ]);
});

test('the health route is asked without the token', async () => {
  let authorization: string | undefined = 'unset';
  const url = await serve((request, response) => {
    authorization = request.headers.authorization;
    response.end('{}');
  });
  await createClient({ url, token: 'wl_secret' }).health();
  expect(authorization).toBeUndefined();
});

describe('a call with a key', () => {
  /** Ends the first connections before an answer is whole: as soon as the request came, or in the middle of the answer. */
  async function breaking(count: number, where: 'before' | 'within'): Promise<{ url: string; seen: unknown[] }> {
    const seen: unknown[] = [];
    const url = await serve(async (request, response) => {
      seen.push([request.headers['idempotency-key'], await bodyOf(request)]);
      if (seen.length > count) return void response.end('{"name":"plant"}');
      if (where === 'before') return void request.socket.destroy();
      response.writeHead(201, { 'content-length': '16' });
      response.write('{"name"', () => request.socket.destroy());
    });
    return { url, seen };
  }
  const body = '{"name":"plant"}';
  const input = { organization: 'acme', name: 'plant' };

  test.each(['before', 'within'] as const)(
    'is made once more when the connection broke %s the answer',
    async (where) => {
      const { url, seen } = await breaking(1, where);
      const client = createClient({ url, token: 't' });
      expect(await client.addNetwork(input, { idempotencyKey: 'k-1' })).toEqual({ name: 'plant' });
      expect(seen).toEqual(Array(2).fill(['"k-1"', body]));
    },
  );

  test('is not made a third time, and without a key not a second', async () => {
    const { url, seen } = await breaking(9, 'before');
    let count = 0;
    const newIdempotencyKey = () => `key-${++count}`;
    expect((await failure(createClient({ url, token: 't', newIdempotencyKey }).addNetwork(input))).code).toBe(
      'unreachable',
    );
    expect((await failure(createClient({ url, token: 't' }).addNetwork(input))).code).toBe('unreachable');
    expect((await failure(createClient({ url, token: 't', newIdempotencyKey }).listDevices())).code).toBe(
      'unreachable',
    );
    expect(seen).toEqual([
      ['"key-1"', body],
      ['"key-1"', body],
      [undefined, body],
      [undefined, ''],
    ]);
  });

  test('is not made again when the service did not answer in time: it may be at work', async () => {
    let seen = 0;
    const url = await serve(() => {
      seen += 1;
    });
    const client = createClient({ url, token: 't', timeoutMilliseconds: 100 });
    expect((await failure(client.addNetwork(input, { idempotencyKey: 'k' }))).code).toBe('timeout');
    expect(seen).toBe(1);
  });
});

test("the service's problem becomes an error with its code, status and sentence", async () => {
  const url = await serve((_, response) => {
    response.statusCode = 409;
    response.end(JSON.stringify(problemOf('exists', 'There is a network plant-7 already: choose another name.')));
  });
  const error = await failure(createClient({ url, token: 't' }).addNetwork({ organization: 'a', name: 'plant-7' }));
  expect([error.code, error.status]).toEqual(['exists', 409]);
  expect(error.message).toBe('There is a network plant-7 already: choose another name.');
});

test('what is not a Windlass service is named so, whatever it answers', async () => {
  for (const [status, text] of [
    [200, '<html>'],
    [200, ''],
    [404, '{"code":"nonsense"}'],
    [302, '{}'],
  ] as const) {
    const url = await serve((_, response) => {
      response.statusCode = status;
      response.setHeader('location', 'http://127.0.0.1:1/');
      response.end(text);
    });
    const error = await failure(createClient({ url, token: 't' }).listDevices());
    expect([error.code, error.status]).toEqual(['not-windlass', 0]);
  }
});

test('a refused connection, an unknown name, silence and a bad URL are one sentence each', async () => {
  const server = createServer();
  const port = await listen(server);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  const refused = await failure(createClient({ url: `http://127.0.0.1:${port}`, token: 't' }).health());
  expect(refused.message).toMatch(/^Nothing listens at http:\/\/127\.0\.0\.1:\d+: start the service/);
  const silent = await serve(() => {});
  const late = await failure(createClient({ url: silent, token: 't', timeoutMilliseconds: 100 }).health());
  expect(late.code).toBe('timeout');
  expect(() => createClient({ url: 'example:8443', token: 't' })).toThrow(/is not a URL/);
});

test('a privately certified listener is reached with its CA, and not without', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'windlass-client-'));
  cleanups.push(() => rmSync(directory, { recursive: true }));
  const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'certificate.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key];
  execFileSync('openssl', ['req', '-x509', ...newKey, '-out', certificate, ...subject], { stdio: 'ignore' });
  const [keyPem, certificatePem] = [readFileSync(key), readFileSync(certificate, 'utf8')];
  let count = 0;
  const server = createTlsServer({ key: keyPem, cert: certificatePem }, (request, response) => {
    count += 1;
    if (request.method === 'POST' && count === 2) return void request.socket.destroy();
    response.end('{"items":[]}');
  });
  const url = `https://127.0.0.1:${await listen(server)}`;
  const trusting = createClient({ url, token: 't', certificateAuthority: certificatePem });
  expect(await trusting.listManufacturers()).toEqual({ items: [] });
  const again = await trusting.addNetwork({ organization: 'acme', name: 'plant' }, { idempotencyKey: 'k' });
  expect([again, count]).toEqual([{ items: [] }, 3]);
  const error = await failure(createClient({ url, token: 't' }).listManufacturers());
  expect(error.code).toBe('tls-untrusted');
});
