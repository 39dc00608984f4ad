// The ends of an exchange without a new active profile: nobody owns the device, nobody approved or nobody inspects, the service refuses,
// the answer is not valid, or there is none. What waited to be confirmed is not confirmed by them, and goes. @see spec C2
import type { ProtocolErrorCode } from '@windlass/protocol';
import { conclude, toldOf } from './conclude.ts';
import type { NoAnswer } from './ladder.ts';
import { probeAll } from './probe.ts';
import type { Answered } from './request.ts';
import type { Result } from './result.ts';
import type { Holding } from './state/agent-state.ts';
import { type AcceptedVisit, type Refused, type Settled, underClaim, type Visit, withProfile } from './visit.ts';

/** What was accepted is kept, and no inspection CA is active by it. */
export async function settle(visit: AcceptedVisit, accepted: Settled): Promise<Result> {
  const { agent, nonce, path, decision } = visit;
  const outcome = accepted.kind === 'granted' ? 'not-inspected' : accepted.kind;
  const { floors } = accepted;
  const change = { floors, lastNonce: nonce, outcome, holding: holdingAfter(visit, accepted) };
  const profile = 'profile' in accepted ? accepted.profile : undefined;
  const endpoints = await probeAll(agent, profile?.profile.endpoints ?? [], []);
  const told = toldOf(nonce, accepted, ['fetched', 'accepted']);
  const { common } = await conclude(visit, { change, told, path, endpoints, decision });
  return { outcome, ...common };
}

/** The service refuses the device, and signed that: it knows, there is nothing to report. */
export async function obey(visit: AcceptedVisit, { floors, code }: Refused): Promise<Result> {
  const { nonce, path, decision, base } = visit;
  const outcome = 'refused';
  const change = { floors, lastNonce: nonce, outcome, holding: base } as const;
  const { common } = await conclude(visit, { change, told: null, path, decision });
  return { outcome, code, ...common };
}

/** An answer came that is not valid: the service is told the code. */
export async function refuse(visit: Visit, { nonce, path }: Answered, code: ProtocolErrorCode): Promise<Result> {
  const told = { nonce, phases: ['fetched', 'failed'], code } as const;
  const { common } = await conclude(visit, { change: { holding: visit.base }, told, path });
  return { outcome: 'not-valid', code, ...common };
}

/** Nothing came that is an answer. */
export async function giveUp(
  visit: Visit,
  { cause, stage, detail, failure, presentedChain }: NoAnswer,
): Promise<Result> {
  const isUnconfirmed = visit.agent.state.current.previous !== null;
  const path = { rung: 2, failure, presentedChain, explicitProxy: null } as const;
  const { common } = await conclude(visit, {
    change: isUnconfirmed ? { holding: visit.base } : null,
    told: null,
    path,
  });
  return { outcome: 'no-answer', cause, stage, detail, ...common, rung: null };
}

function holdingAfter(visit: AcceptedVisit, accepted: Settled): Holding {
  if (accepted.kind !== 'unclaimed') return withProfile(visit, accepted);
  // Only a claim that says so takes a profile away: without a release nothing changes. spec C4
  return accepted.release ? underClaim(visit, { claim: accepted.release }) : visit.base;
}
