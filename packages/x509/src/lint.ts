// What is wrong or unwise about a CA that somebody wants to register as an inspection CA.

import { equalBytes } from './bytes.ts';
import { type Certificate, isSelfIssued } from './certificate.ts';
import { checkSerialNumber } from './checks.ts';
import { X509Error } from './errors.ts';
import { isCritical } from './extensions.ts';
import { error, info, type LintContext, type LintFinding, warning } from './lint-finding.ts';
import { surroundingFindings } from './lint-surroundings.ts';
import { namesDistrust } from './name.ts';
import { isWeakKey } from './public-key.ts';
import { isSignedBy } from './signature.ts';

/** Seconds before its end from which on a CA is called short-lived. */
export const EXPIRES_SOON = 60 * 86_400;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const ANY_PURPOSE = '2.5.29.37.0';

/** All findings about the CA, errors first. */
export function lintInspectionCa(ca: Certificate, context: LintContext): readonly LintFinding[] {
  const findings = [...roleFindings(ca), ...publicFindings(ca, context), ...strengthFindings(ca)];
  findings.push(...timeFindings(ca, context.time));
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
  // Of a leaf right below it; see path-step.ts.
  if ((policyConstraints?.requireExplicitPolicy ?? Number.POSITIVE_INFINITY) <= 1) {
    yield error(
      'policy-required',
      'The CA demands certificate policies, which devices do not process: make one without.',
    );
  }
}

function* publicFindings({ publicKey }: Certificate, { publicRootKeys = [] }: LintContext): Generator<LintFinding> {
  if (!publicRootKeys.some((key) => equalBytes(key, publicKey.der))) return;
  yield error(
    'public-web-root',
    'This is a public web root, whose key no proxy has: export the CA that the proxy signs with.',
  );
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
  if (namesDistrust(ca.subject)) {
    yield warning(
      'distrusted-origins',
      'By its name the proxy signs with this CA for servers that it does not trust itself: devices that trust it trust them all. Let the proxy trust the CA of the server instead.',
    );
  }
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
  if (isRefused(() => checkSerialNumber(ca))) {
    yield warning(
      'serial-number',
      'The serial number is not positive or longer than 20 octets, which strict TLS clients refuse.',
    );
  }
  if (extensions.nameConstraints !== undefined) {
    yield info(
      'name-constraints',
      'The CA is limited to certain names: connections to all others will fail on inspection.',
    );
  }
}

function isRefused(check: () => void): boolean {
  try {
    check();
    return false;
  } catch (error) {
    if (error instanceof X509Error) return true;
    throw error;
  }
}
