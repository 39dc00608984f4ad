// What the doctor tells people: a line for each step as it is known, and at the end the cause and what to do.
import type { CertificateSeen } from './certificate-seen.ts';
import type { Diagnosis } from './diagnose.ts';
import { DOCTOR_EXITS } from './exit-codes.ts';
import type { Finding, StepName } from './finding.ts';
import type { Explain } from './ports.ts';

/** What a step looks at, as its line begins. */
export const STEP_TEXT: Readonly<Record<StepName, string>> = {
  link: 'link',
  address: 'address',
  name: 'DNS',
  time: 'time',
  proxy: 'proxy',
  tcp: 'TCP',
  portal: 'portal',
  tls: 'TLS',
  signature: 'service',
  endpoint: 'endpoint',
};

const MARK: Readonly<Record<Finding['state'], string>> = {
  fine: 'ok',
  broken: 'BROKEN',
  suspect: 'odd',
  'not-tried': '-',
};

/** The line of a finding. */
export function findingText({ step, state, saw, endpoint }: Finding): string {
  const what = endpoint ? `${endpoint}: ${saw}` : saw;
  return `${STEP_TEXT[step].padEnd(8)}  ${MARK[state].padEnd(6)}  ${state === 'not-tried' && !endpoint ? `not tried: ${what}` : what}`;
}

/** The end: the cause, whose move it is, and what that one does. */
export function verdictText({ cause, seen }: Diagnosis, explain: Explain): readonly string[] {
  if (!cause) return ['', 'Everything that could be tried is fine.'];
  const { says, who, todo } = explain(cause.trouble);
  return [
    '',
    `${cause.trouble} (exit code ${DOCTOR_EXITS[cause.trouble]})`,
    says,
    `What was seen: ${cause.endpoint ? `${cause.endpoint}: ` : ''}${cause.saw}.`,
    ...(cause.trouble === 'unknown-inspection-ca' ? seen.chain.slice(-1).map(topText) : []),
    `To do (${who}): ${todo}`,
  ];
}

/** What the security admin compares with. The CA itself is often not sent. */
function topText({ subject, fingerprint }: CertificateSeen): string {
  return `Topmost certificate that was sent: "${subject}", SHA-256 ${fingerprint}`;
}
