/** What stands behind the box: an application server (HTTPS with WebSocket, or plain HTTP), MQTT brokers with TLS, any protocol's first answer; each a process of its own. */
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listensOn, logContains, nodeScript, startProcess } from './process.ts';
import type { Address } from './proxies/upstream.ts';
import { type ServerCertificate, writeSecret } from './test-pki.ts';

/** What the application's process reads from its configuration file. */
export interface ApplicationConfig {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly tls?: { readonly keyFile: string; readonly certificateFile: string };
  /** What it answers GET with at these paths, in place of its own answer. */
  readonly files?: Readonly<Record<string, string>>;
}

/** What the process that answers the first bytes reads from its configuration file. */
export interface GreeterConfig {
  readonly host: string;
  readonly port: number;
  /** Hexadecimal. */
  readonly answer: string;
  readonly tls: { readonly keyFile: string; readonly certificateFile: string };
}

export interface OriginOptions {
  /** Private directory for configuration, key and log; several origins can share one. */
  readonly directory: string;
  /** Appears in the answers and in file names. */
  readonly name: string;
  /** Default 127.0.0.1. In a namespace: one of the network's addresses. */
  readonly host?: string;
  /** Default 0: a free port. A broker needs one. */
  readonly port?: number;
  /** Put before the command, for instance `network.inNamespace('cloud', [])`. */
  readonly prefix?: readonly string[];
}

export interface Origin {
  readonly address: Address;
  readonly pid: number;
  readonly log: () => Promise<string>;
  readonly close: () => Promise<void>;
}

export interface Application extends Origin {
  /** How many requests have reached it. */
  readonly requests: () => Promise<number>;
}

/** The application answers GET / with 200 and `{"application": name, "requests": n}`; over HTTPS when it has a certificate. */
export async function startApplication(
  options: OriginOptions & { readonly certificate?: ServerCertificate } & Pick<ApplicationConfig, 'files'>,
): Promise<Application> {
  const { directory, name, host = '127.0.0.1', port = 0, prefix = [], certificate, files } = options;
  const tls = certificate ? await writeServerFiles(directory, name, certificate) : undefined;
  const config: ApplicationConfig = { name, host, port, ...(tls ? { tls } : {}), ...(files ? { files } : {}) };
  const configFile = join(directory, `${name}.json`);
  await writeFile(configFile, JSON.stringify(config), { mode: 0o600 });
  const child = await startProcess({
    name: `the application ${name}`,
    argv: [...prefix, ...nodeScript(import.meta.url, './origins/application-main'), configFile],
    logFile: join(directory, `${name}.log`),
    ready: logContains('ready {'),
  });
  const listening = JSON.parse(/^ready (.*)$/m.exec(await child.log())?.[1] ?? '{}') as { port: number };
  return {
    address: { host, port: listening.port },
    pid: child.pid,
    log: child.log,
    close: child.stop,
    requests: async () => ((await child.log()).match(/^request /gm) ?? []).length,
  };
}

/** Whoever speaks first over TLS is answered with these bytes. */
export async function startGreeter(
  options: OriginOptions & { readonly certificate: ServerCertificate; readonly port: number; readonly answer: string },
): Promise<Origin> {
  const { directory, name, host = '127.0.0.1', port, prefix = [], certificate, answer } = options;
  const config: GreeterConfig = { host, port, answer, tls: await writeServerFiles(directory, name, certificate) };
  const configFile = join(directory, `${name}.json`);
  await writeFile(configFile, JSON.stringify(config), { mode: 0o600 });
  const child = await startProcess({
    name: `the server ${name}`,
    argv: [...prefix, ...nodeScript(import.meta.url, './origins/greeter-main'), configFile],
    logFile: join(directory, `${name}.log`),
    ready: logContains('ready {'),
  });
  return { address: { host, port }, pid: child.pid, log: child.log, close: child.stop };
}

/** A mosquitto broker takes MQTT over TLS from anybody, or, with `clientsOf`, from those with a certificate of that CA. Needs the package mosquitto. */
export async function startBroker(
  options: OriginOptions & {
    readonly certificate: ServerCertificate;
    readonly port: number;
    /** A PEM file. */
    readonly clientsOf?: string;
  },
): Promise<Origin> {
  const { directory, name, host = '127.0.0.1', port, prefix = [], certificate, clientsOf } = options;
  const { keyFile, certificateFile } = await writeServerFiles(directory, name, certificate);
  const configFile = join(directory, `${name}.conf`);
  // `user root`: otherwise mosquitto gives up root before it reads its key, which only root may read.
  const lines = [`listener ${port} ${host}`, `certfile ${certificateFile}`, `keyfile ${keyFile}`, 'user root'];
  if (clientsOf) lines.push(`cafile ${clientsOf}`, 'require_certificate true');
  const more = ['allow_anonymous true', 'persistence false', 'log_dest stderr', ''];
  await writeFile(configFile, [...lines, ...more].join('\n'), { mode: 0o600 });
  const child = await startProcess({
    name: `the broker ${name}`,
    argv: [...prefix, '/usr/sbin/mosquitto', '-c', configFile],
    logFile: join(directory, `${name}.log`),
    ready: listensOn(port),
  });
  return { address: { host, port }, pid: child.pid, log: child.log, close: child.stop };
}

async function writeServerFiles(
  directory: string,
  name: string,
  certificate: ServerCertificate,
): Promise<{ readonly keyFile: string; readonly certificateFile: string }> {
  const keyFile = join(directory, `${name}.key`);
  const certificateFile = join(directory, `${name}.pem`);
  await writeSecret(keyFile, certificate.keyPem);
  await writeFile(certificateFile, certificate.chainPem);
  await chmod(certificateFile, 0o644);
  return { keyFile, certificateFile };
}
