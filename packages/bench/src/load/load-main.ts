/** The process that loads a server: so many connections at a time, each new, each with one exchange. What it costs is not measured here. */
import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { LoadPlan, LoadResult } from './load.ts';

const [planFile = ''] = process.argv.slice(2);
const plan: LoadPlan = JSON.parse(readFileSync(planFile, 'utf8'));
const requests = plan.requestFiles.map((file) => readFileSync(file));
const exchangeDeadlineMs = 10_000;

let next = 0;
let failed = 0;
let firstFailure = '';
const started = performance.now();
await Promise.all(Array.from({ length: plan.concurrency }, work));
const result: LoadResult = {
  done: requests.length - failed,
  failed,
  firstFailure,
  seconds: (performance.now() - started) / 1000,
};
process.stdout.write(`${JSON.stringify(result)}\n`);

async function work(): Promise<void> {
  for (let request = requests[next++]; request; request = requests[next++]) {
    const answer = await exchange(request).catch((error: unknown) => `no answer: ${String(error)}`);
    if (answer.startsWith('HTTP/1.1 200 ') && answer.includes(plan.expect)) continue;
    failed++;
    firstFailure ||= answer.slice(0, 600);
  }
}

function exchange(request: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = open(() => socket.write(request));
    socket.setTimeout(exchangeDeadlineMs, () => socket.destroy(new Error('no answer in time')));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => {
      socket.destroy();
      resolve(Buffer.concat(chunks).toString('latin1'));
    });
    socket.on('error', reject);
  });
}

// No session is given, so every handshake is a full one. X25519 alone: the same key exchange with every server, whatever it prefers.
function open(ready: () => void) {
  const where = { host: '127.0.0.1', port: plan.port };
  if (plan.tls === undefined) return createConnection(where, ready);
  const { caPem, name, clientCertificatePem: cert, clientKeyPem: key } = plan.tls;
  const client = cert === undefined || key === undefined ? {} : { cert, key };
  return connectTls(
    { ...where, ...client, ca: caPem, servername: name, ecdhCurve: 'X25519', minVersion: 'TLSv1.3' },
    ready,
  );
}
