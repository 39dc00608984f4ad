// Connections to a PostgreSQL server, kept and limited, with every failure told as ours.
import { readFileSync, statSync } from 'node:fs';
import {
  Kysely,
  type PostgresCursor,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from 'kysely';
import { Pool, type PoolConfig, types } from 'pg';
import { StoreError } from '../errors.ts';
import type { PostgresServer } from '../postgres-server.ts';
import type { DatabaseAccess, DatabaseKind } from './database-kind.ts';
import { isConnectionLost, postgresErrorOf } from './postgres-errors.ts';

/** How long what is done through a pool may take, and how much at once. */
export interface PoolLimits {
  readonly connections: number;
  /** For a lock that another transaction has. */
  readonly lockSeconds: number;
  readonly statementSeconds: number;
}

/** Who connects, to what. */
export interface Connecting {
  readonly server: PostgresServer;
  readonly kind: DatabaseKind;
  readonly access: DatabaseAccess;
  readonly limits: PoolLimits;
}

const CONNECT_MILLISECONDS = 5_000;
/** After which a transaction of an instance that is stuck, or gone, holds nobody else. */
const IDLE_IN_TRANSACTION_SECONDS = 30;
/** The server ends a statement first; this is for a server, or a network, that is gone. */
const ANSWER_GRACE_SECONDS = 10;
const KEEP_ALIVE_MILLISECONDS = 10_000;
const OTHERS_MAY_READ = 0o077;

/** Queries go to the schema of the kind, over connections that are made when they are needed. Nothing is connected yet. */
export function connectPostgres<Tables>(connecting: Connecting): Kysely<Tables> {
  const place = placeOf(connecting.server, connecting.kind);
  const pool = new Pool(poolConfigOf(connecting, place));
  // A connection that is lost while nothing is asked: who asks next gets another. While something is, who asked is told.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return new Kysely({ dialect: new PostgresDialect({ pool: named(pool, place) }) });
}

/** The schema in which the tables of a kind are. */
export function schemaOf({ name }: DatabaseKind): string {
  return `windlass_${name}`;
}

/** How people know the schema of a kind. */
export function placeOf({ database, host }: PostgresServer, kind: DatabaseKind): string {
  return `database ${database} on ${host} (schema ${schemaOf(kind)})`;
}

function poolConfigOf({ server, kind, access, limits }: Connecting, place: string): PoolConfig {
  const { host, port, database, user } = server;
  const password = passwordOf(server);
  return {
    host,
    port,
    database,
    ...(user === null ? {} : { user }),
    ...(password === null ? {} : { password }),
    ssl: tlsOf(server, place),
    application_name: `windlass ${kind.name} ${access === 'read' ? 'reader' : 'writer'}`,
    client_encoding: 'UTF8',
    options: settingsOf(kind, access, limits),
    max: limits.connections,
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    query_timeout: (limits.statementSeconds + ANSWER_GRACE_SECONDS) * 1_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MILLISECONDS,
    types: {
      getTypeParser: (oid, format) => (oid === types.builtins.INT8 ? numberOf : types.getTypeParser(oid, format)),
    },
  };
}

/** What the promises of the store rest on, whatever the server's own configuration says. */
function settingsOf(kind: DatabaseKind, access: DatabaseAccess, { lockSeconds, statementSeconds }: PoolLimits): string {
  const settings = [
    `search_path=${schemaOf(kind)}`,
    `lock_timeout=${lockSeconds}s`,
    `statement_timeout=${statementSeconds}s`,
    `idle_in_transaction_session_timeout=${IDLE_IN_TRANSACTION_SECONDS}s`,
    'synchronous_commit=on',
    'default_transaction_isolation=read\\ committed',
    ...(access === 'read' ? ['default_transaction_read_only=on'] : []),
  ];
  return settings.map((setting) => `-c ${setting}`).join(' ');
}

/** Nothing that is counted or numbered here goes beyond what a number holds. */
function numberOf(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('A number in the database is too large.');
  return value;
}

function tlsOf({ tls }: PostgresServer, place: string): PoolConfig['ssl'] {
  if (tls === null) return false;
  if (tls.authority === null) return { rejectUnauthorized: true };
  try {
    return { rejectUnauthorized: true, ca: readFileSync(tls.authority, 'utf8') };
  } catch (cause) {
    const detail = `${tls.authority} cannot be read: check the path of sslrootcert and who may read it`;
    throw new StoreError('unreadable', `The ${place} cannot be connected to: ${detail}.`, { cause });
  }
}

/** null: the driver looks where libpq does. */
function passwordOf({ password, passwordFile }: PostgresServer): (() => string) | null {
  return passwordFile === null || password !== null ? password : () => readPassword(passwordFile);
}

function readPassword(file: string): string {
  let text: string;
  try {
    if ((statSync(file).mode & OTHERS_MAY_READ) !== 0) {
      throw new StoreError('unreadable', `Others can read the password in ${file}: run "chmod 600 ${file}".`);
    }
    text = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    throw new StoreError('unreadable', `${file} cannot be read: check the path and who may read it.`, { cause });
  }
  if (text !== '') return text;
  throw new StoreError('unreadable', `${file} is empty: write the password of the database's user into it.`);
}

/** The pool as the query builder needs it. */
function named(pool: Pool, place: string): PostgresPool {
  return {
    options: {},
    connect: async () => {
      try {
        return new NamedClient(await pool.connect(), place);
      } catch (cause) {
        throw postgresErrorOf(cause, place);
      }
    },
    end: () => pool.end(),
  };
}

/** One connection, from when it is taken out of the pool until it is given back. */
class NamedClient implements PostgresPoolClient {
  readonly #client: PostgresPoolClient;
  readonly #place: string;
  #isLost = false;

  constructor(client: PostgresPoolClient, place: string) {
    this.#client = client;
    this.#place = place;
  }

  query<Row>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<Row>>;
  query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>;
  query<Row>(what: string | PostgresCursor<Row>, values: readonly unknown[] = []) {
    return typeof what === 'string' ? this.#query<Row>(what, values) : this.#client.query(what);
  }

  release(destroy = false): void {
    this.#client.release(destroy || this.#isLost);
  }

  async #query<Row>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<Row>> {
    try {
      return await this.#client.query<Row>(text, values);
    } catch (cause) {
      const error = postgresErrorOf(cause, this.#place);
      this.#isLost ||= isConnectionLost(error);
      throw error;
    }
  }
}
