// HTTP: any answer that no box in between wrote.
import type { TLSSocket } from 'node:tls';
import type { Certificate } from '@windlass/x509';
import type { Parts } from '../../parts.ts';
import type { NoAnswerCause } from '../../ports.ts';
import type { HttpAnswer } from '../../transport/exchange.ts';
import type { Probing } from '../probe-endpoint.ts';

/** The status of the endpoint's answer to a GET. @throws PathError of the stages `first-byte` and `body` */
export async function httpAnswer(probing: Probing, socket: TLSSocket, box: Certificate | null): Promise<number> {
  return (await ownHttpAnswer(probing, socket, box)).status;
}

/** The endpoint's own answer to a GET, or to one that asks for another protocol. @throws PathError */
export async function ownHttpAnswer(
  { parts, attempt, endpoint }: Probing,
  socket: TLSSocket,
  box: Certificate | null,
  upgrade?: Readonly<Record<string, string>>,
): Promise<HttpAnswer> {
  const { host, port, path = '/' } = endpoint;
  const asked = { path, host: parts.authority({ host, port }, 443), ...(upgrade && { upgrade }) };
  const answer = await parts.exchange(attempt, socket, asked);
  const page = pageOfABox(parts, answer, host, box);
  if (page) throw new parts.PathError(page, 'body'); // spec M5
  return answer;
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
