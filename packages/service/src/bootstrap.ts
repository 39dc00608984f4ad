// Exchange 1 on the service, whole: what comes in, what is asked of whom, what goes out. @see spec sections 4 and 7
import {
  ANSWER_REPEAT_SECONDS,
  type Digest,
  encodeAnswer,
  encodeDecision,
  type UnixSeconds,
  type VerifiedRequest,
  verifyRequest,
} from '@windlass/protocol';
import { decide, decisionOf, type Ruling } from './decide.ts';
import { type DeviceSide, verifyKnown } from './device-side.ts';
import { StoreError } from './errors.ts';
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
 * signed.
 *
 * @throws ProtocolError: the sender gets the neutral problem; StoreError, SignerError: it is told to come again later
 */
export async function bootstrap(body: Uint8Array, side: DeviceSide): Promise<BootstrapResult> {
  const now = side.now();
  const verified = await verifyKnown(side, now, (known) => verifyRequest(body, known)); // spec S1
  const owned = await findOwner(verified, side);
  const earlier = await findEarlier(verified, side);
  const repeated = earlier.find((decision) => isRepeatable(decision, verified, now));
  if (repeated !== undefined) return answerWith(repeated, owned, verified); // spec S5
  const expectedKey = await expectKey(verified, owned, side, now);
  const facts = { ...factsOf(verified, side), ...owned, now, expectedKey, nonceUsed: earlier.length > 0 };
  const ruling = decide(facts);
  const decision = await signDecision(ruling, verified, side, now);
  await append(decision, observationOf(ruling, verified), side); // spec S9
  return answerWith(decision, owned, verified);
}

/** The claim of the device and what its owner published. */
interface Owned {
  readonly claim: StoredClaim | null;
  readonly profiles: readonly StoredProfile[];
}

async function findOwner({ request }: VerifiedRequest, { management }: DeviceSide): Promise<Owned> {
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
async function findEarlier(
  { request, digest }: VerifiedRequest,
  { store }: DeviceSide,
): Promise<readonly DecisionRecord[]> {
  return store.decisionsFor(request.device, request.nonce, digest);
}

/** A refusal of a reused nonce is repeated for ever: a captured request sent again and again makes nothing grow. */
function isRepeatable({ request, time, code }: DecisionRecord, { digest }: VerifiedRequest, now: UnixSeconds): boolean {
  return request === digest && (code === 'nonce-reused' || now - time < ANSWER_REPEAT_SECONDS);
}

/** The key that the claim names, else the one that was seen first for the device. @see spec S4 */
async function expectKey(
  { request, deviceKey }: VerifiedRequest,
  { claim }: Owned,
  { store }: DeviceSide,
  now: UnixSeconds,
): Promise<Digest> {
  const claimed = claim?.key ?? null;
  const pinned = await store.pinKey(request.device, claimed ?? deviceKey, now);
  return claimed ?? pinned;
}

function factsOf({ request, deviceKey }: VerifiedRequest, { ownKeys, certificateOf }: DeviceSide) {
  return { presentedChain: request.path.presentedChain, deviceKey, ownKeys, certificateOf };
}

async function signDecision(
  ruling: Ruling,
  { request, digest, deviceKey }: VerifiedRequest,
  side: DeviceSide,
  now: UnixSeconds,
): Promise<DecisionRecord> {
  const decision = decisionOf(ruling, { ...side, request, digest, now });
  return {
    device: request.device,
    nonce: request.nonce,
    request: digest,
    key: deviceKey,
    time: now,
    outcome: decision.outcome,
    code: decision.code ?? null,
    organization: 'claim' in ruling ? (ruling.claim?.organization ?? null) : null,
    network: decision.network ?? null,
    claim: decision.claim ?? null,
    profile: decision.profile ?? null,
    envelope: await side.responder.sign(encodeDecision(decision), now),
  };
}

/** What waits for the owner to look at. @see spec S8 */
function observationOf(ruling: Ruling, { request }: VerifiedRequest): NewObservation | null {
  if (ruling.outcome !== 'awaiting-approval' || ruling.observed === null) return null;
  const { organization } = ruling.claim;
  return organization === null ? null : { organization, ...request.device, ...ruling.observed };
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
function answerWith(
  decision: DecisionRecord,
  { claim, profiles }: Owned,
  { request }: VerifiedRequest,
): BootstrapResult {
  const { holds } = request;
  const sendsClaim = claim !== null && claim.digest === decision.claim && claim.digest !== holds.claim?.digest;
  const held = new Set(holds.profiles.map(({ digest }) => digest));
  const profile = profiles.find(({ digest }) => digest === decision.profile && !held.has(digest));
  const body = encodeAnswer({
    decision: decision.envelope,
    ...(sendsClaim ? { claim: claim.envelope } : {}),
    ...(profile === undefined ? {} : { profile: profile.envelope }),
  });
  return { body, outcome: decision.outcome };
}
