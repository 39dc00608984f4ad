// The proxies that the environment names, as curl and others read it.
import type { IsListed, ProxyConfig } from '../../proxies/proxies.ts';
import type { ExplicitProxy } from '../../proxies/tunnel.ts';
import { parseNoProxy } from './no-proxy.ts';
import { parseProxy } from './proxies.ts';

/** Environment variables. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Of `http_proxy`, `https_proxy`, where these are missing `all_proxy`, and `no_proxy` (names, addresses and ranges with commas or spaces
 * between); in lower case, or else in upper case but for HTTP_PROXY, which a CGI program gets from whoever asks it. A proxy without a scheme
 * is an `http://` one. What cannot be used is warned about and has no effect.
 */
export function readEnvironment(
  variables: Variables,
): ProxyConfig['environment'] & { readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  /** Its value is not repeated: it may have a password. */
  const read = <T>(names: readonly string[], parse: (text: string) => T): T | null => {
    const name = names.find((each) => variables[each]);
    if (name === undefined) return null;
    try {
      return parse(variables[name]?.trim() ?? '');
    } catch {
      warnings.push(`${name} of the environment is not like ${LIKE[name.toLowerCase()] ?? A_PROXY}: it has no effect.`);
      return null;
    }
  };
  const all = ['all_proxy', 'ALL_PROXY'];
  return {
    http: read(['http_proxy', ...all], parseWithScheme),
    https: read(['https_proxy', 'HTTPS_PROXY', ...all], parseWithScheme),
    noProxy: read(['no_proxy', 'NO_PROXY'], parseList) ?? (() => false),
    warnings: [...new Set(warnings)],
  };
}

const A_PROXY = 'http://10.0.0.1:3128';
const LIKE: Readonly<Record<string, string>> = { no_proxy: 'name.example,.example,10.0.0.0/8' };

function parseWithScheme(text: string): ExplicitProxy {
  return parseProxy(text.includes('://') ? text : `http://${text}`);
}

function parseList(text: string): IsListed {
  return parseNoProxy(text.split(/[\s,]+/).filter((entry) => entry !== ''));
}
