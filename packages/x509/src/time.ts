// The two time forms of certificates, exactly: seconds present, `Z`, no fraction, a date that exists.

import { asciiText } from './bytes.ts';
import type { DerNode } from './der.ts';
import { X509Error } from './errors.ts';

const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;

/** True when the node is a UTCTime or a GeneralizedTime. */
export function isTime(node: DerNode | undefined): boolean {
  return node?.tag === UTC_TIME || node?.tag === GENERALIZED_TIME;
}

/**
 * Unix seconds of a UTCTime or GeneralizedTime.
 * @throws X509Error `certificate`
 * @see RFC 5280 §4.1.2.5
 */
export function decodeTime(node: DerNode | undefined): number {
  const text = node === undefined || !isTime(node) ? undefined : asciiText(node.content);
  const digits = text === undefined ? null : /^(\d\d|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  const yearDigits = node?.tag === UTC_TIME ? 2 : 4;
  if (digits?.[1]?.length !== yearDigits) throw malformed();
  const [short = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = digits.slice(1).map(Number);
  const year = yearDigits === 4 ? short : short + (short < 50 ? 2000 : 1900);
  const date = new Date(Date.UTC(2000, month - 1, day, hour, minute, second));
  date.setUTCFullYear(year, month - 1, day);
  // A date that does not exist comes back as another one.
  const shown = [
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ];
  if (shown.some((part, i) => part !== [month, day, hour, minute, second][i])) throw malformed();
  return date.getTime() / 1000;
}

/** The identifier octet and text of a time: UTCTime from 1950 to 2049, else GeneralizedTime. */
export function encodeTime(unixSeconds: number): { readonly tag: number; readonly text: string } {
  const text = new Date(unixSeconds * 1000).toISOString();
  if (!/^\d{4}-/.test(text)) throw new X509Error('certificate', 'A time is outside the years 0000 to 9999.');
  const digits = `${text.replace(/\.\d+/, '').replace(/[-:T]/g, '')}`;
  const year = Number(digits.slice(0, 4));
  return year >= 1950 && year < 2050
    ? { tag: UTC_TIME, text: digits.slice(2) }
    : { tag: GENERALIZED_TIME, text: digits };
}

function malformed(): X509Error {
  return new X509Error('certificate', 'A time is not a UTCTime or GeneralizedTime as RFC 5280 wants it.');
}
