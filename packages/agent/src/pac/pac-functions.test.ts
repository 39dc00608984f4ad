import { describe, expect, test } from 'vitest';
import { type PacValue, pacFunctions } from './pac-functions.ts';

const names: Readonly<Record<string, readonly string[]>> = {
  'app.example': ['fd00::9', '10.9.8.7'],
  'six.example': ['fd00::6'],
};
const world = { now: new Date(0), addresses: ['fd00::1', '10.1.2.3'], resolve: (name: string) => names[name] ?? [] };
const functions = pacFunctions(world);
const call = (name: string, ...given: readonly PacValue[]): PacValue => functions[name]?.(...given);

describe('the functions of PAC files', () => {
  test.each<[string, readonly PacValue[], PacValue]>([
    ['isPlainHostName', ['www'], true],
    ['isPlainHostName', ['www.example'], false],
    ['isPlainHostName', ['fd00::1'], false],
    ['dnsDomainIs', ['www.Example.com', '.example.com'], true],
    ['dnsDomainIs', ['www.example.com.evil.test', '.example.com'], false],
    ['localHostOrDomainIs', ['www.example', 'WWW.example'], true],
    ['localHostOrDomainIs', ['www', 'www.example'], true],
    ['localHostOrDomainIs', ['ww', 'www.example'], false],
    ['localHostOrDomainIs', ['www.other', 'www.example'], false],
    ['isResolvable', ['app.example'], true],
    ['isResolvable', ['six.example'], false],
    ['isResolvable', ['nowhere.example'], false],
    ['isInNet', ['app.example', '10.9.0.0', '255.255.0.0'], true],
    ['isInNet', ['app.example', '10.8.0.0', '255.255.0.0'], false],
    ['isInNet', ['192.168.1.1', '192.168.1.1', '255.255.255.255'], true],
    ['isInNet', ['nowhere.example', '0.0.0.0', '0.0.0.0'], false],
    ['isInNet', ['10.1.1.1', 'ten', '255.0.0.0'], false],
    ['dnsResolve', ['app.example'], '10.9.8.7'],
    ['dnsResolve', ['10.0.0.1'], '10.0.0.1'],
    ['dnsResolve', ['nowhere.example'], null],
    ['convert_addr', ['1.2.3.4'], 0x01020304],
    ['myIpAddress', [], '10.1.2.3'],
    ['dnsDomainLevels', ['a.b.c'], 2],
    ['shExpMatch', ['app.example', '*.example'], true],
    ['shExpMatch', ['app.example', 'a??.*'], true],
    ['shExpMatch', ['app.example', '*.exam'], false],
    ['shExpMatch', ['http://a/b', '*/b'], true],
    ['shExpMatch', ['a.b', 'a?b'], true],
    ['shExpMatch', ['aXb', 'a.b'], false],
    ['shExpMatch', ['', '*'], true],
    ['isResolvableEx', ['six.example'], true],
    ['isInNetEx', ['six.example', 'fd00::/8'], true],
    ['isInNetEx', ['app.example', '10.9.8.0/24'], true],
    ['isInNetEx', ['app.example', '10.9.8.0/33'], false],
    ['isInNetEx', ['app.example', 'fd00::'], false],
    ['dnsResolveEx', ['app.example'], 'fd00::9;10.9.8.7'],
    ['dnsResolveEx', ['nowhere.example'], ''],
    ['myIpAddressEx', [], 'fd00::1;10.1.2.3'],
    ['sortIpAddressList', ['10.2.3.9;2001:db8::1;10.2.3.10;fd00::1'], '2001:db8::1;fd00::1;10.2.3.9;10.2.3.10'],
    ['sortIpAddressList', ['10.2.3.9;nonsense'], false],
    ['getClientVersion', [], '1.0'],
    ['alert', ['hello'], undefined],
  ])('%s(%j) is %j', (name, given, expected) => {
    expect(call(name, ...given)).toBe(expected);
  });

  test('anything but a text of a sensible length is no text', () => {
    expect(call('isPlainHostName', 7)).toBe(true);
    expect(call('dnsResolve', undefined)).toBeNull();
    expect(call('shExpMatch', 'a'.repeat(5_000), 'a*')).toBe(false);
  });

  test('a pattern that makes regular expressions backtrack is matched all the same', () => {
    expect(call('shExpMatch', 'a'.repeat(4_000), `${'a*'.repeat(500)}b`)).toBe(false);
  });

  test('without an address of this machine it is the loopback one', () => {
    expect(pacFunctions({ ...world, addresses: [] })['myIpAddress']?.()).toBe('127.0.0.1');
  });
});
