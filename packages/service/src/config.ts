// windlass.toml: read once at start, checked whole, with a sentence for everything that is wrong. Nothing else is configuration.
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import {
  MAX_REFRESH_SECONDS,
  MAX_RETRY_SECONDS,
  ProtocolError,
  parseServiceName,
  type ServiceName,
} from '@windlass/protocol';
import { parse, stringify } from 'smol-toml';
import { ConfigError } from './errors.ts';
import { type PostgresServer, parsePostgresUrl } from './postgres-server.ts';

/** One certificate with its key, as absolute paths of PEM files. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
}

/** Where devices connect. At least one port is given. */
export interface DeviceListenerConfig {
  readonly address: string;
  /** null: no HTTP; 0: any free one. */
  readonly httpPort: number | null;
  /** null: no HTTPS; 0: any free one. */
  readonly httpsPort: number | null;
  /** One for each kind of key, e.g. RSA and ECDSA; empty exactly without HTTPS. */
  readonly tls: readonly TlsFiles[];
  /** What one client address may ask for, over time; a whole site may share one. */
  readonly requestsPerSecond: number;
}

/** Where operators connect. */
export interface ManagementListenerConfig {
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
  readonly tls: TlsFiles | null;
}

/** How people log in with a browser: OpenID Connect. */
export interface LoginConfig {
  /** URL of the identity provider; https, or on this machine. */
  readonly issuer: string;
  readonly clientId: string;
  /** Absolute path; the file is its owner's alone. */
  readonly clientSecretFile: string;
  /** Where the browser comes back to: `/login/callback` under the URL by which people reach the management listener. */
  readonly redirectUrl: string;
}

/** windlass.toml, checked. */
export interface ServiceConfig {
  /** Absolute path of the directory that windlass.toml is in; databases and keys are below it. */
  readonly directory: string;
  readonly service: ServiceName;
  readonly deviceListener: DeviceListenerConfig;
  readonly managementListener: ManagementListenerConfig;
  /** null: SQLite, in two files of the directory. */
  readonly database: PostgresServer | null;
  /** null: people have tokens only. */
  readonly login: LoginConfig | null;
  readonly profile: {
    /** When a device with a profile asks again. */
    readonly refreshSeconds: number;
    /** When a device without one asks again. */
    readonly retrySeconds: number;
  };
  /** A sentence for each key that is not known. */
  readonly warnings: readonly string[];
}

/** The files and directories of a service's directory. */
export interface ServiceFiles {
  readonly config: string;
  readonly managementDatabase: string;
  readonly deviceDatabase: string;
  readonly serviceAnchor: string;
  /** Of the service anchors; there when something was revoked. */
  readonly revocations: string;
  readonly keys: string;
  readonly responders: string;
}

const DEFAULTS = {
  address: '0.0.0.0',
  httpPort: 80,
  requestsPerSecond: 50,
  managementAddress: '127.0.0.1',
  managementPort: 8443,
  refreshSeconds: 86_400,
  retrySeconds: 60,
};
const LOOPBACK = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/;

/** What may be said in the environment, because it can have a password. */
export interface ConfigEnvironment {
  /** Goes over `database.url`. */
  readonly WINDLASS_DATABASE_URL?: string | undefined;
}

/** The environment of this process, of which nothing else is looked at. */
export function configEnvironment(): ConfigEnvironment {
  return { WINDLASS_DATABASE_URL: process.env['WINDLASS_DATABASE_URL'] };
}

/** The configuration in `file`. @throws ConfigError `config-missing`, `config-unreadable`, `config-invalid` */
export async function loadConfig(file: string, environment = configEnvironment()): Promise<ServiceConfig> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw missing
      ? new ConfigError('config-missing', `${file} does not exist: make it with "windlass init", or check the path.`, {
          cause,
        })
      : new ConfigError('config-unreadable', `${file} cannot be read: check that it is a file and who may read it.`, {
          cause,
        });
  }
  return parseConfig(text, file, environment);
}

/** The configuration in `text`; paths in it are relative to the directory of `file`. @throws ConfigError `config-invalid` */
export function parseConfig(text: string, file: string, environment: ConfigEnvironment = {}): ServiceConfig {
  const warnings: string[] = [];
  const directory = resolve(dirname(file));
  const root = new Section(tableOf(text, file), file, '', warnings);
  const service = serviceOf(root);
  const deviceListener = deviceListenerOf(root.section('device-listener'), directory);
  const managementListener = managementListenerOf(root.section('management-listener'), directory);
  const database = databaseOf(root.section('database'), directory, environment);
  const login = root.has('login') ? loginOf(root.section('login'), directory) : null;
  const times = root.section('profile');
  const profile = {
    refreshSeconds: times.number('refresh-seconds', DEFAULTS.refreshSeconds, 1, MAX_REFRESH_SECONDS),
    retrySeconds: times.number('retry-seconds', DEFAULTS.retrySeconds, 1, MAX_RETRY_SECONDS),
  };
  times.warnOfOthers();
  root.warnOfOthers();
  return { directory, service, deviceListener, managementListener, database, login, profile, warnings };
}

