// The claim: signed by the claim authority, for my key, of the owner that the decision names, never below what was accepted before.
// @see spec D5, D7 to D12, D14, D15
import { type Certificate, parseCertificate } from '@windlass/x509';
import type { DeviceIdentity } from './accept-decision.ts';
import type { Decision } from './bootstrap.ts';
import { type Claim, parseClaim } from './claim.ts';
import { type Envelope, openEnvelope } from './envelope.ts';
import { check } from './errors.ts';
import { epochFloor, type Floors } from './floors.ts';
import { type Digest, digestOf, isSameDevice, type UnixSeconds } from './forms.ts';
import { MAX_STEP } from './limits.ts';
import { anchorsOf, verifySigner } from './signer.ts';
import { refusedAs } from './x509-errors.ts';

/** Who the device is, and the time at which signatures are judged. */
export interface ClaimContext extends DeviceIdentity {
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

/** The claim that `decision` names, sent or held; undefined where it names none. @throws ProtocolError of the first check that failed */
export function acceptClaim(
  sent: Envelope | undefined,
  decision: Decision,
  context: DeviceIdentity & { readonly floors: Floors; readonly held: { readonly claim?: Envelope } },
): AcceptedClaim | undefined {
  if (decision.claim === undefined) {
    check(!sent, 'claim-digest'); // spec D5
    return undefined;
  }
  const envelope = sent ?? [context.held.claim].find((held) => held && digestOf(held.payload) === decision.claim);
  check(envelope, 'claim-missing'); // spec D5
  check(digestOf(envelope.payload) === decision.claim, 'claim-digest'); // spec D5
  const opened = openClaim(envelope, { ...context, time: decision.time });
  checkRank(opened, context.floors);
  checkAgreement(opened.claim, decision, context.floors);
  return opened;
}

/** The claim in `envelope`, on its own. @throws ProtocolError of forms, signature, signer; then D7, D8, X1. */
export function openClaim(envelope: Envelope, context: ClaimContext): AcceptedClaim {
  const { service, device, deviceKey, time } = context;
  const anchors = anchorsOf(context.serviceAnchors);
  const claim = parseClaim(envelope.payload, service);
  const opened = openEnvelope(envelope, 'claim-authority');
  verifySigner(opened, { role: 'claim-authority', anchors, time, service });
  check(isSameDevice(claim.device, device), 'claim-device'); // spec D7
  check((claim.device.key ?? deviceKey) === deviceKey, 'claim-device'); // spec D7
  check(time <= claim.expires, 'claim-expired'); // spec D8
  check(!claim.labelProof, 'unsupported'); // spec X1
  const publishers = refusedAs('schema', () => claim.publishers.map(parseCertificate));
  const passed: Omit<AcceptedClaim, typeof accepted> = { envelope, digest: opened.digest, claim, publishers };
  return passed as AcceptedClaim;
}

/** Against everything that was ever accepted. */
function checkRank({ claim, digest }: AcceptedClaim, floors: Floors): void {
  const { ownership, generation, organization } = claim;
  const isFirst = floors.claimDigest === null;
  check(ownership >= floors.ownership, 'ownership-rollback'); // spec D9
  check(generation >= floors.generation, 'generation-rollback'); // spec D9
  const isRepeated = isFirst || generation !== floors.generation || digest === floors.claimDigest;
  check(isRepeated, 'generation-conflict'); // spec D9
  const isOwner = isFirst || ownership !== floors.ownership || organization === floors.organization;
  check(isOwner, 'ownership-mismatch'); // spec D10
  check(generation <= floors.generation + MAX_STEP, 'step-too-large'); // spec D11
  check(ownership <= floors.ownership + MAX_STEP, 'step-too-large'); // spec D11
}

/** With the decision, and with the epochs of the organization. */
function checkAgreement(claim: Claim, decision: Decision, floors: Floors): void {
  const { organization, epoch } = claim;
  const isNamed = organization === (decision.organization ?? null);
  check(isNamed, 'organization-mismatch'); // spec D12
  if (organization === null) return;
  check(epoch === decision.epoch, 'epoch-mismatch'); // spec D14
  const floor = epochFloor(floors, organization);
  check(epoch >= floor, 'epoch-rollback'); // spec D15
  check(epoch <= floor + MAX_STEP, 'step-too-large'); // spec D15
}
