// What is wrong or unwise about a CA that somebody wants to register as an inspection CA.

import { equalBytes } from './bytes.ts';
import { type Certificate, isSelfIssued } from './certificate.ts';
import { isCritical } from './extensions.ts';
import { namesEqual } from './name.ts';
import { isWeakKey } from './public-key.ts';
import { isSignedBy } from './signature.ts';

/** What a finding is about. */
export type LintCode =
  | 'leaf-certificate'
  | 'not-a-ca'
  | 'version'
  | 'no-subject'
  | 'key-usage'
  | 'extended-key-usage'
  | 'unknown-critical-extension'
  | 'policy-required'
  | 'weak-key'
  | 'weak-signature'
  | 'self-signature'
  | 'expired'
  | 'not-yet-valid'
  | 'expires-soon'
  | 'basic-constraints-not-critical'
  | 'no-key-usage'
  | 'no-subject-key-identifier'
  | 'no-authority-key-identifier'
  | 'name-constraints'
  | 'issuing-ca-without-root'
  | 'same-subject'
  | 'same-key';

/** `error`: devices would refuse it, do not register it. `warning`: some runtimes fail. `info`: good to know. */
export interface LintFinding {
  readonly severity: 'error' | 'warning' | 'info';
  readonly code: LintCode;
  /** One sentence for the person who registers it, with what to do. */
  readonly sentence: string;
}

/** What surrounds the certificate. */
export interface LintContext {
  /** Unix seconds. */
  readonly time: number;
  /** The other certificates of the same upload. */
  readonly bundle?: readonly Certificate[];
  /** Inspection CAs that are registered already. */
  readonly registered?: readonly Certificate[];
}

/** Seconds before its end from which on a CA is called short-lived. */
export const EXPIRES_SOON = 60 * 86_400;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const ANY_PURPOSE = '2.5.29.37.0';

