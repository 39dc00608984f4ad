// The end of every exchange: one durable write, the trust stores after it, the report, the result.
import type { Nonce } from '@windlass/protocol';
import type { Standing } from './active-trust.ts';
import type { Agent } from './agent.ts';
import type { Path } from './ladder.ts';
import type { ProbeResult } from './ports.ts';
import { type ReportContent, sendReport } from './report.ts';
import type { Common } from './result.ts';
import type { AgentState } from './state/agent-state.ts';
import { fillStores, proveStores } from './stores.ts';
import { describeAnchor, issuerOf } from './story.ts';
import type { NextExchange } from './supervisor.ts';
import { type AcceptedVisit, removedSince, type Settled, standingNow, type Visit } from './visit.ts';

/** What a report says beside what is found out at the end. */
export type Told = Omit<ReportContent, 'stores' | 'removed' | 'endpoints'>;

export interface End {
  /** What is remembered from now on; null: nothing new. */
  readonly change: Partial<AgentState> | null;
  /** Null: the service is told nothing. */
  readonly told: Told | null;
  readonly path: Path | null;
  readonly endpoints?: readonly ProbeResult[];
  readonly decision?: AcceptedVisit['decision'];
  /** How the report gets to the service; default: on the best rung there is. */
  readonly send?: (agent: Agent, after: Standing, report: ReportContent) => Promise<string | null>;
}

/** What was decided is durable, in all stores, and reported. `unsent`: why the service does not have the report. */
export async function conclude(
  visit: Visit,
  end: End,
): Promise<{ readonly common: Common; readonly unsent: string | null }> {
  const { agent, before } = visit;
  const { told, endpoints = [], send = sendReport } = end;
  if (end.change) agent.state.commit(nextState(agent, end.change)); // spec C1, C2
  const after = standingNow(agent);
  const stores = told ? await proveStores(agent, after) : fillStores(agent, after);
  const removed = removedSince(before, after);
  const unsent = told ? await send(agent, after, { ...told, stores, removed, endpoints }) : 'not to be reported';
  const systemClock = agent.clock.systemClockFault();
  const { organization, network } = after;
  const inspectionCas = after.inspectionCas.map(describeAnchor);
  const seen = {
    rung: end.path?.rung ?? null,
    failure: end.path?.failure ?? null,
    interceptedBy: intercepting(end.path),
  };
  const known = { organization, network, inspectionCas, removed, stores, endpoints, systemClock };
  return { common: { ...known, ...seen, reported: unsent === null, next: nextExchange(agent, end, after) }, unsent };
}

/** What a report says of an accepted answer. */
export function toldOf(nonce: Nonce, accepted: Settled, phases: Told['phases']): Told {
  const organization = 'claim' in accepted ? accepted.claim.claim.organization : null;
  const profile = 'profile' in accepted ? accepted.profile : undefined;
  return {
    nonce,
    phases,
    ...(organization === null ? {} : { organization }),
    ...(profile ? { network: profile.profile.network, profile: profile.digest } : {}),
  };
}

/** With a fresh counter for the report about it. Counters rise even where an older state was lost. */
function nextState(agent: Agent, change: Partial<AgentState>): AgentState {
  const next = { ...agent.state.current, previous: null, ...change };
  return { ...next, counter: Math.max(next.counter + 1, next.floors.time) };
}

function intercepting(path: Path | null): string | null {
  return path && path.rung !== 1 ? issuerOf(path.presentedChain) : null;
}

/** When to come back, as the decision says; what is trusted may end earlier. */
function nextExchange(agent: Agent, { decision }: End, after: Standing): NextExchange {
  if (!decision) return { kind: 'back-off' };
  if (decision.retryAfterSeconds !== undefined) return { kind: 'retry', seconds: decision.retryAfterSeconds };
  const trustEndsIn = after.changes === null ? null : after.changes - agent.clock.read().time;
  return { kind: 'refresh', seconds: decision.refreshAfterSeconds, trustEndsIn };
}
