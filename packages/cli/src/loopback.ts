/** The way back from the browser to a command: one request on a port of this machine. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CommandError } from './errors.ts';

/** Something listens for the browser. */
export interface Loopback {
  readonly port: number;
  /** The parameter `code` of the first request that has one. @throws CommandError when none comes in time */
  code(): Promise<string>;
  close(): void;
}

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Windlass</title>
<p style="font: 1rem/1.5 system-ui; margin: 4rem auto; max-width: 34rem">You can close this page and go back to the command.</p></html>
`;

/** A free port listens on the loopback address only. @see RFC 8252 section 7.3 */
export async function listenForBrowser(timeoutSeconds: number): Promise<Loopback> {
  const server = createServer();
  let timer: NodeJS.Timeout | undefined;
  const arrived = new Promise<string>((resolve, reject) => {
    server.on('request', (request, response) => {
      const code = codeOf(request);
      response.writeHead(code === null ? 404 : 200, {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
      });
      response.end(code === null ? '' : PAGE);
      if (code !== null) resolve(code);
    });
    const sentence = `Nobody logged in within ${Math.round(timeoutSeconds / 60)} minutes: run the command again.`;
    timer = setTimeout(() => reject(new CommandError(sentence)), timeoutSeconds * 1000);
  });
  // Nobody may be waiting for it yet.
  arrived.catch(() => undefined);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    code: () => arrived,
    close: () => {
      clearTimeout(timer);
      server.close();
      server.closeIdleConnections();
    },
  };
}

function codeOf({ method, url = '/' }: IncomingMessage): string | null {
  const code = new URL(url, 'http://127.0.0.1').searchParams.get('code');
  return method === 'GET' && code !== null && /^[A-Za-z0-9_-]{43}$/.test(code) ? code : null;
}
