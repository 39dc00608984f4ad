// Whether a captive portal keeps the service away: by what the network says of itself, and by what a request that says nothing brings.
import { type Agent, trustView } from '../agent.ts';
import { parts } from '../parts.ts';
import type { PortalSeen } from '../portal/portal.ts';
import type { TransportOptions } from '../transport/create-transport.ts';
import { loadPortal } from './beside.ts';
import type { ReadConfig } from './config/config.ts';
import { onPath, page } from './page.ts';

export interface PortalConfig extends Pick<ReadConfig, 'portal' | 'connectTo'> {
  readonly proxies: Pick<ReadConfig['proxies'], 'anchors'>;
}

/** What the network's own API says; null: it has none, or none that can be asked. @see RFC 8908 */
export async function askPortalApi(
  agent: Agent,
  { portal, proxies, connectTo }: PortalConfig,
): Promise<PortalSeen | null> {
  const trust = () => ({ ...trustView(agent, []), tlsAnchors: proxies.anchors });
  const file = await loadPortal();
  return file ? file.askPortal(parts, { ...portal, path: { connectTo }, trust }) : null;
}

/** The portal that is in the way, or null. The page that it shows is looked at and not followed (spec L3). */
export async function findPortal(
  agent: Agent,
  config: PortalConfig,
  paths: TransportOptions,
): Promise<PortalSeen | null> {
  const told = await askPortalApi(agent, config);
  if (told?.isCaptive) return told;
  const seen = await onPath({ ...paths, deadlines: DEADLINES_MS }, (attempt) => page(attempt, paths, 'http'));
  return seen.kind === 'page' && seen.cause === 'captive' ? { isCaptive: true, url: seen.redirect } : null;
}

/** A sentence for people. */
export function portalText({ url }: PortalSeen): string {
  return `a captive portal is in the way: log in ${url ? `at ${url}` : 'to the network'}`;
}

/** A portal answers soon: it lives from that. */
const DEADLINES_MS = { name: 2_000, connect: 2_000, proxy: 2_000, 'first-byte': 3_000, body: 3_000, whole: 6_000 };
