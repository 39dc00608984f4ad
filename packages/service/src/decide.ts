// What is decided of a verified request, and how the decision says it: pure.
import {
  type BootstrapRequest,
  type Decision,
  type Digest,
  MAX_REFRESH_SECONDS,
  type Refusal,
  type ServiceName,
  type UnixSeconds,
} from '@windlass/protocol';
import type { ObservedChain } from './presented-chain.ts';
import { type SelectionFacts, selectProfile } from './select-profile.ts';
import type { StoredClaim, StoredProfile } from './store/ports.ts';

/** What is known of a device and its request when it is decided. */
export interface DecisionFacts extends Omit<SelectionFacts, 'assigned'> {
  /** SHA-256 of the SPKI that signed the request. */
  readonly deviceKey: Digest;
  /** The claim's, or the one that was seen first. */
  readonly expectedKey: Digest;
  /** The nonce has an answer that cannot be repeated. */
  readonly nonceUsed: boolean;
  readonly claim: StoredClaim | null;
}

/** What was decided. */
export type Ruling =
  | { readonly outcome: 'refused'; readonly code: Refusal }
  /** The claim is that of a device that was released. */
  | { readonly outcome: 'unclaimed'; readonly claim: StoredClaim | null }
  | { readonly outcome: 'awaiting-approval'; readonly claim: StoredClaim; readonly observed: ObservedChain | null }
  | { readonly outcome: 'not-inspected'; readonly claim: StoredClaim; readonly profile: StoredProfile | null }
  | { readonly outcome: 'granted'; readonly claim: StoredClaim; readonly profile: StoredProfile };

/** The ruling that rules S4 to S7 ask for; what has ended is refused, because a device would. */
export function decide(facts: DecisionFacts): Ruling {
  const { claim, now } = facts;
  if (facts.deviceKey !== facts.expectedKey) return refused('device-key-changed'); // spec S4
  if (facts.nonceUsed) return refused('nonce-reused'); // spec S5
  if (claim === null) return { outcome: 'unclaimed', claim: null };
  if (claim.expires < now) return refused('claim-expired'); // spec D8
  if (claim.organization === null) return { outcome: 'unclaimed', claim };
  const selection = selectProfile({ ...facts, profiles: profilesFor(claim, facts), assigned: claim.network });
  if (selection.kind === 'awaiting-approval') return { outcome: selection.kind, claim, observed: selection.observed };
  if (selection.profile !== null && selection.profile.expires < now) return refused('profile-expired'); // spec D17
  return selection.kind === 'granted'
    ? { outcome: 'granted', claim, profile: selection.profile }
    : { outcome: 'not-inspected', claim, profile: selection.profile };
}

/** Who decides, for which request. */
export interface DecisionContext {
  readonly service: ServiceName;
  readonly request: BootstrapRequest;
  /** Of the request's payload. */
  readonly digest: Digest;
  readonly now: UnixSeconds;
  readonly refreshSeconds: number;
  readonly retrySeconds: number;
}

/** The decision that tells the device of the ruling. */
export function decisionOf(ruling: Ruling, context: DecisionContext): Decision {
  const { service, request, digest, now, retrySeconds: retryAfterSeconds } = context;
  const common = { service, device: request.device, nonce: request.nonce, request: digest, time: now };
  const base = { ...common, refreshAfterSeconds: refreshAfter(ruling, context) };
  switch (ruling.outcome) {
    case 'refused':
      return { ...base, outcome: 'refused', code: ruling.code, retryAfterSeconds };
    case 'unclaimed':
      return { ...base, outcome: 'unclaimed', ...claimDigest(ruling.claim), retryAfterSeconds };
    case 'awaiting-approval':
      return { ...base, outcome: 'awaiting-approval', ...ownership(ruling.claim), retryAfterSeconds };
    case 'not-inspected':
      return { ...base, outcome: 'not-inspected', ...ownership(ruling.claim), ...profileDigest(ruling.profile) };
    case 'granted':
      return { ...base, outcome: 'granted', ...ownership(ruling.claim), ...profileDigest(ruling.profile) };
  }
}

function refused(code: Refusal): Ruling {
  return { outcome: 'refused', code };
}

/** Of the claim's epoch: a device refuses another (spec D14). */
function profilesFor({ epoch }: StoredClaim, { profiles }: DecisionFacts): readonly StoredProfile[] {
  return profiles.filter((profile) => profile.epoch === epoch);
}

/** Before what the device gets ends, it asks again. */
function refreshAfter(ruling: Ruling, { now, refreshSeconds }: DecisionContext): number {
  const ends = [
    ...('claim' in ruling && ruling.claim !== null ? [ruling.claim.expires] : []),
    ...('profile' in ruling && ruling.profile !== null ? [ruling.profile.expires] : []),
  ];
  const soonest = Math.min(...ends.map((end) => Math.floor((end - now) / 2)), refreshSeconds, MAX_REFRESH_SECONDS);
  return Math.max(soonest, 1);
}

function claimDigest(claim: StoredClaim | null): Partial<Decision> {
  return claim === null ? {} : { claim: claim.digest };
}

function ownership({ organization, epoch, digest }: StoredClaim): Partial<Decision> {
  return organization === null ? {} : { organization, epoch, claim: digest };
}

function profileDigest(profile: StoredProfile | null): Partial<Decision> {
  return profile === null ? {} : { network: profile.network, profile: profile.digest };
}
