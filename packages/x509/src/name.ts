// Distinguished names: parsed once, compared after folding, shown safely.

import { textOf, toHex } from './bytes.ts';
import { type DerNode, elementsOf, isInSetOrder, listOf } from './der.ts';
import { malformed, refuse } from './errors.ts';
import { readOid } from './oid.ts';

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
  /** One folded text, without a line break, per relative distinguished name. */
  readonly folded: readonly string[];
  /** All of them in one text: two names are equal when these are. */
  readonly key: string;
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

/** Encodings of string types by tag. The alphabet of PrintableString is wider in real names: '*', '@', '_' and '&'. */
const ENCODINGS: Readonly<Record<number, 'ascii' | 'latin1' | 'utf8'>> = {
  12: 'utf8', // UTF8String
  18: 'ascii', // NumericString
  19: 'ascii', // PrintableString
  20: 'latin1', // TeletexString, in practice
  22: 'ascii', // IA5String
  26: 'ascii', // VisibleString
};
const BMP_STRING = 30;

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
    const elements = listOf(set, 0x31);
    if (!isInSetOrder(elements)) refuse('der');
    const pairs = elements.map((pair) => {
      const [type, value, ...rest] = elementsOf(pair);
      if (!value || rest.length > 0) malformed();
      const oid = readOid(type);
      const text = textIn(value);
      const bytes = `#${toHex(value.raw)}`;
      attributes.push({ oid, value: text ?? bytes });
      return oid + (text === undefined ? bytes : `=${fold(text)}`);
    });
    return JSON.stringify(pairs.sort());
  });
  return { der: node?.raw ?? new Uint8Array(), attributes, folded, key: folded.join('\n') };
}

/** True when both names are the same after folding of case, spaces and string types. @see RFC 5280 §7.1 */
export function namesEqual(a: Name, b: Name): boolean {
  return a.key === b.key;
}

/** True when the name is the base or lies below it. @see RFC 5280 §7.1, directoryName constraints */
export function isNameWithin(name: Name, base: Name): boolean {
  return base.folded.every((relative, i) => relative === name.folded[i]);
}

/** All values of one attribute type, in order. */
export function subjectAttribute(name: Name, oid: string): readonly string[] {
  return name.attributes.filter((attribute) => attribute.oid === oid).map(({ value }) => value);
}

/**
 * Whether a proxy says by this name of a CA that it does not trust whom it stands in for: "Not trusted by …" (Squid),
 * "… CA_Untrusted" (FortiGate), "Forward Untrust …" (Palo Alto). A hint: names prove nothing.
 */
export function namesDistrust({ attributes }: Name): boolean {
  return attributes.some(({ value }) => /\bnot trusted by\b|untrust/i.test(value));
}

/** `CN=…, O=…`: printable (anything else as \u{…}), separators escaped, at most 256 characters. */
export function formatName(name: Name): string {
  const shown = name.attributes.map(({ oid, value }) => {
    const [short = oid] = Object.entries(ATTRIBUTE_OIDS).find(([, known]) => known === oid) ?? [];
    const safe = value
      .slice(0, MAX_SHOWN)
      .replace(/[\\,]/g, '\\$&')
      .replace(/[^\p{L}\p{M}\p{N}\p{P}\p{Sm}\p{Sc} ]/gu, (other) => `\\u{${other.codePointAt(0)?.toString(16)}}`);
    return `${short}=${safe}`;
  });
  const text = shown.join(', ');
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 1)}…` : text;
}

/** Undefined where the value is no text. */
function textIn({ tag, content }: DerNode): string | undefined {
  if (tag === BMP_STRING) {
    const swapped = content.map((_, i) => content[i ^ 1] ?? 0);
    return textOf(swapped, 'utf16le');
  }
  const encoding = ENCODINGS[tag];
  return encoding && textOf(content, encoding);
}

/** Invisible characters dropped, case and compatibility forms folded, runs of spaces made one, in this order. @see RFC 4518 §2 */
function fold(value: string): string {
  return value
    .replace(/[\p{Cf}\p{DI}\ufffc]/gu, '')
    .replace(/[\s\x85]/g, ' ')
    .replace(/\p{Cc}/gu, '')
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll('ς', 'σ')
    .normalize('NFKC')
    .replace(/ +/g, ' ')
    .trim();
}
