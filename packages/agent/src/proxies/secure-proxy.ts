// TLS with an explicit proxy, before anything is asked of it.
import type { Socket } from 'node:net';
import type { Parts } from '../parts.ts';
import type { Failure, TrustView } from '../ports.ts';
import type { Attempt } from '../transport/attempt.ts';

/** The connection to the proxy `host` in TLS, validated by the roots and TLS anchors of `trust`. @throws PathError of the stage `proxy` */
export async function secureProxy(
  parts: Parts,
  attempt: Attempt,
  tcp: Socket,
  { host, trust }: { readonly host: string; readonly trust: TrustView },
): Promise<Socket> {
  const { socket, chain } = await parts.speakTls(attempt, { stage: 'proxy', socket: tcp, host });
  const failure = judgeProxy(parts, chain, host, trust);
  if (failure) throw new parts.PathError('tls', 'proxy', failure); // spec L10
  return socket;
}

/**
 * Why the chain does not hold, or null. Inspection CAs do not count: they are for what is behind the proxy. While the clock is not trusted
 * the time is within the leaf's dates: the time comes from the service, which is behind it too.
 */
function judgeProxy(
  { readable, judgeChain, unixSeconds }: Parts,
  chain: readonly Uint8Array[],
  host: string,
  trust: TrustView,
): Failure | null {
  const [leaf] = readable(chain.slice(0, 1));
  if (!leaf) return 'certificate';
  const { time } = trust;
  const within = unixSeconds(Math.max(0, leaf.notBefore, Math.min(time, leaf.notAfter)));
  const view = { ...trust, inspectionCas: [], time: trust.state === 'trusted' ? time : within };
  return judgeChain(chain, host, view, host).failure;
}
