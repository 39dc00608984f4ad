// WebSocket: status 101 that grants this very request. A box that does not pass it makes a plain answer of it.
import { createHash, randomBytes } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Certificate } from '@windlass/x509';
import type { Probing } from '../probe-endpoint.ts';
import { ownHttpAnswer } from './https.ts';

const OF_WEB_SOCKET = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/**
 * The status of the endpoint's answer: 101, or, where nobody inspects, any other: it wants another subprotocol, or to know who asks.
 * @throws PathError of the stages `first-byte` and `body`; `http`: the answer does not grant this request
 * @see RFC 6455 section 4.1, spec M5
 */
export async function webSocketAnswer(probing: Probing, socket: TLSSocket, box: Certificate | null): Promise<number> {
  const key = randomBytes(16).toString('base64');
  const upgrade = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': key,
    'Sec-WebSocket-Version': '13',
  };
  const { status, headers } = await ownHttpAnswer(probing, socket, box, upgrade);
  const isGranted = status === 101 && headers['sec-websocket-accept'] === acceptOf(key);
  const isOwn = isGranted || (!box && status !== 101);
  if (!isOwn) throw new probing.parts.PathError('http', 'first-byte'); // spec M5
  return status;
}

function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}${OF_WEB_SOCKET}`).digest('base64');
}
