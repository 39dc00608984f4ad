// The values inside the extensions that path validation judges.

import {
  contentOf,
  cursor,
  type DerNode,
  elementsOf,
  readBitString,
  readBoolean,
  readInteger,
  readSmallInteger,
} from './der.ts';
import { refuse } from './errors.ts';
import { type GeneralName, parseGeneralName, parseGeneralNames } from './general-name.ts';
import { decodeOid } from './oid.ts';

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

/** @see RFC 5280 §4.2.1.1 */
export interface AuthorityKeyIdentifier {
  readonly keyIdentifier?: Uint8Array;
  readonly issuer?: readonly GeneralName[];
  readonly serialNumber?: Uint8Array;
}

/** @see RFC 5280 §4.2.1.11 */
export interface PolicyConstraints {
  readonly requireExplicitPolicy?: number;
  readonly inhibitPolicyMapping?: number;
}

/** `cA FALSE` spelled out is against DER, and so common in the field that it is let pass; it changes nothing. */
export function parseBasicConstraints(node: DerNode): BasicConstraints {
  const fields = cursor(node);
  const flag = fields.optional(0x01);
  const length = fields.optional(0x02);
  fields.end();
  const ca = flag !== undefined && readBoolean(flag);
  return length === undefined ? { ca } : { ca, pathLength: readSmallInteger(length) };
}

/** At least one bit, trailing zero bits removed. @see X.690 §11.2.2 */
export function parseKeyUsage(node: DerNode): readonly KeyUsage[] {
  const { bytes, unused } = readBitString(node);
  const last = bytes[bytes.length - 1] ?? 0;
  if (bytes.length > 2 || (last & (1 << unused)) === 0) {
    malformed();
  }
  return KEY_USAGES.filter((_, bit) => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0);
}

/** A non-empty SEQUENCE OF OBJECT IDENTIFIER. */
export function parseOids(node: DerNode): readonly string[] {
  return nonEmpty(elementsOf(node).map((oid) => decodeOid(contentOf(oid, 0x06))));
}

/** At least one subtree; minimum 0 and no maximum, as RFC 5280 demands. */
export function parseNameConstraints(node: DerNode): NameConstraints {
  const fields = cursor(node);
  const permitted = fields.optional(0xa0);
  const excluded = fields.optional(0xa1);
  fields.end();
  if (!permitted && !excluded) malformed();
  return { permitted: parseSubtrees(permitted, 0xa0), excluded: parseSubtrees(excluded, 0xa1) };
}

function parseSubtrees(node: DerNode | undefined, tag: number): readonly GeneralName[] {
  if (node === undefined) return [];
  return nonEmpty(
    elementsOf(node, tag).map((subtree) => {
      const [base, ...distances] = elementsOf(subtree);
      if (base === undefined || distances.length > 0) malformed();
      return parseGeneralName(base, 'constraint');
    }),
  );
}

export function parseAuthorityKeyIdentifier(node: DerNode): AuthorityKeyIdentifier {
  const fields = cursor(node);
  const key = fields.optional(0x80);
  const issuer = fields.optional(0xa1);
  const serial = fields.optional(0x82);
  fields.end();
  return {
    ...(key && { keyIdentifier: key.content }),
    ...(issuer && { issuer: parseGeneralNames(issuer, 0xa1) }),
    ...(serial && { serialNumber: readInteger(serial, 0x82) }),
  };
}

export function parsePolicyConstraints(node: DerNode): PolicyConstraints {
  const fields = cursor(node);
  const explicit = fields.optional(0x80);
  const mapping = fields.optional(0x81);
  fields.end();
  if (!explicit && !mapping) malformed();
  return {
    ...(explicit && { requireExplicitPolicy: readSmallInteger(explicit, 0x80) }),
    ...(mapping && { inhibitPolicyMapping: readSmallInteger(mapping, 0x81) }),
  };
}

export function parsePolicies(node: DerNode): readonly string[] {
  return nonEmpty(
    elementsOf(node).map((policy) => {
      const fields = cursor(policy);
      const oid = decodeOid(contentOf(fields.next(), 0x06));
      const qualifiers = fields.optional(0x30);
      if (qualifiers !== undefined) nonEmpty(elementsOf(qualifiers));
      fields.end();
      return oid;
    }),
  );
}

/** The full names of every distribution point. @see RFC 5280 §4.2.1.13 */
export function parseDistributionPoints(node: DerNode): readonly GeneralName[] {
  return nonEmpty(elementsOf(node)).flatMap((point) => {
    const fields = cursor(point);
    const name = fields.optional(0xa0);
    fields.optional(0x81);
    fields.optional(0xa2);
    fields.end();
    const [form] = name === undefined ? [] : elementsOf(name, 0xa0);
    return form?.tag === 0xa0 ? parseGeneralNames(form, 0xa0) : [];
  });
}

/** The locations, whatever the method. @see RFC 5280 §4.2.2.1 */
export function parseAuthorityInfoAccess(node: DerNode): readonly GeneralName[] {
  return nonEmpty(elementsOf(node)).map((description) => {
    const [method, location, ...rest] = elementsOf(description);
    decodeOid(contentOf(method, 0x06));
    if (location === undefined || rest.length > 0) malformed();
    return parseGeneralName(location);
  });
}

function nonEmpty<T>(list: readonly T[]): readonly T[] {
  if (list.length === 0) malformed();
  return list;
}

function malformed(): never {
  refuse('certificate', 'An extension is malformed.');
}
