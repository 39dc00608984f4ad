// PEM: text around DER, read strictly enough and within limits (RFC 7468).

import { malformed } from './errors.ts';

/** One PEM block. */
export interface PemBlock {
  readonly label: string;
  readonly der: Uint8Array;
}

/** Bounds for parsePem. */
export interface PemLimits {
  /** Most characters of text; default 1 MiB. */
  readonly characters?: number;
  /** Most blocks; default 256. */
  readonly blocks?: number;
}

const EDGE_LIKE = /^-----/m;
const EDGE = /^-----(BEGIN|END) ([A-Z0-9 ]+)-----\s*$/m;

/**
 * All blocks of the text in order; what stands between them is ignored (RFC 7468 §5.2).
 * @throws X509Error `certificate` when there is no whole block, a block is malformed, or a limit is passed
 */
export function parsePem(text: string, { characters = 1 << 20, blocks: most = 256 }: PemLimits = {}): PemBlock[] {
  if (text.length > characters) malformed();
  // The edge, the label and what follows, again and again.
  const [before = '', ...parts] = text.split(EDGE);
  if (parts.length === 0 || parts.length > 6 * most || EDGE_LIKE.test(before)) malformed();
  const blocks: PemBlock[] = [];
  for (let i = 0; i < parts.length; i += 6) {
    const [begin, label = '', body = '', end, endLabel, after = ''] = parts.slice(i, i + 6);
    if (begin !== 'BEGIN' || end !== 'END' || label !== endLabel || EDGE_LIKE.test(after)) malformed();
    blocks.push({ label, der: decodeBase64(body) });
  }
  return blocks;
}

/** The block as text: lines of 64 characters, a newline at the end. */
export function toPem(label: string, der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`;
}

/** Lines may be indented; spaces inside of them are no base64. */
function decodeBase64(body: string): Uint8Array {
  const text = body
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .join('');
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) malformed();
  return Uint8Array.from(Buffer.from(text, 'base64'));
}
