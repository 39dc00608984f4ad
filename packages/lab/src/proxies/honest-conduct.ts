/** The conduct of a box that works: bytes pass unchanged, and an origin it cannot trust becomes a block page under the box's own CA. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { readBytes } from './byte-reader.ts';
import { encodeHead, encodeMessage, type HttpMessage, makeResponse, readRequest, withHeaders } from './http-message.ts';
import type { ClientConnection, Conduct, InspectingProxyOptions } from './inspecting-proxy.ts';
import { openUpstream, UpstreamError } from './upstream.ts';

/** Passes everything on and logs what it could read. */
export function honestConduct(options: InspectingProxyOptions): Conduct {
  return {
    tls: () => ({}),
    serve: (connection) => passOn(options, connection),
  };
}

async function passOn(options: InspectingProxyOptions, connection: ClientConnection): Promise<void> {
  const { name, port, transport, stream, first } = connection;
  const what = describe(connection);
  const upstream = await openUpstream(options, name, port, transport).catch((error: unknown) => error);
  if (upstream instanceof UpstreamError) {
    options.log?.(`${what}: blocked, ${upstream.message}`);
    await refuse(connection, upstream);
    return;
  }
  if (!isSocket(upstream)) throw upstream;
  const seen = watch(stream, upstream);
  if (first) upstream.write(forwarded(first));
  stream.pipe(upstream);
  upstream.pipe(stream);
  upstream.on('close', () => stream.destroySoon());
  stream.on('close', () => {
    upstream.destroy();
    options.log?.(`${what}: ${seen(first)}`);
  });
}

// A plain connection carries one request (see readHttp), so the origin is told that none follows.
function forwarded(first: HttpMessage): Buffer {
  const closing = withHeaders(first, ['connection', 'keep-alive'], [['Connection', 'close']]);
  const wire = first.raw.subarray(first.raw.indexOf('\r\n\r\n') + 4);
  return Buffer.concat([encodeHead(closing), wire]);
}

/** The block page: certificate valid, status an error, body HTML. Other protocols than HTTP are cut. */
async function refuse({ stream, port, first }: ClientConnection, error: UpstreamError): Promise<void> {
  if (port === 8883) {
    stream.destroy();
    return;
  }
  if (!first) await readRequest(readBytes(stream)).catch(() => undefined);
  const status = error.reason === 'untrusted' ? '503 Service Unavailable' : '502 Bad Gateway';
  stream.end(encodeMessage(makeResponse(status, blockPageHeaders, blockPage(error.reason))));
}

export const blockPageHeaders = [
  ['Content-Type', 'text/html'],
  ['Connection', 'close'],
] as const;

/** What a user's browser would show; `why` is a word, never text of the origin. */
export function blockPage(why: string): string {
  return `<!DOCTYPE html><html><head><title>Blocked</title></head><body><h1>Access blocked</h1><p>Reason: ${why}.</p></body></html>\n`;
}

function describe({ name, port, transport, stream }: ClientConnection): string {
  const version = transport === 'tls' && stream instanceof TLSSocket ? (stream.getProtocol() ?? 'TLS') : 'plain';
  return `intercepted ${name}:${port} (${version})`;
}

function watch(client: Socket, upstream: Socket): (first: HttpMessage | undefined) => string {
  let head = Buffer.alloc(0);
  let up = 0;
  let down = 0;
  client.on('data', (chunk: Buffer) => {
    up += chunk.length;
    if (head.length === 0) head = Buffer.from(chunk.subarray(0, 200));
  });
  upstream.on('data', (chunk: Buffer) => {
    down += chunk.length;
  });
  return (first) => {
    const line = first?.startLine ?? /^[A-Z]+ [\x21-\x7e]+ HTTP\/1\.[01](?=\r\n)/.exec(head.toString('latin1'))?.[0];
    const readable = line ? `read "${line.slice(0, 100)}"` : 'read bytes that are not HTTP';
    return `${readable}, ${up + (first?.raw.length ?? 0)} bytes up, ${down} bytes down`;
  };
}

function isSocket(value: unknown): value is Socket {
  return value instanceof Object && 'pipe' in value;
}
