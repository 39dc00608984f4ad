// IP addresses and ranges as text, read strictly: no octal, no short forms, no zones.

import { toHex } from './bytes.ts';

const SMALL_NUMBER = /^(0|[1-9]\d{0,2})$/;

/** 4 or 16 bytes of an address in text (RFC 791 dotted quad, RFC 4291 §2.2), or undefined. */
export function parseIp(text: string): Uint8Array | undefined {
  if (!text.includes(':')) return parseIpv4(text);
  const url = `http://[${text}]`;
  // Nothing that ends the address and begins something else.
  if (!/^[\da-f:.]+$/i.test(text) || !URL.canParse(url)) return undefined;
  const { hostname } = new URL(url);
  const halves = hostname.slice(1, -1).split('::');
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const zeros = Array<string>(8 - head.length - tail.length).fill('0');
  const groups = [...head, ...zeros, ...tail].map((group) => group.padStart(4, '0'));
  return Uint8Array.from(Buffer.from(groups.join(''), 'hex'));
}

/** The text of 4 or 16 bytes, IPv6 in eight full groups. */
export function formatIp(address: Uint8Array): string {
  return address.length === 4 ? address.join('.') : toHex(address).replace(/....(?=.)/g, '$&:');
}

/** Address and mask of `address/prefix` or of a bare address, as name constraints encode them, or undefined. */
export function parseIpRange(text: string): Uint8Array | undefined {
  const [address = '', prefix, ...rest] = text.split('/');
  const bytes = parseIp(address);
  if (!bytes || rest.length > 0) return undefined;
  const most = bytes.length * 8;
  const bits = Number(prefix ?? most);
  if (bits > most || !SMALL_NUMBER.test(prefix ?? '0')) return undefined;
  const mask = bytes.map((_, i) => 0xff00 >> Math.min(8, Math.max(0, bits - 8 * i)));
  return Uint8Array.of(...bytes, ...mask);
}

/** True when the address lies in the range (address and mask): never across families. */
export function isIpWithin(address: Uint8Array, range: Uint8Array): boolean {
  const size = address.length;
  return (
    range.length === 2 * size && address.every((byte, i) => ((byte ^ (range[i] ?? 0)) & (range[size + i] ?? 0)) === 0)
  );
}

/** True when the second half of the range is a mask of leading ones. */
export function hasPrefixMask(range: Uint8Array): boolean {
  const bits = Array.from(range.subarray(range.length / 2), (byte) => byte.toString(2).padStart(8, '0'));
  return /^1*0*$/.test(bits.join(''));
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  const fits = parts.length === 4 && parts.every((part) => SMALL_NUMBER.test(part) && Number(part) < 256);
  return fits ? Uint8Array.from(parts, Number) : undefined;
}
