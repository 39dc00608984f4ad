// Routes through explicit proxies: which there are for a peer, in which order they are tried, and what was learned of them.
import type { Socket } from 'node:net';
import type { ProxyAddress } from '@windlass/protocol';
import type { Parts } from '../parts.ts';
import type { HostPort, NoAnswerCause, TrustView } from '../ports.ts';
import type { Attempt } from '../transport/attempt.ts';
import type { PathError } from '../transport/path-error.ts';
import type { PathOptions, Routes, Target } from '../transport/route.ts';
import { createPacSource, type PacConfig, type PacOptions, type PacSource } from './pac/pac-source.ts';
import { secureProxy } from './secure-proxy.ts';
import { type ExplicitProxy, openTunnel, proxyCredentials } from './tunnel.ts';

/** Whether a peer is on a list. */
export type IsListed = (peer: HostPort) => boolean;

/** What is configured about proxies. */
export interface ProxyConfig {
  /** The one that the configuration names. */
  readonly explicit: ExplicitProxy | null;
  /** Those of the environment, where it counts: for plain HTTP, and for TLS of any kind; and the peers for which they are not asked. */
  readonly environment: Readonly<Record<Target['scheme'], ExplicitProxy | null>> & { readonly noProxy: IsListed };
  /** PAC files; null: none counts. */
  readonly pac: PacConfig | null;
  /** Peers that are reached without a proxy, wherever one is named. */
  readonly noProxy: IsListed;
  /** Proxies with the credentials that they get, wherever they are named; no other gets any. */
  readonly credentials: readonly ExplicitProxy[];
}

/** A proxy that a held profile names, and the peers for which it is not asked. */
export interface HeldProxy {
  readonly proxy: ExplicitProxy;
  readonly noProxy: IsListed;
}

export interface ProxyOptions extends Omit<ProxyConfig, 'pac'> {
  readonly pac: Omit<PacOptions, 'path' | 'trust'> | null;
  readonly path: Omit<PathOptions, 'routes'>;
  /** Where what is learned is kept. */
  readonly learned: LearnedRoutes;
  /** Of the held profiles, the one used last first. */
  readonly held: () => readonly HeldProxy[];
  /** What the TLS of proxies is judged by; its TLS anchors are those for proxies. */
  readonly trust: () => TrustView;
}

export interface ProxyRoutes extends Routes {
  /** The proxy that is asked first for this peer, as long as nothing was learned; null: none. */
  first(target: Target): Promise<ProxyAddress | null>;
  /** The network is another one: nothing that was learned holds. */
  forget(): void;
}

/** What was learned of routes in this network: plain data without credentials, which changes. */
export interface LearnedRoutes {
  /** By peer, which route was open last. */
  readonly open: Record<string, string>;
  /** Routes that lead nowhere: for all peers, or for one. */
  bad: readonly string[];
}

const MAX_LEARNED = 256;

/** A way to a peer; null: straight. */
type Route = ExplicitProxy | null;

/** More ways than these are no help: each that leads nowhere takes its seconds. */
const MAX_ROUTES = 4;

/**
 * For each peer: the proxy of the configuration, those of a PAC file, that of the environment, of the profile used last; straight; the proxies of the other held
 * profiles, which are for other networks. The next one is tried only where one leads nowhere; then what is told is what is wrong with the
 * first. Later the route that was open last comes first, one that led nowhere or fell silent last. What somebody answered changes nothing:
 * nobody goes around a block page (spec L3).
 */
export function createRoutes(parts: Parts, options: ProxyOptions): ProxyRoutes {
  const { authority, expectPathError } = parts;
  const learned = createMemory(options.learned);
  const pac = options.pac && createPacSource(parts, { ...options, ...options.pac });
  return {
    async first(target) {
      const [route] = await candidates(options, pac, target);
      return route ? addressOf(route) : null;
    },
    forget() {
      for (const peer of Object.keys(options.learned.open)) delete options.learned.open[peer];
      options.learned.bad = [];
      pac?.forget();
    },
    learn(target, cause) {
      if (SILENCE.includes(cause)) learned.broken(authority(target));
    },
    async open(attempt, target) {
      const peer = authority(target);
      const routes = learned.inOrder(peer, await candidates(options, pac, target));
      let first: PathError | undefined;
      for (const route of routes) {
        attempt.proxy = route ? onTheWay(route) : undefined;
        try {
          const socket = await openRoute(parts, attempt, options, { target, route });
          learned.open(peer, route);
          return socket;
        } catch (thrown) {
          const error = expectPathError(thrown);
          if (!leadsNowhere(error)) throw error; // spec L3
          learned.unreached(peer, route);
          first ??= error;
        }
      }
      attempt.proxy = routes[0] ? onTheWay(routes[0]) : undefined;
      throw first;
    },
  };
}

