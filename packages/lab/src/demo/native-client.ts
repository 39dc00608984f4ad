/** Any other program on the device, played by Node's own TLS: does the application answer, with validation on and this CA file? */
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { connect } from 'node:tls';

const [url = '', caFile = '', address, addressPort] = process.argv.slice(2);
const { hostname, port } = new URL(url);
const deadlineMs = 10_000;

const request = get(
  url,
  {
    timeout: deadlineMs,
    createConnection: () =>
      connect({
        host: address ?? hostname,
        port: Number(addressPort ?? (port || 443)),
        servername: hostname,
        ca: readFileSync(caFile, 'utf8'),
        // An issuing CA may be all that the bundle has.
        allowPartialTrustChain: true,
      }),
  },
  (response) => {
    response.setEncoding('utf8');
    response.on('data', (text: string) => process.stdout.write(text));
    response.on('end', () => process.stdout.write(` (status ${response.statusCode})\n`));
  },
);
request.on('timeout', () => request.destroy(new Error(`no answer within ${deadlineMs / 1000} s`)));
request.on('error', (error: Error & { code?: string }) => {
  process.stdout.write(`${error.code ?? ''} ${error.message}\n`);
  process.exitCode = 1;
});
