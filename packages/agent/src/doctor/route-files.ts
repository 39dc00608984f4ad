// The kernel's routing tables as /proc shows them. @see proc(5)
import type { Gateway } from './ports.ts';

/** Bits of the flags column: usable, through a gateway, refused. */
const UP = 0x1;
const GATEWAY = 0x2;
const REJECT = 0x200;

/** Of /proc/net/route: numbers are hexadecimal, addresses in the byte order of the machine, which is little-endian wherever Node runs. */
export function gatewaysOf4(text: string): readonly Gateway[] {
  return rowsOf(text).flatMap(([link = '', destination = '', via = '', flags = '', , , , mask]) => {
    const isDefault = destination === '00000000' && mask === '00000000';
    return gateway(Number.parseInt(flags, 16), { link, isDefault, via: address4(via) });
  });
}

/** Of /proc/net/ipv6_route. */
export function gatewaysOf6(text: string): readonly Gateway[] {
  return rowsOf(text).flatMap(([destination = '', length, , , via = '', , , , flags = '', link = '']) => {
    const isDefault = /^0+$/.test(destination) && length === '00';
    return link === 'lo' ? [] : gateway(Number.parseInt(flags, 16), { link, isDefault, via: address6(via) });
  });
}

function gateway(flags: number, { via, ...route }: Gateway): readonly Gateway[] {
  const isThrough = (flags & GATEWAY) !== 0;
  if ((flags & UP) === 0 || (flags & REJECT) !== 0 || !(isThrough || route.isDefault)) return [];
  return [{ ...route, via: isThrough ? via : null }];
}

function rowsOf(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((row) => row.length > 7 && !row.includes('Iface'));
}

function address4(hex: string): string {
  return (hex.match(/../g) ?? [])
    .map((byte) => Number.parseInt(byte, 16))
    .reverse()
    .join('.');
}

/** As RFC 5952 writes it. */
function address6(hex: string): string {
  const groups = (hex.match(/.{4}/g) ?? []).join(':');
  return new URL(`http://[${groups}]`).hostname.replace(/[[\]]/g, '');
}
