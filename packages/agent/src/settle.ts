// The ends of an exchange without a new active profile: nobody owns the device, nobody approved or nobody inspects, the service refuses,
// the answer is not valid, or there is none. What waited to be confirmed is not confirmed by them, and goes; what was carried by hand only by
// an answer. @see spec C2, C6
import type { ProtocolErrorCode } from '@windlass/protocol';
import { conclude } from './conclude.ts';
import type { NoReply } from './ladder.ts';
import { probeAll } from './probe.ts';
import type { Answered } from './request.ts';
import type { Result } from './result.ts';
import type { HeldProfile, Holding } from './state/agent-state.ts';
import {
  type AcceptedVisit,
  profileOf,
  type Refused,
  type Settled,
  underClaim,
  type Visit,
  withProfile,
} from './visit.ts';

/** What was accepted is kept, and no inspection CA is active by it. */
export async function settle(visit: AcceptedVisit<Settled>): Promise<Result> {
  const { agent, accepted } = visit;
  const { kind } = accepted;
  return conclude(visit, {
    ended: { outcome: kind === 'granted' ? 'not-inspected' : kind },
    holding: holdingAfter(visit),
    told: { phases: ['fetched', 'accepted'] },
    endpoints: await probeAll(agent, profileOf(accepted)?.profile.endpoints ?? [], []),
  });
}

/** The service refuses the device, and signed that: it knows, there is nothing to report. */
export function obey(visit: AcceptedVisit<Refused>): Promise<Result> {
  return conclude(visit, { ended: { outcome: 'refused', code: visit.accepted.code }, holding: visit.base });
}

/** An answer came that is not valid: the service is told the code. */
export function refuse(visit: Visit, { nonce, path }: Answered, code: ProtocolErrorCode): Promise<Result> {
  const { holding, previous, carried } = visit.agent.state.current;
  const ended = { outcome: 'not-valid', code } as const;
  if (visit.send) return conclude({ ...visit, path }, { ended, holding: null }); // spec C6: the right one may still come
  const kept = carried ? { holding, previous } : { holding: visit.base }; // spec C6
  const told = { phases: ['fetched', 'failed'], code } as const;
  return conclude({ ...visit, nonce, path }, { ended, ...kept, told });
}

/** Nothing came that is an answer. */
export function giveUp(
  visit: Visit,
  { path, kind: outcome, retryAfterSeconds: hint, ...seen }: NoReply,
): Promise<Result> {
  const { previous, carried } = visit.agent.state.current;
  const holding = carried ? null : previous && visit.base; // spec C6
  return conclude({ ...visit, path }, { ended: { outcome, ...seen }, holding, hint });
}

function holdingAfter(visit: AcceptedVisit<Settled>): Holding {
  const { accepted, base, path } = visit;
  if ('claim' in accepted) {
    const holding = withProfile(visit, accepted.claim, profileOf(accepted));
    if (accepted.kind !== 'awaiting-approval' || path.rung !== 1) return holding;
    const isIn = ({ network }: HeldProfile): boolean => network !== base.active; // spec C7: its CA is let in no more
    return {
      ...holding,
      profiles: holding.profiles.map((held) => ({ ...held, confirmed: held.confirmed && isIn(held) })),
    };
  }
  // Only a claim that says so takes a profile away: without a release nothing changes. spec C4
  return accepted.release ? underClaim(visit, accepted.release) : base;
}
