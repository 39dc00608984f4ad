// A public root and a box with its inspection CA, each with a leaf for one endpoint, and one probe of that endpoint.
import type { Endpoint } from '@windlass/protocol';
import { parts } from '../../parts.ts';
import type { ProbeResult, TrustView } from '../../ports.ts';
import type { ExplicitProxy } from '../../proxies/tunnel.ts';
import type { TransportOptions } from '../../transport/create-transport.ts';
import { type Holder, makeAuthority, makeLeaf } from '../../transport/testing/pki.ts';
import { proxyRoutes } from '../../transport/testing/routes.ts';
import { answer, type Conduct, type Peer, startTlsPeer } from '../../transport/testing/servers.ts';
import { inspectionCa, trusting } from '../../transport/testing/trust.ts';
import { createProbe } from '../probes.ts';

export const host = 'app.example';
export const html = ['Content-Type: text/html'];
export const fine = answer('200 OK', ['Content-Type: text/plain'], 'hello');

export interface Probing {
  readonly endpoint?: Partial<Endpoint>;
  readonly trust?: TrustView;
  readonly options?: Partial<TransportOptions>;
  readonly explicitProxy?: ExplicitProxy;
}

export interface Prober {
  readonly root: Holder;
  readonly box: Holder;
  readonly leaf: Holder;
  readonly boxLeaf: Holder;
  /** The root, and the box's CA for the endpoint. */
  readonly trust: TrustView;
  /** A peer with the endpoint's own certificate. */
  direct(conduct: Conduct): Promise<Peer>;
  /** A peer with the box's. */
  inspected(conduct: Conduct): Promise<Peer>;
  probe(starting: Promise<Peer>, probing?: Probing): Promise<{ readonly result: ProbeResult; readonly peer: Peer }>;
  /** Verdict, whether it is fine, and the stage. */
  verdict(starting: Promise<Peer>, probing?: Probing): Promise<string>;
  close(): Promise<void>;
}

export async function createProber(): Promise<Prober> {
  const root = await makeAuthority({ subject: 'CN=Public Root' });
  const box = await makeAuthority({ subject: 'CN=Box CA,O=Plant A', key: 'rsa' });
  const leaf = await makeLeaf([host], { issuer: root });
  const boxLeaf = await makeLeaf([host], { issuer: box, key: 'rsa' });
  const trust = trusting([root], { inspectionCas: [inspectionCa(box, { permittedNames: [host] })] });
  const peers: Peer[] = [];
  const probe: Prober['probe'] = async (starting, probing = {}) => {
    const { endpoint = {}, trust: view = trust, options = {}, explicitProxy } = probing;
    const peer = await starting;
    peers.push(peer);
    const connectTo = Object.fromEntries([443, 3128, 5671, 8883].map((port) => [`*:${port}`, peer.address]));
    const routes = explicitProxy && proxyRoutes({ connectTo }, explicitProxy);
    const paths = { service: 'service.example', ports: { http: 80, https: 443 }, connectTo, routes, ...options };
    const asked: Endpoint = { name: 'app', host, port: 443, protocol: 'https', required: true, ...endpoint };
    return { result: await createProbe(parts, paths)(asked, view), peer };
  };
  return {
    ...{ root, box, leaf, boxLeaf, trust, probe },
    direct: (conduct) => startTlsPeer(leaf, conduct),
    inspected: (conduct) => startTlsPeer(boxLeaf, conduct),
    async verdict(starting, probing) {
      const { verdict, stage } = (await probe(starting, probing)).result;
      return `${verdict} ${stage === 'done'} ${stage}`;
    },
    async close() {
      await Promise.all(peers.splice(0).map((peer) => peer.close()));
    },
  };
}
