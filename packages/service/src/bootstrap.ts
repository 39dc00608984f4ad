// Exchange 1 on the service, whole: what comes in, what is asked of whom, what goes out. @see spec sections 4 and 7
import {
  ANSWER_REPEAT_SECONDS,
  type Digest,
  encodeDecision,
  type UnixSeconds,
  type VerifiedRequest,
  verifyRequest,
} from '@windlass/protocol';
import { type DecisionFacts, decide, decisionOf, type Ruling } from './decide.ts';
import { type DeviceSide, verifyKnown } from './device-side.ts';
import { StoreError } from './errors.ts';
import { encodeWithRevocations, revocationsFor } from './sent-revocations.ts';
import type { DecisionRecord, NewObservation } from './store/device-ports.ts';
import type { StoredClaim, StoredProfile } from './store/ports.ts';

/** What is sent, and what was decided, for the log. */
export interface BootstrapResult {
  /** The body. */
  readonly body: string;
  readonly outcome: DecisionRecord['outcome'];
}

/**
 * The answer to a request: a decision signed for it alone and stored, with the claim and the profile that it names as they were
 * signed, and the revocation lists that the device does not have.
 *
 * @throws ProtocolError: the sender gets the neutral problem; QuotaError, StoreError, SignerError: it is told to come again later
 */
export async function bootstrap(body: Uint8Array, side: DeviceSide): Promise<BootstrapResult> {
  const now = side.now();
  const verified = await verifyKnown(side, now, {
    verify: (known) => verifyRequest(body, known),
    deviceOf: ({ request }) => request.device,
  }); // spec S1
  const asked: Asked = { side, now, verified, owned: await findOwner(verified, side) };
  const earlier = await findEarlier(asked);
  const repeated = earlier.find((decision) => isRepeatable(decision, asked));
  if (repeated !== undefined) return answerWith(repeated, asked); // spec S5
  side.quota(verified.request.device);
  const ruling = decide({ ...(await factsOf(asked)), nonceUsed: earlier.length > 0 });
  const decision = await signDecision(ruling, asked);
  await append(decision, observationOf(ruling, asked), side); // spec S9
  return answerWith(decision, asked);
}

/** A verified request with what the management side says of its device. */
interface Asked {
  readonly side: DeviceSide;
  readonly now: UnixSeconds;
  readonly verified: VerifiedRequest;
  readonly owned: Owned;
}

/** The claim of the device and what its owner published. */
interface Owned {
  readonly claim: StoredClaim | null;
  readonly profiles: readonly StoredProfile[];
}

/** A new epoch may begin between the two reads: then the claim is of the one before, and all is read once more. @see spec D14 */
async function findOwner(verified: VerifiedRequest, side: DeviceSide): Promise<Owned> {
  const owned = await readOwner(verified, side);
  const { claim, profiles } = owned;
  const isOvertaken = claim !== null && profiles.some(({ epoch }) => epoch > claim.epoch);
  return isOvertaken ? readOwner(verified, side) : owned;
}

async function readOwner({ request }: VerifiedRequest, { management }: DeviceSide): Promise<Owned> {
  const claim = await management.claimOf(request.device);
  const organization = claim?.organization ?? null;
  const profiles = organization === null ? [] : await management.profilesOf(organization);
  for (const profile of profiles) {
    if (profile.organization === organization) continue;
    throw new StoreError('inconsistent', 'A profile of another organization was read: stop the service.'); // spec S6
  }
  return { claim, profiles };
}

/** The answer that this nonce got, and the refusal that this request got; at most one each. */
async function findEarlier({ side, verified }: Asked): Promise<readonly DecisionRecord[]> {
  const { request, digest } = verified;
  return side.store.decisionsFor(request.device, request.nonce, digest);
}

/** A refusal of a reused nonce is repeated for ever: a captured request sent again and again makes nothing grow. */
function isRepeatable({ request, time, code }: DecisionRecord, { verified, now }: Asked): boolean {
  return request === verified.digest && (code === 'nonce-reused' || now - time < ANSWER_REPEAT_SECONDS);
}

async function factsOf(asked: Asked): Promise<Omit<DecisionFacts, 'nonceUsed'>> {
  const { side, now, verified, owned } = asked;
  const { ownKeys, certificateOf } = side;
  const { request, deviceKey } = verified;
  const expectedKey = await expectKey(asked);
  return { ...owned, presentedChain: request.path.presentedChain, deviceKey, expectedKey, ownKeys, certificateOf, now };
}

/** The key that the claim or the manifest names, else the one that was seen first for the device. @see spec S4 */
async function expectKey({ side, now, verified, owned }: Asked): Promise<Digest> {
  const { device } = verified.request;
  const named = owned.claim?.key ?? (await side.management.manifestKeyOf(device)); // spec S4
  const pinned = await side.store.pinKey(device, named ?? verified.deviceKey, now);
  return named ?? pinned;
}

async function signDecision(ruling: Ruling, { side, now, verified, owned }: Asked): Promise<DecisionRecord> {
  const { request, digest, deviceKey } = verified;
  const decision = decisionOf(ruling, { ...side, request, digest, now });
  return {
    device: request.device,
    nonce: request.nonce,
    request: digest,
    key: deviceKey,
    time: now,
    outcome: decision.outcome,
    code: decision.code ?? null,
    organization: owned.claim?.organization ?? null,
    network: decision.network ?? null,
    claim: decision.claim ?? null,
    profile: decision.profile ?? null,
    envelope: await side.responder.sign(encodeDecision(decision), now),
  };
}

/** What waits for the owner to look at. @see spec S8 */
function observationOf(ruling: Ruling, { verified }: Asked): NewObservation | null {
  if (ruling.outcome !== 'awaiting-approval' || ruling.observed === null) return null;
  const { organization } = ruling.claim;
  return organization === null ? null : { organization, ...verified.request.device, ...ruling.observed };
}

async function append(
  decision: DecisionRecord,
  observation: NewObservation | null,
  { store }: DeviceSide,
): Promise<void> {
  if (await store.appendDecision(decision, observation)) return;
  throw new StoreError('busy', 'The same nonce is being answered at this moment: try again.');
}

/** What the device holds already, by digest, is left out. */
function answerWith(decision: DecisionRecord, { side, now, owned, verified }: Asked): BootstrapResult {
  const { claim, profiles } = owned;
  const { holds } = verified.request;
  const sendsClaim = claim !== null && claim.digest === decision.claim && claim.digest !== holds.claim?.digest;
  const held = new Set(holds.profiles.map(({ digest }) => digest));
  const profile = profiles.find(({ digest }) => digest === decision.profile && !held.has(digest));
  const answer = {
    decision: decision.envelope,
    ...(sendsClaim ? { claim: claim.envelope } : {}),
    ...(profile === undefined ? {} : { profile: profile.envelope }),
  };
  const lists = revocationsFor({ decision, claim, holds, now }, side.revocations);
  return { body: encodeWithRevocations(answer, lists), outcome: decision.outcome };
}
