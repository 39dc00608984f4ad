// The values inside the extensions that have a name here. Each parser throws X509Error `der` or `certificate`.

import {
  ANY,
  type DerNode,
  elementsOf,
  listOf,
  readBitString,
  readBoolean,
  readFields,
  readInteger,
  readSmallInteger,
  SEQUENCE,
} from './der.ts';
import { malformed } from './errors.ts';
import { type GeneralName, parseGeneralName, parseGeneralNames } from './general-name.ts';
import { readOid } from './oid.ts';

/** @see RFC 5280 §4.2.1.9 */
export interface BasicConstraints {
  readonly ca: boolean;
  /** How many CA certificates that are not self-issued may follow this one, before the last certificate. */
  readonly pathLength?: number;
}

/** Bits of keyUsage in order of their number. @see RFC 5280 §4.2.1.3 */
export const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

/** One bit of keyUsage. */
export type KeyUsage = (typeof KEY_USAGES)[number];

/** @see RFC 5280 §4.2.1.10 */
export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

/** Issuer and serial number, which it may also have, are not judged. @see RFC 5280 §4.2.1.1 */
export interface AuthorityKeyIdentifier {
  readonly keyIdentifier?: Uint8Array;
}

/** @see RFC 5280 §4.2.1.11 */
export interface PolicyConstraints {
  readonly requireExplicitPolicy?: number;
}

/** `cA FALSE` spelled out is against DER, and so common in the field that it is let pass; it changes nothing. */
export function parseBasicConstraints(node: DerNode): BasicConstraints {
  const [flag, length] = readFields(node, 0x01, 0x02);
  return { ca: !!flag && readBoolean(flag), ...(length && { pathLength: readSmallInteger(length) }) };
}

/** At least one bit, trailing zero bits removed. @see X.690 §11.2.2 */
export function parseKeyUsage(node: DerNode): readonly KeyUsage[] {
  const { bytes, unused } = readBitString(node);
  if (bytes.length > 2 || !((bytes.at(-1) ?? 0) & (1 << unused))) malformed();
  return KEY_USAGES.filter((_, bit) => (bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7)));
}

/** A non-empty SEQUENCE OF OBJECT IDENTIFIER. */
export function parseOids(node: DerNode): readonly string[] {
  return listOf(node).map(readOid);
}

/** At least one subtree; minimum 0 and no maximum, as RFC 5280 demands. */
export function parseNameConstraints(node: DerNode): NameConstraints {
  const [permitted, excluded] = readFields(node, 0xa0, 0xa1);
  if (!permitted && !excluded) malformed();
  return { permitted: parseSubtrees(permitted), excluded: parseSubtrees(excluded) };
}

function parseSubtrees(node: DerNode | undefined): readonly GeneralName[] {
  if (!node) return [];
  return listOf(node, node.tag).map((subtree) => {
    const [base, ...distances] = elementsOf(subtree);
    if (!base || distances.length > 0) malformed();
    return parseGeneralName(base, 'constraint');
  });
}

export function parseAuthorityKeyIdentifier(node: DerNode): AuthorityKeyIdentifier {
  const [key, issuer, serial] = readFields(node, 0x80, 0xa1, 0x82);
  if (issuer) parseGeneralNames(issuer, issuer.tag);
  if (serial) readInteger(serial, serial.tag);
  return key ? { keyIdentifier: key.content } : {};
}

export function parsePolicyConstraints(node: DerNode): PolicyConstraints {
  const [explicit, mapping] = readFields(node, 0x80, 0x81);
  if (!explicit && !mapping) malformed();
  if (mapping) readSmallInteger(mapping, mapping.tag);
  return explicit ? { requireExplicitPolicy: readSmallInteger(explicit, 0x80) } : {};
}

/** The locations, whatever the method. @see RFC 5280 §4.2.2.1 */
export function parseAuthorityInfoAccess(node: DerNode): readonly GeneralName[] {
  return listOf(node).map((description) => {
    const [method, location] = readFields(description, 0x06, ANY);
    readOid(method);
    if (!location) malformed();
    return parseGeneralName(location);
  });
}

/** Full names; what is relative to the issuer's name is only taken apart. @see RFC 5280 §4.2.1.13 */
export function parseDistributionPoints(node: DerNode): readonly GeneralName[] {
  return listOf(node).flatMap((point) => {
    const [place, reasons, issuer] = readFields(point, 0xa0, 0x81, 0xa2);
    if (!place && !issuer) malformed();
    if (reasons) readBitString(reasons, reasons.tag);
    if (issuer) parseGeneralNames(issuer, issuer.tag);
    if (!place) return [];
    const [full, relative] = readFields({ ...place, tag: SEQUENCE }, 0xa0, 0xa1);
    if (!full === !relative) malformed();
    if (full) return parseGeneralNames(full, full.tag);
    listOf(relative, 0xa1);
    return [];
  });
}

/** Each policy once; its qualifiers are only taken apart. @see RFC 5280 §4.2.1.4 */
export function parsePolicies(node: DerNode): readonly string[] {
  const policies = listOf(node).map((policy) => {
    const [oid, qualifiers] = readFields(policy, 0x06, SEQUENCE);
    if (qualifiers) listOf(qualifiers);
    return readOid(oid);
  });
  if (new Set(policies).size < policies.length) malformed();
  return policies;
}

/** Pairs, of which none is any policy. @see RFC 5280 §4.2.1.5, §6.1.4 (a) */
export function parsePolicyMappings(node: DerNode): readonly (readonly string[])[] {
  return listOf(node).map((mapping) => {
    const pair = parseOids(mapping);
    if (pair.length !== 2 || pair.includes('2.5.29.32.0')) malformed();
    return pair;
  });
}
