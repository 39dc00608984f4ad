// Which wrong acceptances a person on the network can use, and for what. By id, because the suites do not say it.

/** What the attacker gets past; `form`: nothing, a rule of encoding or issuance is broken, or experts disagree. */
export type Concern =
  | 'path length'
  | 'name constraints'
  | 'purpose'
  | 'critical extensions'
  | 'validity'
  | 'CA role'
  | 'names'
  | 'weak keys'
  | 'trust'
  | 'path building'
  | 'revocation'
  | 'signature'
  | 'not classified'
  | 'form';

/** The first rule that matches counts. Generous to everybody: where nothing is to be gained it is `form`. */
const RULES: readonly (readonly [RegExp, Concern])[] = [
  [/^webpki::(forbidden-(p192|weak-rsa)|explicit-curve)/, 'weak keys'],
  // DSA-3072 and odd RSA lengths: not weak, only not allowed to CAs.
  [/^webpki::forbidden-/, 'form'],
  // Valid by the letter, refused because it is much work.
  [/^pathological::nc-dos/, 'form'],
  [/::crl-?number|duplicate-revoked-serial/, 'form'],
  [/(^|::)crl::/, 'revocation'],
  [/^pathlen::/, 'path length'],
  [/^(invalid|pathological)::|untrusted-root|missing-intermediate/, 'trust'],
  [/::(aki|ski|serial|pc|cn)::/, 'form'],
  [/::eku::/, 'purpose'],
  [/::nc::(invalid-|not-allowed-in-ee|intermediate-permitted-excluded-subtrees-both-empty)/, 'form'],
  [/^cve::|::nc::|^bettertls::nameconstraints::/, 'name constraints'],
  [/^bettertls::pathbuilding::/, 'path building'],
  [/::san::(noncritical-with-empty-subject|san-critical-|underscore-dns|public-suffix-)/, 'form'],
  [/::san::/, 'names'],
  [/::validity::/, 'validity'],
  [/::unknown-critical-extension/, 'critical extensions'],
  [/^rfc5280::(intermediate-ca-|root-missing-basic|root-inconsistent-ca|ica-ku-)/, 'CA role'],
  [/::(root-non-critical-basic-constraints|leaf-ku-|ca-as-leaf|ee-basicconstraints|v1-cert|ee-empty|ca-empty)/, 'form'],
  [/::(duplicate-extensions|mismatching-signature-algorithm|malformed-aia|ee-critical-aia)/, 'form'],
];

/** What upstream says of a case that matters here. */
export interface Remarks {
  readonly features: readonly string[];
  /** Another case wants the opposite, or a deviation is only a warning. */
  readonly isContested: boolean;
}

/** What a wrong acceptance of the chain lets through; what no rule knows counts as relevant to security. */
export function concernOf(id: string, { features, isContested }: Remarks): Concern {
  const concern = RULES.find(([ids]) => ids.test(id))?.[1] ?? 'not classified';
  if (concern === 'weak keys') return concern;
  const isPedantic = features.some((feature) => feature.startsWith('pedantic-'));
  return isPedantic || isContested ? 'form' : concern;
}

/** Features that Windlass does not have; its answer to such a case is reported apart. */
export function unsupportedFeature(id: string, features: readonly string[]): string | undefined {
  if (features.some((feature) => /polic/.test(feature))) return 'certificate policies';
  if (/(^|::)crl::.*(idp|indirect|delta|distribution-point)/.test(id)) return 'partial, indirect and delta CRLs';
  return id.startsWith('rfc9881::') ? 'ML-DSA' : undefined;
}
