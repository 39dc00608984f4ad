/** Ends a client's TLS connection with a certificate minted for the name it asked for. */
import type { Socket } from 'node:net';
import { createSecureContext, createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import type { ChainVariation, LeafMint, LeafVariation } from './leaf-mint.ts';

/** How the proxy shows itself in one handshake; everything absent is as a well-behaved box does it. */
export interface TlsConduct {
  readonly leaf?: LeafVariation;
  readonly chain?: ChainVariation;
  readonly maxVersion?: 'TLSv1.2';
  /** Ends the handshake with a fatal alert when the client offers ALPN; default: ignores ALPN. */
  readonly alpn?: 'fatal';
  /** Asks the client for a certificate, takes any, and keeps it to itself. */
  readonly clientCertificate?: 'requested';
}

export interface TerminatedTls {
  readonly stream: TLSSocket;
  /** The server name the client asked for, lower case. */
  readonly name: string;
}

const handshakeDeadlineMs = 10_000;

/**
 * The handshake is done. `conductFor` is asked before the server name is known and again for the leaf. `fallbackName` (the name in CONNECT) is used when the client sends no SNI.
 * @throws when the handshake fails or is not done in time; the socket is closed then.
 */
export async function terminateTls(
  socket: Socket,
  mint: LeafMint,
  conductFor: (name: string | undefined) => TlsConduct,
  fallbackName?: string,
): Promise<TerminatedTls> {
  const seen: { name?: string } = {};
  const options = await serverOptions(mint, conductFor, seen, fallbackName?.toLowerCase());
  // A server for each connection: the conduct may have changed since the last one, and no session is ever resumed.
  const server = createServer(options);
  return new Promise((resolve, reject) => {
    server.once('secureConnection', (stream) => {
      stream.on('error', () => undefined);
      resolve({ stream, name: (seen.name ?? fallbackName ?? '').toLowerCase() });
    });
    server.once('tlsClientError', (error, stream) => {
      stream.destroy();
      reject(error);
    });
    server.emit('connection', socket);
  });
}

async function serverOptions(
  mint: LeafMint,
  conductFor: (name: string | undefined) => TlsConduct,
  seen: { name?: string },
  fallbackName: string | undefined,
): Promise<TlsOptions> {
  const conduct = conductFor(fallbackName);
  const chainFor = (name: string) => mint.mint(name, conductFor(name).leaf, conductFor(name).chain);
  return {
    ...(fallbackName === undefined ? {} : await chainFor(fallbackName)),
    handshakeTimeout: handshakeDeadlineMs,
    SNICallback: (name, done) => {
      seen.name = name;
      chainFor(name.toLowerCase()).then(
        (chain) => done(null, createSecureContext(chain)),
        (error: Error) => done(error),
      );
    },
    ...(conduct.maxVersion ? { maxVersion: conduct.maxVersion } : {}),
    ...(conduct.alpn === 'fatal' ? { ALPNProtocols: ['nothing-anybody-offers'] } : {}),
    ...(conduct.clientCertificate ? { requestCert: true, rejectUnauthorized: false } : {}),
  };
}