/** Where things are in a service's directory. */
export function serviceFiles(directory: string): ServiceFiles {
  const keys = join(directory, 'keys');
  return {
    config: join(directory, 'windlass.toml'),
    managementDatabase: join(directory, 'management.db'),
    deviceDatabase: join(directory, 'device.db'),
    serviceAnchor: join(directory, 'service-anchor.pem'),
    revocations: join(directory, 'revocations.pem'),
    keys,
    responders: join(keys, 'responders'),
  };
}

/** Where the databases are: a file for each side, or one PostgreSQL database with a schema for each side. */
export function databasesOf({ directory, database }: Pick<ServiceConfig, 'directory' | 'database'>) {
  const { deviceDatabase, managementDatabase } = serviceFiles(directory);
  return { device: database ?? deviceDatabase, management: database ?? managementDatabase };
}

/** What `windlass init` was told; what is left out keeps its default. */
export interface NewConfig {
  readonly service: string;
  readonly httpPort?: number;
  readonly httpsPort?: number;
  readonly tlsCertificate?: string;
  readonly tlsKey?: string;
  readonly managementPort?: number;
  /** Of PostgreSQL, without a password. Default: SQLite. */
  readonly databaseUrl?: string;
  readonly databasePasswordFile?: string;
}

/** The text of a windlass.toml that `parseConfig` reads. Files are named by absolute paths. */
export function renderConfig(wanted: NewConfig): string {
  const { service, httpPort = DEFAULTS.httpPort, httpsPort, tlsCertificate, tlsKey } = wanted;
  const https = httpsPort === undefined && tlsCertificate === undefined ? {} : { 'https-port': httpsPort ?? 443 };
  const tables = {
    service,
    'device-listener': {
      address: DEFAULTS.address,
      'http-port': httpPort,
      ...https,
      ...(tlsCertificate === undefined ? {} : { 'tls-certificate': resolve(tlsCertificate) }),
      ...(tlsKey === undefined ? {} : { 'tls-key': resolve(tlsKey) }),
    },
    'management-listener': {
      address: DEFAULTS.managementAddress,
      port: wanted.managementPort ?? DEFAULTS.managementPort,
    },
    ...databaseTable(wanted),
    profile: { 'refresh-seconds': DEFAULTS.refreshSeconds, 'retry-seconds': DEFAULTS.retrySeconds },
  };
  return `# The service. Devices know it by this name only: it is in every signature.\n${stringify(tables)}\n`;
}

function databaseTable({ databaseUrl, databasePasswordFile }: NewConfig) {
  if (databaseUrl === undefined && databasePasswordFile === undefined) return {};
  const url = databaseUrl === undefined ? {} : { url: databaseUrl };
  const file = databasePasswordFile === undefined ? {} : { 'password-file': resolve(databasePasswordFile) };
  return { database: { ...url, ...file } };
}

function tableOf(text: string, file: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text);
  } catch (cause) {
    const line = cause instanceof Error && 'line' in cause ? ` (line ${cause.line})` : '';
    throw new ConfigError('config-invalid', `${file} is not TOML${line}: correct it.`, { cause });
  }
}

function serviceOf(root: Section): ServiceName {
  const text = root.text('service', null);
  try {
    return parseServiceName(text);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw root.wrong('service', 'must be the DNS name of the service in lower case, like "bootstrap.example"', cause);
  }
}

function deviceListenerOf(section: Section, directory: string): DeviceListenerConfig {
  const address = section.address('address', DEFAULTS.address);
  const httpsPort = section.has('https-port') ? section.port('https-port', 0) : null;
  const httpPort = section.has('http-port') || httpsPort === null ? section.port('http-port', DEFAULTS.httpPort) : null;
  const tls = section.tls(directory);
  if (httpsPort !== null && tls.length === 0)
    throw section.wrong('https-port', 'needs tls-certificate and tls-key beside it');
  if (httpsPort === null && tls.length > 0) throw section.wrong('tls-certificate', 'needs https-port beside it');
  const requestsPerSecond = section.number('requests-per-second', DEFAULTS.requestsPerSecond, 1, 1_000_000);
  section.warnOfOthers();
  return { address, httpPort, httpsPort, tls, requestsPerSecond };
}

function managementListenerOf(section: Section, directory: string): ManagementListenerConfig {
  const address = section.address('address', DEFAULTS.managementAddress);
  const port = section.port('port', DEFAULTS.managementPort);
  const [tls = null, ...more] = section.tls(directory);
  if (more.length > 0) throw section.wrong('tls-certificate', 'must be one file here');
  if (tls === null && !LOOPBACK.test(address)) {
    throw section.wrong('address', 'must be a loopback address, or have tls-certificate and tls-key beside it');
  }
  section.warnOfOthers();
  return { address, port, tls };
}

