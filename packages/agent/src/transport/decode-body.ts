// Content codings: what an answer is after gzip or deflate, with the limit that holds before and after.
import { gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { codeOf } from './path-error.ts';

/** The decoded bytes, or why there are none. */
export type DecodedBody =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'problem'; readonly reason: 'encoding' | 'truncated' | 'too-large' };

/** `encoded` without its content coding, at most `limit` bytes. Never throws. @see spec L5, F1 */
export function decodeBody(encoded: Uint8Array, contentEncoding: string, limit: number): DecodedBody {
  try {
    const bytes = decoded(encoded, contentEncoding.trim().toLowerCase(), limit);
    if (!bytes) return { kind: 'problem', reason: 'encoding' };
    if (bytes.length > limit) return { kind: 'problem', reason: 'too-large' }; // spec F1
    return { kind: 'bytes', bytes: new Uint8Array(bytes) };
  } catch (error) {
    return { kind: 'problem', reason: REASONS[codeOf(error)] ?? 'encoding' };
  }
}

const REASONS: Readonly<Record<string, 'truncated' | 'too-large'>> = {
  Z_BUF_ERROR: 'truncated',
  ERR_BUFFER_TOO_LARGE: 'too-large',
};

function decoded(encoded: Uint8Array, coding: string, maxOutputLength: number): Uint8Array | null {
  if (coding === '' || coding === 'identity') return encoded;
  if (coding === 'gzip' || coding === 'x-gzip') return gunzipSync(encoded, { maxOutputLength });
  // RFC 9110 section 8.4.1.2: "deflate" is the zlib format, and some send it without the zlib header.
  const isZlib = ((encoded[0] ?? 0) & 0x0f) === 8;
  if (coding === 'deflate') return (isZlib ? inflateSync : inflateRawSync)(encoded, { maxOutputLength });
  return null;
}
