// Routes for the tests of the transport.
import { parts } from '../../parts.ts';
import type { TrustView } from '../../ports.ts';
import { createRoutes, type ProxyRoutes } from '../../proxies/proxies.ts';
import type { ExplicitProxy } from '../../proxies/tunnel.ts';
import type { PathOptions } from '../route.ts';

/** Through one explicit proxy, or the second one where that leads nowhere; then straight. */
export function proxyRoutes(
  path: PathOptions,
  explicit: ExplicitProxy,
  second: ExplicitProxy | null = null,
  trust?: TrustView,
): ProxyRoutes {
  const noProxy = () => false;
  return createRoutes(parts, {
    ...{ path, explicit, learned: { open: {}, bad: [] }, pac: null, noProxy, credentials: [], held: () => [] },
    environment: { http: second, https: second, noProxy },
    trust() {
      if (trust) return trust;
      throw new Error('TLS with a proxy');
    },
  });
}
