// Section 5: what a device checks in an answer, in its order: decision, claim, profile. Nothing is written here; what comes out says
// what may be installed, and the floors that must be committed with it.
import { type AcceptedClaim, type ClaimContext, compareClaim, openClaim } from './accept-claim.ts';
import { acceptDecision, type DecisionContext } from './accept-decision.ts';
import { type AcceptedProfile, compareProfile, openProfile } from './accept-profile.ts';
import { type Answer, type Decision, parseAnswer, type Refusal } from './bootstrap.ts';
import type { Envelope } from './envelope.ts';
import { check } from './errors.ts';
import { type Floors, raiseFloors } from './floors.ts';
import { digestOf } from './forms.ts';
import { acceptRevocations, keptRevocations, refuseRevoked } from './revocations.ts';

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
 * @throws ProtocolError of the first check that failed: the answer's form, then the revocation lists, the decision wholly, the claim wholly, the profile wholly,
 * each in the order of sections 2, 3, 1 and 5. @see spec section 5
 */
export function acceptAnswer(body: Uint8Array, context: AcceptContext): AcceptedAnswer {
  const answer = parseAnswer(body);
  const { floors, held, serviceAnchors } = context;
  const revocations = acceptRevocations(answer.revocations ?? [], floors.revocations, serviceAnchors);
  const believing = { ...context, revocation: refuseRevoked(revocations) };
  const decision = acceptDecision(answer.decision, believing);
  const parts = { decision, answer, held: held.claim ? [held.claim, ...held.profiles] : held.profiles };
  const at = { ...believing, time: decision.time };
  const claimed = namedEnvelope('claim', parts);
  const claim = claimed && openClaim(claimed, at);
  if (claim) compareClaim(claim, decision, context);
  const published = namedEnvelope('profile', parts);
  const profile = published && claim && openProfile(published, claim, at);
  if (profile) compareProfile(profile, decision, floors);
  return conclude({ decision, claim, profile, floors: { ...floors, revocations: keptRevocations(revocations) } });
}

/** The claim or profile that the decision names, sent or held; undefined where it names none. @throws ProtocolError D5, D6 */
function namedEnvelope(part: 'claim' | 'profile', { decision, answer, held }: Parts): Envelope | undefined {
  const [named, sent] = [decision[part], answer[part]];
  if (!named) {
    check(!sent, `${part}-digest`); // spec D5, D6
    return undefined;
  }
  const envelope = sent ?? held.find(({ payload }) => digestOf(payload) === named);
  check(envelope, `${part}-missing`); // spec D5, D6
  check(digestOf(envelope.payload) === named, `${part}-digest`); // spec D5, D6
  return envelope;
}

interface Parts {
  readonly decision: Decision;
  readonly answer: Answer;
  readonly held: readonly Envelope[];
}

/** M1, D5 and D6 have made sure that each outcome has what its type says. */
function conclude({ decision, claim, profile, floors }: Concluded): AcceptedAnswer {
  const { outcome: kind, code, time } = decision;
  return {
    kind,
    decision,
    floors: raiseFloors(floors, { time, claim, profile }),
    ...(claim && { [kind === 'unclaimed' ? 'release' : 'claim']: claim }),
    ...(profile && { profile }),
    ...(code && { code }),
  } as AcceptedAnswer;
}

interface Concluded {
  readonly decision: Decision;
  readonly claim: AcceptedClaim | undefined;
  readonly profile: AcceptedProfile | undefined;
  readonly floors: Floors;
}

/**
 * A claim and a profile that a device holds, verified again at `time` without an answer: what it does with its own state when it starts.
 * Floors and revocation lists are not consulted: what is held was accepted.
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
