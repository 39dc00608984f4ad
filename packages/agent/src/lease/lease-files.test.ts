import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { leaseValues, PORTAL_OPTION, valuesIn, WPAD_OPTION } from './lease-files.ts';

const scratch = mkdtempSync(join(tmpdir(), 'windlass-leases-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const url = 'http://10.0.0.1/wpad.dat';
const hex = Buffer.from(url).toString('hex');
const pairs = hex.match(/../g)?.join(':') ?? '';

test.each([
  ['dhclient, named', `lease {\n  option routers 10.0.0.1;\n  option wpad "${url}";\n}`],
  ['dhclient, unnamed', `lease {\n  option unknown-252 ${pairs};\n}`],
  ['dhclient, with a zero at the end', `  option unknown-252 ${pairs}:0:00;`.replace(':0:', ':')],
  ['systemd-networkd', `ADDRESS=10.0.0.7\nOPTION_252=${hex}\n`],
  ['NetworkManager', `DHCP4_WPAD=${url}\n`],
  ['udhcpc', `subnet='255.255.255.0'\nwpad='${url}'\n`],
  ['udhcpc, by number', `opt252=${hex}`],
])('the form of %s', (_, text) => {
  expect(valuesIn(text, WPAD_OPTION)).toEqual([url]);
});

test('the API of a portal is another option', () => {
  const api = 'https://portal.example/api';
  expect(valuesIn(`CAPTIVE_PORTAL=${api}\nOPTION_252=${hex}`, PORTAL_OPTION)).toEqual([api]);
  expect(valuesIn(`option v4-captive-portal "${api}";`, PORTAL_OPTION)).toEqual([api]);
});

test('what is not printable, or long, or of another option is left out', () => {
  for (const text of [
    'wpad=http://a/\u0007',
    `wpad=http://a/${'x'.repeat(600)}`,
    `xwpad=${url}`,
    'OPTION_252=00',
    'wpad=',
  ])
    expect(valuesIn(text, WPAD_OPTION)).toEqual([]);
});

test('a line that is made to take long takes no longer than others', () => {
  const made = [' ', '\t', ' ;'].map((each) => `wpad=x${each.repeat(1_100)}y`);
  const text = `${Array(20).fill(made.join('\n')).join('\n')}\nwpad=${url}\nwpad=${url}${' '.repeat(60_000)}`;
  expect(valuesIn(text, WPAD_OPTION)).toEqual([url]);
});

test.each([
  [`  wpad = "${url}" ; `, [url]],
  [`wpad ${url}`, [url]],
  [`option wpad ${url};`, [url]],
  [`wpad`, []],
  [`wpad;`, []],
  [`wpad-more=${url}`, []],
])('%j', (line, expected) => {
  expect(valuesIn(line, WPAD_OPTION)).toEqual(expected);
});

test('the newest file comes first, and in a file the last lease; what is missing or large does not matter', () => {
  const write = (name: string, text: string, at: number): string => {
    const file = join(scratch, name);
    writeFileSync(file, text);
    utimesSync(file, at, at);
    return file;
  };
  write('old', 'wpad=http://old/\n', 1_000);
  write('new', 'wpad=http://new-1/\nwpad=http://new-2/\n', 2_000);
  write('large', `wpad=http://large/\n${'x'.repeat(70_000)}`, 3_000);
  mkdirSync(join(scratch, 'directory'));
  const expected = ['http://new-2/', 'http://new-1/', 'http://old/'];
  expect(leaseValues([scratch, join(scratch, 'missing')], WPAD_OPTION)).toEqual(expected);
  expect(leaseValues([join(scratch, 'old')], WPAD_OPTION)).toEqual(['http://old/']);
});
