// What is wrong, or only unusual, with the CA that somebody wants devices to trust: x509's findings, and which of them decide.
import type { UnixSeconds } from '@windlass/protocol';
import { type Certificate, type LintContext, type LintFinding, lintInspectionCa } from '@windlass/x509';
import { Refusal } from './refusal.ts';

/**
 * The sentences about a CA that devices would accept.
 * @throws Refusal `certificate-refused`: what devices would refuse (spec D18), or what cannot work behind a proxy
 */
export function lintUpload(
  certificate: Certificate,
  context: Omit<LintContext, 'time'>,
  now: UnixSeconds,
): readonly string[] {
  const findings = lintInspectionCa(certificate, { ...context, time: now });
  const decisive = findings.find(decides);
  if (decisive !== undefined) throw new Refusal('certificate-refused', decisive.sentence);
  return findings.filter(({ code }) => code !== SAID_ELSEWHERE).map(({ sentence }) => sentence);
}

/** Whether its root is registered changes, so it is said of the CAs as they are when somebody looks. */
const SAID_ELSEWHERE = 'issuing-ca-without-root';

/** TLS clients let a weak signature of a root pass, because nobody checks it; devices do not (spec D18). */
function decides({ severity, code }: LintFinding): boolean {
  return severity === 'error' || code === 'weak-signature';
}
