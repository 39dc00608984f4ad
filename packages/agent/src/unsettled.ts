// The ends of an exchange that accept nothing new: no answer, an answer that is not valid, a signed refusal. A profile that was waiting
// to be confirmed is not confirmed by them, and goes. @see spec C2
import type { AcceptedAnswer, ProtocolErrorCode } from '@windlass/protocol';
import type { Standing } from './active-trust.ts';
import { type Agent, trustView } from './agent.ts';
import type { NoAnswer } from './ladder.ts';
import { sendReport } from './report.ts';
import type { Answered } from './request.ts';
import type { Result } from './result.ts';
import type { AgentState } from './state/agent-state.ts';
import { fillStores, proveStores } from './stores.ts';
import { tellNoAnswer, tellNotValid, tellRefused } from './story.ts';
import { type AcceptedVisit, commonOf, nextState, refreshOf, removedSince, standingNow, type Visit } from './visit.ts';

/** Nothing came that is an answer. */
export async function giveUp(visit: Visit, why: NoAnswer): Promise<Result> {
  const { agent } = visit;
  if (agent.state.current.previous) agent.state.commit({ ...agent.state.current, ...unconfirmedIsGone(visit) }); // spec C2
  const common = { ...commonOf(visit, { after: standAgain(agent) }), failure: why.failure };
  tellNoAnswer(agent, why, common);
  return { outcome: 'no-answer', cause: why.cause, stage: why.stage, detail: why.detail, ...common };
}

/** An answer came that is not valid: the service is told the code. */
export async function refuse(visit: Visit, answer: Answered, code: ProtocolErrorCode): Promise<Result> {
  const { agent } = visit;
  agent.state.commit(nextState(agent, unconfirmedIsGone(visit)));
  const after = standingNow(agent);
  const stores = await proveStores(agent, after);
  const report = { nonce: answer.nonce, phases: ['fetched', 'failed'] as const, code, stores, endpoints: [] };
  const removed = removedSince(visit.before, after);
  const reported = await sendReport(agent, trustView(agent, after.inspectionCas), { ...report, removed });
  const common = commonOf(visit, { path: answer.path, after, stores, reported });
  tellNotValid(agent, code, common);
  return { outcome: 'not-valid', code, ...common };
}

/** The service refuses the device, and signed that: it knows, there is nothing to report. */
export async function obey(
  visit: AcceptedVisit,
  accepted: Extract<AcceptedAnswer, { kind: 'refused' }>,
): Promise<Result> {
  const { agent, nonce } = visit;
  const change = {
    ...unconfirmedIsGone(visit),
    floors: accepted.floors,
    lastNonce: nonce,
    outcome: 'refused' as const,
  };
  agent.state.commit({ ...agent.state.current, ...change }); // spec C1
  const after = standAgain(agent);
  const common = commonOf(visit, { path: visit.path, after, next: refreshOf(visit, after) });
  tellRefused(agent, accepted.code, common);
  return { outcome: 'refused', code: accepted.code, ...common };
}

function unconfirmedIsGone({ base }: Visit): Partial<AgentState> {
  return { holding: base, previous: null };
}

/** What remains, also in the stores. */
function standAgain(agent: Agent): Standing {
  const after = standingNow(agent);
  fillStores(agent, after);
  return after;
}
