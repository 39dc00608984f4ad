// Where a PostgreSQL server is, from the URL that operators know. No message repeats any of it: it may have a password.

/** One database of a PostgreSQL server, as one user. */
export interface PostgresServer {
  /** A name or an address; or, beginning with a slash, the directory of the server's socket. */
  readonly host: string;
  readonly port: number;
  /** null: named like the user of the operating system. */
  readonly user: string | null;
  readonly database: string;
  /** A function, so that nothing that prints a server prints it; null: see `passwordFile`, else as libpq does (PGPASSWORD, PGPASSFILE). */
  readonly password: (() => string) | null;
  /** Absolute path of a file with the password, which only its owner may read. It is read for each new connection. */
  readonly passwordFile: string | null;
  /** The server's certificate must be valid for `host`, by `authority` (absolute path of PEM certificates) or, with null, a public CA. */
  readonly tls: { readonly authority: string | null } | null;
}

/** The part of a server that a URL tells. */
export type PostgresUrl = Omit<PostgresServer, 'passwordFile'>;

const DEFAULT_PORT = 5432;
const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/;
const PARAMETERS = ['host', 'sslmode', 'sslrootcert'];
const VERIFIED = ['require', 'verify-ca', 'verify-full'];

/** What is wrong, as the end of a sentence whose subject is the URL; in place of a server. */
export interface WrongUrl {
  readonly wrong: string;
}

/**
 * The server that `text` names: `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…&sslrootcert=…`, or with a socket
 * `postgres:///DATABASE?host=/run/postgresql`. Without `sslmode` TLS is left out on this machine only.
 */
export function parsePostgresUrl(text: string): PostgresUrl | WrongUrl {
  const url = urlOf(text);
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) {
    return { wrong: 'must be like "postgres://windlass@db.example/windlass", special characters as %XX' };
  }
  const parameters = url.searchParams;
  if (url.hash !== '' || [...parameters.keys()].some((name) => !PARAMETERS.includes(name))) {
    return { wrong: `may have no parameter but ${PARAMETERS.join(', ')}; write ? and # in a password as %3F and %23` };
  }
  const [host, user, password, database] = [
    parameters.get('host') ?? url.hostname.replace(/^\[(.*)\]$/, '$1'),
    url.username,
    url.password,
    url.pathname.slice(1),
  ].map(decoded);
  if (host === undefined || user === undefined || password === undefined || database === undefined) {
    return { wrong: 'has a % that begins no %XX: write it as %25' };
  }
  if (database === '') return { wrong: 'must name a database after the host, like "postgres://db.example/windlass"' };
  const at = {
    host: host === '' ? 'localhost' : host,
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    database,
  };
  const tls = tlsOf(at.host, parameters.get('sslmode'), parameters.get('sslrootcert'));
  if (tls !== null && 'wrong' in tls) return tls;
  return { ...at, user: user === '' ? null : user, password: password === '' ? null : () => password, tls };
}

/** The same URL without its password; `text` was parsed before. */
export function withoutPassword(text: string): string {
  const url = urlOf(text);
  if (url === null) return '';
  url.password = '';
  return url.href;
}

/** A user without a host is fine with libpq, and not with WHATWG. */
function urlOf(text: string): URL | null {
  return URL.parse(text.replace(/^(postgres(?:ql)?:\/\/[^/?#]*@)(?=[/?]|$)/, '$1localhost'));
}

function tlsOf(host: string, mode: string | null, authority: string | null): PostgresServer['tls'] | WrongUrl {
  if (host.startsWith('/') || mode === 'disable') return null;
  if (mode === null && authority === null && LOOPBACK.test(host)) return null;
  if (mode === null || VERIFIED.includes(mode)) return { authority: authority === 'system' ? null : authority };
  return {
    wrong: 'may have sslmode=verify-full (the default) or, on a network that nobody else is on, sslmode=disable',
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
