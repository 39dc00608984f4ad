// The two time forms of certificates, exactly: seconds present, `Z`, no fraction, a date that exists.

import { textOf } from './bytes.ts';
import type { DerNode } from './der.ts';
import { malformed } from './errors.ts';

/** Identifier octets of the two forms. */
export const UTC_TIME = 0x17;
export const GENERALIZED_TIME = 0x18;

/**
 * Unix seconds of a UTCTime or GeneralizedTime.
 * @throws X509Error `certificate`
 * @see RFC 5280 §4.1.2.5
 */
export function decodeTime(node: DerNode | undefined): number {
  const isUtc = node?.tag === UTC_TIME;
  if (!isUtc && node?.tag !== GENERALIZED_TIME) malformed();
  const text = textOf(node.content, 'ascii');
  const century = isUtc ? (text < '5' ? '20' : '19') : '';
  const [, ...parts] = /^(....)(..)(..)(..)(..)(..)Z$/.exec(century + text) ?? [];
  const [year, month, day, hour, minute, second] = parts;
  const written = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const date = new Date(written);
  // A date that does not exist is null here, or comes back as another one.
  if (date.toJSON() !== written) malformed();
  return date.getTime() / 1000;
}
