// The endpoint's own answer, told from that of a box in between: HTTP that is no block page, a CONNACK, or nothing for bare TLS.
import type { TLSSocket } from 'node:tls';
import type { Endpoint } from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';
import type { Parts } from '../parts.ts';
import type { NoAnswerCause } from '../ports.ts';
import type { Attempt } from '../transport/attempt.ts';
import type { HttpAnswer } from '../transport/exchange.ts';

/**
 * Returns when the endpoint has answered in its protocol: `https` any HTTP answer that is no block page, portal or 407; `mqtts` a
 * CONNACK of any code; `tls` at once, the handshake being the answer. Through `box`, what comes may be the box's. An endpoint that was
 * reached directly and cuts the connection because it wants a client certificate has answered too.
 * @throws PathError of the stages `first-byte` and `body`; `http`: something else than the protocol came
 */
export async function protocolAnswer(
  parts: Parts,
  attempt: Attempt,
  socket: TLSSocket,
  { protocol, host, port }: Endpoint,
  box: Certificate | null,
): Promise<void> {
  const { exchange, authority, PathError, codeOf, expectPathError } = parts;
  try {
    if (protocol === 'https') {
      const answer = await exchange(attempt, socket, { path: '/', host: authority({ host, port }, 443) });
      const page = pageOfABox(parts, answer, host, box);
      if (page) throw new PathError(page, 'body');
    }
    if (protocol === 'mqtts') await mqttAnswer(attempt, socket);
    if (protocol === 'wss' || protocol === 'amqps') throw new PathError('http', 'first-byte'); // not known yet: never `done`
  } catch (error) {
    const { cause } = expectPathError(error);
    if (box || codeOf(cause) !== 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED') throw error;
  }
}

/** What boxes write on their pages: Squid, FortiGate, Palo Alto, Zscaler, Sophos, Forcepoint, Cisco, and plain words. */
const BLOCK_PAGE =
  /requested URL could not be retrieved|access (to this (site|page)|(has been |is )?(denied|blocked))|web ?page blocked|has been blocked|blocked by|FortiGuard|Zscaler|Forcepoint|Sophos|Cisco Umbrella|(web|content) filter/i;

/**
 * Which page of a box `answer` is, or null for the endpoint's own. On a directly validated connection only what no origin would say:
 * 407, 511, Squid's error header. On an inspected one also: a redirect to a foreign host, and a log-in form with a status of error
 * (captive); HTML with status 403, 502, 503 and a Via or X-Cache field, and HTML of any status with the words of a block page (blocked).
 */
function pageOfABox(
  { redirectHost, isLoginPage }: Parts,
  { status, headers, body }: HttpAnswer,
  host: string,
  box: Certificate | null,
): NoAnswerCause | null {
  if (status === 407) return 'proxy-authentication';
  if (status === 511) return 'captive';
  if (headers['x-squid-error']) return 'blocked';
  if (!box) return null;
  const there = redirectHost(status, headers.location, host);
  if (there) return isForeign(there, host) ? 'captive' : null;
  const text = new TextDecoder().decode(body);
  if (!/html/i.test(headers['content-type'] ?? '') && !/^\s*<(!doctype|html)/i.test(text)) return null;
  const isRefusal = [403, 502, 503].includes(status) && (headers.via || headers['x-cache']);
  if (isRefusal || BLOCK_PAGE.test(text)) return 'blocked';
  return status >= 400 && isLoginPage(text) ? 'captive' : null;
}

/** Neither the same host, nor above nor below it: `example.com` to `www.example.com` is what origins do. */
function isForeign(there: string, here: string): boolean {
  return !`.${there}`.endsWith(`.${here}`) && !here.endsWith(`.${there}`);
}

/** MQTT 3.1.1 section 3.1: clean session, keep alive 10 s, client identifier `windlass`, no credentials. */
const MQTT_CONNECT = Buffer.from('\x10\x14\x00\x04MQTT\x04\x02\x00\x0a\x00\x08windlass', 'latin1');
const MQTT_DISCONNECT = Buffer.from([0xe0, 0x00]);

function mqttAnswer(attempt: Attempt, socket: TLSSocket): Promise<void> {
  return attempt.phase<void>('first-byte', (done, fail) => {
    if (socket.destroyed) return fail(attempt.fault);
    let seen = '';
    socket.on('error', fail);
    socket.on('end', () => fail('empty'));
    socket.on('close', () => fail());
    socket.on('data', (part: Buffer) => {
      seen += part.toString('hex');
      // MQTT 3.1.1 section 3.2.1: type and length of a CONNACK, then two bytes.
      if (!seen.startsWith('2002'.slice(0, seen.length))) fail('http');
      else if (seen.length >= 8) {
        socket.end(MQTT_DISCONNECT);
        done();
      }
    });
    socket.write(MQTT_CONNECT);
  });
}
