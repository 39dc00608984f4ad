/** Who may use the faulty proxy explicitly: proxy authentication and its known oddities, and the ports that CONNECT may reach. */
import { blockPage, blockPageHeaders } from '../proxies/honest-conduct.ts';
import { type Header, type HttpMessage, headerOf, makeResponse } from '../proxies/http-message.ts';
import type { Behaviour } from './behaviours.ts';
import type { Recording } from './recording.ts';

/** The refusal, or undefined when the request may go on. A refused request is recorded; one that goes on is recorded later. */
export function admitExplicit(
  request: HttpMessage,
  on: ReadonlySet<Behaviour>,
  { proxyCredentials, recording }: { readonly proxyCredentials: string; readonly recording: Recording },
): HttpMessage | undefined {
  const refused = authenticate(request, on, proxyCredentials) ?? restrictPort(request, on);
  const [method, target = ''] = request.startLine.split(' ');
  if (!refused && method !== 'CONNECT') return undefined;
  const [, name = '', port = '0'] = /^(?:http:\/\/)?([^/:]*):?(\d*)/.exec(target) ?? [];
  const { startLine, headers, body, raw } = request;
  const exchange = recording.add({
    ...{ entrance: 'explicit', transport: 'plain', name, port: Number(port), startLine, headers, body },
    rawRequest: raw,
    clientCertificate: 'none',
    behaviours: [...on],
  });
  if (refused) exchange.answered(refused.raw);
  return refused;
}

// RFC 9110 §11.7.1 and RFC 7617.
function authenticate(
  request: HttpMessage,
  on: ReadonlySet<Behaviour>,
  proxyCredentials: string,
): HttpMessage | undefined {
  if (on.has('proxy-negotiate')) return refusal([negotiate, ntlm]);
  if (!on.has('proxy-authentication')) return undefined;
  const given = headerOf(request, 'proxy-authorization');
  if (given === `Basic ${Buffer.from(proxyCredentials).toString('base64')}`) return undefined;
  if (given !== undefined && on.has('bad-password-401')) {
    const answer = makeResponse('401 Unauthorized', blockPageHeaders, blockPage('wrong password'));
    return { ...answer, startLine: 'HTTP/1.0 401 Unauthorized' };
  }
  return refusal([['Proxy-Authenticate', 'Basic realm="windlass lab"']]);
}

// RFC 4559, and what goes with it.
const negotiate = ['Proxy-Authenticate', 'Negotiate'] as const;
const ntlm = ['Proxy-Authenticate', 'NTLM'] as const;

function refusal(challenges: readonly Header[]): HttpMessage {
  return makeResponse(
    '407 Proxy Authentication Required',
    [...challenges, ...blockPageHeaders],
    blockPage('who are you'),
  );
}

function restrictPort(request: HttpMessage, on: ReadonlySet<Behaviour>): HttpMessage | undefined {
  const connects = request.startLine.startsWith('CONNECT ') && !/^CONNECT \S+:443 /.test(request.startLine);
  return on.has('connect-443-only') && connects
    ? makeResponse('403 Forbidden', blockPageHeaders, blockPage('port'))
    : undefined;
}
