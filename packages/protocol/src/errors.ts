// The one error of the protocol and its closed list of codes, and the assertion that every check of the specification is made with.
import { MAX_STEP } from './limits.ts';

/** Every code of the specification, in its order. Each is provoked by a vector or a test. @see spec section 11 */
export const PROTOCOL_ERROR_CODES = [
  'too-large',
  'json',
  'type',
  'version',
  'service',
  'schema',
  'revocations',
  'revocations-rollback',
  'cms',
  'algorithm',
  'digest-mismatch',
  'signature',
  'signer-untrusted',
  'signer-path',
  'signer-expired',
  'signer-not-yet-valid',
  'signer-revoked',
  'signer-purpose',
  'signer-name',
  'signer-lifetime',
  'device-certificate',
  'time-before-floor',
  'clock-mismatch',
  'device-mismatch',
  'nonce-mismatch',
  'nonce-used',
  'request-mismatch',
  'request-stale',
  'claim-missing',
  'claim-digest',
  'profile-missing',
  'profile-digest',
  'claim-device',
  'claim-expired',
  'ownership-rollback',
  'generation-rollback',
  'generation-conflict',
  'ownership-mismatch',
  'step-too-large',
  'organization-mismatch',
  'label-proof',
  'network-mismatch',
  'epoch-mismatch',
  'epoch-rollback',
  'sequence-rollback',
  'sequence-conflict',
  'profile-expired',
  'profile-outlives-publisher',
  'profile-not-yet-valid',
  'inspection-ca',
  'inspection-ca-key',
  'unsupported',
  'sealed-key',
  'report-mismatch',
] as const;

/** Why a message was refused. @see spec section 11 */
export type ProtocolErrorCode = (typeof PROTOCOL_ERROR_CODES)[number];

/**
 * A message was refused: the fault is the peer's. `message` is a sentence or, where nothing more is to be said, the code; it never
 * quotes what the peer sent. The wire gets at most `code`. `explainError` has a sentence for each code.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code: ProtocolErrorCode;

  constructor(code: ProtocolErrorCode, message: string = code, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** `condition` holds afterwards; otherwise a ProtocolError with `code` was thrown. One call is one check of the specification. */
export function check(condition: unknown, code: ProtocolErrorCode): asserts condition {
  if (!condition) throw new ProtocolError(code);
}

/** A number rises by at most `max`: else `step-too-large`. */
export function checkStep(step: number, max = MAX_STEP): void {
  if (step > max) throw new ProtocolError('step-too-large');
}

/** The same for the form of a value: `schema`. */
export function checkForm(condition: unknown, name = 'value'): asserts condition {
  if (!condition) throw new ProtocolError('schema', `The ${name} is not in its form.`);
}
