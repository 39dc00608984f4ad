import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createWorld } from '../../../../protocol/src/testing/world.ts';
import { type FactoryDevice, makeFactoryDevice } from '../../testing/factory-device.ts';
import { readConfig } from './config.ts';
import type { Variables } from './environment-proxies.ts';
import { ConfigError } from './members.ts';

const world = createWorld();
let device: FactoryDevice;

beforeEach(() => {
  device = makeFactoryDevice(world, world.manufacturer.pem);
});

afterEach(() => device.remove());

const read = (changes: Readonly<Record<string, unknown>>, variables: Variables = {}) => {
  device.configure(changes);
  return readConfig(device.config, variables);
};

function problem(changes: Readonly<Record<string, unknown>>): string {
  try {
    read(changes);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
}

describe('the proxy of the configuration', () => {
  test.each([
    ['http://10.0.0.1:3128', { host: '10.0.0.1', port: 3128 }],
    ['http://proxy.example', { host: 'proxy.example', port: 80 }],
    ['https://proxy.example/', { host: 'proxy.example', port: 443, tls: true }],
    ['https://proxy.example:3129', { host: 'proxy.example', port: 3129, tls: true }],
    ['http://[fd00::1]:3128', { host: 'fd00::1', port: 3128 }],
    ['http://us%40er:p%3Aw@10.0.0.1:3128', { host: '10.0.0.1', port: 3128, username: 'us@er', password: 'p:w' }],
  ])('%s', (explicitProxy, expected) => {
    expect(read({ explicitProxy }).proxies.explicit).toEqual(expected);
  });

  test.each([
    'socks://user:secret@10.0.0.1',
    'user:secret@10.0.0.1:3128',
    'http://user:secret@',
    'http://user:secret@a/b',
    '',
  ])('"%s" is none, and is named without its password', (explicitProxy) => {
    expect(problem({ explicitProxy })).toContain('"explicitProxy" must be like http');
    expect(problem({ explicitProxy })).not.toContain('secret');
  });
});

describe('the environment', () => {
  const variables = { https_proxy: 'http://10.0.0.1:3128', http_proxy: 'http://10.0.0.2:3128', no_proxy: 'a.example' };
  const environment = (given: Variables, on = true) =>
    read({ proxies: { environment: on } }, given).proxies.environment;

  test('counts where the configuration says so, and not by itself', () => {
    expect(environment(variables)).toMatchObject({ https: { host: '10.0.0.1' }, http: { host: '10.0.0.2' } });
    expect(environment(variables, false)).toMatchObject({ https: null, http: null });
    expect(read({}, variables).proxies.environment).toMatchObject({ https: null, http: null });
  });

  test('all_proxy is for what has no other one; lower case comes first; HTTP_PROXY never counts', () => {
    const all = { ALL_PROXY: 'http://10.0.0.9:1' };
    expect(environment(all)).toMatchObject({ https: { host: '10.0.0.9' }, http: { host: '10.0.0.9' } });
    expect(environment({ ...all, ...variables })).toMatchObject({ https: { host: '10.0.0.1' } });
    expect(environment({ HTTPS_PROXY: 'http://10.0.0.3:1', https_proxy: '' })).toMatchObject({
      https: { host: '10.0.0.3' },
    });
    expect(environment({ HTTPS_PROXY: 'http://10.0.0.3:1', ...variables })).toMatchObject({
      https: { host: '10.0.0.1' },
    });
    expect(environment({ HTTP_PROXY: 'http://10.0.0.4:1' })).toMatchObject({ http: null, https: null });
  });

  test('a proxy without a scheme is one for HTTP; no_proxy has commas or spaces', () => {
    const { https, noProxy } = environment({
      https_proxy: 'us:er@10.0.0.1:3128',
      NO_PROXY: ' a.example, .b.example 10.0.0.0/8,',
    });
    expect(https).toEqual({ host: '10.0.0.1', port: 3128, username: 'us', password: 'er' });
    const listed = ['a.example', 'x.b.example', '10.1.1.1', 'b.example'].filter((host) => noProxy({ host, port: 443 }));
    expect(listed).toEqual(['a.example', 'x.b.example', '10.1.1.1']);
  });

  test('what cannot be used is warned about once, without its password, and has no effect', () => {
    const broken = {
      all_proxy: 'socks5://u:secret@10.0.0.1',
      no_proxy: '10.0.0.0/99',
      http_proxy: 'http://10.0.0.2:1',
    };
    const { warnings, proxies } = read({ proxies: { environment: true } }, broken);
    expect(proxies.environment).toMatchObject({ https: null, http: { host: '10.0.0.2' } });
    expect(warnings).toEqual([
      'all_proxy of the environment is not like http://10.0.0.1:3128: it has no effect.',
      'no_proxy of the environment is not like name.example,.example,10.0.0.0/8: it has no effect.',
    ]);
  });
});

describe('"proxies"', () => {
  test('lists of peers without a proxy, of proxies that get credentials, and anchors for their TLS', () => {
    const { proxies, warnings } = read({
      proxies: {
        noProxy: ['.plant.example'],
        credentials: ['https://u:p@proxy.example:3129'],
        anchor: 'service-anchor.pem',
      },
    });
    expect(proxies.noProxy({ host: 'a.plant.example', port: 1 })).toBe(true);
    expect(proxies.credentials).toEqual([
      { host: 'proxy.example', port: 3129, tls: true, username: 'u', password: 'p' },
    ]);
    expect(proxies.anchors).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  test('PAC files: where one lies, or what the network says, and not by themselves', () => {
    const pacOf = (proxies: object) => read({ proxies }).proxies.pac;
    expect(pacOf({})).toBeNull();
    expect(pacOf({ pac: 'http://10.0.0.1/proxy.pac' })).toEqual({
      url: new URL('http://10.0.0.1/proxy.pac'),
      wpad: null,
    });
    expect(pacOf({ wpad: true })).toEqual({ url: null, wpad: { leaseFiles: null } });
    const leaseFiles = [`${device.directory}/leases`];
    const { proxies, portal } = read({
      proxies: { wpad: true },
      leaseFiles: ['leases'],
      captivePortalApi: 'https://portal.example/api',
    });
    expect(proxies.pac).toEqual({ url: null, wpad: { leaseFiles } });
    expect(portal).toEqual({ api: new URL('https://portal.example/api'), leaseFiles });
    expect(read({}).portal).toEqual({ api: null, leaseFiles: null });
    expect(problem({ captivePortalApi: 'http://portal.example/' })).toContain(
      '"captivePortalApi" must be an address like',
    );
    expect(problem({ leaseFiles: [7] })).toContain('"leaseFiles" must be a list of at most 16 files');
  });

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['a PAC file without a scheme', { pac: '/etc/proxy.pac' }, '"pac" must be an address like'],
    ['a PAC file with a password', { pac: 'http://user:secret@10.0.0.1/p' }, '"pac" must be an address like'],
    ['a PAC file with nothing but a password', { pac: 'http://:secret@10.0.0.1/p' }, '"pac" must be an address like'],
    ['a list that is none', { noProxy: '.plant.example' }, '"noProxy" must be a list of names'],
    ['an entry that is none', { noProxy: ['10.0.0.0/33'] }, '"noProxy" must be a list of names'],
    ['credentials without a user', { credentials: ['http://10.0.0.1:1'] }, '"credentials" must be a list of proxies'],
    ['too many', { credentials: Array(9).fill('http://u:p@10.0.0.1:1') }, '"credentials" must be a list of proxies'],
    ['a switch that is none', { environment: 'yes' }, '"environment" must be true or false'],
    ['an anchor that is not there', { anchor: 'nowhere.pem' }, 'nowhere.pem ("anchor") cannot be read'],
  ])('%s: one sentence', (_, proxies, sentence) => {
    expect(problem({ proxies })).toContain(sentence);
  });

  test('an unknown member is warned about', () => {
    expect(read({ proxies: { enviroment: true } }).warnings).toEqual([
      `${device.config}: "proxies": "enviroment" is not known and has no effect.`,
    ]);
  });
});
