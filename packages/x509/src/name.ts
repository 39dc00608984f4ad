// Distinguished names: parsed once, compared after folding, shown safely.

import { asciiText, equalBytes, toHex, utf8Text } from './bytes.ts';
import { contentOf, type DerNode, elementsOf } from './der.ts';
import { refuse } from './errors.ts';
import { decodeOid } from './oid.ts';

/** One attribute of a name; a value that is no text is shown as `#` and the hexadecimal of its DER. */
export interface NameAttribute {
  readonly oid: string;
  readonly value: string;
}

/** A distinguished name. */
export interface Name {
  readonly der: Uint8Array;
  /** All attributes in order of encoding, relative names flattened. */
  readonly attributes: readonly NameAttribute[];
  /** One folded text per relative distinguished name: two names are equal when these lists are. */
  readonly folded: readonly string[];
}

/** Short names of the attributes that certificates commonly use. */
export const ATTRIBUTE_OIDS: Readonly<Record<string, string>> = {
  CN: '2.5.4.3',
  serialNumber: '2.5.4.5',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  DC: '0.9.2342.19200300.100.1.25',
  emailAddress: '1.2.840.113549.1.9.1',
};

/** Longest text, in characters, that formatName returns. */
const MAX_SHOWN = 256;

/**
 * A name of these RDNSequence bytes.
 * @throws X509Error `der` or `certificate`
 * @see RFC 5280 §4.1.2.4
 */
export function parseName(node: DerNode | undefined): Name {
  const attributes: NameAttribute[] = [];
  const folded = elementsOf(node).map((set) => {
    const pairs = elementsOf(set, 0x31).map((pair) => {
      const [type, value, ...rest] = elementsOf(pair);
      if (value === undefined || rest.length > 0) malformed();
      const attribute = { oid: decodeOid(contentOf(type, 0x06)), value: attributeText(value) };
      attributes.push(attribute);
      return `${attribute.oid}=${fold(attribute.value)}`;
    });
    if (pairs.length === 0) malformed();
    return JSON.stringify(pairs.sort());
  });
  return { der: node?.raw ?? new Uint8Array(), attributes, folded };
}

/** True when both names are the same after folding of case, spaces and string types. @see RFC 5280 §7.1 */
export function namesEqual(a: Name, b: Name): boolean {
  return equalBytes(a.der, b.der) || (a.folded.length === b.folded.length && isNameWithin(a, b));
}

/** True when the name is the base or lies below it. @see RFC 5280 §7.1, directoryName constraints */
export function isNameWithin(name: Name, base: Name): boolean {
  return base.folded.every((relative, i) => relative === name.folded[i]);
}

/** All values of one attribute type, in order. */
export function subjectAttribute(name: Name, oid: string): readonly string[] {
  return name.attributes.filter((attribute) => attribute.oid === oid).map((attribute) => attribute.value);
}

/** `CN=…, O=…`: printable (anything else as \u{…}), separators escaped, at most 256 characters. */
export function formatName(name: Name): string {
  const shown = name.attributes.map(({ oid, value }) => {
    const short = Object.entries(ATTRIBUTE_OIDS).find(([, known]) => known === oid)?.[0] ?? oid;
    const safe = value.slice(0, MAX_SHOWN).replace(/[^\p{L}\p{M}\p{N}\p{P}\p{Sm}\p{Sc} ]|[\\,]/gu, escapeCharacter);
    return `${short}=${safe}`;
  });
  const text = shown.join(', ');
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 1)}…` : text;
}

function escapeCharacter(character: string): string {
  return character === ',' || character === '\\'
    ? `\\${character}`
    : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function attributeText(node: DerNode): string {
  const text = decodeText(node);
  if (text === undefined) malformed();
  return text;
}

function decodeText({ tag, content, raw }: DerNode): string | undefined {
  switch (tag) {
    case 0x0c: // UTF8String
      return utf8Text(content);
    case 0x12: // NumericString
    case 0x13: // PrintableString; its narrower alphabet is not enforced: real names hold '*', '@', '_' and '&'
    case 0x16: // IA5String
    case 0x1a: // VisibleString
      return asciiText(content);
    case 0x14: // TeletexString: Latin-1 in practice
      return Array.from(content, (byte) => String.fromCharCode(byte)).join('');
    case 0x1e: // BMPString
      return content.length % 2 === 0 ? wideText(content) : undefined;
    default:
      return `#${toHex(raw)}`;
  }
}

function wideText(content: Uint8Array): string {
  const units = Array.from(
    { length: content.length / 2 },
    (_, i) => (content[2 * i] ?? 0) * 256 + (content[2 * i + 1] ?? 0),
  );
  return units.map((unit) => String.fromCharCode(unit)).join('');
}

/** Case and compatibility forms folded, invisible characters dropped, runs of spaces made one. @see RFC 4518 §2 */
function fold(value: string): string {
  return value
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/\s+/gu, ' ')
    .trim();
}

function malformed(): never {
  refuse('certificate', 'A name is malformed.');
}
