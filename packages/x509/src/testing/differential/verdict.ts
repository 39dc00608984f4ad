// What the two verifiers say about a chain.

import { parseCertificate } from '../../certificate.ts';
import type { Profile } from '../../checks.ts';
import { validatePath } from '../../path.ts';
import { trustAnchor } from '../../trust-anchor.ts';
import { outcome, SERVER_AUTH, type Verdict } from '../examination.ts';
import type { BuiltChain } from './chain.ts';

/** That openssl accepts, or its errors: their numbers, none where it cannot even read a file. */
export type OpensslVerdict = 'accepted' | readonly OpensslError[];

/** An error of `openssl verify`; number 0 is a file that it cannot read. */
export interface OpensslError {
  readonly number: number;
  readonly text: string;
}

/** One chain, one profile, both verdicts. */
export interface Observation {
  readonly id: string;
  /** `place.name` of each mutation. */
  readonly mutations: readonly string[];
  readonly profile: Profile;
  readonly ours: Verdict;
  readonly openssl: OpensslVerdict;
}

/** Our verdict; as openssl refuses a whole file, a certificate that cannot be read refuses the chain. */
export function ourVerdict(chain: BuiltChain, profile: Profile): Verdict {
  return outcome(() =>
    validatePath(parseCertificate(chain.leaf), {
      anchors: chain.anchors.map((bytes) => trustAnchor(parseCertificate(bytes))),
      intermediates: chain.intermediates.map(parseCertificate),
      time: chain.time,
      profile,
      extendedKeyUsage: SERVER_AUTH,
      serverName: chain.host,
    }),
  );
}
