// One exchange on its way: what was trusted before it, what it may fall back to, and how its end is put into a result.
import {
  type AcceptedAnswer,
  type AcceptedClaim,
  type AcceptedProfile,
  type Decision,
  type Digest,
  MAX_HELD_PROFILES,
  type Nonce,
} from '@windlass/protocol';
import { keysOf, organizationOf, type Standing, standingOf } from './active-trust.ts';
import type { Agent } from './agent.ts';
import type { Path } from './ladder.ts';
import type { ProbeResult, StoreReceipt } from './ports.ts';
import type { ReportContent } from './report.ts';
import type { Common } from './result.ts';
import { type AgentState, type Holding, NOTHING_HELD } from './state/agent-state.ts';
import { describeAnchor, issuerOf } from './story.ts';
import type { NextExchange } from './supervisor.ts';

export interface Visit {
  readonly agent: Agent;
  /** What was trusted when it began. */
  readonly before: Standing;
  /** What the device has without the answer: the last confirmed holding. */
  readonly base: Holding;
}

/** A visit whose answer was accepted. */
export interface AcceptedVisit extends Visit {
  readonly nonce: Nonce;
  readonly path: Path;
  readonly decision: Decision;
}

export type Granted = Extract<AcceptedAnswer, { kind: 'granted' }>;
/** An accepted answer by which no inspection CA becomes active. */
export type Settled = Exclude<AcceptedAnswer, { kind: 'refused' }>;

/** What is known at the start of an exchange. An active profile that is not confirmed yet counts, until this exchange decides. */
export function startVisit(agent: Agent): Visit {
  const { holding, previous } = agent.state.current;
  return { agent, before: standingNow(agent), base: previous ?? holding };
}

/** What the state on the disk says is trusted now. */
export function standingNow(agent: Agent): Standing {
  return standingOf(agent.state.current.holding, agent.identity, agent.clock.read().time);
}

/** The next state, with a fresh counter for the report about it. Counters rise even where an older state was lost. */
export function nextState(agent: Agent, change: Partial<AgentState>): AgentState {
  const current = agent.state.current;
  const floors = change.floors ?? current.floors;
  return { ...current, ...change, counter: Math.max(current.counter + 1, floors.time) };
}

/** What was ours before and is not any more. */
export function removedSince(before: Standing, after: Standing): readonly Digest[] {
  const kept = keysOf(after);
  return keysOf(before).filter((key) => !kept.includes(key));
}

/** The holding under the accepted claim; what came under another owner is not in it. @see spec C4 */
export function underClaim(visit: Visit, { claim }: { readonly claim: AcceptedClaim }): Holding {
  const { organization } = claim.claim;
  const same = organization !== null && organization === organizationOf(visit.base, visit.agent.identity);
  return { ...(same ? visit.base : NOTHING_HELD), claim: claim.envelope }; // spec C4
}

/** The same with the accepted profile as the one used last; it is not active by that. */
export function withProfile(
  visit: Visit,
  accepted: { readonly claim: AcceptedClaim; readonly profile?: AcceptedProfile },
): Holding {
  const base = underClaim(visit, accepted);
  if (!accepted.profile) return base;
  const { envelope, profile } = accepted.profile;
  const others = base.profiles.filter((held) => held.network !== profile.network);
  const profiles = [{ network: profile.network, envelope }, ...others].slice(0, MAX_HELD_PROFILES);
  return { ...base, profiles, issuer: null, retired: [] };
}

/** What a report says of an accepted answer. */
export function contentOf(
  visit: AcceptedVisit,
  accepted: Settled,
  phases: ReportContent['phases'],
  issuer: Digest | null,
): Pick<ReportContent, 'nonce' | 'phases' | 'organization' | 'network' | 'profile' | 'issuer'> {
  const organization = 'claim' in accepted ? accepted.claim.claim.organization : null;
  const profile = 'profile' in accepted ? accepted.profile : undefined;
  return {
    nonce: visit.nonce,
    phases,
    ...(organization === null ? {} : { organization }),
    ...(profile ? { network: profile.profile.network, profile: profile.digest } : {}),
    ...(issuer === null ? {} : { issuer }),
  };
}

/** When to come back, as the decision says; a profile's end is earlier. */
export function refreshOf({ agent, decision }: AcceptedVisit, after: Standing): NextExchange {
  if (decision.retryAfterSeconds !== undefined) return { kind: 'retry', seconds: decision.retryAfterSeconds };
  const trustEndsIn = after.changes === null ? null : after.changes - agent.clock.read().time;
  return { kind: 'refresh', seconds: decision.refreshAfterSeconds, trustEndsIn };
}

/** The members that all results have. */
export function commonOf(
  visit: Visit,
  given: {
    readonly path?: Path;
    readonly after: Standing;
    readonly stores?: readonly StoreReceipt[];
    readonly endpoints?: readonly ProbeResult[];
    readonly reported?: boolean;
    readonly next?: NextExchange;
  },
): Common {
  const { path, after } = given;
  return {
    organization: after.organization,
    network: after.network,
    rung: path?.rung ?? null,
    failure: path?.failure ?? null,
    interceptedBy: path && path.rung !== 1 ? issuerOf(path.presentedChain) : null,
    inspectionCas: after.inspectionCas.map(describeAnchor),
    removed: removedSince(visit.before, after),
    stores: given.stores ?? [],
    endpoints: given.endpoints ?? [],
    reported: given.reported ?? false,
    systemClock: visit.agent.clock.systemClockFault(),
    next: given.next ?? { kind: 'back-off' },
  };
}
