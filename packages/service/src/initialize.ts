// `windlass init`: the directory of a new service appears whole, or not at all.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { ProtocolError, parseServiceName, type ServiceName, type UnixSeconds, unixSeconds } from '@windlass/protocol';
import { appendAudit } from './audit.ts';
import { pemOf } from './certificates.ts';
import {
  configEnvironment,
  databasesOf,
  parseConfig,
  renderConfig,
  type ServiceConfig,
  serviceFiles,
} from './config.ts';
import { ConfigError, StoreError } from './errors.ts';
import { SYSTEM } from './management.ts';
import { withoutPassword } from './postgres-server.ts';
import { newServiceAnchor } from './signer/forms.ts';
import { handOver } from './signer/hand-over.ts';
import { seriesOf, writeSigners } from './signer/issue.ts';
import { signerDirectory } from './signer/key-directory.ts';
import { makePrivateDirectory, syncDirectory, writePrivateFile } from './signer/private-file.ts';
import { openDeviceStore } from './store/device-store.ts';
import { openManagementStore } from './store/management-store.ts';
import { addToken } from './tokens.ts';

/** What a new service is like. */
export interface InitializeOptions {
  /** The directory to be made; it may exist when it is empty. */
  readonly dir: string;
  /** The DNS name under which devices find the service; it is in every signature. */
  readonly service: string;
  /** Default 80. */
  readonly httpPort?: number;
  /** Needs certificate and key. */
  readonly httpsPort?: number;
  /** PEM files; they stay where they are. */
  readonly tlsCertificate?: string;
  readonly tlsKey?: string;
  /** On 127.0.0.1. Default 8443. */
  readonly managementPort?: number;
  /** Of PostgreSQL, without a password. Default: WINDLASS_DATABASE_URL of the environment, else SQLite. */
  readonly databaseUrl?: string;
  /** A file with the password, for its owner alone; it stays where it is. */
  readonly databasePasswordFile?: string;
}

/** The two sides may run as two users of one group; keys and tokens below are their owner's alone. */
const GROUP_MAY_ENTER = 0o750;
/** Whatever the umask: a device side that was taken over must not write what the management side reads. */
const GROUP_MAY_READ = 0o640;
/** A year of responders with a month each. */
const RESPONDERS = 12;
const README = `Move this directory away, to a place that is offline: whoever has the key in it can speak for the service to every device.
New signers for the service are made with it:

    windlass signer issue --anchor-key service-anchor.key --role responder --count 12 --out NEW
    windlass signer install NEW --dir DIRECTORY        (where the service runs)

A signer that was stolen goes onto the revocation list, which stays here and grows:

    windlass signer revoke --anchor-key service-anchor.key --certificate STOLEN
    windlass signer install revocations.pem --dir DIRECTORY        (where the service runs)
`;

/**
 * The directory has windlass.toml, both databases, service-anchor.pem, offline/ with the anchor's key, keys/ with a year of
 * responders and a claim authority, and admin-token.
 * @throws ConfigError; nothing is left behind then, and nothing that existed is touched
 */
export async function initialize(options: InitializeOptions): Promise<void> {
  const service = serviceNameOf(options.service);
  const target = resolve(options.dir);
  const { text, config } = configOf({ ...options, service }, join(target, 'windlass.toml'));
  checkTls(options);
  refuseExisting(target, options.dir);
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
  try {
    makeDirectory(temporary, options.dir);
    writeFileSync(serviceFiles(temporary).config, text, { mode: GROUP_MAY_READ });
    await fill(temporary, { ...config, directory: temporary });
    renameSync(temporary, target);
    syncDirectory(dirname(target));
  } catch (cause) {
    rmSync(temporary, { recursive: true, force: true });
    throw cause;
  }
}

/** What is written, and what it says. The environment's URL is written down without its password: only there it may have one. */
function configOf(options: InitializeOptions, file: string): { readonly text: string; readonly config: ServiceConfig } {
  const environment = configEnvironment();
  const { WINDLASS_DATABASE_URL: url = '' } = environment;
  const text = renderConfig({ ...(url === '' ? {} : { databaseUrl: withoutPassword(url) }), ...options });
  const isUsed = options.databaseUrl === undefined;
  return { text, config: parseConfig(text, file, isUsed ? environment : {}) };
}

