// Through which proxies peers are reached.
import type { JsonValue } from '@windlass/protocol';
import type { AgentConfig } from '../../open-agent.ts';
import type { ExplicitProxy } from '../../transport/route.ts';
import { type Members, matched } from './members.ts';

/** @throws ConfigError */
export function readProxies(members: Members): Pick<AgentConfig, 'explicitProxy'> {
  const what = 'like http://10.0.0.1:3128 or http://user:password@10.0.0.1:3128';
  return { explicitProxy: members.parsed('explicitProxy', parseProxy, what, null) };
}

/** Whoever shows what is wrong must not quote it: it may have a password. */
function parseProxy(value: JsonValue): ExplicitProxy {
  const { hostname, port, username, password } = new URL(matched(value, /^http:\/\/.+/));
  const credentials = username && { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80), ...(credentials || {}) };
}
