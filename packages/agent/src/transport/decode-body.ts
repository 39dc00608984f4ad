// Content codings: what an answer is after gzip or deflate, with the limit that holds before and after.
import { inflateRawSync, unzipSync } from 'node:zlib';
import { codeOf, PathError } from './path-error.ts';

/**
 * `encoded` without its content coding, at most `limit` bytes. @see spec L5, F1
 * @throws PathError of the stage `body`: `encoding`, `truncated`, `too-large`
 */
export function decodeBody(encoded: Uint8Array, contentEncoding: string, limit: number): Uint8Array {
  const coding = contentEncoding.trim().toLowerCase();
  try {
    const bytes = decoded(encoded, coding, limit);
    if (bytes.length > limit) throw new PathError('too-large', 'body'); // spec F1
    return bytes;
  } catch (error) {
    if (error instanceof PathError) throw error;
    const code = codeOf(error);
    const isCut = code === 'Z_BUF_ERROR';
    throw new PathError(isCut ? 'truncated' : code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'encoding', 'body');
  }
}

function decoded(encoded: Uint8Array, coding: string, maxOutputLength: number): Uint8Array {
  if (coding === '' || coding === 'identity') return encoded;
  if (!/^((x-)?gzip|deflate)$/.test(coding)) throw new PathError('encoding', 'body');
  // RFC 9110 section 8.4.1.2: "deflate" is the zlib format, and some send it without the zlib header.
  const isRaw = coding === 'deflate' && ((encoded[0] ?? 0) & 0x0f) !== 8;
  return (isRaw ? inflateRawSync : unzipSync)(encoded, { maxOutputLength });
}
