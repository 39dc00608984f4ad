// The end of every exchange: one durable write, the trust stores after it, the report, the result.
import { type AcceptedAnswer, type Trouble, unixSeconds } from '@windlass/protocol';
import type { Standing } from './active-trust.ts';
import type { Agent } from './agent.ts';
import type { ProbeResult } from './ports.ts';
import { type ReportContent, sendReport } from './report.ts';
import type { Ended, Result } from './result.ts';
import type { NextExchange } from './run/supervisor.ts';
import type { AgentState, Holding } from './state/agent-state.ts';
import { fillStores, proveStores } from './stores.ts';
import { type AcceptedVisit, profileOf, removedSince, standingNow, type Visit } from './visit.ts';

/** What an exchange came to: an answer that was accepted, or one that was not, or none. */
type Concluded = Visit & Pick<AcceptedVisit, 'path'> & Partial<Pick<AcceptedVisit, 'nonce' | 'accepted'>>;

export interface End {
  readonly ended: Ended;
  /** What is held from now on; null: nothing changes. */
  readonly holding: Holding | null;
  /** What is held again if this is not confirmed. */
  readonly previous?: Holding | null;
  /** What the service is told beside what is found out here; left out: nothing. */
  readonly told?: Pick<ReportContent, 'phases' | 'code' | 'issuer'>;
  readonly endpoints?: readonly ProbeResult[];
  /** How long to stay away, in seconds, as nobody signed. @see spec L9 */
  readonly hint?: number | undefined;
  /** How the report gets to the service; default: on the best rung there is. */
  readonly send?: typeof sendReport;
}

/** What was decided is durable, in all stores, and reported. */
export async function conclude(visit: Concluded, end: End): Promise<Result> {
  const { agent, before, path, accepted, nonce } = visit;
  const { ended, holding, told, endpoints = [], hint } = end;
  const send = visit.send ?? end.send ?? sendReport;
  if (holding) agent.state.commit(nextState(visit, end, holding)); // spec C1, C2
  const after = standingNow(agent);
  const removed = removedSince(before, after);
  const stores = await (told ? proveStores : fillStores)(agent, after);
  const content = told && nonce && { nonce, ...told, ...(accepted && subjectOf(accepted)), stores, removed, endpoints };
  const unsent = content ? await send(agent, after, content) : '';
  const standing = standingNow(agent);
  if (standing !== after) fillStores(agent, standing); // spec C4: the acknowledgement may have told that something has ended
  // Of a file nothing is known about the network.
  const trouble = unsent !== null && !visit.send && (await agent.troubleIn({ ...ended, path }));
  if (trouble) remember(agent, trouble);
  const systemClock = agent.clock.fault();
  const next = nextExchange(agent, ended.outcome === 'reverted' ? undefined : accepted, standing, hint);
  return { ...standing, ...ended, path, stores, removed, endpoints, unsent, systemClock, next };
}

/** What the service does not know yet is durable, once as long as it stays the same. @see spec M7 */
function remember({ state, clock }: Agent, code: Trouble): void {
  const { current } = state;
  const { trouble } = current;
  if (trouble?.code !== code) state.commit({ ...current, trouble: { since: clock.read().time, ...trouble, code } });
}

/** With a fresh counter for the report about it. Counters rise even where an older state was lost. */
function nextState(
  { agent, accepted, send }: Concluded,
  { ended, previous = null }: End,
  holding: Holding,
): AgentState {
  const kept = accepted && { ...keptOf(accepted), outcome: ended.outcome, pending: null, carried: !!send };
  const next = { ...agent.state.current, ...kept, holding, previous };
  return { ...next, time: agent.clock.kept(), counter: Math.max(next.counter + 1, next.floors.time) };
}

function keptOf({ floors, decision }: AcceptedAnswer): Partial<AgentState> {
  const { nonce: lastNonce, time, retryAfterSeconds = 0 } = decision;
  return { floors, lastNonce, notBefore: unixSeconds(time + retryAfterSeconds) };
}

/** What a report says of an accepted answer. */
function subjectOf(accepted: AcceptedAnswer): Pick<ReportContent, 'organization' | 'network' | 'profile'> {
  const organization = 'claim' in accepted && accepted.claim.claim.organization;
  const profile = profileOf(accepted);
  return {
    ...(organization && { organization }),
    ...(profile && { network: profile.profile.network, profile: profile.digest }),
  };
}

/** When to come back, as the decision says; what is trusted may end earlier. */
function nextExchange(
  { clock }: Agent,
  accepted: AcceptedAnswer | undefined,
  { changes }: Standing,
  hint: number | undefined,
): NextExchange {
  if (!accepted) return { kind: 'back-off', hint };
  const { retryAfterSeconds, refreshAfterSeconds } = accepted.decision;
  if (retryAfterSeconds !== undefined) return { kind: 'retry', seconds: retryAfterSeconds };
  return { kind: 'refresh', seconds: refreshAfterSeconds, trustEndsIn: changes && changes - clock.read().time };
}
