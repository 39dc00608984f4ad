// A PAC file from where it lies: a path, HTTP or HTTPS, reached straight, with limits, redirects not followed.
import { readFile, stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Parts } from '../../parts.ts';
import type { NoAnswerCause, TrustView } from '../../ports.ts';
import type { PathOptions } from '../../transport/route.ts';
import { secureProxy } from '../secure-proxy.ts';

/** Larger than any that a person wrote. */
const MAX_FILE_BYTES = 256 * 1024;
const DEADLINES_MS = {
  name: 3_000,
  connect: 3_000,
  proxy: 5_000,
  tls: 5_000,
  'first-byte': 5_000,
  body: 5_000,
  whole: 10_000,
};

/** `status`: not 200; `no-file`: there is none. */
export type FetchFault = NoAnswerCause | 'status' | 'no-file';

export interface FetchPaths {
  readonly path: Omit<PathOptions, 'routes'>;
  /** What an HTTPS server is judged by: its anchors are those for proxies. */
  readonly trust: () => TrustView;
}

export type Fetched =
  | { readonly kind: 'file'; readonly text: string }
  | { readonly kind: 'fault'; readonly fault: FetchFault };

/** Never rejects. `url`: of `file:`, `http:` or `https:`. */
export async function fetchFile(parts: Parts, paths: FetchPaths, url: URL): Promise<Fetched> {
  try {
    const bytes = url.protocol === 'file:' ? await readLimited(parts, url) : await get(parts, paths, url);
    return typeof bytes === 'string' ? fault(bytes) : { kind: 'file', text: new TextDecoder().decode(bytes) };
  } catch (error) {
    if (error instanceof parts.PathError) return fault(error.reason);
    if (url.protocol === 'file:') return fault('no-file');
    throw error;
  }
}

function fault(reason: FetchFault): Fetched {
  return { kind: 'fault', fault: reason };
}

async function readLimited({ PathError }: Parts, url: URL): Promise<Uint8Array> {
  const file = fileURLToPath(url);
  const found = await stat(file);
  if (!found.isFile()) throw new Error(); // a pipe would be waited for without end
  if (found.size > MAX_FILE_BYTES) throw new PathError('too-large', 'body');
  return readFile(file);
}

async function get(parts: Parts, { path, trust }: FetchPaths, url: URL): Promise<Uint8Array | 'status'> {
  const { startAttempt, openStraight, request, PathError, authority } = parts;
  const isSecure = url.protocol === 'https:';
  const usual = isSecure ? 443 : 80;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const server = { host, port: Number(url.port || usual) };
  const attempt = startAttempt({ ...DEADLINES_MS, ...path.deadlines });
  try {
    const tcp = await openStraight(attempt, path, server);
    const socket = isSecure ? await secureProxy(parts, attempt, tcp, { host, trust: trust() }) : tcp;
    const answer = await attempt.phase<IncomingMessage>('first-byte', (done, fail) => {
      const headers = { Host: authority(server, usual), Accept: '*/*', Connection: 'close' };
      const target = `${url.pathname}${url.search}`;
      const sent = request({ path: target, headers, setHost: false, createConnection: () => socket });
      sent.on('response', done).on('error', fail);
      sent.on('close', () => fail());
      sent.end();
    });
    if (answer.statusCode !== 200) return 'status';
    if (answer.headers['content-encoding']) throw new PathError('encoding', 'body');
    return await attempt.phase<Uint8Array>('body', (done, fail) => collect(answer, done, fail));
  } finally {
    attempt.end();
  }
}

function collect(
  answer: IncomingMessage,
  done: (bytes: Uint8Array) => void,
  fail: (fault: NoAnswerCause) => void,
): void {
  const parts: Uint8Array[] = [];
  let length = 0;
  answer.on('data', (part: Uint8Array) => {
    length += part.length;
    if (length > MAX_FILE_BYTES) fail('too-large');
    else parts.push(part);
  });
  answer.on('error', () => fail('truncated'));
  answer.on('end', () => (answer.complete ? done(Buffer.concat(parts)) : fail('truncated')));
}
