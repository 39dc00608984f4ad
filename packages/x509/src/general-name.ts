// GeneralName: the forms of subjectAltName and name constraints.

import { textOf } from './bytes.ts';
import { ANY, contentOf, type DerNode, listOf, readDer, readDerChildren, readFields, SEQUENCE } from './der.ts';
import { malformed } from './errors.ts';
import { type Name, parseName } from './name.ts';
import { decodeOid, readOid } from './oid.ts';

/** One name of a certificate; `other` are forms that are carried, never matched. */
export type GeneralName =
  | { readonly kind: 'dns' | 'email' | 'uri'; readonly value: string }
  /** 4 or 16 bytes; in a name constraint 8 or 32: address, then mask. */
  | { readonly kind: 'ip'; readonly value: Uint8Array }
  | { readonly kind: 'directory'; readonly value: Name }
  | { readonly kind: 'other'; readonly tag: number; readonly value: Uint8Array };

const TEXT_KINDS: Readonly<Record<number, 'dns' | 'email' | 'uri'>> = { 129: 'email', 130: 'dns', 134: 'uri' };
const IP_ADDRESS = 0x87;
const DIRECTORY_NAME = 0xa4;
const OTHER_NAME = 0xa0;
const REGISTERED_ID = 0x88;
/** Those, and x400Address, ediPartyName. */
const OTHER_TAGS = [OTHER_NAME, REGISTERED_ID, 0xa3, 0xa5];

/** Where a name stands decides how long an address is. */
export type GeneralNamePlace = 'name' | 'constraint';

/**
 * One GeneralName.
 * @throws X509Error `der` or `certificate`
 * @see RFC 5280 §4.2.1.6
 */
export function parseGeneralName(node: DerNode, place: GeneralNamePlace = 'name'): GeneralName {
  const { tag, content: value } = node;
  const kind = TEXT_KINDS[tag];
  if (kind) return { kind, value: textOf(value, 'ascii') };
  if (tag === IP_ADDRESS) {
    const sizes = place === 'name' ? [4, 16] : [8, 32];
    if (!sizes.includes(value.length)) malformed();
    return { kind: 'ip', value };
  }
  if (tag === DIRECTORY_NAME) return { kind: 'directory', value: parseName(readDer(value)) };
  if (!OTHER_TAGS.includes(tag)) malformed();
  if (tag === REGISTERED_ID) decodeOid(value);
  else if (tag === OTHER_NAME) {
    const [type, named] = readFields({ ...node, tag: SEQUENCE }, ANY, OTHER_NAME);
    readOid(type);
    readDer(contentOf(named, OTHER_NAME));
  } else readDerChildren(node);
  return { kind: 'other', tag, value };
}

/** A non-empty SEQUENCE OF GeneralName. */
export function parseGeneralNames(node: DerNode | undefined, tag = SEQUENCE): readonly GeneralName[] {
  return listOf(node, tag).map((name) => parseGeneralName(name));
}
