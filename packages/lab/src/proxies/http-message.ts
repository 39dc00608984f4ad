/** HTTP/1 messages as the bytes they are: a proxy that misbehaves on purpose needs the wire, not a library's clean view of it. */
import type { ByteReader } from './byte-reader.ts';

export type Header = readonly [name: string, value: string];

export interface HttpMessage {
  /** `POST /x HTTP/1.1` or `HTTP/1.1 200 OK`. */
  readonly startLine: string;
  /** In order and case of the wire. */
  readonly headers: readonly Header[];
  /** Without any transfer coding; a content coding stays. */
  readonly body: Buffer;
  /** Every byte as it came, head and body. */
  readonly raw: Buffer;
}

const headLimit = 64 * 1024;
const bodyLimit = 16 * 1024 * 1024;

/** The next request; undefined when the client closed instead. @throws on what is not HTTP/1 or is over the limits. */
export async function readRequest(reader: ByteReader): Promise<HttpMessage | undefined> {
  const head = await readHead(reader);
  if (!head) return undefined;
  if (!/ HTTP\/1\.[01]$/.test(head.startLine)) throw new Error('not an HTTP/1 request');
  return readBody(reader, head, 'none');
}

/** The answer to a request with this method. @throws when the server closes first. */
export async function readResponse(reader: ByteReader, method: string): Promise<HttpMessage> {
  const head = await readHead(reader);
  if (!head) throw new Error('closed instead of an answer');
  const status = Number(head.startLine.split(' ')[1]);
  if (status === 100) return readResponse(reader, method);
  const bodiless = method === 'HEAD' || status === 204 || status === 304;
  return bodiless ? { ...head, body: Buffer.alloc(0) } : readBody(reader, head, 'to-end');
}

/** The value of the first header of that name, whatever its case. */
export function headerOf(message: Pick<HttpMessage, 'headers'>, name: string): string | undefined {
  return message.headers.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

/** The same message without the headers of these names, and with `added` after the rest. */
export function withHeaders(
  message: HttpMessage,
  removed: readonly string[],
  added: readonly Header[] = [],
): HttpMessage {
  const gone = new Set(removed.map((name) => name.toLowerCase()));
  return { ...message, headers: [...message.headers.filter(([name]) => !gone.has(name.toLowerCase())), ...added] };
}

/** The message as bytes: its head as given, its body plain with a Content-Length. */
export function encodeMessage(message: HttpMessage): Buffer {
  const framed = withHeaders(
    message,
    ['content-length', 'transfer-encoding'],
    [['Content-Length', String(message.body.length)]],
  );
  return Buffer.concat([encodeHead(framed), message.body]);
}

/** Start line, headers and the empty line. */
export function encodeHead(message: Pick<HttpMessage, 'startLine' | 'headers'>): Buffer {
  const lines = [message.startLine, ...message.headers.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/** An answer made here. */
export function makeResponse(status: string, headers: readonly Header[], body: string | Buffer): HttpMessage {
  const bytes = Buffer.from(body);
  const message = { startLine: `HTTP/1.1 ${status}`, headers, body: bytes };
  return { ...message, raw: encodeMessage({ ...message, raw: bytes }) };
}

type Head = Omit<HttpMessage, 'body'>;

async function readHead(reader: ByteReader): Promise<Head | undefined> {
  const raw = await reader.until('\r\n\r\n', headLimit);
  if (!raw) return undefined;
  const [startLine = '', ...lines] = raw.toString('latin1').slice(0, -4).split('\r\n');
  const headers = lines.map((line): Header => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return { startLine, headers, raw };
}

async function readBody(reader: ByteReader, head: Head, unframed: 'none' | 'to-end'): Promise<HttpMessage> {
  if (/chunked/i.test(headerOf(head, 'transfer-encoding') ?? '')) return readChunks(reader, head);
  const length = headerOf(head, 'content-length');
  if (length === undefined) {
    const body = unframed === 'none' ? Buffer.alloc(0) : await reader.toEnd(bodyLimit);
    return { ...head, body, raw: Buffer.concat([head.raw, body]) };
  }
  if (!/^\d+$/.test(length) || Number(length) > bodyLimit) throw new Error('body over the limit');
  const body = await reader.exactly(Number(length));
  return { ...head, body, raw: Buffer.concat([head.raw, body]) };
}

// RFC 9112 §7.1; chunk extensions are kept in `raw` only.
async function readChunks(reader: ByteReader, head: Head): Promise<HttpMessage> {
  const body: Buffer[] = [];
  const raw: Buffer[] = [head.raw];
  let total = 0;
  for (;;) {
    const line = (await reader.until('\r\n', headLimit)) ?? Buffer.alloc(0);
    raw.push(line);
    const size = Number.parseInt(line.toString('latin1'), 16);
    total += size;
    if (!Number.isSafeInteger(size) || total > bodyLimit) throw new Error('malformed or oversized chunk');
    if (size === 0) break;
    const chunk = await reader.exactly(size + 2);
    raw.push(chunk);
    body.push(chunk.subarray(0, size));
  }
  for (;;) {
    const trailer = (await reader.until('\r\n', headLimit)) ?? Buffer.alloc(0);
    raw.push(trailer);
    if (trailer.length <= 2) return { ...head, body: Buffer.concat(body), raw: Buffer.concat(raw) };
  }
}
