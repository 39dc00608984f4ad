// Section 5: what a device checks in an answer, in its order: decision, claim, profile. Nothing is written here; what comes out says
// what may be installed, and the floors that must be committed with it.
import { type AcceptedClaim, acceptClaim, type ClaimContext, openClaim } from './accept-claim.ts';
import { acceptDecision, type DecisionContext } from './accept-decision.ts';
import { type AcceptedProfile, acceptProfile, openProfile } from './accept-profile.ts';
import { type Decision, parseAnswer, type Refusal } from './bootstrap.ts';
import type { Envelope } from './envelope.ts';
import { check } from './errors.ts';
import { type Floors, raiseFloors } from './floors.ts';

/** Who I am, what I asked, what I hold and what I accepted before. */
export interface AcceptContext extends DecisionContext {
  /** Envelopes that were accepted before; an answer leaves out what is held. */
  readonly held: { readonly claim?: Envelope; readonly profiles: readonly Envelope[] };
}

declare const accepted: unique symbol;

interface Accepted {
  readonly [accepted]: true;
  readonly decision: Decision;
  /** The new floors: to be committed with claim, profile and nonce in one durable write (C1). */
  readonly floors: Floors;
}

/** An answer that passed every check, by what it decides. Nothing but `acceptAnswer` makes one. */
export type AcceptedAnswer =
  | (Accepted & { readonly kind: 'granted'; readonly claim: AcceptedClaim; readonly profile: AcceptedProfile })
  | (Accepted & { readonly kind: 'not-inspected'; readonly claim: AcceptedClaim; readonly profile?: AcceptedProfile })
  | (Accepted & { readonly kind: 'awaiting-approval'; readonly claim: AcceptedClaim })
  | (Accepted & { readonly kind: 'unclaimed'; readonly release?: AcceptedClaim })
  | (Accepted & { readonly kind: 'refused'; readonly code: Refusal });

/**
 * The answer in `body`, which passed every check of section 5.
 *
 * @throws ProtocolError of the first check that failed: the answer's form, then the decision wholly, the claim wholly, the profile wholly,
 * each in the order of sections 2, 3, 1 and 5. @see spec section 5
 */
export function acceptAnswer(body: Uint8Array, context: AcceptContext): AcceptedAnswer {
  const answer = parseAnswer(body);
  check(!answer.revocations, 'unsupported'); // spec K8, X1
  const decision = acceptDecision(answer.decision, context);
  const claim = acceptClaim(answer.claim, decision, context);
  const profile = acceptProfile(answer.profile, decision, claim, context);
  const floors = raiseFloors(context.floors, { time: decision.time, claim, profile });
  return conclude(decision, { claim, profile }, floors);
}

/**
 * A claim and a profile that a device holds, verified again at `time` without an answer: what it does with its own state when it starts.
 * Floors are not consulted: what is held was accepted.
 *
 * @throws ProtocolError as `acceptAnswer` does for D7, D8, D12, D14, D17 to D20 and everything about forms and signatures.
 */
export function reopenHeld(
  held: { readonly claim: Envelope; readonly profile: Envelope },
  context: ClaimContext,
): { readonly claim: AcceptedClaim; readonly profile: AcceptedProfile } {
  const claim = openClaim(held.claim, context);
  return { claim, profile: openProfile(held.profile, claim, context) };
}

/** M1, D5 and D6 have made sure that each outcome has what its type says. */
function conclude(
  decision: Decision,
  { claim, profile }: { readonly claim: AcceptedClaim | undefined; readonly profile: AcceptedProfile | undefined },
  floors: Floors,
): AcceptedAnswer {
  const { outcome: kind, code } = decision;
  const named = { [kind === 'unclaimed' ? 'release' : 'claim']: claim, profile, code };
  const given = Object.entries(named).filter(([, value]) => value);
  return { kind, decision, floors, ...Object.fromEntries(given) } as AcceptedAnswer;
}
