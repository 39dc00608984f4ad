// PostgreSQL's failures as ours, with a sentence that says what to do. What the server says beside its code stays out of messages.
import { DatabaseError } from 'pg';
import { StoreError, type StoreErrorCode } from '../errors.ts';

type Known = readonly [StoreErrorCode, string];

const REFUSED: Known = ['unreadable', 'refuses this user: check the user, the password and pg_hba.conf.'];
const FULL: Known = ['full', 'cannot grow: the disk of the server is full.'];
const BUSY: Known = ['busy', 'is held by another transaction: try again.'];
const DOWN: Known = ['unavailable', 'is starting or stopping: try again.'];
const NO_ANSWER: Known = [
  'unavailable',
  'cannot be reached: check that the server runs, and the host and port in its URL.',
];
const UNTRUSTED: Known = [
  'unreadable',
  'shows a TLS certificate that is not valid for it: name its CA with sslrootcert=FILE.',
];

/** By SQLSTATE, or by its first two characters. */
const BY_STATE: Readonly<Record<string, Known>> = {
  '08': NO_ANSWER,
  '28': REFUSED,
  '3D': ['missing', 'does not exist: make it with "createdb", then the tables with "windlass init".'],
  '25006': ['unreadable', 'cannot be written: this connection, or the server, is read-only.'],
  '25P03': BUSY,
  '40001': BUSY,
  '40P01': BUSY,
  '42501': [
    'unreadable',
    'does not let this user do that: grant what docs/operating.md says of more than one instance.',
  ],
  '42P01': ['unreadable', 'lacks a table: restore it from a backup.'],
  '53100': FULL,
  '53200': ['busy', 'has no memory left: try again.'],
  '53300': ['busy', 'has too many connections: try again, or raise max_connections of the server.'],
  '55P03': BUSY,
  '57014': ['busy', 'takes too long: try again.'],
  '57P': DOWN,
  '58': ['full', 'cannot be read or written: check the disk of the server.'],
  XX001: ['unreadable', 'is damaged: stop the service and restore it from a backup.'],
  XX002: ['unreadable', 'is damaged: stop the service and restore it from a backup.'],
};

/** What the driver says in words alone. */
const BY_WORDS: readonly (readonly [RegExp, Known])[] = [
  [
    /does not support SSL/,
    [
      'unreadable',
      'has no TLS: give the server a certificate, or add sslmode=disable on a network that nobody else is on.',
    ],
  ],
  [/timeout exceeded when trying to connect/, ['busy', 'has no connection to spare: try again.']],
  [/^Query read timeout/, ['unavailable', 'does not answer: try again, and check the network to the server.']],
  [/^Connection terminated|establishing an SSL connection|Client was closed|not queryable/, NO_ANSWER],
  [/password must be a (non-empty )?string/i, REFUSED],
];

/** SQLSTATE of a transaction that the server gave up for another's sake: done again, it can succeed. */
const GIVEN_UP = ['40001', '40P01'];

/** Every failure of the server or of the way to it as a StoreError; a broken constraint and a bug stay what they are. */
export function postgresErrorOf(cause: unknown, place: string): unknown {
  if (!(cause instanceof Error) || cause instanceof StoreError) return cause;
  const known = cause instanceof DatabaseError ? knownState(cause) : knownFailure(cause);
  if (known !== null) return new StoreError(known[0], `The ${place} ${known[1]}`, { cause });
  // The detail of a broken constraint has the row's values.
  if (cause instanceof DatabaseError) cause.detail = undefined;
  return cause;
}

/** Whether the same transaction can succeed at once. */
export function isGivenUp(error: unknown): boolean {
  return (
    error instanceof StoreError && error.cause instanceof DatabaseError && GIVEN_UP.includes(error.cause.code ?? '')
  );
}

/** Whether the connection that it happened on is of no more use. */
export function isConnectionLost(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'unavailable';
}

function knownState({ code = '' }: DatabaseError): Known | null {
  return BY_STATE[code] ?? BY_STATE[code.slice(0, 3)] ?? BY_STATE[code.slice(0, 2)] ?? null;
}

function knownFailure(cause: Error): Known | null {
  const known = BY_WORDS.find(([words]) => words.test(cause.message))?.[1];
  if (known !== undefined) return known;
  if (!('code' in cause) || typeof cause.code !== 'string') return null;
  if (/^(E[A-Z]+|EAI_[A-Z]+)$/.test(cause.code)) return NO_ANSWER;
  // Of OpenSSL and node:tls.
  return /CERT|SIGNATURE|^ERR_(TLS|SSL)/.test(cause.code) ? UNTRUSTED : null;
}
