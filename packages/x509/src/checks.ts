// What one certificate must be in its place in a path (RFC 5280 §6.1.4, §6.1.5, and what the profiles add).

import { type Certificate, isSelfIssued } from './certificate.ts';
import { malformed, refuse } from './errors.ts';
import type { KeyUsage } from './extension-values.ts';
import { isCritical } from './extensions.ts';
import { isWeakKey } from './public-key.ts';
import { isDnsName, matchServerName, withoutWildcard } from './server-name.ts';
import { isSignedBy } from './signature.ts';

/**
 * `strict`: our own signers and whoever follows RFC 5280 and the CA/Browser Forum. `webpki-like`: TLS servers behind
 * inspecting proxies; it lets pass a missing AKI or SKI, non-critical basic constraints, CAs without key usage, odd serial
 * numbers, malformed dNSNames that nobody asks for, a leaf without EKU, and DNS constraints with a leading dot.
 */
export type Profile = 'strict' | 'webpki-like';

/** What a certificate is at the end of a path; who signs CRLs may be a CA or not. */
export type Role = 'end-entity' | 'ca' | 'crl-signer';

/** The role of a certificate wherever it stands in a path. */
type FormRole = Role | 'issuing-ca';

/** What is asked of the last certificate. */
export interface LeafRequirements {
  readonly profile: Profile;
  /** Unix seconds. */
  readonly time: number;
  /** Default `end-entity`. */
  readonly role?: Role | undefined;
  /** OID of the purpose it must have; anyExtendedKeyUsage does not replace it. */
  readonly extendedKeyUsage?: string | undefined;
  readonly serverName?: string | undefined;
}

/** Where a CA stands: what an anchor's certificate says of its own issuer does not matter. */
export type CaPlace = 'anchor' | 'intermediate';

const ANY_PURPOSE = '2.5.29.37.0';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
/** What the key of a TLS server does; all that TLS 1.3 needs is the first. */
const SERVING: readonly KeyUsage[] = ['digitalSignature', 'keyEncipherment', 'keyAgreement'];

/**
 * Nothing happens when the certificate may issue others here: as an anchor or as an intermediate.
 * @throws X509Error with the code of the first rule it breaks
 */
export function checkIssuer(ca: Certificate, place: CaPlace, asked: LeafRequirements, leaf: Certificate): void {
  const { profile } = asked;
  if (place === 'intermediate') checkForm(ca, 'issuing-ca', profile);
  checkCa(ca, place, profile);
  checkPurposeOfCa(ca, place, asked, leaf);
  checkSoundness(ca, profile);
}

/**
 * Nothing happens when the last certificate of a path is what was asked for.
 * @throws X509Error with the code of the first rule it breaks
 */
export function checkLeaf(leaf: Certificate, asked: LeafRequirements): void {
  const { time, profile, role = 'end-entity', serverName } = asked;
  checkValidity(leaf, time, leaf);
  checkForm(leaf, role, profile);
  if (role === 'ca') checkCa(leaf, 'intermediate', profile);
  if (role === 'end-entity') checkEndEntity(leaf);
  if (leaf.extensions.policyConstraints?.requireExplicitPolicy === 0) refuse('policy-required', leaf);
  if (profile === 'strict') checkNames(leaf);
  checkPurpose(leaf, asked);
  checkSoundness(leaf, profile);
  if (serverName !== undefined && !matchServerName(leaf, serverName)) refuse('name-mismatch', leaf);
}

/** Bounds are inclusive; absent ones do not limit. @throws X509Error `not-yet-valid` or `expired` */
export function checkValidity(
  { notBefore, notAfter }: { readonly notBefore?: number | undefined; readonly notAfter?: number | undefined },
  time: number,
  certificate: Certificate | undefined,
): void {
  if (notBefore !== undefined && time < notBefore) refuse('not-yet-valid', certificate);
  if (notAfter !== undefined && time > notAfter) refuse('expired', certificate);
}

function checkForm(certificate: Certificate, role: FormRole, profile: Profile): void {
  const { version, issuer } = certificate;
  if (version !== 3 || issuer.folded.length === 0) malformed(certificate);
  if (profile !== 'strict') return;
  checkSerialNumber(certificate);
  checkKeyIdentifiers(certificate, role);
}

/** Positive, at most 20 octets (RFC 5280 §4.1.2.2). */
export function checkSerialNumber(certificate: Certificate): void {
  const { serialNumber } = certificate;
  const isOdd = (serialNumber[0] ?? 0) >= 0x80 || serialNumber.length > 20;
  if (isOdd || serialNumber.every((byte) => byte === 0)) malformed(certificate);
}

/**
 * Every certificate names its issuer's key, and every CA its own (RFC 5280 §4.2.1.1, §4.2.1.2). A CA that signed itself need
 * not name it twice; as an issuer on the way it would be a dead end.
 */
