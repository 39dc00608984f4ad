/** Turns an answer into the bytes that a misbehaving box would send: contents first, then headers, then framing. */
import { gzipSync } from 'node:zlib';
import { encodeHead, type HttpMessage, withHeaders } from '../proxies/http-message.ts';
import type { Behaviour } from './behaviours.ts';

const injected = '<script src="http://box.invalid/toolbar.js"></script>';
const chunkBytes = 100;

/** The bytes to serve; the connection is to be closed after them. */
export function spoil(answer: HttpMessage, active: ReadonlySet<Behaviour>): Buffer {
  const closing = withHeaders(answer, ['connection', 'keep-alive'], [['Connection', 'close']]);
  return frame(spoilHeaders(spoilContents(closing, active), active), active);
}

function spoilContents(answer: HttpMessage, active: ReadonlySet<Behaviour>): HttpMessage {
  let spoilt = answer;
  if (active.has('status-500')) spoilt = { ...spoilt, startLine: 'HTTP/1.1 500 Internal Server Error' };
  if (active.has('empty-body')) spoilt = { ...spoilt, body: Buffer.alloc(0) };
  if (active.has('injected-html')) spoilt = { ...spoilt, body: Buffer.concat([spoilt.body, Buffer.from(injected)]) };
  if (active.has('gzip-body')) {
    const zipped = withHeaders(spoilt, ['content-encoding'], [['Content-Encoding', 'gzip']]);
    spoilt = { ...zipped, body: gzipSync(spoilt.body) };
  }
  if (active.has('unknown-coding')) spoilt = withHeaders(spoilt, ['content-encoding'], [['Content-Encoding', 'x-box']]);
  return spoilt;
}

function spoilHeaders(answer: HttpMessage, active: ReadonlySet<Behaviour>): HttpMessage {
  let headers = answer.headers;
  if (active.has('removed-headers')) headers = headers.filter(([name]) => name.toLowerCase() === 'connection');
  return { ...answer, headers };
}

function frame(answer: HttpMessage, active: ReadonlySet<Behaviour>): Buffer {
  if (active.has('headerless-answer')) return answer.body;
  if (active.has('http10-answer')) {
    const unframed = withHeaders(answer, ['content-length', 'transfer-encoding']);
    const startLine = unframed.startLine.replace('HTTP/1.1', 'HTTP/1.0');
    return Buffer.concat([head({ ...unframed, startLine }, active), answer.body]);
  }
  if (active.has('chunked-answer')) {
    const chunked = withHeaders(answer, ['content-length', 'transfer-encoding'], [['Transfer-Encoding', 'chunked']]);
    return Buffer.concat([head(chunked, active), chunks(answer.body)]);
  }
  const whole = withHeaders(
    answer,
    ['content-length', 'transfer-encoding'],
    [['Content-Length', String(answer.body.length)]],
  );
  const sent = active.has('truncated-body') ? answer.body.subarray(0, answer.body.length / 2) : answer.body;
  return Buffer.concat([head(whole, active), sent]);
}

function head(answer: HttpMessage, active: ReadonlySet<Behaviour>): Buffer {
  const lower = active.has('lower-cased-headers');
  return encodeHead({
    ...answer,
    headers: answer.headers.map(([name, value]) => [lower ? name.toLowerCase() : name, value]),
  });
}

function chunks(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += chunkBytes) {
    const piece = body.subarray(at, at + chunkBytes);
    parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}
