// PEM: text around DER, read strictly enough and within limits (RFC 7468).

import { refuse } from './errors.ts';

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

/**
 * All blocks of the text in order; what stands between them is ignored (RFC 7468 §5.2).
 * @throws X509Error `certificate` when there is no whole block, a block is malformed, or a limit is passed
 */
export function parsePem(text: string, limits: PemLimits = {}): PemBlock[] {
  if (text.length > (limits.characters ?? 1 << 20)) refuse('certificate', 'The PEM text is too large.');
  const blocks: PemBlock[] = [];
  let label: string | undefined;
  let body = '';
  for (const line of text.split(/\r\n|\r|\n/)) {
    const [, edge, name] = /^-----(BEGIN|END) ([A-Z0-9 ]+)-----\s*$/.exec(line) ?? [];
    if (edge === undefined) {
      if (label !== undefined) body += line.trim();
      else if (line.startsWith('-----')) malformed();
    } else if (edge === 'BEGIN' && label === undefined) {
      label = name;
      body = '';
    } else {
      if (label === undefined || edge !== 'END' || name !== label) malformed();
      blocks.push({ label, der: decodeBase64(body) });
      label = undefined;
      if (blocks.length > (limits.blocks ?? 256)) refuse('certificate', 'The PEM text has too many blocks.');
    }
  }
  if (label !== undefined || blocks.length === 0) malformed();
  return blocks;
}

/** The block as text: lines of 64 characters, a newline at the end. */
export function toPem(label: string, der: Uint8Array): string {
  let binary = '';
  for (const byte of der) binary += String.fromCharCode(byte);
  const lines = btoa(binary).match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

function decodeBase64(body: string): Uint8Array {
  if (body.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(body)) malformed();
  return Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
}

function malformed(): never {
  refuse('certificate', 'The text is not PEM: give whole blocks, from BEGIN to END line.');
}
