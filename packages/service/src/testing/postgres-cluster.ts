// A PostgreSQL server of a test's own, from Debian's package: in a temporary directory, on a socket in it, never on a port. Its
// language sorts otherwise than bytes do, so that nothing rests on that.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { PostgresServer } from '../postgres-server.ts';

/** A server that runs. */
export interface PostgresCluster {
  /** Where the socket is. */
  readonly directory: string;
  /** A database that nobody else has, empty. */
  createDatabase(): Promise<PostgresServer>;
  /** Runs SQL as the user of `server`. */
  execute(server: PostgresServer, text: string): Promise<readonly Record<string, unknown>[]>;
  /** The server has ended and nothing is left of it. */
  stop(): Promise<void>;
}

const PACKAGES = '/usr/lib/postgresql';
const SUPERUSER = 'postgres';
const PORT = 5432;
const START_MILLISECONDS = 30_000;
const STOP_MILLISECONDS = 10_000;
const POLL_MILLISECONDS = 20;
/** Of the 107 bytes that the kernel has for a socket's path. */
const MAX_DIRECTORY_BYTES = 80;

/** The directory with `initdb` and `postgres`, the newest; null: the package is not installed. With CI=true it must be. */
export function postgresBinaries(): string | null {
  const versions = existsSync(PACKAGES) ? readdirSync(PACKAGES).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions
    .map((version) => join(PACKAGES, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')));
  if (found === undefined && process.env['CI'] === 'true') {
    throw new Error('There is no PostgreSQL to test with: install the Debian package postgresql-15.');
  }
  return found ?? null;
}

/** A new server. @throws Error with the server's own words when it does not start */
export async function startCluster(): Promise<PostgresCluster> {
  const bin = postgresBinaries();
  if (bin === null) throw new Error('There is no PostgreSQL to test with: install the Debian package postgresql-15.');
  const directory = mkdtempSync(join(tmpdir(), 'windlass-pg-'));
  const user = unprivilegedUser();
  if (user !== null) chownSync(directory, user.uid, user.gid);
  let server: ChildProcess | null = null;
  const endWithUs = () => {
    server?.kill('SIGQUIT');
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
  };
  try {
    if (Buffer.byteLength(directory) > MAX_DIRECTORY_BYTES)
      throw new Error(`TMPDIR is too long for a socket: ${directory}`);
    initialize(bin, directory, user);
    server = spawn(join(bin, 'postgres'), ['-D', join(directory, 'data')], {
      stdio: ['ignore', 'ignore', openSync(join(directory, 'log'), 'a')],
      cwd: directory,
      ...user,
    });
    process.once('exit', endWithUs);
    await untilReady(server, directory);
  } catch (cause) {
    process.off('exit', endWithUs);
    if (server !== null) await end(server);
    rmSync(directory, { recursive: true });
    throw cause;
  }
  return clusterOf(server, directory, () => process.off('exit', endWithUs));
}

function clusterOf(server: ChildProcess, directory: string, forget: () => void): PostgresCluster {
  let count = 0;
  return {
    directory,
    createDatabase: () => createDatabaseIn(directory, `test_${++count}`),
    execute: executeOn,
    stop: async () => {
      forget();
      await end(server);
      rmSync(directory, { recursive: true });
    },
  };
}

/** A new database of the server whose socket is in `directory`. */
export async function createDatabaseIn(directory: string, database: string): Promise<PostgresServer> {
  const server = { host: directory, port: PORT, user: SUPERUSER, password: null, passwordFile: null, tls: null };
  await executeOn({ ...server, database: 'postgres' }, `create database ${database}`);
  return { ...server, database };
}

/** Runs SQL as the user of the server. */
export async function executeOn({ host, port, database, user }: PostgresServer, text: string) {
  const client = new Client({ host, port, database, user: user ?? SUPERUSER, ssl: false });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows ?? [];
  } finally {
    await client.end();
  }
}

/** PostgreSQL does not run as root: the package brings a user for it. null: we are not root. */
function unprivilegedUser(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const [, , uid, gid] = (readFileSync('/etc/passwd', 'utf8').match(/^postgres:.*$/m)?.[0] ?? '').split(':');
  if (uid === undefined || gid === undefined)
    throw new Error('PostgreSQL does not run as root, and there is no user postgres.');
  return { uid: Number(uid), gid: Number(gid) };
}

function initialize(bin: string, directory: string, user: { readonly uid: number; readonly gid: number } | null): void {
  const data = join(directory, 'data');
  const language = ['--encoding=UTF8', '--locale=C', '--locale-provider=icu', '--icu-locale=en'];
  const options = ['--no-sync', '--no-instructions', '--auth=trust', `--username=${SUPERUSER}`, ...language];
  execFileSync(join(bin, 'initdb'), [`--pgdata=${data}`, ...options], { stdio: 'pipe', cwd: directory, ...user });
  const settings = [
    "listen_addresses = ''",
    `unix_socket_directories = '${directory}'`,
    `port = ${PORT}`,
    'max_connections = 120',
    // Tests end a process of ours, never the machine.
    'fsync = off',
    'full_page_writes = off',
  ];
  writeFileSync(join(data, 'postgresql.auto.conf'), `${settings.join('\n')}\n`);
  writeFileSync(join(data, 'pg_hba.conf'), `local all "with_password" scram-sha-256\nlocal all all trust\n`);
}

async function untilReady(server: ChildProcess, directory: string): Promise<void> {
  const deadline = Date.now() + START_MILLISECONDS;
  for (;;) {
    const file = join(directory, 'data', 'postmaster.pid');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    if (lines[0] === String(server.pid) && lines[7]?.trim() === 'ready') return;
    if (server.exitCode !== null || server.signalCode !== null || Date.now() > deadline) {
      throw new Error(`PostgreSQL did not start: ${readFileSync(join(directory, 'log'), 'utf8').slice(-2_000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

/** By its pid: whoever is connected is thrown out. */
async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGINT');
  const timer = setTimeout(() => server.kill('SIGKILL'), STOP_MILLISECONDS);
  await ended;
  clearTimeout(timer);
}