async function fill(directory: string, config: ServiceConfig): Promise<void> {
  const { service } = config;
  const now = unixSeconds(Math.floor(Date.now() / 1000));
  const files = serviceFiles(directory);
  const anchor = newServiceAnchor(service, now);
  const certificate = pemOf(anchor.certificate.der);
  const offline = join(directory, 'offline');
  makePrivateDirectory(offline);
  writePrivateFile(join(offline, 'service-anchor.key'), anchor.keyPem);
  writeFileSync(join(offline, 'service-anchor.pem'), certificate);
  writeFileSync(join(offline, 'README'), README);
  writeFileSync(files.serviceAnchor, certificate, { mode: GROUP_MAY_READ });
  makePrivateDirectory(files.keys);
  makePrivateDirectory(join(files.keys, 'publishers'));
  writeSigners(signerDirectory(files.keys, 'responder'), seriesOf('responder', anchor, RESPONDERS, now), 1);
  handOver(files.keys, now);
  writeSigners(signerDirectory(files.keys, 'claim-authority'), seriesOf('claim-authority', anchor, 1, now), 1);
  writePrivateFile(join(directory, 'admin-token'), `${await makeDatabases(config, now)}\n`);
}

/** Both databases exist; the admin's token is in one of them. Returns the token. Last of all: PostgreSQL is not ours to remove. */
async function makeDatabases(config: ServiceConfig, now: UnixSeconds): Promise<string> {
  const { service } = config;
  await makeDeviceDatabase(config);
  const store = await openManagementStore(databasesOf(config).management, 'create');
  try {
    return await store.transaction(async (tables) => {
      if ((await tables.audit.last()) !== null) {
        const remedy = 'name another one in its URL; one more instance of that service is made without "windlass init"';
        throw new ConfigError('config-invalid', `The database has a service already: ${remedy}.`);
      }
      const token = await addToken(tables, { role: 'admin' }, now, randomBytes);
      const event = {
        time: now,
        actor: SYSTEM,
        act: 'service.initialize',
        outcome: 'done',
        organization: null,
      } as const;
      const change = { before: null, after: { service } };
      await appendAudit(tables.audit, { ...event, object: `service ${service}`, detail: {}, change });
      return token;
    });
  } finally {
    await store.close();
  }
}

/** A schema of PostgreSQL that is another role's is left to that: the device side makes its tables when it starts. */
async function makeDeviceDatabase(config: ServiceConfig): Promise<void> {
  try {
    await (await openDeviceStore(databasesOf(config).device, 'create')).close();
  } catch (cause) {
    const isAnothers = config.database !== null && cause instanceof StoreError && cause.code === 'unreadable';
    if (!isAnothers) throw cause;
  }
}

function serviceNameOf(text: string): ServiceName {
  try {
    return parseServiceName(text.toLowerCase());
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    const detail = `"${text}" cannot be a service's name: give a DNS name like bootstrap.example.`;
    throw new ConfigError('config-invalid', detail, { cause });
  }
}

function refuseExisting(target: string, shown: string): void {
  const found = statSync(target, { throwIfNoEntry: false });
  if (found === undefined || (found.isDirectory() && readdirSync(target).length === 0)) return;
  throw new ConfigError('config-invalid', `${shown} exists already and is not empty: name a new directory.`);
}

function makeDirectory(directory: string, shown: string): void {
  try {
    mkdirSync(dirname(directory), { recursive: true });
    mkdirSync(directory, { mode: GROUP_MAY_ENTER });
  } catch (cause) {
    throw new ConfigError('file-unreadable', `${shown} cannot be made: name a directory that can be written.`, {
      cause,
    });
  }
}

function checkTls({ tlsCertificate, tlsKey }: InitializeOptions): void {
  if (tlsCertificate === undefined || tlsKey === undefined) return;
  const [cert, key] = [tlsCertificate, tlsKey].map(readTlsFile);
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    const detail = `${tlsCertificate} and ${tlsKey} are not a certificate and its key in PEM: name the two that belong together.`;
    throw new ConfigError('tls', detail, { cause });
  }
}

function readTlsFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError('file-missing', `${file} cannot be read: check the path and who may read it.`, { cause });
  }
}
