// One endpoint of a profile, in stages, to a verdict: which stage broke, or whose certificate let it through. A probe succeeds only
// on the endpoint's own protocol answer; TLS that connected proves nothing.
import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Endpoint } from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';
import type { Parts } from '../parts.ts';
import type { Failure, ProbeResult, TrustView, Unmet, Verdict } from '../ports.ts';
import type { Attempt } from '../transport/attempt.ts';
import type { TransportOptions } from '../transport/create-transport.ts';
import type { Judgement } from '../transport/judge-chain.ts';
import type { PathError } from '../transport/path-error.ts';
import { demandsCertificate, isDemand, isDemandingStatus } from './certificate-demand.ts';
import { nameText } from './name-text.ts';
import { protocolAnswer } from './protocol-answer.ts';

/** What is tried, on which attempt, by whom. */
export interface Probing {
  readonly parts: Parts;
  readonly attempt: Attempt;
  readonly endpoint: Endpoint;
}

/**
 * What `endpoint` showed on this path. Verdicts: `direct`, validated by a root or an own anchor; `inspected-trusted`, validated by an
 * inspection CA within its scope; `inspected-untrusted`, by nobody we trust; `name-rewritten`, valid for another name; `needs-bypass`,
 * inspected although that cannot work: pins, a client certificate, or then no answer, as when it speaks no HTTP; `blocked`, `captive`,
 * `proxy-authentication` as told by `protocolAnswer` and the proxy. Never rejects.
 */
export async function probeEndpoint(
  parts: Parts,
  options: TransportOptions,
  endpoint: Endpoint,
  trust: TrustView,
): Promise<ProbeResult> {
  const attempt = parts.startAttempt(options.deadlines);
  const probing = { parts, attempt, endpoint };
  let box: Certificate | null = null;
  let found: Found;
  try {
    const { socket, chain } = await parts
      .shakeHands(attempt, options, endpoint)
      .catch((error) => cutOff(probing, error));
    const judgement = parts.judgeChain(chain, endpoint.host, trust, options.service); // spec L6
    box = judgement.inspectionCa;
    found = unfit(probing, judgement, chain) ?? (socket ? await askedOn(probing, socket, box) : afterDemand(box));
  } catch (thrown) {
    const error = parts.expectPathError(thrown);
    // A box that cannot give the certificate that it is asked for may cut the handshake on its other side too.
    const isCut = endpoint.clientCertificate && error.stage === 'tls' && trust.inspectionCas.length > 0;
    const verdict = isCut ? 'needs-bypass' : verdictAfter(error, box);
    found = { verdict, stage: error.stage, reason: error.reason };
  } finally {
    attempt.end();
  }
  return { endpoint, stage: 'done', reason: null, signedBy: null, issuer: box && parts.keyOf(box), ...found };
}

type Found = Pick<ProbeResult, 'verdict'> & Partial<ProbeResult>;

/** With TLS 1.2 a server asks for a certificate within the handshake, which then does not end; whoever asked has shown who they are. */
function cutOff(probing: Probing, error: unknown): { readonly socket: null; readonly chain: readonly Uint8Array[] } {
  const { chain, fault } = probing.attempt;
  if (chain?.length && isDemand(probing, fault)) return { socket: null, chain };
  throw error;
}

/** What the chain alone decides, whatever comes after it; null: the peer may be asked. */
function unfit(
  { parts, endpoint }: Probing,
  { failure, inspectionCa, path }: Judgement,
  chain: readonly Uint8Array[],
): Found | null {
  const { pins, clientCertificate } = endpoint;
  const bypass = (reason: Unmet): Found => ({ verdict: 'needs-bypass', stage: 'tls', reason });
  const signedBy = issuerText(chain);
  const isInspected = inspectionCa !== null || failure === 'unknown-issuer';
  if (failure && !(isInspected && (clientCertificate || pins)))
    return { verdict: verdictOf(failure), stage: 'tls', reason: failure, signedBy };
  if (clientCertificate && isInspected) return { ...bypass('client-certificate'), signedBy }; // spec M6
  const keys = path.map((certificate) => certificate && parts.keyOf(certificate));
  if (pins && !pins.some((pin) => keys.includes(pin))) return { ...bypass('pins'), signedBy }; // spec M6
  return null;
}

/** What the peer says when it is asked in its protocol. */
async function askedOn(probing: Probing, socket: TLSSocket, box: Certificate | null): Promise<Found> {
  const { protocol, alpn, clientCertificate } = probing.endpoint;
  if (protocol === 'tls' && alpn && socket.alpnProtocol !== alpn)
    return { verdict: box ? 'needs-bypass' : 'blocked', stage: 'tls', reason: 'alpn' }; // spec M5
  const verdict = box ? 'inspected-trusted' : 'direct';
  if (clientCertificate && (await demandsCertificate(probing, socket))) return { verdict };
  const status = await protocolAnswer(probing, socket, box);
  if (clientCertificate && !isDemandingStatus(status))
    return { verdict, stage: 'first-byte', reason: 'client-certificate' }; // spec M6
  return { verdict };
}

/** A box that wants a certificate passes on what it cannot give. */
function afterDemand(box: Certificate | null): Found {
  return box ? { verdict: 'needs-bypass', stage: 'tls', reason: 'client-certificate' } : { verdict: 'direct' };
}

function verdictOf(failure: Failure): Verdict {
  if (failure === 'unknown-issuer') return 'inspected-untrusted';
  return failure === 'name-mismatch' ? 'name-rewritten' : 'blocked';
}

function verdictAfter({ reason, stage }: PathError, box: Certificate | null): Verdict {
  if (reason === 'captive' || reason === 'proxy-authentication') return reason;
  const isLate = stage === 'first-byte' || stage === 'body';
  return box && isLate && reason !== 'blocked' ? 'needs-bypass' : 'blocked';
}

/** Whom the last certificate on the wire names as its issuer. */
function issuerText(chain: readonly Uint8Array[]): string {
  return nameText(new X509Certificate(chain.at(-1) ?? new Uint8Array()).issuer);
}
