// The only place of the management side where an error becomes a response: RFC 9457, one sentence that says what to do.
import { type Problem, type ProblemCode, problemOf } from '@windlass/management';
import { ProtocolError } from '@windlass/protocol';
import { StoreError } from '../errors.ts';
import { ProofRefusal } from '../label-proofs.ts';
import { Refusal } from '../refusal.ts';
import { SignerError } from '../signer/ports.ts';

/** Media type of a problem. */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** The problem that tells of `error`; what is not the operator's fault is told without its inner text. */
export function problemOfError(error: unknown): Problem {
  if (error instanceof ProofRefusal) return { ...problemOf(error.code, error.message), proofTerms: error.terms };
  if (error instanceof Refusal) return problemOf(error.code, error.message);
  if (error instanceof SignerError) return problemOf('signer-unavailable', error.message);
  if (error instanceof ProtocolError) return problemOf('invalid-request', error.message);
  if (error instanceof StoreError) {
    return problemOf('unavailable', 'The database cannot be used now: try again, and see the log of the service.');
  }
  return frameworkProblem(error) ?? problemOf('internal', 'The service failed: its log has the reason.');
}

/** The member that is wrong, and what it must be. */
export interface SchemaViolation {
  readonly instancePath?: string;
  readonly keyword?: string;
  readonly params?: unknown;
}

/**
 * The sentence about the first violation of a request's schema: which member, and what it must be, in the words of the
 * schema's own descriptions.
 */
export function violationSentence(violations: readonly SchemaViolation[], schema: unknown): string {
  // An unknown member is told twice: as a member that no value fits, and as one too many. The second says more.
  const violation = violations.find(({ keyword }) => keyword !== 'boolean');
  const path = (violation?.instancePath ?? '').split('/').slice(1);
  const params = violation?.params;
  const name = path.join('.');
  if (violation?.keyword === 'required' && has(params, 'requiredProperties')) {
    return `${listOf(params.requiredProperties)} must be given.`;
  }
  if (violation?.keyword === 'additionalProperties' && has(params, 'additionalProperties')) {
    return `${listOf(params.additionalProperties)} is not known to this route: leave it out.`;
  }
  const description = descriptionAt(schema, path);
  if (name === '') return 'The body must be one JSON object.';
  return `${name} must be ${description ?? 'what this route takes'}.`;
}

function has<Key extends string>(value: unknown, key: Key): value is Readonly<Record<Key, unknown>> {
  return typeof value === 'object' && value !== null && key in value;
}

/** Names come from the request: only their letters are repeated. */
function listOf(names: unknown): string {
  const texts = Array.isArray(names) ? names : [names];
  return texts
    .map((name) =>
      String(name)
        .replace(/[^A-Za-z0-9._-]/g, '?')
        .slice(0, 64),
    )
    .join(', ');
}

function descriptionAt(schema: unknown, path: readonly string[]): string | undefined {
  let node = schema;
  let description: string | undefined;
  for (const step of path) {
    if (has(node, 'properties') && has(node.properties, step)) node = node.properties[step];
    else if (has(node, 'items')) node = node.items;
    else break;
    if (has(node, 'description') && typeof node.description === 'string') description = node.description;
  }
  return description;
}

const FRAMEWORK_PROBLEMS: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['too-large', 'The request is too large: a file may have at most 1 MiB.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported-media-type', 'Send JSON, with content-type application/json.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['invalid-request', 'The body is not JSON: send one JSON object.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['invalid-request', 'The body is empty: send one JSON object.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid-request', 'The body is not as long as Content-Length says.'],
  FST_ERR_BAD_URL: ['invalid-request', 'The path is not a valid URL path.'],
  FST_ERR_NOT_FOUND: ['not-found', 'There is no such route: check the path and the method.'],
};

function frameworkProblem(error: unknown): Problem | null {
  if (!has(error, 'code')) return null;
  const known = FRAMEWORK_PROBLEMS[String(error.code)];
  if (known !== undefined) return problemOf(...known);
  const clientFault = has(error, 'statusCode') && typeof error.statusCode === 'number' && error.statusCode < 500;
  return clientFault ? problemOf('invalid-request', 'The request could not be read: send one JSON object.') : null;
}
