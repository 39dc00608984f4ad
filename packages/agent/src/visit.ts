// One exchange on its way: what was trusted before it, what it may fall back to, and what of an answer is kept.
import {
  type AcceptedAnswer,
  type AcceptedClaim,
  type AcceptedProfile,
  type Digest,
  type Envelope,
  MAX_HELD_PROFILES,
  type Nonce,
} from '@windlass/protocol';
import { keysOf, organizationOf, type Standing, standingOf } from './active-trust.ts';
import type { Agent } from './agent.ts';
import type { Seen } from './ladder.ts';
import type { ActiveTrust } from './ports.ts';
import type { sendReport } from './report.ts';
import { type HeldProfile, type Holding, NOTHING_HELD } from './state/agent-state.ts';

export interface Visit {
  readonly agent: Agent;
  /** What was trusted when it began. */
  readonly before: Standing;
  /** What the device has without the answer: the last confirmed holding. */
  readonly base: Holding;
  /** There where the answer came by hand: what becomes of the report. @see spec C6 */
  readonly send?: typeof sendReport;
}

/** A visit whose answer was accepted. */
export interface AcceptedVisit<Answer extends AcceptedAnswer = AcceptedAnswer> extends Visit {
  readonly path: Seen;
  readonly nonce: Nonce;
  readonly accepted: Answer;
}

export type Granted = Extract<AcceptedAnswer, { kind: 'granted' }>;
export type Refused = Extract<AcceptedAnswer, { kind: 'refused' }>;
/** An accepted answer by which no inspection CA becomes active; a granted one too, where none signs. */
export type Settled = Exclude<AcceptedAnswer, Refused>;

/** The profile that an accepted answer brings, or the held one that it names. */
export function profileOf(accepted: AcceptedAnswer): AcceptedProfile | undefined {
  return 'profile' in accepted ? accepted.profile : undefined;
}

/** What is known at the start of an exchange. An active profile that is not confirmed yet counts, until this exchange decides. */
export function startVisit(agent: Agent): Visit {
  const { holding, previous } = agent.state.current;
  return { agent, before: standingNow(agent), base: previous ?? holding };
}

/** What was found of a holding, and from when until when that holds: a look each minute costs no signatures. */
const found = new WeakMap<Holding, { readonly standing: Standing; readonly from: number; readonly to: number }>();
const LONGEST_UNVERIFIED_SECONDS = 3_600;

/** What the state on the disk says is trusted now; verified anew at each change of it, at each of its dates and every hour. */
export function standingNow({ state, identity, clock }: Agent): Standing {
  const { holding } = state.current;
  const { time } = clock.read();
  const last = found.get(holding);
  if (last && last.from <= time && time < last.to) return last.standing;
  const standing = standingOf(holding, identity, time);
  const longest = standing.fault ? 0 : LONGEST_UNVERIFIED_SECONDS;
  const to = Math.min(time + longest, standing.changes ?? Number.POSITIVE_INFINITY);
  found.set(holding, { standing, from: time, to });
  return standing;
}

/** What was ours before and is not any more. */
export function removedSince(before: ActiveTrust, after: ActiveTrust): readonly Digest[] {
  const kept = keysOf(after);
  return keysOf(before).filter((key) => !kept.includes(key));
}

/** The holding under the accepted claim; what came under another owner is not in it. @see spec C4 */
export function underClaim({ base, agent }: Visit, { claim, envelope }: AcceptedClaim): Holding {
  const { organization } = claim;
  const same = organization !== null && organization === organizationOf(base, agent.identity);
  return { ...(same ? base : NOTHING_HELD), claim: envelope }; // spec C4
}

/** The same without trust in these keys. */
export function retiring(holding: Holding, keys: readonly Digest[]): Holding {
  return { ...holding, retired: [...new Set([...holding.retired, ...keys])] };
}

/** The held profile is this very one. */
export function isSame(held: HeldProfile, { payload }: Envelope): boolean {
  return held.envelope.payload === payload;
}

/** The same with the accepted profile as the one used last; it is not active by that. */
export function withProfile(visit: Visit, claim: AcceptedClaim, accepted?: AcceptedProfile): Holding {
  const base = { ...underClaim(visit, claim), active: null };
  if (!accepted) return base;
  const { envelope, profile } = accepted;
  const { network } = profile;
  const confirmed = base.profiles.some((held) => isSame(held, envelope) && held.confirmed);
  const others = base.profiles.filter((held) => held.network !== network);
  const profiles = [{ network, envelope, confirmed }, ...others].slice(0, MAX_HELD_PROFILES);
  return { ...base, profiles, issuer: null, retired: [] };
}
