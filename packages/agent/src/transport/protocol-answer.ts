// The endpoint's own answer, told from that of a box in between: HTTP that is no block page, a CONNACK, or nothing for bare TLS.

import type { TLSSocket } from 'node:tls';
import type { Endpoint } from '@windlass/protocol';
import type { NoAnswerCause } from '../ports.ts';
import type { Attempt } from './attempt.ts';
import { isLoginPage, redirectHost } from './classify-body.ts';
import { exchange, type HttpAnswer } from './exchange.ts';
import { codeOf, faultOf, PathError } from './path-error.ts';

/** Whether a root validated the connection, so that what comes is the endpoint's, or an inspection CA, so that it may be the box's. */
export type Trail = 'direct' | 'inspected';

/**
 * Returns when the endpoint has answered in its protocol: `https` any HTTP answer that is no block page, portal or 407; `mqtts` a
 * CONNACK of any code; `tls` at once, the handshake being the answer. An endpoint that was reached directly and cuts the connection
 * because it wants a client certificate has answered too.
 * @throws PathError of the stages `first-byte` and `body`; `http`: something else than the protocol came
 */
export async function protocolAnswer(
  attempt: Attempt,
  socket: TLSSocket,
  endpoint: Endpoint,
  trail: Trail,
): Promise<void> {
  try {
    if (endpoint.protocol === 'https') await httpAnswer(attempt, socket, endpoint, trail);
    if (endpoint.protocol === 'mqtts') await mqttAnswer(attempt, socket);
  } catch (error) {
    const cause = error instanceof PathError ? error.cause : error;
    if (trail === 'direct' && codeOf(cause) === 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED') return;
    throw error;
  }
}

async function httpAnswer(attempt: Attempt, socket: TLSSocket, { host, port }: Endpoint, trail: Trail): Promise<void> {
  const name = host.includes(':') ? `[${host}]` : host;
  const headers = {
    Host: port === 443 ? name : `${name}:${port}`,
    'User-Agent': 'windlass',
    Accept: '*/*',
    'Cache-Control': 'no-store',
    Connection: 'close',
  };
  const page = pageOfABox(await exchange(attempt, socket, { method: 'GET', path: '/', headers }), host, trail);
  if (page) throw new PathError(page, 'body');
}

/** What boxes write on their pages: Squid, FortiGate, Palo Alto, Zscaler, Sophos, Forcepoint, Cisco, and plain words. */
const BLOCK_PAGE =
  /requested URL could not be retrieved|access (to this|has been|is) (site|page|blocked|denied)|access denied|web ?page blocked|has been blocked|blocked by|FortiGuard|Zscaler|Forcepoint|Sophos|Cisco Umbrella|web filter|content filter/i;

/**
 * Which page of a box `answer` is, or null for the endpoint's own. On a directly validated connection only what no origin would say:
 * 407, 511, Squid's error header. On an inspected one also: a redirect to a foreign host, and a log-in form with a status of error
 * (captive); HTML with status 403, 502, 503 and a Via or X-Cache field, and HTML of any status with the words of a block page (blocked).
 */
export function pageOfABox({ status, headers, body }: HttpAnswer, host: string, trail: Trail): NoAnswerCause | null {
  if (status === 407) return 'proxy-authentication';
  if (status === 511) return 'captive';
  if ('x-squid-error' in headers) return 'blocked';
  if (trail === 'direct') return null;
  if (status >= 300 && status < 400) return isForeign(redirectHost(headers['location'], host), host) ? 'captive' : null;
  const text = new TextDecoder().decode(body);
  if (!/html/i.test(headers['content-type'] ?? '') && !/^\s*<(!doctype|html)/i.test(text)) return null;
  if (BLOCK_PAGE.test(text)) return 'blocked';
  const isRefusal = status === 403 || status === 502 || status === 503;
  if (isRefusal && ('via' in headers || 'x-cache' in headers)) return 'blocked';
  return status >= 400 && isLoginPage(text) ? 'captive' : null;
}

/** Neither the same host, nor above nor below it: `example.com` to `www.example.com` is what origins do. */
function isForeign(there: string, here: string): boolean {
  return there !== here && !there.endsWith(`.${here}`) && !here.endsWith(`.${there}`);
}

/** MQTT 3.1.1 section 3.1: clean session, keep alive 10 s, client identifier `windlass`, no credentials. */
const MQTT_CONNECT = Buffer.from('\x10\x14\x00\x04MQTT\x04\x02\x00\x0a\x00\x08windlass', 'latin1');
const MQTT_DISCONNECT = Buffer.from([0xe0, 0x00]);
/** MQTT 3.1.1 section 3.2.1: type and length of a CONNACK. */
const MQTT_CONNACK = Buffer.from([0x20, 0x02]);

function mqttAnswer(attempt: Attempt, socket: TLSSocket): Promise<void> {
  return attempt.phase<void>('first-byte', (done, fail) => {
    if (socket.destroyed) return fail(faultOf(socket, 'first-byte'));
    let seen = Buffer.alloc(0);
    socket.on('error', fail);
    socket.on('end', () => fail(new PathError('empty', 'first-byte')));
    socket.on('close', () => fail(new PathError('reset', 'first-byte')));
    socket.on('data', (part: Buffer) => {
      seen = Buffer.concat([seen, part]).subarray(0, 4);
      const isOther = !MQTT_CONNACK.subarray(0, seen.length).equals(seen.subarray(0, 2));
      if (isOther)
        fail(
          new PathError('http', 'first-byte', {
            sentence: 'what came is not MQTT',
          }),
        );
      if (isOther || seen.length < 4) return;
      socket.end(MQTT_DISCONNECT);
      done();
    });
    socket.write(MQTT_CONNECT);
  });
}
