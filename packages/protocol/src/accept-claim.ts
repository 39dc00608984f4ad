// The claim: signed by the claim authority, for my key, of the owner that the decision names, never below what was accepted before.
// @see spec D5, D7 to D12, D14, D15, D21
import { timingSafeEqual } from 'node:crypto';
import { type Certificate, parseCertificate, type RevocationCheck } from '@windlass/x509';
import type { DecisionContext, DeviceIdentity } from './accept-decision.ts';
import type { Decision } from './bootstrap.ts';
import { hash } from './bytes.ts';
import { type Claim, parseClaim } from './claim.ts';
import type { Envelope } from './envelope.ts';
import { check, checkStep } from './errors.ts';
import { epochFloor } from './floors.ts';
import { type Digest, isSameDevice, type UnixSeconds } from './forms.ts';
import { type LabelKey, labelProofOf, proofTermsOf } from './label-proof.ts';
import { openSigned } from './signer.ts';
import { refusedAs } from './x509-errors.ts';

/** Who the device is, and the time at which signatures are judged. */
export interface ClaimContext extends DeviceIdentity {
  readonly revocation?: RevocationCheck;
  readonly time: UnixSeconds;
}

declare const accepted: unique symbol;

/** A claim that is for this device, signed by the claim authority and not expired. */
export interface AcceptedClaim {
  readonly [accepted]: true;
  readonly envelope: Envelope;
  readonly digest: Digest;
  readonly claim: Claim;
  /** The publisher anchors of the claim. */
  readonly publishers: readonly Certificate[];
}

/** The claim in `envelope`, on its own. @throws ProtocolError of forms, signature, signer; then D7, D8, X1. */
export function openClaim(envelope: Envelope, context: ClaimContext): AcceptedClaim {
  const { service, device, deviceKey, labelKey, time } = context;
  const claim = parseClaim(envelope.payload, service);
  const { digest } = openSigned(envelope, { ...context, role: 'claim-authority' });
  check(isSameDevice(claim.device, device), 'claim-device'); // spec D7
  check((claim.device.key ?? deviceKey) === deviceKey, 'claim-device'); // spec D7
  check(time <= claim.expires, 'claim-expired'); // spec D8
  check(labelKey || !claim.labelProof, 'unsupported'); // spec X1
  const publishers = refusedAs('schema', () => claim.publishers.map(parseCertificate));
  const passed: Omit<AcceptedClaim, typeof accepted> = { envelope, digest, claim, publishers };
  return passed as AcceptedClaim;
}

/** Against everything that was ever accepted, and the decision that names it. @throws ProtocolError D9 to D12, D21, D14, D15 */
export function compareClaim({ claim, digest }: AcceptedClaim, decision: Decision, context: DecisionContext): void {
  const { organization, epoch } = claim;
  const { floors, labelKey } = context;
  const { claimDigest } = floors;
  const ownerships = claim.ownership - floors.ownership;
  const generations = claim.generation - floors.generation;
  const isFirst = claimDigest === null;
  check(ownerships >= 0, 'ownership-rollback'); // spec D9
  check(generations >= 0, 'generation-rollback'); // spec D9
  check(isFirst || generations !== 0 || digest === claimDigest, 'generation-conflict'); // spec D9
  check(isFirst || ownerships !== 0 || organization === floors.organization, 'ownership-mismatch'); // spec D10
  checkStep(generations); // spec D11
  checkStep(ownerships); // spec D11
  check(organization === (decision.organization ?? null), 'organization-mismatch'); // spec D12
  if (labelKey) checkLabelProof(claim, labelKey);
  if (organization === null) return;
  check(epoch === decision.epoch, 'epoch-mismatch'); // spec D14
  const epochs = epoch - epochFloor(floors, organization);
  check(epochs >= 0, 'epoch-rollback'); // spec D15
  checkStep(epochs); // spec D15
}

/** A release needs none, and has none: whoever makes it gives the device to nobody. @throws ProtocolError `label-proof` */
function checkLabelProof(claim: Claim, key: LabelKey): void {
  const right = claim.organization === null ? '' : labelProofOf(key, proofTermsOf(claim));
  // Their digests are as long as each other, also where there is no proof.
  check(timingSafeEqual(hash('sha256', claim.labelProof ?? ''), hash('sha256', right)), 'label-proof'); // spec D21
}
