// The agent as windlass-agent starts it: with the files beside it, and with the proxies that configuration, environment and profiles name.
import { parseSecurityProfile } from '@windlass/protocol';
import { isNameInScope } from '@windlass/x509';
import { type Agent, trustView } from '../agent.ts';
import { type OpenOptions, openAgent } from '../open-agent.ts';
import { parts } from '../parts.ts';
import type { HeldProxy, LearnedRoutes, ProxyOptions, ProxyRoutes } from '../proxies/proxies.ts';
import { createLazyRoutes, loadProbes, PAC_ENGINE } from './beside.ts';
import type { ReadConfig } from './config/config.ts';
import { troubleByDoctor } from './doctor.ts';
import { askPortalApi, findPortal, portalText } from './portal.ts';

interface RoutedOptions extends Pick<OpenOptions, 'tell' | 'change'> {
  /** Of an earlier process; changes. */
  readonly learned?: LearnedRoutes;
}

/** What `warn` is told is a sentence for people. */
export function openWithRoutes(
  config: Omit<ReadConfig, 'warnings'>,
  { tell, change, learned = { open: {}, bad: [] } }: RoutedOptions,
  warn: (text: string) => void,
): { readonly agent: Agent; readonly routes: ProxyRoutes } {
  const { proxies, connectTo } = config;
  const options: ProxyOptions = {
    ...proxies,
    pac: proxies.pac && { ...proxies.pac, engine: PAC_ENGINE, now: () => agent.clock.read().time, warn },
    path: { connectTo },
    learned,
    held: () => heldProxies(agent),
    trust: () => ({ ...trustView(agent, []), tlsAnchors: proxies.anchors }),
  };
  const routes = createLazyRoutes(parts, options, warn);
  let told: string | null = null;
  const agent = openAgent(config, {
    ...{ change, probes: () => loadProbes(warn), routes: () => routes },
    tell(event) {
      // What was learned of routes was learned in another network, or may have been.
      if (event.kind === 'noticed') routes.forget();
      tell(event);
    },
    async troubleIn(end) {
      // What has the form of the service's own problem is no portal's, and whoever is told to come later asks no more than before.
      if (end.outcome !== 'no-answer' || end.cause === 'http') return troubleByDoctor(end);
      const paths = { ...config, service: config.identity.service, routes };
      // A portal that answered is not asked again, but the network may say where it is.
      const portal =
        end.cause === 'captive' ? await askPortalApi(agent, config) : await findPortal(agent, config, paths);
      const text = portal?.isCaptive ? portalText(portal) : null;
      if (text && text !== told) warn(text);
      told = text;
      return text ? 'captive' : troubleByDoctor(end);
    },
  });
  return { agent, routes };
}

/** Of the profiles that this agent holds, the one used last first. They choose a path, and nothing else. @see spec L10 */
export function heldProxies({ state, identity: { service } }: Agent): readonly HeldProxy[] {
  return state.current.holding.profiles.flatMap(({ envelope }) => {
    const { explicitProxy, noProxy = [] } = parseSecurityProfile(envelope.payload, service);
    const scope = { permittedNames: noProxy, excludedNames: [] };
    return explicitProxy ? [{ proxy: explicitProxy, noProxy: ({ host }) => isNameInScope(host, scope) }] : [];
  });
}
