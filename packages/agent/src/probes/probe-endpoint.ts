// One endpoint of a profile, in stages, to a verdict: which stage broke, or whose certificate let it through. A probe succeeds only
// on the endpoint's own protocol answer; TLS that connected proves nothing.
import { X509Certificate } from 'node:crypto';
import type { Endpoint } from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';
import type { Parts } from '../parts.ts';
import type { Failure, ProbeResult, TrustView, Verdict } from '../ports.ts';
import type { TransportOptions } from '../transport/create-transport.ts';
import type { PathError } from '../transport/path-error.ts';
import { protocolAnswer } from './protocol-answer.ts';

/** How much of a name that came from the network is shown. */
const MAX_ISSUER_CHARACTERS = 80;

/**
 * What `endpoint` showed on this path. Verdicts: `direct`, validated by a root or an own anchor; `inspected-trusted`, validated by an
 * inspection CA within its scope; `inspected-untrusted`, by nobody we trust; `name-rewritten`, valid for another name; `needs-bypass`,
 * inspected and then no answer, as when the endpoint wants a client certificate or no HTTP; `blocked`, `captive`,
 * `proxy-authentication` as told by `protocolAnswer` and the proxy. Never rejects.
 */
export async function probeEndpoint(
  parts: Parts,
  options: TransportOptions,
  endpoint: Endpoint,
  trust: TrustView,
): Promise<ProbeResult> {
  const { startAttempt, shakeHands, judgeChain, expectPathError, keyOf } = parts;
  const attempt = startAttempt(options.deadlines);
  const { host } = endpoint;
  const nothing = { endpoint, reason: null, signedBy: null, issuer: null };
  let box: Certificate | null = null;
  const issuer = () => box && { issuer: keyOf(box) };
  try {
    const { socket, chain } = await shakeHands(attempt, options, endpoint);
    const { failure, inspectionCa } = judgeChain(chain, host, trust, options.service); // spec L6
    if (failure)
      return { ...nothing, verdict: verdictOf(failure), stage: 'tls', reason: failure, signedBy: issuerText(chain) };
    box = inspectionCa;
    await protocolAnswer(parts, attempt, socket, endpoint, box);
    return { ...nothing, verdict: box ? 'inspected-trusted' : 'direct', stage: 'done', ...issuer() };
  } catch (thrown) {
    const error = expectPathError(thrown);
    return { ...nothing, verdict: verdictAfter(error, box), stage: error.stage, reason: error.reason, ...issuer() };
  } finally {
    attempt.end();
  }
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

/** Whom the last certificate on the wire names as its issuer: evidence for people, so printable and short. */
function issuerText(chain: readonly Uint8Array[]): string {
  const { issuer } = new X509Certificate(chain.at(-1) ?? new Uint8Array());
  return issuer
    .replaceAll('\n', ', ')
    .replace(/[^ !#-~]/g, '?')
    .slice(0, MAX_ISSUER_CHARACTERS);
}
