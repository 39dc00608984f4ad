// A TLS handshake with a peer, on whatever route there is; its chain is judged apart, before a byte is sent.
import { MAX_PRESENTED_CERTIFICATES, MAX_PRESENTED_CHAIN_BYTES } from '@windlass/protocol';
import type { HostPort } from '../ports.ts';
import type { Attempt } from './attempt.ts';
import { openRoute, type PathOptions } from './route.ts';
import { type Secured, speakTls, type TlsOptions } from './speak-tls.ts';

export interface TlsTarget extends HostPort, Pick<TlsOptions, 'alpn' | 'trusted' | 'needsRoot'> {}

/**
 * The handshake of `speakTls` with the target.
 * @throws PathError of the stages `name`, `connect`, `proxy`, `tls`
 */
export async function shakeHands(attempt: Attempt, path: PathOptions, target: TlsTarget): Promise<Secured> {
  const { host, port } = target;
  const socket = await openRoute(attempt, path, { host, port, scheme: 'https' });
  return speakTls(attempt, { ...target, socket, stage: 'tls' });
}

/** What of a chain is reported: as many certificates from the leaf on as fit. @see spec M2 */
export function presentedChain(chain: readonly Uint8Array[]): readonly Uint8Array[] {
  let bytes = 0;
  return chain.slice(0, MAX_PRESENTED_CERTIFICATES).filter((certificate) => {
    bytes += certificate.length;
    return bytes <= MAX_PRESENTED_CHAIN_BYTES;
  });
}
