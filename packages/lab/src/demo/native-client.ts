/** Any other program on the device, played by Node's own TLS: does the application answer, with validation on and this CA file? */
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { connect } from 'node:tls';

const [url = '', caFile = '', host, port] = process.argv.slice(2);
const target = new URL(url);
const request = get(
  target,
  {
    ca: readFileSync(caFile, 'utf8'),
    timeout: 10_000,
    createConnection: ({ host: name, port: defaultPort, ca, servername }) =>
      connect({ host: host ?? name ?? target.hostname, port: Number(port ?? defaultPort ?? 443), ca, servername: servername ?? target.hostname }),
  },
  (response) => {
    response.setEncoding('utf8');
    response.on('data', (text: string) => process.stdout.write(text));
    response.on('end', () => {
      process.stdout.write(` (status ${response.statusCode})\n`);
    });
  },
);
request.on('timeout', () => request.destroy(new Error('no answer within 10 s')));
request.on('error', (error: Error & { code?: string }) => {
  process.stdout.write(`${error.code ?? ''} ${error.message}\n`);
  process.exitCode = 1;
});
