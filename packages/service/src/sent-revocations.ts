// Which revocation lists go with an answer: those that the device does not have yet, but for one that would make it refuse this very
// answer, or the claim that it is given next. @see spec S14
import { type Answer, type BootstrapRequest, encodeAnswer, MAX_BODY_BYTES, type UnixSeconds } from '@windlass/protocol';
import { type Revocations, signersOf } from './signer/revocations.ts';
import type { DecisionRecord } from './store/device-ports.ts';
import type { StoredClaim } from './store/ports.ts';

/** What is answered, to whom. */
export interface Answered {
  readonly decision: DecisionRecord;
  /** The current one of the device. */
  readonly claim: StoredClaim | null;
  readonly holds: BootstrapRequest['holds'];
  readonly now: UnixSeconds;
}

/** The lists in DER, for every outcome alike. @throws SignerError: nobody knows who is revoked */
export function revocationsFor(answered: Answered, revocations: Revocations): readonly Uint8Array[] {
  const { decision, claim, holds } = answered;
  const held = holds.revocations;
  if (held === undefined) return []; // spec S14
  // A decision that is repeated while claims are signed anew names the old one: the next answer will have the lists.
  if (decision.claim !== null && decision.claim !== claim?.digest) return []; // spec S14
  const sent: Uint8Array[] = [];
  for (const list of revocations.lists()) {
    if (held.some(({ anchor, number }) => anchor === list.anchor && number >= list.number)) continue; // spec S14
    if (chainsOf(answered).some((chain) => revocations.names(chain, [list]))) continue; // spec S14
    sent.push(list.crl.der);
  }
  return sent;
}

/**
 * Who signed what the device judges now, and the claim that it judges next, whatever the outcome is now. A decision that is repeated may be
 * by a responder that was revoked since; a claim that ended is given to nobody.
 */
function chainsOf({ decision, claim, now }: Answered) {
  return [
    signersOf(decision.envelope, 'responder'),
    ...(claim === null || claim.expires < now ? [] : [signersOf(claim.envelope, 'claim-authority')]),
  ];
}

/**
 * The body of the answer with as many of the lists as it has room for. Who gets none beside a large profile gets it with the next answer, which
 * leaves that profile out because the device holds it then.
 */
export function encodeWithRevocations(answer: Answer, lists: readonly Uint8Array[]): string {
  const sent: Uint8Array[] = [];
  for (const list of lists) {
    const body = encodeAnswer({ ...answer, revocations: [...sent, list] });
    if (Buffer.byteLength(body) > MAX_BODY_BYTES) continue; // spec F1
    sent.push(list);
  }
  return encodeAnswer(sent.length === 0 ? answer : { ...answer, revocations: sent });
}
