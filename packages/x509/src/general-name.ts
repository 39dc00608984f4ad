// GeneralName: the forms of subjectAltName, name constraints and distribution points.

import { asciiText } from './bytes.ts';
import { type DerNode, elementsOf, readDer, readDerChildren } from './der.ts';
import { refuse } from './errors.ts';
import { type Name, parseName } from './name.ts';

/** One name of a certificate; `other` are forms that are carried, never matched. */
export type GeneralName =
  | { readonly kind: 'dns' | 'email' | 'uri'; readonly value: string }
  /** 4 or 16 bytes; in a name constraint 8 or 32: address, then mask. */
  | { readonly kind: 'ip'; readonly value: Uint8Array }
  | { readonly kind: 'directory'; readonly value: Name }
  | { readonly kind: 'other'; readonly tag: number; readonly value: Uint8Array };

const TEXT_KINDS = { 129: 'email', 130: 'dns', 134: 'uri' } as const;
const IP_ADDRESS = 0x87;
const DIRECTORY_NAME = 0xa4;
/** otherName, x400Address, ediPartyName, registeredID */
const OTHER_TAGS = [0xa0, 0xa3, 0xa5, 0x88];

/** Where a name stands decides how long an address is. */
export type GeneralNamePlace = 'name' | 'constraint';

/**
 * One GeneralName.
 * @throws X509Error `der` or `certificate`
 * @see RFC 5280 §4.2.1.6
 */
export function parseGeneralName(node: DerNode, place: GeneralNamePlace = 'name'): GeneralName {
  const { tag, content } = node;
  if (tag === 0x81 || tag === 0x82 || tag === 0x86) {
    const value = asciiText(content);
    if (value === undefined) refuse('certificate', 'An alternative name is not ASCII.');
    return { kind: TEXT_KINDS[tag], value };
  }
  if (tag === IP_ADDRESS) {
    const factor = place === 'constraint' ? 2 : 1;
    if (content.length !== 4 * factor && content.length !== 16 * factor) {
      refuse('certificate', 'An IP address has a wrong length.');
    }
    return { kind: 'ip', value: content };
  }
  if (tag === DIRECTORY_NAME) return { kind: 'directory', value: parseName(readDer(content)) };
  if (!OTHER_TAGS.includes(tag)) refuse('certificate', 'An alternative name is of no known form.');
  if ((tag & 0x20) !== 0) readDerChildren(node);
  return { kind: 'other', tag, value: content };
}

/** A non-empty SEQUENCE OF GeneralName (or with an implicit `tag`). */
export function parseGeneralNames(node: DerNode | undefined, tag = 0x30): readonly GeneralName[] {
  const names = elementsOf(node, tag).map((name) => parseGeneralName(name));
  if (names.length === 0) refuse('certificate', 'A list of names is empty.');
  return names;
}