/** All findings about the CA, errors first. A public web root is for the caller to know. */
export function lintInspectionCa(ca: Certificate, context: LintContext): readonly LintFinding[] {
  const findings = [...roleFindings(ca), ...strengthFindings(ca), ...timeFindings(ca, context.time)];
  findings.push(...formFindings(ca), ...surroundingFindings(ca, context));
  const order = ['error', 'warning', 'info'];
  return findings.sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

function* roleFindings({ version, subject, extensions }: Certificate): Generator<LintFinding> {
  const { basicConstraints, keyUsage, extendedKeyUsage, subjectAltName, unknownCritical, policyConstraints } =
    extensions;
  if (version !== 3) {
    yield error('version', 'The certificate is not of version 3, so it cannot say that it is a CA: make a new CA.');
  } else if (basicConstraints?.ca !== true) {
    yield subjectAltName !== undefined || keyUsage?.includes('keyCertSign') === false
      ? error('leaf-certificate', "This is a server's certificate, not a CA: export the CA that the proxy signs with.")
      : error('not-a-ca', 'The certificate does not say that it is a CA (basic constraints, CA true): make a new CA.');
  }
  if (subject.folded.length === 0)
    yield error('no-subject', 'The CA has an empty subject, so nothing can name it as issuer: make a new CA.');
  if (keyUsage?.includes('keyCertSign') === false) {
    yield error('key-usage', 'The key usage lacks certificate signing (keyCertSign): make a CA that has it.');
  }
  if (extendedKeyUsage?.some((purpose) => purpose === SERVER_AUTH || purpose === ANY_PURPOSE) === false) {
    yield error('extended-key-usage', 'The CA may not issue for TLS servers (extended key usage): make a CA that may.');
  }
  if (unknownCritical.length > 0) {
    yield error(
      'unknown-critical-extension',
      'The CA has a critical extension that TLS clients do not know: make one without it.',
    );
  }
  if (policyConstraints?.requireExplicitPolicy !== undefined) {
    yield error(
      'policy-required',
      'The CA demands certificate policies, which devices do not process: make one without.',
    );
  }
}

function* strengthFindings(ca: Certificate): Generator<LintFinding> {
  const isRoot = isSelfIssued(ca);
  if (isWeakKey(ca.publicKey)) {
    yield error(
      'weak-key',
      'The key is too weak or of an unusual kind: use RSA of 2048 to 8192 bits, P-256, P-384 or P-521.',
    );
  } else if (ca.publicKey.type === 'ed25519') {
    yield warning('weak-key', 'Many TLS clients do not know Ed25519 certificates: use ECDSA P-256 or RSA.');
  }
  if (ca.signatureAlgorithm === 'unsupported') {
    const sentence =
      'The CA is signed by an old or unusual algorithm (SHA-1, MD5, DSA …): renew it with SHA-256 or better.';
    // Nobody checks the signature of a root.
    yield isRoot ? warning('weak-signature', sentence) : error('weak-signature', sentence);
  } else if (isRoot && !isWeakKey(ca.publicKey) && !isSignedBy(ca, ca.publicKey)) {
    yield warning(
      'self-signature',
      'Subject and issuer are the same, but another key signed it: check that this is the right file.',
    );
  }
}

function* timeFindings({ notBefore, notAfter }: Certificate, time: number): Generator<LintFinding> {
  if (time > notAfter) yield error('expired', 'The CA has expired: renew it on the proxy, then register the new one.');
  else if (time + EXPIRES_SOON > notAfter) {
    yield warning(
      'expires-soon',
      'The CA ends within 60 days: plan its rollover now, with both registered for a while.',
    );
  }
  if (time < notBefore) yield warning('not-yet-valid', 'The CA is not valid yet: devices refuse it until then.');
}

function* formFindings(ca: Certificate): Generator<LintFinding> {
  const { extensions } = ca;
  if (extensions.basicConstraints?.ca === true && !isCritical(extensions, 'basicConstraints')) {
    yield warning(
      'basic-constraints-not-critical',
      'The basic constraints are not critical, which strict TLS clients refuse.',
    );
  }
  if (extensions.keyUsage === undefined)
    yield warning('no-key-usage', 'The CA has no key usage, which strict TLS clients refuse.');
  if (extensions.subjectKeyIdentifier === undefined) {
    yield warning(
      'no-subject-key-identifier',
      'The CA has no subject key identifier: clients may pick a wrong CA of the same name.',
    );
  }
  if (!isSelfIssued(ca) && extensions.authorityKeyIdentifier?.keyIdentifier === undefined) {
    yield warning(
      'no-authority-key-identifier',
      'The CA has no authority key identifier, which strict TLS clients refuse.',
    );
  }
  if (extensions.nameConstraints !== undefined) {
    yield info(
      'name-constraints',
      'The CA is limited to certain names: connections to all others will fail on inspection.',
    );
  }
}

function* surroundingFindings(ca: Certificate, { bundle = [], registered = [] }: LintContext): Generator<LintFinding> {
  const isKnown = (other: Certificate) => equalBytes(other.der, ca.der);
  if (!hasRoot(ca, [...bundle, ...registered])) {
    yield warning(
      'issuing-ca-without-root',
      'This CA was issued by another that is not here, and many runtimes trust no chain without its root: register the root too.',
    );
  }
  const others = registered.filter((other) => !isKnown(other));
  const isSameKey = (other: Certificate) => equalBytes(other.publicKey.der, ca.publicKey.der);
  if (others.some((other) => namesEqual(other.subject, ca.subject) && !isSameKey(other))) {
    yield warning(
      'same-subject',
      'A registered CA has the same subject and another key: some runtimes pick the wrong one, so give successors a name of their own.',
    );
  }
  if (others.some(isSameKey))
    yield info('same-key', 'A registered CA has the same key: this is a renewal, or the same CA in another form.');
}

/** Whether issuers of the right name and key lead up to a self-issued certificate. */
function hasRoot(ca: Certificate, others: readonly Certificate[]): boolean {
  const reached = [ca];
  for (const child of reached) {
    if (isSelfIssued(child)) return true;
    const issuers = others.filter((other) => !reached.includes(other) && namesEqual(other.subject, child.issuer));
    reached.push(...issuers.filter((issuer) => isSignedBy(child, issuer.publicKey)));
  }
  return false;
}

function error(code: LintCode, sentence: string): LintFinding {
  return { severity: 'error', code, sentence };
}

function warning(code: LintCode, sentence: string): LintFinding {
  return { severity: 'warning', code, sentence };
}

function info(code: LintCode, sentence: string): LintFinding {
  return { severity: 'info', code, sentence };
}
