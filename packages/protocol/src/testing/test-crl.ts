// Revocation lists for tests, made with node:crypto alone: right ones, and wrong in exactly one way.
import { bits, explicit, integer, oid, sequence, time } from './der.ts';
import { type Bytes, extension, signBytes, type TestCertificate, type TestKey } from './test-certificates.ts';
import { DAY, NOW } from './world.ts';

export interface CrlOptions {
  readonly number?: number | Bytes;
  readonly revoked?: readonly TestCertificate[];
  readonly from?: number;
  readonly until?: number;
  /** Signs in the issuer's name. */
  readonly signWith?: TestKey;
  /** The name of this one instead of the issuer's. */
  readonly named?: TestCertificate;
  readonly hash?: 'sha1' | 'sha256';
  readonly extensions?: readonly Bytes[];
  readonly entryExtensions?: readonly Bytes[];
}

const ECDSA_WITH: Readonly<Record<string, string>> = { sha1: '1.2.840.10045.4.1', sha256: '1.2.840.10045.4.3.2' };

/** The DER of a complete CRL of version 2 by `issuer`, number 1, from yesterday, for a year. */
export function createCrl(issuer: TestCertificate, options: CrlOptions = {}): Bytes {
  const { number = 1, revoked = [], from = NOW - DAY, until = NOW + 365 * DAY, hash = 'sha256' } = options;
  const algorithm = sequence(oid(ECDSA_WITH[hash] ?? ''));
  const entries = revoked.map(({ serial }) =>
    sequence(
      integer(serial),
      time(NOW - DAY),
      ...(options.entryExtensions ? [sequence(...options.entryExtensions)] : []),
    ),
  );
  const extensions = [extension('2.5.29.20', 'false', integer(number)), ...(options.extensions ?? [])];
  const body = sequence(
    integer(1),
    algorithm,
    (options.named ?? issuer).subject,
    time(from),
    time(until),
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    explicit(0, sequence(...extensions)),
  );
  return sequence(body, algorithm, bits(signBytes(options.signWith ?? issuer.key, body, hash)));
}

/** An issuing distribution point, which is critical, and here without a meaning. */
export const criticalExtension: Bytes = extension('2.5.29.28', 'true', sequence());
