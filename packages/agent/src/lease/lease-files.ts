// What DHCP said, as the programs that speak it leave it in files. It is anybody's word: whoever uses it checks it.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LEASE_PLACES } from './lease-places.ts';

const MAX_FILES = 32;
const MAX_FILE_BYTES = 64 * 1024;
const MAX_LINE_CHARACTERS = 2_304;
const MAX_VALUE_CHARACTERS = 512;

/** One option of DHCP, by its number and by the names that programs give it, in lower case. */
export interface LeaseOption {
  readonly code: number;
  readonly names: readonly string[];
}

/** The URL of a PAC file. */
export const WPAD_OPTION: LeaseOption = { code: 252, names: ['wpad', 'wpad-url', 'wpad_url', 'dhcp4_wpad'] };
/** The URI of a captive portal's API. @see RFC 8910 */
export const PORTAL_OPTION: LeaseOption = {
  code: 114,
  names: ['captive_portal', 'captive-portal', 'default-url', 'v4-captive-portal', 'dhcp4_captive_portal'],
};

/**
 * The values of the option in these files, and in the files of these directories (null: where they usually are), the newest file's last one
 * first; printable and short.
 */
export function leaseValues(places: readonly string[] | null, option: LeaseOption): readonly string[] {
  return [...new Set(filesOf(places ?? LEASE_PLACES).flatMap((file) => valuesIn(textOf(file), option).reverse()))];
}

/** In the order of the text. Forms: `KEY=value`, with quotes or without, and dhclient's `option NAME value;`; a value in hexadecimal is decoded. */
export function valuesIn(text: string, { code, names }: LeaseOption): string[] {
  const known = [
    ...names,
    `option_${code}`,
    `opt${code}`,
    `unknown-${code}`,
    `unknown_${code}`,
    `dhcp4_unknown_${code}`,
  ];
  const found: string[] = [];
  for (const line of text.split('\n').filter(({ length }) => length <= MAX_LINE_CHARACTERS)) {
    // Trimmed before, and with one way to match: who speaks DHCP here may write lines that are made to take long.
    const [, key, rest] = /^(?:option\s+)?([\w-]{1,64})(?=[\s=])(.*)$/.exec(line.trim()) ?? [];
    const value = rest?.replace(/;$/, '').trim().replace(/^=/, '').trim();
    if (key === undefined || !value || !known.includes(key.toLowerCase())) continue;
    const plain = decoded(value.replace(/^(["'])(.*)\1$/, '$2'));
    if (/^[!-~]+$/.test(plain) && plain.length <= MAX_VALUE_CHARACTERS) found.push(plain);
  }
  return found;
}

function decoded(value: string): string {
  const digits = value.replaceAll(':', '');
  const isHex = /^([0-9a-f]{2}:)*[0-9a-f]{2}$/i.test(value) || /^([0-9a-f]{2}){4,}$/i.test(value);
  // A C string: some servers end the URL with a zero or a line break.
  return (isHex ? Buffer.from(digits, 'hex').toString('latin1') : value).replace(/[\0\r\n]+$/, '');
}

function filesOf(places: readonly string[]): readonly string[] {
  const dated = places.flatMap((place) => {
    try {
      const files = statSync(place).isDirectory() ? readdirSync(place).map((name) => join(place, name)) : [place];
      return files
        .map((file) => ({ file, at: statSync(file) }))
        .filter(({ at }) => at.isFile() && at.size <= MAX_FILE_BYTES);
    } catch {
      return [];
    }
  });
  return dated
    .sort((a, b) => b.at.mtimeMs - a.at.mtimeMs)
    .slice(0, MAX_FILES)
    .map(({ file }) => file);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