/** The causes that speak against a route: nobody answered there. */
const SILENCE: readonly NoAnswerCause[] = ['timeout', 'reset', 'empty'];

/** Nobody answered: no proxy that refuses, shows a page or wants a password, which is said and not gone around. */
function leadsNowhere({ stage, reason }: PathError): boolean {
  return stage !== 'proxy' || reason === 'timeout' || reason === 'reset';
}

function onTheWay(proxy: ExplicitProxy): Attempt['proxy'] {
  return { address: addressOf(proxy), headers: proxyCredentials(proxy) };
}

/** Without the credentials. */
function addressOf({ host, port, tls }: ExplicitProxy): ProxyAddress {
  return { host, port, ...(tls && { tls }) };
}

/** TCP to the peer, or to the proxy; TLS with the proxy where it wants that; a tunnel for what is no plain HTTP. */
async function openRoute(
  parts: Parts,
  attempt: Attempt,
  { path, trust }: ProxyOptions,
  { target, route: proxy }: { readonly target: Target; readonly route: Route },
): Promise<Socket> {
  const tcp = await parts.openStraight(attempt, path, proxy ?? target);
  if (!proxy) return tcp;
  const socket = proxy.tls ? await secureProxy(parts, attempt, tcp, { host: proxy.host, trust: trust() }) : tcp;
  if (target.scheme === 'https') await openTunnel(parts, attempt, socket, { proxy, target });
  return socket;
}

async function candidates(
  { explicit, environment, noProxy, credentials, held }: ProxyOptions,
  pac: PacSource | null,
  target: Target,
): Promise<readonly Route[]> {
  if (noProxy(target)) return [null];
  const named = environment.noProxy(target) ? null : environment[target.scheme];
  const [used, ...others] = held().map((each) => (each.noProxy(target) ? null : each.proxy));
  const ofFile = (await pac?.routesTo(target)) ?? [];
  const all = [...ifNamed(explicit), ...ofFile, ...ifNamed(named), ...ifNamed(used ?? null), null, ...others];
  const routes = [...new Map(all.map((route) => [nameOf(route), route])).values()];
  // A file may name many; straight is among the four in any case.
  const most = routes.indexOf(null) < MAX_ROUTES ? routes : [...routes.slice(0, MAX_ROUTES - 1), null];
  return most.slice(0, MAX_ROUTES).map((proxy) => proxy && withCredentials(proxy, credentials));
}

function ifNamed(proxy: Route): readonly ExplicitProxy[] {
  return proxy ? [proxy] : [];
}

/** Those that came with it, or those that the configuration has for exactly this proxy. @see spec L10 */
function withCredentials(proxy: ExplicitProxy, credentials: readonly ExplicitProxy[]): ExplicitProxy {
  if (proxy.username !== undefined) return proxy;
  return credentials.find((each) => nameOf(each) === nameOf(proxy)) ?? proxy; // spec L10
}

/** What tells routes apart. */
function nameOf(route: Route): string {
  return route ? `${route.tls ? 'https' : 'http'}://${route.host} ${route.port}`.toLowerCase() : 'straight';
}

/** Peers are `host:port`. */
function createMemory(learned: LearnedRoutes) {
  const { open } = learned;
  const rank = (peer: string, route: Route): number => {
    const name = nameOf(route);
    if (open[peer] === name) return 0;
    return learned.bad.includes(name) || learned.bad.includes(`${peer} ${name}`) ? 2 : 1;
  };
  const isBad = (...names: readonly string[]): void => {
    learned.bad = [...learned.bad.filter((each) => !names.includes(each)), ...names].slice(-MAX_LEARNED);
  };
  return {
    inOrder: (peer: string, routes: readonly Route[]): Route[] =>
      [...routes].sort((a, b) => rank(peer, a) - rank(peer, b)),
    open(peer: string, route: Route): void {
      const name = nameOf(route);
      open[peer] = name;
      learned.bad = learned.bad.filter((each) => each !== name && each !== `${peer} ${name}`);
    },
    /** A proxy that nobody reaches is no way to any peer. */
    unreached(peer: string, route: Route): void {
      delete open[peer];
      isBad(route ? nameOf(route) : `${peer} ${nameOf(route)}`);
    },
    broken(peer: string): void {
      const name = open[peer];
      if (name === undefined) return;
      delete open[peer];
      isBad(`${peer} ${name}`);
    },
  };
}
