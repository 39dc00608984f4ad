// Private keys in what somebody uploads by mistake, in every usual form: they are noticed by how they begin, so that a cut off or broken one is
// too, and the work is bounded. Nothing that is refused here is kept anywhere.
import { refuseUnless } from './refusal.ts';

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OID = 0x06;
const OCTET_STRING = 0x04;
/** Of PKCS#8 the algorithm, of PKCS#1 the modulus, of SEC 1 the key. */
const AFTER_VERSION: readonly number[] = [SEQUENCE, INTEGER, OCTET_STRING];
const INDEFINITE_LENGTH = 0x80;
/** Elements one after the other that are looked at. */
const MAX_ELEMENTS = 256;
/** Of base64, in characters: no private key is shorter. */
const MIN_KEY_CHARACTERS = 40;
const MIN_BEGIN_CHARACTERS = 16;
/** PEM of whatever kind, OpenPGP and SSH2; of a distance that is bounded, so that a text full of BEGIN costs little. */
const LABEL = /BEGIN[ -~]{0,40}PRIVATE[ _-]?KEY/i;
const OTHER_TEXTS: readonly string[] = ['PuTTY-User-Key-File-', 'Private-key-format:', 'AGE-SECRET-KEY-1'];
const JWK_SECRET = /"(d|k)"\s{0,9}:\s{0,9}"/;
const JAVA_KEY_STORES: readonly string[] = ['feedfeed', 'cececece'];
/** Password-based encryption of PKCS#5 and PKCS#12: 1.2.840.113549.1.5 and 1.2.840.113549.1.12.1, in hexadecimal. */
const ENCRYPTIONS: readonly string[] = ['2a864886f70d0105', '2a864886f70d010c01'];
const BASE64_LINE = /^[A-Za-z0-9+/_-]+={0,2}$/;

/**
 * There is no private key in the file, and no key store, which may hold one: neither in PEM, DER or base64 of it, nor as text of another kind.
 * @throws Refusal `private-key-in-upload`
 */
export function refusePrivateKeys(file: Uint8Array): void {
  // UTF-16 is read as well.
  const text = new TextDecoder('latin1').decode(file).replaceAll('\0', '');
  const elements = [file, ...base64In(text)].flatMap(elementsOf);
  const key =
    'The upload contains a private key, and nothing of it was stored: export the certificate alone, and replace the key if others saw it.';
  refuseUnless(!isSecretText(text), 'private-key-in-upload', key); // spec S21
  refuseUnless(!elements.some(isPrivateKey), 'private-key-in-upload', key); // spec S21
  const store =
    'This is a key store (PKCS#12 or Java), which can hold a private key, and nothing of it was stored: export the certificate alone.';
  refuseUnless(!elements.some(isKeyStore), 'private-key-in-upload', store); // spec S21
}

function isSecretText(text: string): boolean {
  const isJwk = text.includes('"kty"') && JWK_SECRET.test(text);
  const isXml = text.includes('<RSAKeyValue>') && text.includes('<D>');
  return isJwk || isXml || LABEL.test(text) || OTHER_TEXTS.some((begin) => text.includes(begin));
}

/** What lines of base64, one after the other, stand for; and how each line begins, for another text may end right before it. */
function base64In(text: string): readonly Uint8Array[] {
  const runs: string[][] = [[]];
  for (const line of text.split(/[\r\n]+/)) {
    const characters = line.trim();
    if (BASE64_LINE.test(characters)) runs.at(-1)?.push(characters);
    else if (runs.at(-1)?.length !== 0) runs.push([]);
  }
  const whole = runs.map((lines) => lines.join('')).filter(({ length }) => length >= MIN_KEY_CHARACTERS);
  const later = runs.flatMap(([_, ...lines]) => lines).filter(isLikeSequence);
  const begins = later.map((line) => line.slice(0, MIN_KEY_CHARACTERS));
  return [...whole, ...begins].map((characters) => Buffer.from(characters, 'base64'));
}

/** The first octet of a SEQUENCE begins with an M, and some more are looked at. */
function isLikeSequence(line: string): boolean {
  return line.startsWith('M') && line.length >= MIN_BEGIN_CHARACTERS;
}

/** The elements of DER that the bytes begin with; the rest as one where there is no whole element. */
function elementsOf(bytes: Uint8Array): readonly Uint8Array[] {
  const elements: Uint8Array[] = [];
  let rest = bytes;
  while (rest.length > 0 && elements.length < MAX_ELEMENTS) {
    elements.push(rest);
    const { header, length } = headerOf(rest);
    if (length === null || header + length >= rest.length) break;
    rest = rest.subarray(header + length);
  }
  return elements;
}

/** Octets of tag and length, and of the content; null: it is not said. */
function headerOf(bytes: Uint8Array): { readonly header: number; readonly length: number | null } {
  const first = bytes[1] ?? 0;
  if (first < INDEFINITE_LENGTH) return { header: 2, length: first };
  const octets = bytes.subarray(2, 2 + (first & 0x7f));
  const isSaid = octets.length > 0 && octets.length <= 4;
  return { header: 2 + octets.length, length: isSaid ? octets.reduce((sum, octet) => sum * 256 + octet, 0) : null };
}

/** What is in the SEQUENCE that the bytes are, or begin with. */
function contentOf(bytes: Uint8Array): Uint8Array {
  return bytes[0] === SEQUENCE ? bytes.subarray(headerOf(bytes).header) : new Uint8Array();
}

/** PKCS#1, PKCS#8 and SEC 1: a version, 0 or 1. PKCS#8 that is encrypted: how. @see RFC 8017 A.1.2, RFC 5958, RFC 5915 */
function isPrivateKey(bytes: Uint8Array): boolean {
  const content = contentOf(bytes);
  const version = versionOf(content);
  if ((version === 0 || version === 1) && AFTER_VERSION.includes(content[3] ?? 0)) return true;
  const algorithm = contentOf(content);
  const identifier = algorithm[0] === OID ? Buffer.from(algorithm.subarray(2, 2 + (algorithm[1] ?? 0))) : Buffer.of();
  return ENCRYPTIONS.some((prefix) => identifier.toString('hex').startsWith(prefix));
}

/** PFX: version 3. @see RFC 7292 section 4 */
function isKeyStore(bytes: Uint8Array): boolean {
  return (
    versionOf(contentOf(bytes)) === 3 || JAVA_KEY_STORES.includes(Buffer.from(bytes.subarray(0, 4)).toString('hex'))
  );
}

/** The INTEGER of one octet that the content begins with. */
function versionOf([tag, length, value]: Uint8Array): number | undefined {
  return tag === INTEGER && length === 1 ? value : undefined;
}
