// How far an inspection CA is trusted: the names that its profile permits, minus those that it excludes. @see spec section 2, `scope`
import { BlockList, isIP } from 'node:net';

/**
 * One of `scopes` covers `host`: `*` every name, a host itself and every name below it, an IP prefix the addresses in it. An address
 * is never below a name.
 */
export function covers(scopes: readonly string[], host: string): boolean {
  const name = host.toLowerCase();
  return scopes.some((scope) => {
    if (scope === '*' || scope === name) return true;
    return isIP(name) ? isInPrefix(name, scope) : !scope.includes('/') && name.endsWith(`.${scope}`);
  });
}

function isInPrefix(address: string, scope: string): boolean {
  const [network = '', length = isIP(network) === 6 ? '128' : '32'] = scope.split('/');
  const version = isIP(network);
  if (version === 0 || version !== isIP(address)) return false;
  const family = version === 6 ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(network, Number(length), family);
  return list.check(address, family);
}
