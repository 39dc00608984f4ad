// One verdict out of all findings: the first broken step decides, unless what another step showed explains it.
import type { Trouble } from '@windlass/protocol';
import type { Finding } from './finding.ts';

/** The finding that is the cause, or null: everything that could be tried is fine. */
export function decide(findings: readonly Finding[]): (Finding & { readonly trouble: Trouble }) | null {
  const cleared = findings.flatMap((finding) => (finding.state === 'fine' ? (finding.clears ?? []) : []));
  const troubles = findings.flatMap((finding) =>
    'trouble' in finding && !cleared.includes(finding.trouble) ? [finding] : [],
  );
  let cause = troubles.find(({ state }) => state === 'broken') ?? null;
  for (let next = cause; next; next = explanationOf(next.trouble, troubles)) cause = next;
  return cause;
}

function explanationOf<T extends { readonly trouble: Trouble }>(trouble: Trouble, findings: readonly T[]): T | null {
  return findings.find((other) => EXPLAINS[other.trouble]?.includes(trouble)) ?? null;
}

const TCP = ['tcp-refused', 'tcp-timeout', 'tcp-reset'] as const;
const TLS = ['tls-fails', 'tls-reset', 'certificate-not-valid', 'unknown-inspection-ca'] as const;

/**
 * What goes with a trouble by itself, so that the trouble is to be put right first. No circles. A portal answers names, resets and signs
 * as it likes until somebody logs in; while a page blocks the service nobody can be asked to approve a CA; nobody can approve one for a
 * device without an owner, and no approval helps where answers do not hold.
 */
export const EXPLAINS: Readonly<Partial<Record<Trouble, readonly Trouble[]>>> = {
  'no-route': ['name-fails', 'proxy-unreachable', ...TCP],
  captive: ['name-rewritten', ...TCP, ...TLS, 'blocked', 'no-answer'],
  'name-rewritten': [...TCP, ...TLS, 'blocked', 'no-answer'],
  'clock-wrong': ['certificate-not-valid', 'answer-not-valid'],
  'box-distrusts-service': ['blocked'],
  blocked: [...TCP, 'tls-reset', 'unknown-inspection-ca', 'inspection-ca-inactive'],
  'answer-not-valid': ['unknown-inspection-ca', 'inspection-ca-inactive'],
  unclaimed: ['unknown-inspection-ca', 'inspection-ca-inactive'],
  refused: ['unknown-inspection-ca', 'inspection-ca-inactive'],
  'profile-not-installed': ['unknown-inspection-ca', 'inspection-ca-inactive'],
};
