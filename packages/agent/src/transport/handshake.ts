// A TLS handshake that believes nobody: it completes with whatever certificate comes, which is then judged apart, before a byte is sent.
import { isIP } from 'node:net';
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { MAX_PRESENTED_CERTIFICATES, MAX_PRESENTED_CHAIN_BYTES } from '@windlass/protocol';
import type { Attempt } from './attempt.ts';
import { type HostPort, openRoute, type PathOptions } from './route.ts';

export interface TlsTarget extends HostPort {
  /** The one protocol that is offered by ALPN; default: none is. */
  readonly alpn?: string;
  /** PEM, the only anchors of `socket.authorized`, which nothing here looks at; default: none. */
  readonly trusted?: string[];
  /** Whether an anchor must be self-signed to count; Node has it from 20.18 and 22.9 on. */
  readonly needsRoot?: boolean;
}

/** A completed handshake on which nothing has been sent. */
export interface Handshake {
  readonly socket: TLSSocket;
  /** DER: the leaf and the issuers that the TLS library links, leaf first, none twice; never empty. */
  readonly chain: readonly Uint8Array[];
}

/**
 * TLS 1.2 or newer to the target, RSA and ECDSA, without client certificate and resumption, and without ALPN where the target names none. The curves are named because some
 * boxes drop the two packets that a ClientHello with a post-quantum share needs.
 * @throws PathError of the stages `name`, `connect`, `proxy`, `tls`
 */
export async function shakeHands(attempt: Attempt, path: PathOptions, target: TlsTarget): Promise<Handshake> {
  const { host, alpn, trusted = [], needsRoot } = target; // spec M2
  const tcp = await openRoute(attempt, path, target);
  const secured = await attempt.phase<TLSSocket>('tls', (done, fail) => {
    const tls = attempt.own(
      connect({
        socket: tcp,
        host,
        ...(isIP(host) ? {} : { servername: host }),
        ...(alpn && { ALPNProtocols: [alpn] }),
        ca: trusted,
        allowPartialTrustChain: !needsRoot,
        rejectUnauthorized: false,
        minVersion: 'TLSv1.2',
        ecdhCurve: 'X25519:P-256:P-384',
      }),
    );
    tls.on('error', (error) => {
      attempt.fault = error;
      attempt.chain = linkedChain(tls.getPeerCertificate(true));
      fail(error);
    });
    tls.on('close', () => fail());
    tls.on('secureConnect', () => done(tls));
  });
  return { socket: secured, chain: linkedChain(secured.getPeerCertificate(true)) };
}

/** What of a chain is reported: as many certificates from the leaf on as fit. @see spec M2 */
export function presentedChain(chain: readonly Uint8Array[]): readonly Uint8Array[] {
  let bytes = 0;
  return chain.slice(0, MAX_PRESENTED_CERTIFICATES).filter((certificate) => {
    bytes += certificate.length;
    return bytes <= MAX_PRESENTED_CHAIN_BYTES;
  });
}

/** Node closes the list with a certificate that is its own issuer. */
function linkedChain(leaf: DetailedPeerCertificate): readonly Uint8Array[] {
  const chain = new Map<string, Uint8Array>();
  for (let next = leaf; next?.raw && !chain.has(next.fingerprint256); next = next.issuerCertificate)
    chain.set(next.fingerprint256, new Uint8Array(next.raw));
  return [...chain.values()];
}