/** The environment goes first, so that each side can be a user of its own with one file for both. */
function databaseOf(section: Section, directory: string, environment: ConfigEnvironment): PostgresServer | null {
  const passwordFile = section.has('password-file') ? resolve(directory, section.text('password-file', null)) : null;
  const url = section.has('url') ? section.text('url', null) : null;
  section.warnOfOthers();
  const secret = environment.WINDLASS_DATABASE_URL;
  const isSecret = secret !== undefined && secret !== '';
  const text = isSecret ? secret : url;
  if (text === null) {
    if (passwordFile === null) return null;
    throw section.wrong('password-file', 'needs url beside it, or WINDLASS_DATABASE_URL in the environment');
  }
  const found = parsePostgresUrl(text);
  const wrong = (demand: string) =>
    isSecret ? new ConfigError('config-invalid', `WINDLASS_DATABASE_URL ${demand}.`) : section.wrong('url', demand);
  if ('wrong' in found) throw wrong(found.wrong);
  if (!isSecret && found.password !== null) {
    throw wrong('must not have a password: name a file that has it with password-file, or set WINDLASS_DATABASE_URL');
  }
  const tls = found.tls?.authority == null ? found.tls : { authority: resolve(directory, found.tls.authority) };
  return { ...found, tls, passwordFile };
}

function loginOf(section: Section, directory: string): LoginConfig {
  const issuer = section.webUrl('issuer');
  const redirectUrl = section.webUrl('redirect-url');
  const { pathname, search } = new URL(redirectUrl);
  if (pathname !== '/login/callback' || search !== '')
    throw section.wrong('redirect-url', 'must end in /login/callback');
  const clientId = section.text('client-id', null);
  const clientSecretFile = resolve(directory, section.text('client-secret-file', null));
  section.warnOfOthers();
  return { issuer, clientId, clientSecretFile, redirectUrl };
}

/** One table of the file: gives typed values, and remembers which keys it was asked for. */
class Section {
  readonly #table: Readonly<Record<string, unknown>>;
  readonly #file: string;
  readonly #prefix: string;
  readonly #warnings: string[];
  readonly #known = new Set<string>();

  constructor(table: Readonly<Record<string, unknown>>, file: string, prefix: string, warnings: string[]) {
    this.#table = table;
    this.#file = file;
    this.#prefix = prefix;
    this.#warnings = warnings;
  }

  wrong(key: string, demand: string, cause?: unknown): ConfigError {
    return new ConfigError('config-invalid', `${this.#file}: ${this.#prefix}${key} ${demand}.`, { cause });
  }

  section(key: string): Section {
    const value = this.#value(key) ?? {};
    if (typeof value !== 'object' || Array.isArray(value)) throw this.wrong(key, 'must be a table');
    return new Section({ ...value }, this.#file, `${this.#prefix}${key}.`, this.#warnings);
  }

  has(key: string): boolean {
    return this.#value(key) !== undefined;
  }

  text(key: string, fallback: string | null): string {
    const value = this.#value(key) ?? fallback;
    if (value === null) throw this.wrong(key, 'is missing: add it');
    if (typeof value !== 'string' || value === '') throw this.wrong(key, 'must be text');
    return value;
  }

  number(key: string, fallback: number, least: number, most: number): number {
    const value = this.#value(key) ?? fallback;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
      throw this.wrong(key, `must be a whole number from ${least} to ${most}`);
    }
    return value;
  }

  port(key: string, fallback: number): number {
    return this.number(key, fallback, 0, 65_535);
  }

  address(key: string, fallback: string): string {
    const value = this.text(key, fallback);
    if (isIP(value) === 0) throw this.wrong(key, 'must be an IP address, like "127.0.0.1", "0.0.0.0" or "::"');
    return value;
  }

  /** Without TLS only where nobody is between. */
  webUrl(key: string): string {
    const value = this.text(key, null);
    const { protocol, hostname } = URL.canParse(value) ? new URL(value) : { protocol: '', hostname: '' };
    const isHere = hostname === 'localhost' || hostname === '[::1]' || LOOPBACK.test(hostname);
    if (protocol === 'https:' || (protocol === 'http:' && isHere)) return value;
    throw this.wrong(key, 'must be an https URL, like "https://login.example"');
  }

  /** `tls-certificate` and `tls-key`: a path each, or as many paths each. */
  tls(directory: string): readonly TlsFiles[] {
    const certificates = this.#paths('tls-certificate', directory);
    const keys = this.#paths('tls-key', directory);
    if (certificates.length !== keys.length) throw this.wrong('tls-key', 'must name as many files as tls-certificate');
    return certificates.map((certificate, index) => ({ certificate, key: keys[index] ?? '' }));
  }

  warnOfOthers(): void {
    for (const key of Object.keys(this.#table)) {
      if (this.#known.has(key)) continue;
      this.#warnings.push(`${this.#file}: ${this.#prefix}${key} is not known and has no effect: check its spelling.`);
    }
  }

  #paths(key: string, directory: string): readonly string[] {
    const value = this.#value(key) ?? [];
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.map((path) => {
      if (typeof path !== 'string' || path === '') throw this.wrong(key, 'must be the path of a PEM file');
      return resolve(directory, path);
    });
  }

  #value(key: string): unknown {
    this.#known.add(key);
    return this.#table[key];
  }
}
