import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, findService, managementUrl } from './connection.ts';
import { recordingTerminal } from './recording-terminal.ts';

const dir = mkdtempSync(join(tmpdir(), 'windlass-connection-'));
beforeAll(() => {
  writeFileSync(join(dir, 'windlass.toml'), '[management-listener]\naddress = "127.0.0.1"\nport = 18443\n');
  writeFileSync(join(dir, 'admin-token'), 'wl_admin\n');
  mkdirSync(join(dir, 'organizations/acme'), { recursive: true });
  writeFileSync(join(dir, 'organizations/acme/approver-token'), 'wl_approver\n');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function urlFor(listener: string): string {
  const other = mkdtempSync(join(dir, 'config-'));
  writeFileSync(join(other, 'windlass.toml'), `service = "s.example"\n[management-listener]\n${listener}\n`);
  return managementUrl(other);
}

describe('which service, and as whom', () => {
  test("a directory gives the address and the admin's token, with an organization its approver's", () => {
    const environment = { WINDLASS_URL: 'http://127.0.0.1:1', WINDLASS_TOKEN: 'wl_other' };
    expect(findService({ dir }, environment)).toEqual({ url: 'http://127.0.0.1:18443', token: 'wl_admin' });
    expect(findService({ dir, organization: 'acme' }, environment)).toEqual({
      url: 'http://127.0.0.1:18443',
      token: 'wl_approver',
    });
    expect(findService({ dir, url: 'https://w.example' }, {})).toEqual({ url: 'https://w.example', token: 'wl_admin' });
  });

  test('without a directory, option or environment give the URL and the environment the token', () => {
    const environment = { WINDLASS_URL: 'http://127.0.0.1:1', WINDLASS_TOKEN: ' wl_other\n' };
    expect(findService({}, environment)).toEqual({ url: 'http://127.0.0.1:1', token: 'wl_other' });
    expect(findService({ url: 'http://127.0.0.1:2' }, environment).url).toBe('http://127.0.0.1:2');
    expect(() => findService({}, {})).toThrow(/^Which service\?/);
    expect(() => findService({ url: 'http://127.0.0.1:2' }, {})).toThrow(/^As whom\?/);
  });

  test('what is missing in a directory is named', () => {
    expect(() => findService({ dir: join(dir, 'none') }, {})).toThrow(/There is no directory/);
    expect(() => findService({ dir: join(dir, 'admin-token') }, {})).toThrow(/is a file/);
    expect(() => findService({ dir: join(dir, 'organizations') }, {})).toThrow(/There is no service in /);
    expect(() => findService({ dir, organization: 'nobody' }, {})).toThrow(/There is no organization nobody here/);
  });

  test('an organization cannot lead out of the directory', () => {
    expect(() => findService({ dir, organization: '../..' }, {})).toThrow(/The name of an organization is/);
  });

  test('addresses that mean every interface are reached by loopback; a listener with a certificate by https', () => {
    expect(urlFor('address = "0.0.0.0"\nport = 1\ntls-certificate = "a.pem"')).toBe('https://127.0.0.1:1');
    expect(urlFor('address = "::"\nport = 1')).toBe('http://[::1]:1');
    expect(urlFor('address = "::1"\nport = 1')).toBe('http://[::1]:1');
    expect(urlFor('')).toBe('http://127.0.0.1:8443');
    expect(() => urlFor('port = "x"')).toThrow(/no usable \[management-listener\]/);
    expect(() => urlFor('port = ')).toThrow(/is not valid TOML \(line 3\)/);
  });

  test.each([
    ['http://windlass.example:8443', /would cross the network in clear to windlass.example/],
    ['http://127.0.0.1.example', /in clear/],
    ['https://user:secret@windlass.example', /must not carry a user/],
    ['ftp://windlass.example', /not an http or https URL/],
    ['windlass', /is not a URL/],
  ])('a token is not sent to %s', async (url, sentence) => {
    await expect(connect({ url }, recordingTerminal({ WINDLASS_TOKEN: 'wl_token' }))).rejects.toThrow(sentence);
  });
});
