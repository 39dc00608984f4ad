// Through which proxies peers are reached.
import type { JsonValue } from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';
import type { ProxyConfig } from '../../proxies/proxies.ts';
import type { ExplicitProxy } from '../../proxies/tunnel.ts';
import { readEnvironment, type Variables } from './environment-proxies.ts';
import { readCertificates } from './files.ts';
import { type Members, matched } from './members.ts';
import { isThisMachine, parseNoProxy } from './no-proxy.ts';

export interface ReadProxies {
  readonly proxies: ProxyConfig & {
    /** Beside the roots they vouch for the TLS of proxies. */
    readonly anchors: readonly Certificate[];
  };
  readonly warnings: readonly string[];
}

const MAX_CREDENTIALS = 8;
const PROXY = 'like http://10.0.0.1:3128 or https://user:password@proxy.example:3129';

/** `variables`: the environment; `leaseFiles`: of DHCP. @throws ConfigError */
export function readProxies(members: Members, variables: Variables, leaseFiles: readonly string[] | null): ReadProxies {
  const explicit = members.parsed('explicitProxy', parseProxy, PROXY, null);
  const more = members.object('proxies');
  const noProxy = more.parsed(
    'noProxy',
    (value) => parseNoProxy(texts(value)),
    NO_PROXY,
    () => false,
  );
  const credentials = more.parsed(
    'credentials',
    parseCredentials,
    `a list of proxies with user and password, ${PROXY}`,
    [],
  );
  const url = more.parsed('pac', parsePac, 'an address like http://10.0.0.1/proxy.pac or file:///etc/proxy.pac', null);
  const wpad = more.flag('wpad') ? { leaseFiles } : null;
  const anchors = more.has('anchor') ? readCertificates(more, 'anchor') : [];
  const { warnings, ...environment } = readEnvironment(more.flag('environment') ? variables : {});
  return {
    proxies: {
      ...{ explicit, environment, credentials, anchors },
      pac: url || wpad ? { url, wpad } : null,
      noProxy: (peer) => isThisMachine(peer) || noProxy(peer),
    },
    warnings,
  };
}

const NO_PROXY = 'a list of names, .names, addresses, ranges like 10.0.0.0/8, or *, with or without a port';

/** Of `http://` or `https://`. Whoever shows what is wrong must not quote it: it may have a password. @throws Error */
export function parseProxy(value: JsonValue): ExplicitProxy {
  const { protocol, hostname, port, username, password } = new URL(matched(value, /^https?:\/\/[^/?#]+\/?$/));
  const tls = protocol === 'https:';
  const credentials = username && { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || (tls ? 443 : 80)),
    ...(tls && { tls }),
    ...(credentials || {}),
  };
}

function parsePac(value: JsonValue): URL {
  const url = new URL(matched(value, /^(https?|file):\/\/./));
  if (url.username + url.password !== '' || url.hash !== '') throw new Error();
  return url;
}

function parseCredentials(value: JsonValue): readonly ExplicitProxy[] {
  const found = texts(value).map(parseProxy);
  if (found.length > MAX_CREDENTIALS || found.some(({ username }) => username === undefined)) throw new Error();
  return found;
}

function texts(value: JsonValue): readonly string[] {
  if (!Array.isArray(value)) throw new Error();
  return value.map((each) => matched(each, /^/));
}