export function checkKeyIdentifiers(certificate: Certificate, role: FormRole): void {
  const { authorityKeyIdentifier, subjectKeyIdentifier } = certificate.extensions;
  const isTarget = role === 'ca';
  const isCa = isTarget || role === 'issuing-ca';
  const isRoot = () => isTarget && isSelfIssued(certificate) && isSignedBy(certificate, certificate.publicKey);
  if ((!authorityKeyIdentifier?.keyIdentifier && !isRoot()) || (isCa && !subjectKeyIdentifier)) {
    malformed(certificate);
  }
}

export function checkCa(ca: Certificate, place: CaPlace, profile: Profile): void {
  const { subject, extensions } = ca;
  const { basicConstraints, keyUsage } = extensions;
  const isStrict = profile === 'strict';
  if (!basicConstraints?.ca || (isStrict && !isCritical(extensions, 'basicConstraints'))) refuse('not-a-ca', ca);
  if (subject.folded.length === 0) malformed(ca);
  if (keyUsage ? !keyUsage.includes('keyCertSign') : isStrict && place === 'intermediate') refuse('key-usage', ca);
}

/**
 * A CA with purposes passes on no others: it needs the one asked for, or without one any of the leaf's. Roots of TLS
 * servers must not have purposes (CA/Browser Forum BR §7.1.2.1.2).
 */
export function checkPurposeOfCa(ca: Certificate, place: CaPlace, asked: LeafRequirements, leaf: Certificate): void {
  const { extendedKeyUsage: required, profile } = asked;
  const purposes = ca.extensions.extendedKeyUsage;
  const wanted = required === undefined ? leaf.extensions.extendedKeyUsage : [required];
  if (!wanted || !purposes) return;
  const isForbidden = profile === 'strict' && place === 'anchor' && required === SERVER_AUTH;
  if (isForbidden || ![...wanted, ANY_PURPOSE].some((purpose) => purposes.includes(purpose))) {
    refuse('extended-key-usage', ca);
  }
}

function checkEndEntity(leaf: Certificate): void {
  const { basicConstraints, keyUsage, nameConstraints } = leaf.extensions;
  const { ca, pathLength } = basicConstraints ?? {};
  if (ca || pathLength !== undefined || keyUsage?.includes('keyCertSign')) refuse('key-usage', leaf);
  if (nameConstraints) refuse('name-constraints', leaf);
}

/** RFC 5280 §4.2.1.6; that alternative names are critical only without a subject is BR §7.1.2.7.12. */
export function checkNames(leaf: Certificate): void {
  const { subject, extensions } = leaf;
  const { subjectAltName } = extensions;
  const isNameless = subject.folded.length === 0;
  const isNamedRightly = subjectAltName
    ? isCritical(extensions, 'subjectAltName') === isNameless &&
      subjectAltName.every(({ kind, value }) => kind !== 'dns' || isDnsName(withoutWildcard(value.toLowerCase())))
    : !isNameless;
  if (!isNamedRightly) malformed(leaf);
}

export function checkPurpose(leaf: Certificate, asked: LeafRequirements): void {
  const { extendedKeyUsage: required, profile, role = 'end-entity' } = asked;
  const { extensions } = leaf;
  const { extendedKeyUsage: purposes, keyUsage } = extensions;
  const isStrict = profile === 'strict';
  // RFC 5280 §4.2.1.12
  const useful = isStrict ? SERVING.slice(0, 1) : required === SERVER_AUTH ? SERVING : undefined;
  if (role === 'end-entity' && keyUsage && useful?.some((usage) => keyUsage.includes(usage)) === false) {
    refuse('key-usage', leaf);
  }
  if (required === undefined || (!purposes && !isStrict)) return;
  // BR §7.1.2.7.10 for TLS servers; elsewhere a critical EKU is fine (RFC 5280 §4.2.1.12).
  const isServer = isStrict && required === SERVER_AUTH;
  const isBad = isServer && (purposes?.includes(ANY_PURPOSE) || isCritical(extensions, 'extendedKeyUsage'));
  if (!purposes?.includes(required) || isBad) refuse('extended-key-usage', leaf);
}

/** Critical extensions and the strength of the key. */
export function checkSoundness(certificate: Certificate, profile: Profile): void {
  const { publicKey, extensions } = certificate;
  const { unknownCritical, policyConstraints } = extensions;
  const isStrict = profile === 'strict';
  if (unknownCritical.length > 0) refuse('unknown-critical-extension', certificate);
  if (isStrict && policyConstraints && !isCritical(extensions, 'policyConstraints')) malformed(certificate);
  const isOdd = isStrict && publicKey.type.startsWith('rsa') && publicKey.bits % 8 !== 0;
  if (isOdd || isWeakKey(publicKey)) refuse('weak-key', certificate);
}
