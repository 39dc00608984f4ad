// The security profile: signed by a publisher of the claim's organization, of the decision's network, never below what was accepted
// before, with inspection CAs that may be trusted. @see spec D6, D12 to D14, D16 to D20
import type { Certificate } from '@windlass/x509';
import type { AcceptedClaim, ClaimContext } from './accept-claim.ts';
import type { Decision } from './bootstrap.ts';
import type { Envelope } from './envelope.ts';
import { check, checkStep } from './errors.ts';
import { type Floors, networkFloor } from './floors.ts';
import type { Digest, UnixSeconds } from './forms.ts';
import { checkCa, checkInspectionCa } from './inspection-ca.ts';
import { MAX_ISSUED_AHEAD_SECONDS, MAX_SEQUENCE_STEP } from './limits.ts';
import { parseSecurityProfile, type SecurityProfile } from './security-profile.ts';
import { keyOf, openSigned } from './signer.ts';

/** An inspection CA that may be trusted for its permitted names, from `from` to `until`. */
export interface AcceptedInspectionCa {
  readonly certificate: Certificate;
  readonly permittedNames: readonly string[];
  readonly excludedNames: readonly string[];
  readonly from: UnixSeconds;
  readonly until: UnixSeconds;
}

declare const accepted: unique symbol;

/** A profile that a publisher of the claim signed, and whose inspection CAs may be trusted. */
export interface AcceptedProfile {
  readonly [accepted]: true;
  readonly envelope: Envelope;
  readonly digest: Digest;
  readonly profile: SecurityProfile;
  readonly inspectionCas: readonly AcceptedInspectionCa[];
}

/** The profile in `envelope`, under `claim`. @throws ProtocolError of forms, signature, signer; then D12, D14, D17 to D20, X1. */
export function openProfile(envelope: Envelope, owner: AcceptedClaim, context: ClaimContext): AcceptedProfile {
  const { service, serviceAnchors, time } = context;
  const { claim, publishers: anchors } = owner;
  const { organization } = claim;
  const profile = parseSecurityProfile(envelope.payload, service);
  const { issued, expires, retire } = profile;
  const { digest, signer } = openSigned(envelope, { ...context, role: 'publisher', anchors, organization });
  check(profile.organization === organization, 'organization-mismatch'); // spec D12
  check(profile.epoch === claim.epoch, 'epoch-mismatch'); // spec D14
  check(time <= expires, 'profile-expired'); // spec D17
  check(expires <= signer.notAfter, 'profile-outlives-publisher'); // spec D17
  check(issued <= time + MAX_ISSUED_AHEAD_SECONDS, 'profile-not-yet-valid'); // spec D17
  const inspectionCas = profile.inspectionCas.map((ca) => ({ ...ca, certificate: checkInspectionCa(ca) }));
  checkKeys(inspectionCas, [...serviceAnchors, ...anchors], retire);
  check(!profile.sealedSettings, 'unsupported'); // spec X1
  const passed: Omit<AcceptedProfile, typeof accepted> = { envelope, digest, profile, inspectionCas };
  return passed as AcceptedProfile;
}

/** No anchor of the protocol becomes an inspection CA, and no key is there twice or retired. */
function checkKeys(
  cas: readonly AcceptedInspectionCa[],
  anchors: readonly Certificate[],
  retired: readonly Digest[],
): void {
  const keys = cas.map(({ certificate }) => keyOf(certificate));
  const isNoneOf = (others: readonly Digest[]) => !keys.some((key) => others.includes(key));
  check(isNoneOf(anchors.map(keyOf)), 'inspection-ca-key'); // spec D19
  checkCa(new Set(keys).size === keys.length); // spec D20
  checkCa(isNoneOf(retired)); // spec D20
}

/** Against the decision that names it, and the accepted profile of its network. @throws ProtocolError D13, D16 */
export function compareProfile({ profile, digest }: AcceptedProfile, decision: Decision, floors: Floors): void {
  check(profile.network === decision.network, 'network-mismatch'); // spec D13
  const floor = networkFloor(floors, profile) ?? { epoch: -1, sequence: 0, digest };
  const sequences = profile.sequence - floor.sequence;
  const steps = profile.epoch - floor.epoch || sequences;
  check(steps >= 0, 'sequence-rollback'); // spec D16
  check(steps !== 0 || digest === floor.digest, 'sequence-conflict'); // spec D16
  checkStep(sequences, MAX_SEQUENCE_STEP); // spec D16
}
