// One endpoint of a profile, in stages, to a verdict: which stage broke, or whose certificate let it through. A probe succeeds only
// on the endpoint's own protocol answer; TLS that connected proves nothing.
import { type Digest, digestOf, type Endpoint } from '@windlass/protocol';
import { type Certificate, formatName, parseCertificate } from '@windlass/x509';
import type { Failure, ProbeResult, TrustView, Verdict } from '../ports.ts';
import { startAttempt } from './attempt.ts';
import type { TransportOptions } from './create-transport.ts';
import { type Handshake, shakeHands } from './handshake.ts';
import { judgeChain } from './judge-chain.ts';
import { expectPathError, type PathError } from './path-error.ts';
import { protocolAnswer } from './protocol-answer.ts';
import { deadlinesOf, openRoute } from './route.ts';

/** How much of a name that came from the network is shown. */
const MAX_ISSUER_CHARACTERS = 80;

/**
 * What `endpoint` showed on this path. Verdicts: `direct`, validated by a root or an own anchor; `inspected-trusted`, validated by an
 * inspection CA within its scope; `inspected-untrusted`, by nobody we trust; `name-rewritten`, valid for another name; `needs-bypass`,
 * inspected and then no answer, as when the endpoint wants a client certificate or no HTTP; `blocked`, `captive`,
 * `proxy-authentication` as told by `protocolAnswer` and the proxy. Never rejects.
 */
export async function probeEndpoint(
  options: TransportOptions,
  endpoint: Endpoint,
  trust: TrustView,
): Promise<ProbeResult> {
  const attempt = startAttempt(deadlinesOf(options));
  const { name, host, port } = endpoint;
  let inspectionCa: Certificate | null = null;
  try {
    const tcp = await openRoute(attempt, options, { host, port });
    const handshake = await shakeHands(attempt, tcp, host);
    const judgement = judgeChain(handshake.chain, host, trust, options.service); // spec L6
    if (judgement.kind === 'invalid')
      return { name, ok: false, stage: 'tls', issuer: null, ...refusal(judgement.failure, handshake) };
    inspectionCa = judgement.inspectionCa;
    await protocolAnswer(attempt, handshake.socket, endpoint, inspectionCa ? 'inspected' : 'direct');
    return { name, ok: true, stage: 'done', issuer: keyOf(inspectionCa), ...success(endpoint, inspectionCa) };
  } catch (thrown) {
    const error = expectPathError(thrown);
    const verdict = verdictOf(error, inspectionCa);
    return {
      name,
      ok: false,
      stage: error.stage,
      issuer: keyOf(inspectionCa),
      verdict,
      detail: sentenceOf(verdict, error),
    };
  } finally {
    attempt.end();
  }
}

function success({ protocol }: Endpoint, inspectionCa: Certificate | null): { verdict: Verdict; detail: string } {
  const what = protocol === 'tls' ? 'TLS is valid' : `TLS is valid, ${protocol === 'mqtts' ? 'MQTT' : 'HTTP'} answers`;
  if (!inspectionCa) return { verdict: 'direct', detail: `${what}, nobody inspects` };
  return { verdict: 'inspected-trusted', detail: `${what}, through a trusted inspecting proxy` };
}

function refusal(failure: Failure, { chain }: Handshake): { verdict: Verdict; detail: string } {
  const signed = `signed by "${issuerText(chain)}"`;
  if (failure === 'unknown-issuer')
    return { verdict: 'inspected-untrusted', detail: `${signed}, which is not trusted for this name` };
  if (failure === 'name-mismatch')
    return { verdict: 'name-rewritten', detail: `the certificate is for another name, ${signed}: check the DNS` };
  const hint = failure === 'certificate' ? 'not fit for TLS' : `${failure}: check the clocks of device and proxy`;
  return { verdict: 'blocked', detail: `the certificate, ${signed}, is ${hint}` };
}

function verdictOf({ reason, stage }: PathError, inspectionCa: Certificate | null): Verdict {
  if (reason === 'captive' || reason === 'proxy-authentication') return reason;
  const isLate: boolean = stage === 'first-byte' || stage === 'body';
  return inspectionCa && isLate && reason !== 'blocked' ? 'needs-bypass' : 'blocked';
}

function sentenceOf(verdict: Verdict, error: PathError): string {
  if (verdict !== 'needs-bypass') return error.message;
  return `inspected, and then no answer (${error.reason}): exempt the name if it wants a client certificate or no HTTP`;
}

function keyOf(certificate: Certificate | null): Digest | null {
  return certificate && digestOf(certificate.publicKey.der);
}

/** Whom the last certificate on the wire names as its issuer: evidence for people, so printable and short. */
function issuerText(chain: readonly Uint8Array[]): string {
  try {
    const text = formatName(parseCertificate(chain.at(-1) ?? new Uint8Array()).issuer);
    return text.replace(/[^ !#-~]/g, '?').slice(0, MAX_ISSUER_CHARACTERS);
  } catch {
    return 'an unreadable certificate';
  }
}
