// The end of every exchange: one durable write, the trust stores after it, the report, the result.
import type { AcceptedAnswer } from '@windlass/protocol';
import type { Standing } from './active-trust.ts';
import type { Agent } from './agent.ts';
import type { Seen } from './ladder.ts';
import type { ProbeResult } from './ports.ts';
import { type ReportContent, sendReport } from './report.ts';
import type { Ended, Result } from './result.ts';
import type { AgentState, Holding } from './state/agent-state.ts';
import { fillStores, proveStores } from './stores.ts';
import type { NextExchange } from './supervisor.ts';
import { removedSince, standingNow, type Visit } from './visit.ts';

export interface End {
  readonly ended: Ended;
  /** What is held from now on; null: nothing changes. */
  readonly holding: Holding | null;
  /** What is held again if this is not confirmed. */
  readonly previous?: Holding | null;
  /** Null: the service is told nothing. */
  readonly told: Pick<ReportContent, 'nonce' | 'phases' | 'code' | 'issuer'> | null;
  readonly endpoints?: readonly ProbeResult[];
  /** How the report gets to the service; default: on the best rung there is. */
  readonly send?: typeof sendReport;
}

/** What was decided is durable, in all stores, and reported. `unsent`: why the service does not have the report. */
export async function conclude(
  visit: Visit & { readonly path: Seen; readonly accepted?: AcceptedAnswer },
  end: End,
): Promise<{ readonly result: Result; readonly unsent: string | null }> {
  const { agent, before, path, accepted } = visit;
  const { ended, holding, told, endpoints = [], send = sendReport } = end;
  if (holding) agent.state.commit(nextState(agent.state.current, end, holding, accepted)); // spec C1, C2
  const after = standingNow(agent);
  const { organization, network, inspectionCas } = after;
  const stores = told ? await proveStores(agent, after) : fillStores(agent, after);
  const removed = removedSince(before, after);
  const content = told && { ...told, ...subjectOf(accepted), stores, removed, endpoints };
  const unsent = content ? await send(agent, after, content) : '';
  const known = { path, organization, network, inspectionCas, stores, removed, endpoints };
  const systemClock = agent.clock.systemClockFault();
  const next = nextExchange(agent, ended.outcome === 'reverted' ? undefined : accepted, after);
  return { result: { ...ended, ...known, systemClock, reported: unsent === null, next }, unsent };
}

/** With a fresh counter for the report about it. Counters rise even where an older state was lost. */
function nextState(
  current: AgentState,
  { ended, previous = null }: End,
  holding: Holding,
  accepted?: AcceptedAnswer,
): AgentState {
  const { outcome } = ended;
  const kept = accepted ? { floors: accepted.floors, lastNonce: accepted.decision.nonce, outcome } : {};
  const next = { ...current, ...kept, holding, previous };
  return { ...next, counter: Math.max(next.counter + 1, next.floors.time) };
}

/** What a report says of an accepted answer. */
function subjectOf(accepted?: AcceptedAnswer): Pick<ReportContent, 'organization' | 'network' | 'profile'> {
  const { organization } = accepted && 'claim' in accepted ? accepted.claim.claim : {};
  const profile = accepted && 'profile' in accepted && accepted.profile;
  return {
    ...(organization && { organization }),
    ...(profile && { network: profile.profile.network, profile: profile.digest }),
  };
}

/** When to come back, as the decision says; what is trusted may end earlier. */
function nextExchange({ clock }: Agent, accepted: AcceptedAnswer | undefined, { changes }: Standing): NextExchange {
  if (!accepted) return { kind: 'back-off' };
  const { retryAfterSeconds, refreshAfterSeconds } = accepted.decision;
  if (retryAfterSeconds !== undefined) return { kind: 'retry', seconds: retryAfterSeconds };
  return { kind: 'refresh', seconds: refreshAfterSeconds, trustEndsIn: changes && changes - clock.read().time };
}
