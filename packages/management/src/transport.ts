// Two ways to send one request: fetch, and node:https for a service with a privately certified listener (fetch cannot be
// given a CA). Both turn a failure to connect into one sentence.
import { request as httpsRequest } from 'node:https';
import { ManagementError } from './errors.ts';

/** One request, ready to be sent. */
export interface OutgoingRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** What came back, whatever its status. */
export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly etag: string | undefined;
}

/** Sends a request; throws ManagementError when no whole answer came. Redirects are not followed. */
export type Transport = (request: OutgoingRequest) => Promise<Reply>;

const MAX_REPLY_BYTES = 67_108_864;

/** Over the global fetch, with the CAs that Node trusts. */
export function fetchTransport(timeoutMilliseconds: number): Transport {
  return async ({ url, method, headers, body }) => {
    try {
      const signal = AbortSignal.timeout(timeoutMilliseconds);
      const response = await fetch(url, {
        method,
        headers,
        redirect: 'manual',
        signal,
        ...(body === undefined ? {} : { body }),
      });
      const etag = response.headers.get('etag') ?? undefined;
      return { status: response.status, text: await response.text(), etag };
    } catch (cause) {
      throw connectionError(url, cause);
    }
  };
}

/** Over node:https, trusting only the certificates in `certificateAuthority` (PEM). An http URL goes over fetch. */
export function httpsTransport(certificateAuthority: string, timeoutMilliseconds: number): Transport {
  const plain = fetchTransport(timeoutMilliseconds);
  return async (request) => {
    if (request.url.protocol !== 'https:') return plain(request);
    try {
      return await sendHttps(request, certificateAuthority, timeoutMilliseconds);
    } catch (cause) {
      throw connectionError(request.url, cause);
    }
  };
}

function sendHttps(request: OutgoingRequest, ca: string, timeoutMilliseconds: number): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMilliseconds);
    const options = { method: request.method, headers: request.headers, ca, signal, agent: false as const };
    const outgoing = httpsRequest(request.url, options, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_REPLY_BYTES) response.destroy(new Error('the answer is too large'));
        chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).toString('utf8'),
          etag: response.headers.etag,
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(request.body);
  });
}

function connectionError(url: URL, cause: unknown): ManagementError {
  const codes = errorCodes(cause);
  const has = (...wanted: readonly string[]): boolean => codes.some((code) => wanted.includes(code));
  const at = url.origin;
  if (has('TimeoutError', 'ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT')) {
    return new ManagementError(
      'timeout',
      0,
      `The service at ${at} did not answer in time: check that it is running and that nothing between blocks it.`,
      { cause },
    );
  }
  if (has('ECONNREFUSED')) {
    return new ManagementError(
      'unreachable',
      0,
      `Nothing listens at ${at}: start the service with "windlass serve", or give its URL.`,
      { cause },
    );
  }
  if (has('ENOTFOUND', 'EAI_AGAIN')) {
    return new ManagementError('unreachable', 0, `The name ${url.hostname} is not known here: check the URL.`, {
      cause,
    });
  }
  if (codes.some((code) => /CERT|ALTNAME|UNABLE_TO|SELF_SIGNED|UNTRUSTED/.test(code))) {
    return new ManagementError(
      'tls-untrusted',
      0,
      `The TLS certificate of ${at} is not trusted: give the CA that issued it, or a URL with the name in the certificate.`,
      { cause },
    );
  }
  return new ManagementError(
    'unreachable',
    0,
    `The connection to ${at} failed (${codes[0] ?? 'no reason given'}): check the URL and that the service is running.`,
    { cause },
  );
}

/** Whether there was a connection that ended before the answer was whole: what was asked may have been done. */
export function isBrokenConnection(error: unknown): boolean {
  const broken = ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'UND_ERR_SOCKET'];
  return error instanceof ManagementError && errorCodes(error.cause).some((code) => broken.includes(code));
}

/** The codes of an error and of everything behind it. */
function errorCodes(error: unknown): string[] {
  const codes: string[] = [];
  const queue: unknown[] = [error];
  while (queue.length > 0 && codes.length < 16) {
    const next = queue.shift();
    if (!(next instanceof Error)) continue;
    if ('code' in next && typeof next.code === 'string') codes.push(next.code);
    if (next.name === 'TimeoutError') codes.push(next.name);
    queue.push(next.cause);
    if (next instanceof AggregateError) queue.push(...next.errors);
  }
  return codes;
}
