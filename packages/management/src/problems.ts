// Every way in which the service says no to an operator: one code, one HTTP status, one title. Codes are a contract; a
// problem's `detail` is a sentence for people and may change.
import { Type } from 'typebox';
import { ProofTerms } from './proof-schemas.ts';

/** All codes a problem of the management API can have, each with its HTTP status and its title. */
export const PROBLEMS = {
  'invalid-request': { status: 400, title: 'The request does not have the form this route takes' },
  unauthenticated: { status: 401, title: 'No valid token' },
  forbidden: { status: 403, title: 'This token may not do that' },
  'not-found': { status: 404, title: 'Not found' },
  exists: { status: 409, title: 'It exists already' },
  'in-use': { status: 409, title: 'It is in use' },
  'claim-refused': { status: 422, title: 'The device cannot be claimed this way' },
  'label-proof': { status: 422, title: 'The claim needs a label proof' },
  'transfer-ended': { status: 409, title: 'The transfer is not open' },
  'manifest-refused': { status: 422, title: 'Rows of the manifest cannot be imported' },
  'already-claimed': { status: 409, title: 'The device is claimed already' },
  'ambiguous-manufacturer': { status: 409, title: 'More than one manufacturer has this serial' },
  'already-approved': { status: 409, title: 'The inspection CA is approved already' },
  'already-retired': { status: 409, title: 'The inspection CA is retired already' },
  'done-already': { status: 409, title: 'It was done, and the answer cannot be given again' },
  'second-person-needed': { status: 403, title: 'Somebody else has to decide this' },
  'approval-ended': { status: 409, title: 'The approval is not waiting' },
  'last-of-role': { status: 409, title: 'Nobody would be left who could do this' },
  'own-publisher': { status: 409, title: 'The organization signs its profiles itself' },
  'stale-draft': { status: 409, title: 'Something changed since the draft was made' },
  'not-yet': { status: 409, title: 'Something else has to be done first' },
  'nothing-changed': { status: 409, title: 'Nothing changed since the last publication' },
  'limit-reached': { status: 409, title: 'A limit of the protocol is reached' },
  'changed-meanwhile': { status: 412, title: 'It is not any more what you looked at' },
  'too-large': { status: 413, title: 'The request is too large' },
  'unsupported-media-type': { status: 415, title: 'The request is not JSON' },
  'certificate-refused': { status: 422, title: 'The certificate cannot be used' },
  'fingerprint-refused': { status: 422, title: 'The fingerprint is not the one that was confirmed' },
  'private-key-in-upload': { status: 422, title: 'The upload contains a private key' },
  'signature-refused': { status: 422, title: 'Devices would refuse this signature' },
  'scope-refused': { status: 422, title: 'The names of the scope cannot be used' },
  'time-refused': { status: 422, title: 'The dates cannot be used' },
  'idempotency-key-reused': { status: 422, title: 'The key stands for another request' },
  'rate-limited': { status: 429, title: 'Too many failed attempts' },
  internal: { status: 500, title: 'The service failed' },
  unavailable: { status: 503, title: 'The service cannot do this now' },
  'signer-unavailable': { status: 503, title: 'A signing key is missing or has ended' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly title: string }>>;

/** The code of a problem that the service answers. */
export type ProblemCode = keyof typeof PROBLEMS;

/** The codes the client adds for an answer that never came, or that is not the service's. */
export type ClientErrorCode = 'unreachable' | 'tls-untrusted' | 'timeout' | 'not-windlass' | 'waits-for-approval';

const PROBLEM_TYPE_PREFIX = 'urn:windlass:problem:';

/** An RFC 9457 problem document, as the service writes it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  /** With `label-proof`: what the proof has to cover. */
  readonly proofTerms?: ProofTerms;
}

/** The schema of {@link Problem}. */
export const ProblemSchema = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String(),
  proofTerms: Type.Optional(ProofTerms),
});

/** The problem document of `code`; `detail` is one sentence that says what to do. */
export function problemOf(code: ProblemCode, detail: string): Problem {
  const { status, title } = PROBLEMS[code];
  return { type: `${PROBLEM_TYPE_PREFIX}${code}`, title, status, detail, code };
}

/** Whether `text` is a code of this table. */
export function isProblemCode(text: unknown): text is ProblemCode {
  return typeof text === 'string' && Object.hasOwn(PROBLEMS, text);
}
