// Bytes as hex and base64, and their digests.
import { createHash } from 'node:crypto';

export { toHex as hex } from '@windlass/x509';

/** Bytes in canonical base64. */
export const base64Of = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** The bytes of a text in base64 or hex. */
export const bytesOf = (text: string, encoding: 'base64' | 'hex'): Uint8Array => Buffer.from(text, encoding);

/** The digest of `data`; a string is taken as UTF-8. */
export const hash = (name: 'sha256' | 'sha384' | 'sha512', data: Uint8Array | string): Uint8Array =>
  createHash(name).update(data).digest();
