// What one certificate must be in its place in a path (RFC 5280 §6.1.4, §6.1.5, and what the profiles add).

import type { Certificate } from './certificate.ts';
import { refuse } from './errors.ts';
import { isCritical } from './extensions.ts';
import { isWeakKey } from './public-key.ts';
import { isDnsName, matchServerName } from './server-name.ts';

/**
 * `strict`: our own signers and whoever follows RFC 5280 and the CA/Browser Forum. `webpki-like`: TLS servers behind
 * inspecting proxies; it lets pass a missing AKI or SKI, non-critical basic constraints, CAs without key usage, odd serial
 * numbers, malformed dNSNames that nobody asks for, a leaf without EKU, and DNS constraints with a leading dot.
 */
export type Profile = 'strict' | 'webpki-like';

/** What is asked of the last certificate. */
export interface LeafRequirements {
  readonly profile: Profile;
  /** Unix seconds. */
  readonly time: number;
  readonly role?: 'end-entity' | 'ca' | undefined;
  /** OID of the purpose it must have; anyExtendedKeyUsage does not replace it. */
  readonly extendedKeyUsage?: string | undefined;
  /** The purpose must be the only one, and a key usage must be there. */
  readonly exactExtendedKeyUsage?: true | undefined;
  readonly serverName?: string | undefined;
}

/** Where a CA stands: what an anchor's certificate says of its own issuer does not matter. */
export type CaPlace = 'anchor' | 'intermediate';

const ANY_PURPOSE = '2.5.29.37.0';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/**
 * Nothing happens when the certificate may issue others here: as an anchor or as an intermediate.
 * @throws X509Error with the code of the first rule it breaks
 */
export function checkIssuer(ca: Certificate, place: CaPlace, asked: LeafRequirements, leaf: Certificate): void {
  const strict = asked.profile === 'strict';
  if (place === 'intermediate') {
    checkValidity(ca, asked.time, ca);
    checkForm(ca, asked.profile);
    if (strict) checkKeyIdentifiers(ca, 'ca');
  }
  checkCritical(ca);
  checkCa(ca, place, asked.profile);
  checkPurposeOfCa(ca, place, asked, leaf);
  checkPolicy(ca, asked.profile);
  checkKeyStrength(ca, asked.profile);
}

/**
 * Nothing happens when the last certificate of a path is what was asked for.
 * @throws X509Error with the code of the first rule it breaks
 */
export function checkLeaf(leaf: Certificate, asked: LeafRequirements): void {
  const role = asked.role ?? 'end-entity';
  checkValidity(leaf, asked.time, leaf);
  checkForm(leaf, asked.profile);
  checkCritical(leaf);
  if (role === 'ca') checkCa(leaf, 'intermediate', asked.profile);
  else checkEndEntity(leaf);
  if (asked.profile === 'strict') checkStrictLeaf(leaf, role);
  checkPurpose(leaf, asked);
  checkPolicy(leaf, asked.profile);
  checkKeyStrength(leaf, asked.profile);
  if (asked.serverName !== undefined && !matchServerName(leaf, asked.serverName)) {
    refuse('name-mismatch', 'The certificate is for other names.', leaf);
  }
}

/** Bounds are inclusive; absent ones do not limit. @throws X509Error `not-yet-valid` or `expired` */
export function checkValidity(
  { notBefore, notAfter }: { readonly notBefore?: number | undefined; readonly notAfter?: number | undefined },
  time: number,
  certificate: Certificate | undefined,
): void {
  if (notBefore !== undefined && time < notBefore)
    refuse('not-yet-valid', 'The certificate is not valid yet.', certificate);
  if (notAfter !== undefined && time > notAfter) refuse('expired', 'The certificate has expired.', certificate);
}

/** Version, issuer, serial number (RFC 5280 §4.1.2.2: positive, at most 20 octets). */
function checkForm(certificate: Certificate, profile: Profile): void {
  if (certificate.version !== 3) refuse('certificate', 'The certificate has not version 3.', certificate);
  if (certificate.issuer.folded.length === 0) refuse('certificate', 'The certificate names no issuer.', certificate);
  const [first = 0] = certificate.serialNumber;
  const odd =
    first >= 0x80 || certificate.serialNumber.length > 20 || certificate.serialNumber.every((byte) => byte === 0);
  if (odd && profile === 'strict')
    refuse('certificate', 'The serial number is not positive, or too long.', certificate);
}

function checkCritical(certificate: Certificate): void {
  if (certificate.extensions.unknownCritical.length > 0) {
    refuse('unknown-critical-extension', 'A critical extension is unknown.', certificate);
  }
}

function checkCa(ca: Certificate, place: CaPlace, profile: Profile): void {
  const { basicConstraints, keyUsage } = ca.extensions;
  if (basicConstraints?.ca !== true) refuse('not-a-ca', 'The certificate is not a CA.', ca);
  if (ca.subject.folded.length === 0) refuse('certificate', 'The CA has no name.', ca);
  const strict = profile === 'strict';
  if (strict && !isCritical(ca.extensions, 'basicConstraints')) {
    refuse('not-a-ca', 'The basic constraints of the CA are not critical.', ca);
  }
  if (keyUsage === undefined ? strict && place === 'intermediate' : !keyUsage.includes('keyCertSign')) {
    refuse('key-usage', 'The key of the CA may not sign certificates.', ca);
  }
}

