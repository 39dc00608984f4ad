import { describe, expect, test } from 'vitest';
import { isThisMachine, parseNoProxy } from './no-proxy.ts';

/** Each entry with peers that are on the list and peers that are not. */
const CASES: readonly (readonly [string, string, string])[] = [
  ['*', 'a.example:443 10.0.0.1:80 [::1]:443', ''],
  [
    'plant.example',
    'plant.example:443 app.plant.example:8883 a.b.plant.example:1',
    'myplant.example:443 example:443 plant.example.evil.test:443',
  ],
  ['.plant.example', 'app.plant.example:443', 'plant.example:443 app-plant.example:443'],
  ['*.plant.example', 'app.plant.example:443', 'plant.example:443'],
  ['PLANT.Example.', 'plant.example:443 APP.plant.example.:443', ''],
  ['plant.example:8883', 'plant.example:8883 app.plant.example:8883', 'plant.example:443'],
  ['.plant.example:8883', 'app.plant.example:8883', 'app.plant.example:443 plant.example:8883'],
  ['printer', 'printer:80', 'printer.example:80'],
  ['10.1.2.3', '10.1.2.3:443', '10.1.2.4:443 110.1.2.3:443 x.10.1.2.3:443'],
  ['10.1.2.3:80', '10.1.2.3:80', '10.1.2.3:443'],
  ['10.0.0.0/8', '10.0.0.1:1 10.255.255.255:1', '11.0.0.1:1 10.example:1 [fd00::1]:1'],
  ['0.0.0.0/0', '10.0.0.1:1', '[fd00::1]:1'],
  ['192.168.4.0/22', '192.168.7.255:1', '192.168.8.0:1'],
  ['fd00::/8', '[fd12::1]:443', '[fe80::1]:443 10.0.0.1:443'],
  ['::1', '[::1]:443 [0:0:0:0:0:0:0:1]:443', '[::2]:443'],
  ['[::1]', '[::1]:443', '[::2]:443'],
  ['[fd00::1]:443', '[fd00::1]:443', '[fd00::1]:80'],
];

const peersOf = (text: string) =>
  text.split(' ').flatMap((peer) => {
    const [, six, host = six, port] = /^(?:\[(.*)\]|(.*)):(\d+)$/.exec(peer) ?? [];
    return host === undefined ? [] : [{ host, port: Number(port) }];
  });

describe('no-proxy lists', () => {
  test.each(CASES)('%s', (entry, on, off) => {
    const isListed = parseNoProxy([entry]);
    for (const peer of peersOf(on)) expect([peer, isListed(peer)]).toEqual([peer, true]);
    for (const peer of peersOf(off)) expect([peer, isListed(peer)]).toEqual([peer, false]);
  });

  test('a peer is on a list that has one entry for it; an empty list has nobody', () => {
    expect(parseNoProxy(['a.example', 'b.example'])({ host: 'b.example', port: 1 })).toBe(true);
    expect(parseNoProxy([])({ host: 'a.example', port: 1 })).toBe(false);
  });

  test.each([
    '',
    '.',
    '*.',
    '**',
    'a.*.example',
    'a b',
    'http://a.example',
    'a.example/8',
    '10.0.0.0/33',
    'fd00::/129',
    '10.0.0.0/8:443',
    '300.1.1.1',
    '10.1',
    '[::1',
    '::1]:443',
    'a.example:',
    'a.example:http',
    'a..example',
  ])('"%s" is no entry', (entry) => {
    expect(() => parseNoProxy([entry])).toThrow();
  });

  test('too many entries are a mistake', () => {
    expect(() => parseNoProxy(Array<string>(257).fill('a.example'))).toThrow();
  });

  test('this machine', () => {
    for (const host of ['localhost', 'x.localhost', '127.0.0.1', '127.1.2.3', '::1'])
      expect(isThisMachine({ host, port: 1 })).toBe(true);
    expect(isThisMachine({ host: 'localhost.example', port: 1 })).toBe(false);
  });
});
