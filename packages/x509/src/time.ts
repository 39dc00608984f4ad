// The two time forms of certificates, exactly: seconds present, `Z`, no fraction, a date that exists.

import { asciiText } from './bytes.ts';
import type { DerNode } from './der.ts';
import { refuse } from './errors.ts';

const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;

/**
 * Unix seconds of a UTCTime or GeneralizedTime.
 * @throws X509Error `certificate`
 * @see RFC 5280 §4.1.2.5
 */
export function decodeTime(node: DerNode | undefined): number {
  const isTime = node?.tag === UTC_TIME || node?.tag === GENERALIZED_TIME;
  const text = isTime ? asciiText(node.content) : undefined;
  const digits = text === undefined ? null : /^(\d\d)?(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (digits === null || (node?.tag === UTC_TIME) !== (digits[1] === undefined)) malformed();
  const [, century = Number(digits[2]) < 50 ? '20' : '19', year, month, day, hour, minute, second] = digits;
  const date = new Date(`${century}${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`);
  // A date that does not exist is invalid, or comes back as another one.
  const isReal =
    !Number.isNaN(date.getTime()) &&
    date.toISOString().replace(/\D/g, '').slice(0, 14).endsWith(digits.slice(2).join(''));
  if (!isReal) malformed();
  return date.getTime() / 1000;
}

/** The identifier octet and text of a time: UTCTime from 1950 to 2049, else GeneralizedTime. */
export function encodeTime(unixSeconds: number): { readonly tag: number; readonly text: string } {
  const text = new Date(unixSeconds * 1000).toISOString();
  if (!/^\d{4}-/.test(text)) refuse('certificate', 'A time is outside the years 0000 to 9999.');
  const digits = `${text.replace(/\.\d+/, '').replace(/[-:T]/g, '')}`;
  const year = Number(digits.slice(0, 4));
  return year >= 1950 && year < 2050
    ? { tag: UTC_TIME, text: digits.slice(2) }
    : { tag: GENERALIZED_TIME, text: digits };
}

function malformed(): never {
  refuse('certificate', 'A time is not a UTCTime or GeneralizedTime as RFC 5280 wants it.');
}
