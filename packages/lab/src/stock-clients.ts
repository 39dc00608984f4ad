/**
 * Real TLS clients that know nothing of us: does curl, openssl or mosquitto accept what is presented, with this CA bundle and no
 * other trust? The system's own stores are shut out in each call.
 */
import { inUrl } from './proxies/box.ts';
import type { Address } from './proxies/upstream.ts';
import type { CommandOptions, CommandResult } from './run-command.ts';
import { splitPem } from './test-pki.ts';

/** Runs a program where the client shall be: `(argv, options) => network.run('device', argv, options)`, or `runCommand` for this machine. */
export type Run = (argv: readonly string[], options?: CommandOptions) => Promise<CommandResult>;

export interface StockTarget {
  /** Server name: in SNI, Host and the check of the certificate. */
  readonly name: string;
  readonly port: number;
  /** PEM file with the only CAs to trust. */
  readonly caFile: string;
  /** Where to connect instead of the name's address (labs without namespaces). */
  readonly connectTo?: Address;
  /** An explicit proxy. */
  readonly proxy?: Address & { readonly credentials?: string };
}

export interface StockResult {
  /** The certificate was accepted and the protocol answered. */
  readonly ok: boolean;
  /** What is wrong, as far as it can be told from the client's words; absent when ok. */
  readonly failure?: 'unknown-issuer' | 'other';
  /** The body (curl), or the client's own words. */
  readonly detail: string;
}

const deadline = { deadlineMs: 20_000 };

/** GET https://name:port/path with curl. */
export async function askWithCurl(run: Run, target: StockTarget & { readonly path?: string }): Promise<StockResult> {
  const { name, port, caFile, connectTo, proxy, path = '/' } = target;
  const trust = ['--cacert', caFile, '--capath', '/nonexistent'];
  const route = connectTo ? ['--connect-to', `${name}:${port}:${connectTo.host}:${connectTo.port}`] : [];
  const via = proxy ? curlProxy(proxy) : ['--noproxy', '*'];
  // --fail-with-body: a block page is not an answer of the origin.
  const basic = ['curl', '-sS', '--http1.1', '--max-time', '10', '--fail-with-body'];
  const result = await run([...basic, ...trust, ...route, ...via, `https://${name}:${port}${path}`], deadline);
  return judgeCurl(result);
}

/** GET http://name:port/path with curl: what plain HTTP still does. */
export async function askPlainWithCurl(
  run: Run,
  target: Omit<StockTarget, 'caFile'> & { readonly path?: string },
): Promise<StockResult> {
  const { name, port, connectTo, proxy, path = '/' } = target;
  const route = connectTo ? ['--connect-to', `${name}:${port}:${connectTo.host}:${connectTo.port}`] : [];
  const via = proxy ? curlProxy(proxy) : ['--noproxy', '*'];
  const argv = [
    'curl',
    '-sS',
    '--max-time',
    '10',
    '--fail-with-body',
    ...route,
    ...via,
    `http://${name}:${port}${path}`,
  ];
  const result = await run(argv, deadline);
  return judgeCurl(result);
}

/** A TLS handshake with openssl s_client, the certificate's name included. */
export async function shakeHandsWithOpenssl(run: Run, target: StockTarget): Promise<StockResult> {
  const { name, caFile } = target;
  const trust = ['-CAfile', caFile, '-no-CApath', '-no-CAstore', '-verify_return_error', '-verify_hostname', name];
  const result = await run(['openssl', 's_client', ...trust, ...opensslRoute(target)], deadline);
  return judge(result, /Verify return code: .*/.exec(result.stdout)?.[0] ?? 'no handshake');
}

/** Publishes one message with mosquitto_pub, at least once: the broker's acknowledgement came back through the box. */
export async function publishWithMosquitto(run: Run, target: Omit<StockTarget, 'proxy'>): Promise<StockResult> {
  const { name, port, caFile, connectTo } = target;
  // mosquitto_pub has no way to connect elsewhere and check another name; such a lab must use names that resolve.
  if (connectTo) throw new Error('mosquitto_pub cannot be sent to another address');
  const message = ['-q', '1', '-t', 'windlass/lab', '-m', 'hello'];
  const result = await run(
    ['mosquitto_pub', '-h', name, '-p', String(port), '--cafile', caFile, ...message, '-d'],
    deadline,
  );
  // An MQTT session that never began ends with 0 on some failures; the acknowledgement is the proof.
  const acknowledged = result.stdout.includes('PUBACK');
  return judge(acknowledged || result.code !== 0 ? result : { ...result, code: 1 }, 'PUBACK');
}

/** The certificates that are presented for the name, leaf first, verified by nobody. Empty when there is no handshake. */
export async function presentedChain(run: Run, target: Omit<StockTarget, 'caFile'>): Promise<readonly string[]> {
  const result = await run(['openssl', 's_client', '-showcerts', ...opensslRoute(target)], deadline);
  return splitPem(result.stdout);
}

function opensslRoute({ name, port, connectTo, proxy }: Omit<StockTarget, 'caFile'>): readonly string[] {
  const { host, port: connectPort } = connectTo ?? { host: name, port };
  const via = proxy ? ['-proxy', `${inUrl(proxy.host)}:${proxy.port}`] : [];
  const [user, password] = proxy?.credentials?.split(':') ?? [];
  const login = user === undefined ? [] : ['-proxy_user', user, '-proxy_pass', `pass:${password ?? ''}`];
  return ['-connect', `${inUrl(host)}:${connectPort}`, '-servername', name, ...via, ...login];
}

function curlProxy(proxy: NonNullable<StockTarget['proxy']>): readonly string[] {
  const login = proxy.credentials ? ['--proxy-user', proxy.credentials] : [];
  return ['--proxy', `http://${inUrl(proxy.host)}:${proxy.port}`, ...login];
}

// All three speak with OpenSSL's words here.
const unknownIssuer =
  /unable to get (?:local )?issuer certificate|self[- ]signed certificate|unable to verify the first certificate|certificate verify failed/i;
// curl(1): "the SSL certificate problem". Its words alone are no proof: a block page may hold the box's own complaint about the origin.
const curlCertificateProblem = 60;

function judgeCurl(result: CommandResult): StockResult {
  return judge(result, result.stdout, result.code === curlCertificateProblem ? result.stderr : '');
}

/** Whether a client got what it asked for, by its exit code, and what it said. */
export function verdictOf(result: CommandResult): StockResult {
  return judge(result, result.stdout);
}

function judge(result: CommandResult, detail: string, complaint = `${result.stderr}${result.stdout}`): StockResult {
  if (result.code === 0) return { ok: true, detail };
  const failure = unknownIssuer.test(complaint) ? 'unknown-issuer' : 'other';
  return { ok: false, failure, detail: `${result.stderr}\n${result.stdout}`.trim() };
}
