// Bytes and text: comparing, digest, hexadecimal, strict decoding.

import { createHash } from 'node:crypto';
import { malformed } from './errors.ts';

/** True when both hold the same bytes (not constant time: nothing here is secret). */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** SHA-256 of the bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}

/** Lower-case hexadecimal text of the bytes. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/**
 * The text that these bytes encode; a byte order mark is kept as a character.
 * @throws X509Error `certificate` when they are not exactly the encoding of any text
 */
export function textOf(bytes: Uint8Array, encoding: 'ascii' | 'latin1' | 'utf8' | 'utf16le'): string {
  const text = Buffer.from(bytes).toString(encoding);
  // The decoders of Buffer replace, cut or mask what is malformed: then encoding gives other bytes.
  if (!equalBytes(Buffer.from(text, encoding), bytes)) malformed();
  return text;
}
