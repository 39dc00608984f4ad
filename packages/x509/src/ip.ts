// IP addresses and ranges as text, read strictly: no octal, no short forms, no zones.

import { toHex } from './bytes.ts';

/** 4 or 16 bytes of an address in text (RFC 791 dotted quad, RFC 4291 §2.2), or undefined. */
export function parseIp(text: string): Uint8Array | undefined {
  if (!text.includes(':')) return parseIpv4(text);
  let groups = text;
  const quad = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (quad !== null) {
    const [a = 0, b = 0, c = 0, d = 0, ...rest] = parseIpv4(quad[2] ?? '') ?? [0, 0, 0, 0, 1];
    if (rest.length > 0) return undefined;
    groups = `${quad[1]}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  }
  const halves = groups.split('::');
  const [head = [], tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length > 2 || (tail === undefined ? missing !== 0 : missing < 1)) return undefined;
  const all = [...head, ...Array<string>(tail === undefined ? 0 : missing).fill('0'), ...(tail ?? [])];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return Uint8Array.from(all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]));
}

/** The text of 4 or 16 bytes, IPv6 in eight full groups. */
export function formatIp(address: Uint8Array): string {
  return address.length === 4 ? address.join('.') : (toHex(address).match(/.{4}/g) ?? []).join(':');
}

/** Address and mask of `address/prefix` or of a bare address, as name constraints encode them, or undefined. */
export function parseIpRange(text: string): Uint8Array | undefined {
  const [address = '', prefix, ...rest] = text.split('/');
  const bytes = parseIp(address);
  if (bytes === undefined || rest.length > 0 || (prefix !== undefined && !/^(0|[1-9]\d{0,2})$/.test(prefix)))
    return undefined;
  const bits = prefix === undefined ? bytes.length * 8 : Number(prefix);
  if (bits > bytes.length * 8) return undefined;
  const mask = bytes.map((_, i) => 0xff & ~(0xff >> Math.min(8, Math.max(0, bits - 8 * i))));
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
  const fits = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  return fits ? Uint8Array.from(parts, Number) : undefined;
}
