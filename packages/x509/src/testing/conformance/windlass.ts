// Our verifier, with the strict profile.

import {
  type Certificate,
  crlRevocation,
  matchServerName,
  parseCertificate,
  parseCrl,
  parsePublicKey,
  trustAnchor,
  validatePath,
  verifySignature,
  X509Error,
} from '../../index.ts';
import type { Outcome, PathCase, SignatureCase, Suite } from './case.ts';
import { type Result, type Score, scoreOf } from './score.ts';

/** The scores of the suites; each case is measured from bytes to verdict, one after the other. */
export function runWindlass(suites: readonly Suite[], onCase: () => void = () => {}): Score[] {
  return suites.map((suite) => {
    const results = suite.kind === 'paths' ? measure(suite.cases, decidePath) : measure(suite.cases, decideSignature);
    return scoreOf(suite, results);
  });

  function measure<T>(cases: readonly T[], decide: (one: T) => Outcome): Result[] {
    return cases.map((one) => {
      const start = performance.now();
      const verdict = decide(one);
      const ms = performance.now() - start;
      onCase();
      return { verdict, ms };
    });
  }
}

/** The role is the one the leaf claims; all names must be in the leaf. */
function decidePath(one: PathCase): Outcome {
  return outcomeOf(() => {
    const leaf = parseCertificate(one.leaf);
    const [first, ...others] = one.hosts.map(({ value }) => value);
    validatePath(leaf, {
      anchors: one.roots.flatMap((root) => readable(() => trustAnchor(parseCertificate(root)))),
      intermediates: one.intermediates.flatMap((der) => readable(() => parseCertificate(der))),
      time: one.time ?? Date.now() / 1000,
      profile: 'strict',
      role: leaf.extensions.basicConstraints?.ca === true ? 'ca' : 'end-entity',
      serverName: first,
      extendedKeyUsage: one.purpose,
      maxIntermediates: one.maxIntermediates,
      revocation: crlRevocation(one.crls.map(parseCrl)),
    });
    return others.every((name) => matchServerName(leaf, name)) && one.emails.every((email) => hasEmail(leaf, email));
  });
}

/** The key is parsed each time, as nobody keeps it for a single signature. */
function decideSignature({ algorithm, publicKey, message, signature }: SignatureCase): Outcome {
  return outcomeOf(() =>
    verifySignature({ algorithm, publicKey: parsePublicKey(publicKey), data: message, signature }),
  );
}

/** Another error than ours is a bug and is not caught. */
function outcomeOf(isGood: () => boolean): Outcome {
  return readable(isGood)[0] === true ? 'accepted' : 'refused';
}

/** Nothing when it does not parse: roots and intermediates are then as if they were not there. */
function readable<T>(parse: () => T): T[] {
  try {
    return [parse()];
  } catch (error) {
    if (error instanceof X509Error) return [];
    throw error;
  }
}

function hasEmail({ extensions }: Certificate, address: string): boolean {
  return (extensions.subjectAltName ?? []).some((name) => name.kind === 'email' && name.value === address);
}
