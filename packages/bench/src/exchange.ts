/** One request of a device on one new connection, with every byte counted. */
import { connect } from 'node:net';
import { serviceName } from './installation.ts';

export const bootstrapPath = '/.well-known/windlass/v1/bootstrap';
export const reportPath = '/.well-known/windlass/v1/report';

export interface Exchange {
  /** Bytes on the connection, request line and header fields included. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly status: number;
  readonly body: Uint8Array;
}

const deadlineMs = 10_000;
const headEnd = '\r\n\r\n';

/** The request as a device writes it, with exactly the header fields of spec L7. */
export function requestText(path: string, body: string): string {
  const fields = [
    `POST ${path} HTTP/1.1`,
    `Host: ${serviceName}`,
    'User-Agent: windlass',
    'Accept: application/json',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
  ];
  return `${fields.join('\r\n')}${headEnd}${body}`;
}

/** The whole answer over plain HTTP to a port of 127.0.0.1. @throws when it does not come in time or is not whole */
export async function exchange(port: number, path: string, body: string): Promise<Exchange> {
  const request = Buffer.from(requestText(path, body));
  const answer = await sendAndReadAll(port, request);
  return { sentBytes: request.length, receivedBytes: answer.length, ...parseAnswer(answer) };
}

/** Status and body of a whole answer that has Content-Length. @throws when it is cut or framed otherwise */
export function parseAnswer(answer: Buffer): Pick<Exchange, 'status' | 'body'> {
  const end = answer.indexOf(headEnd);
  const head = answer.subarray(0, Math.max(end, 0)).toString('latin1');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]);
  const length = Number(/^content-length: *(\d+) *$/im.exec(head)?.[1]);
  const body = answer.subarray(end + headEnd.length);
  if (end < 0 || Number.isNaN(status) || body.length !== length)
    throw new Error('the answer is not a whole HTTP answer with its length');
  return { status, body: Uint8Array.from(body) };
}

function sendAndReadAll(port: number, request: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    socket.setTimeout(deadlineMs, () => socket.destroy(new Error('no whole answer in time')));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => resolve(Buffer.concat(chunks)));
    socket.on('error', reject);
  });
}
