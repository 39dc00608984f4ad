// The outcomes without an active inspection CA: what was accepted is committed, no anchor of ours is active any more where the owner or
// the network says so, and the service is told.
import { trustView } from './agent.ts';
import { probeAll } from './probe.ts';
import { sendReport } from './report.ts';
import type { Result } from './result.ts';
import type { Holding } from './state/agent-state.ts';
import { proveStores } from './stores.ts';
import { tellSettled } from './story.ts';
import {
  type AcceptedVisit,
  commonOf,
  contentOf,
  nextState,
  refreshOf,
  removedSince,
  type Settled,
  standingNow,
  underClaim,
  withProfile,
} from './visit.ts';

/** The outcome is committed, the stores follow it, the report is sent on the best rung. A granted profile is kept, and is not active. */
export async function settle(visit: AcceptedVisit, accepted: Settled): Promise<Result> {
  const { agent, nonce } = visit;
  const outcome = accepted.kind === 'granted' ? 'not-inspected' : accepted.kind;
  const holding = holdingAfter(visit, accepted);
  agent.state.commit(nextState(agent, { floors: accepted.floors, lastNonce: nonce, outcome, holding, previous: null })); // spec C1
  const after = standingNow(agent);
  const stores = await proveStores(agent, after);
  const profile = 'profile' in accepted ? accepted.profile : undefined;
  const endpoints = await probeAll(agent, profile?.profile.endpoints ?? [], after);
  const content = contentOf(visit, accepted, ['fetched', 'accepted'], null);
  const report = { ...content, stores, removed: removedSince(visit.before, after), endpoints };
  const reported = await sendReport(agent, trustView(agent, after.inspectionCas), report);
  const common = commonOf(visit, {
    path: visit.path,
    after,
    stores,
    endpoints,
    reported,
    next: refreshOf(visit, after),
  });
  tellSettled(agent, outcome, common);
  return { outcome, ...common };
}

function holdingAfter(visit: AcceptedVisit, accepted: Settled): Holding {
  switch (accepted.kind) {
    case 'granted':
    case 'not-inspected':
      return { ...withProfile(visit, accepted), active: null };
    case 'awaiting-approval':
      return { ...underClaim(visit, accepted), active: null };
    case 'unclaimed':
      // Only a claim that says so takes a profile away: without a release nothing changes. spec C4
      return accepted.release ? underClaim(visit, { claim: accepted.release }) : visit.base;
  }
}