/**
 * A CA with purposes passes on no others: it needs the one asked for, or without one any of the leaf's. Roots of TLS
 * servers must not have purposes (CA/Browser Forum BR §7.1.2.1.2).
 */
function checkPurposeOfCa(ca: Certificate, place: CaPlace, asked: LeafRequirements, leaf: Certificate): void {
  const { extendedKeyUsage: required, profile } = asked;
  const purposes = ca.extensions.extendedKeyUsage;
  const wanted = required === undefined ? leaf.extensions.extendedKeyUsage : [required];
  if (wanted === undefined || purposes === undefined) return;
  const isForbidden = profile === 'strict' && place === 'anchor' && required === SERVER_AUTH;
  if (isForbidden || ![...wanted, ANY_PURPOSE].some((purpose) => purposes.includes(purpose))) {
    refuse('extended-key-usage', 'The CA may not issue for this purpose.', ca);
  }
}

function checkEndEntity(leaf: Certificate): void {
  const { basicConstraints, keyUsage, nameConstraints } = leaf.extensions;
  if (basicConstraints?.ca === true) refuse('key-usage', 'A CA stands at the end of the path.', leaf);
  if (keyUsage?.includes('keyCertSign') === true)
    refuse('key-usage', 'A certificate that is no CA may sign others.', leaf);
  if (nameConstraints !== undefined) refuse('name-constraints', 'A certificate that is no CA constrains names.', leaf);
}

/** RFC 5280 §4.2.1.1, §4.2.1.2, §4.2.1.6; that a SAN is critical only without subject is BR §7.1.2.7.12. */
function checkStrictLeaf(leaf: Certificate, role: 'end-entity' | 'ca'): void {
  checkKeyIdentifiers(leaf, role);
  const { subjectAltName } = leaf.extensions;
  if (subjectAltName === undefined) {
    if (leaf.subject.folded.length === 0) refuse('certificate', 'The certificate names nobody.', leaf);
    return;
  }
  if (isCritical(leaf.extensions, 'subjectAltName') !== (leaf.subject.folded.length === 0)) {
    refuse('certificate', 'Alternative names are critical only without a subject.', leaf);
  }
  const isSound = (host: string) => isDnsName(host.startsWith('*.') ? host.slice(2) : host);
  if (!subjectAltName.every((name) => name.kind !== 'dns' || isSound(name.value.toLowerCase()))) {
    refuse('certificate', 'A DNS name is malformed.', leaf);
  }
}

function checkPurpose(leaf: Certificate, asked: LeafRequirements): void {
  const { extendedKeyUsage: required, exactExtendedKeyUsage: exact, profile } = asked;
  const { extendedKeyUsage: purposes, keyUsage } = leaf.extensions;
  if (
    keyUsage === undefined
      ? exact
      : asked.role !== 'ca' && profile === 'strict' && !keyUsage.includes('digitalSignature')
  ) {
    refuse('key-usage', 'The key may not sign.', leaf);
  }
  if (required === undefined || (purposes === undefined && profile === 'webpki-like' && !exact)) return;
  if (!purposes?.includes(required) || (exact && purposes.length !== 1)) {
    refuse('extended-key-usage', 'The certificate has another purpose.', leaf);
  }
  if (profile !== 'strict' || required !== SERVER_AUTH) return;
  // BR §7.1.2.7.10 for TLS servers; elsewhere a critical EKU is fine (RFC 5280 §4.2.1.12).
  if (purposes.includes(ANY_PURPOSE) || isCritical(leaf.extensions, 'extendedKeyUsage')) {
    refuse('extended-key-usage', 'The purposes of a TLS server are critical, or all.', leaf);
  }
}

/** Certificate policies are not processed here: whoever demands them is refused. */
function checkPolicy(certificate: Certificate, profile: Profile): void {
  const { policyConstraints } = certificate.extensions;
  if (policyConstraints?.requireExplicitPolicy !== undefined) {
    refuse('policy-required', 'A policy is required; policies are not processed.', certificate);
  }
  if (
    profile === 'strict' &&
    policyConstraints !== undefined &&
    !isCritical(certificate.extensions, 'policyConstraints')
  ) {
    refuse('certificate', 'The policy constraints are not critical.', certificate);
  }
}

function checkKeyStrength(certificate: Certificate, profile: Profile): void {
  const { publicKey } = certificate;
  if (isWeakKey(publicKey) || (profile === 'strict' && publicKey.type.startsWith('rsa') && publicKey.bits % 8 !== 0)) {
    refuse('weak-key', 'The key is too weak, or of a kind not accepted.', certificate);
  }
}

/** Every certificate below an anchor names its issuer's key, and every CA its own. */
function checkKeyIdentifiers(certificate: Certificate, role: 'end-entity' | 'ca'): void {
  const { authorityKeyIdentifier, subjectKeyIdentifier } = certificate.extensions;
  if (authorityKeyIdentifier?.keyIdentifier === undefined || (role === 'ca' && subjectKeyIdentifier === undefined)) {
    refuse('certificate', 'A key identifier is missing.', certificate);
  }
}
