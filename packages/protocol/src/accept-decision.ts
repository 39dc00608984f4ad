// The decision: signed by a responder, for me, for this request, now. @see spec T1 to T4, D1 to D4
import type { Certificate, RevocationCheck } from '@windlass/x509';
import { type Clock, type Decision, parseDecision } from './bootstrap.ts';
import type { Envelope } from './envelope.ts';
import { check } from './errors.ts';
import type { Floors } from './floors.ts';
import { type DeviceId, type Digest, digestOf, isSameDevice, type Nonce, type ServiceName } from './forms.ts';
import type { LabelKey } from './label-proof.ts';
import { MAX_HAND_CARRIED_AGE_SECONDS, MAX_REQUEST_AGE_SECONDS } from './limits.ts';
import { checkSignedTime } from './signed-time.ts';
import { openSigned } from './signer.ts';

/** Who a device is, and whom it trusts from the factory. */
export interface DeviceIdentity {
  readonly service: ServiceName;
  readonly serviceAnchors: readonly Certificate[];
  readonly device: DeviceId;
  /** SHA-256 of the SPKI of the device's key. */
  readonly deviceKey: Digest;
  /** Of the code on the label; without it the device takes claims without a proof, and no other. */
  readonly labelKey?: LabelKey | undefined;
}

/** What the device asked, and what it accepted before. */
export interface DecisionContext extends DeviceIdentity {
  readonly revocation?: RevocationCheck;
  readonly request: {
    readonly payload: string;
    readonly nonce: Nonce;
    /** Monotonic time since the request was made, in seconds. */
    readonly ageSeconds: number;
    /** The answer came in a file. */
    readonly handCarried: boolean;
  };
  readonly floors: Floors;
  readonly clock: Clock;
  /** The nonce of the last answer that was committed. */
  readonly lastNonce: Nonce | null;
}

/** The decision in `envelope`. @throws ProtocolError of forms, signature, signer; then T2, T3, D1 to D4, X1. */
export function acceptDecision(envelope: Envelope, context: DecisionContext): Decision {
  const decision = parseDecision(envelope.payload, context.service);
  const { time, sealedKey } = decision;
  openSigned(envelope, { ...context, role: 'responder', time });
  checkSignedTime(time, { floor: context.floors.time, clock: context.clock });
  checkBinding(decision, context);
  check(!sealedKey, 'unsupported'); // spec X1
  return decision;
}

function checkBinding(decision: Decision, { device, request, lastNonce }: DecisionContext): void {
  const { nonce } = decision;
  check(isSameDevice(decision.device, device), 'device-mismatch'); // spec D1
  check(nonce === request.nonce, 'nonce-mismatch'); // spec D2
  check(nonce !== lastNonce, 'nonce-used'); // spec D2
  check(decision.request === digestOf(request.payload), 'request-mismatch'); // spec D3
  const limit = request.handCarried ? MAX_HAND_CARRIED_AGE_SECONDS : MAX_REQUEST_AGE_SECONDS;
  check(request.ageSeconds < limit, 'request-stale'); // spec D4
}
