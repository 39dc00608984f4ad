// TLS on a connection, by a client that believes nobody: it completes with whatever certificate comes, which is then judged apart.
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import type { Stage } from '../ports.ts';
import type { Attempt } from './attempt.ts';

/** A completed handshake on which nothing has been sent. */
export interface Secured {
  readonly socket: TLSSocket;
  /** DER: the leaf and the issuers that the TLS library links, leaf first, none twice; never empty. */
  readonly chain: readonly Uint8Array[];
}

export interface TlsOptions {
  readonly socket: Duplex;
  /** Whom the client asks for. */
  readonly host: string;
  /** What a failure is called. */
  readonly stage: Stage;
  /** The one protocol that is offered by ALPN; default: none is. */
  readonly alpn?: string;
  /** PEM, the only anchors of `socket.authorized`, which nothing here looks at; default: none. */
  readonly trusted?: string[];
  /** Whether an anchor must be self-signed to count; Node has it from 20.18 and 22.9 on. */
  readonly needsRoot?: boolean;
}

/**
 * TLS 1.2 or newer, RSA and ECDSA, without client certificate and resumption, and without ALPN where none is named. The curves are named
 * because some boxes drop the two packets that a ClientHello with a post-quantum share needs.
 * @throws PathError of the given stage
 */
export async function speakTls(
  attempt: Attempt,
  { socket, host, stage, alpn, trusted = [], needsRoot }: TlsOptions, // spec M2
): Promise<Secured> {
  const secured = await attempt.phase<TLSSocket>(stage, (done, fail) => {
    const tls = attempt.own(
      connect({
        socket,
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

/** Node closes the list with a certificate that is its own issuer. */
function linkedChain(leaf: DetailedPeerCertificate): readonly Uint8Array[] {
  const chain = new Map<string, Uint8Array>();
  for (let next = leaf; next?.raw && !chain.has(next.fingerprint256); next = next.issuerCertificate)
    chain.set(next.fingerprint256, new Uint8Array(next.raw));
  return [...chain.values()];
}
