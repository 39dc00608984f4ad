import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCertificate, createKey, toPem } from '../../../../protocol/src/testing/test-certificates.ts';
import { createWorld, DAY, NOW } from '../../../../protocol/src/testing/world.ts';
import { type FactoryDevice, makeFactoryDevice } from '../../testing/factory-device.ts';
import { readConfig } from './config.ts';
import { ConfigError } from './members.ts';

const world = createWorld();
let device: FactoryDevice;

beforeEach(() => {
  device = makeFactoryDevice(world, world.manufacturer.pem);
});

afterEach(() => device.remove());

function problem(): string {
  try {
    readConfig(device.config);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
}

describe('agent.json', () => {
  test('what a factory writes is taken, paths are relative to the file', () => {
    const config = readConfig(device.config);
    expect(config).toMatchObject({
      identity: {
        service: 'bootstrap.windlass.example',
        device: { manufacturer: world.manufacturer.key.digest, serial: 'SN-0001' },
        deviceKey: world.device.key.digest,
      },
      stateDirectory: join(device.directory, 'state'),
      trustStores: [{ kind: 'bundle', name: 'bundle', path: join(device.directory, 'state/bundle.pem') }],
      ports: { http: 80, https: 443 },
      proxies: { explicit: null, environment: { http: null, https: null }, credentials: [] },
      clock: 'untrusted',
      warnings: [],
    });
    expect(config.systemRoots).toHaveLength(1);
  });

  test('without a manufacturer the device is self-signed: its own key names it', () => {
    device.configure({ manufacturer: undefined });
    expect(readConfig(device.config).identity.device.manufacturer).toBe(world.device.key.digest);
  });

  test('by default the system roots are those of Node', () => {
    device.configure({ systemRoots: undefined });
    expect(readConfig(device.config).systemRoots.length).toBeGreaterThan(50);
  });

  test('an unknown member and a key that others can read are warned about', () => {
    device.configure({ colour: 'red' });
    chmodSync(join(device.directory, 'device.key'), 0o644);
    const { warnings } = readConfig(device.config);
    expect(warnings).toEqual([expect.stringContaining('"colour" is not known'), expect.stringContaining('chmod 600')]);
  });

  test('the code of the label is read in whatever way it is written, and is a secret [D21]', () => {
    device.configure({ labelCode: 'label.code' });
    device.write('label.code', '7k3m-9qxt-2b5d-8fhj-4npr-6stv-wy\n');
    const { identity, warnings } = readConfig(device.config);
    expect(Buffer.from(identity.labelKey ?? []).toString('base64')).toBe(
      'tZoTeYPtWaFIJS7gTI29iKyttVFBOESZZl4YqshJAx4=',
    );
    expect(warnings).toEqual([]);
    chmodSync(join(device.directory, 'label.code'), 0o640);
    expect(readConfig(device.config).warnings).toEqual([expect.stringMatching(/label\.code .*chmod 600/)]);
  });

  test('a code that is none, is too short or is not there is no reason to go on without one [D21]', () => {
    device.configure({ labelCode: 'label.code' });
    expect(problem()).toContain('label.code ("labelCode") cannot be read');
    for (const text of ['', '7K3M9QXT2B5D8FHJ4NPR6STVW', '7K3M9QXT2B5D8FHJ4NPR6STVWU!']) {
      device.write('label.code', text);
      expect(problem()).toContain('("labelCode") must have the code of the label: 26 to 64');
      if (text !== '') expect(problem()).not.toContain(text);
    }
    device.configure({ labelCode: null });
    expect(problem()).toContain('"labelCode" must be a text');
  });

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['a missing member', { service: undefined }, '"service" is missing'],
    ['a member of the wrong type', { serviceAnchor: 7 }, '"serviceAnchor" must be a text'],
    ['a service that is no name', { service: 'Not A Name' }, '"service" must be a DNS name'],
    [
      'a file that is not there',
      { serviceAnchor: 'nowhere.pem' },
      'nowhere.pem ("serviceAnchor") cannot be read: no such file or directory',
    ],
    ['a directory for a file', { serviceAnchor: '.' }, 'illegal operation on a directory'],
    ['an anchor without a certificate', { serviceAnchor: 'device.key' }, '("serviceAnchor") has no certificate in PEM'],
    ['a manufacturer that is no digest', { manufacturer: 'abc' }, '"manufacturer" must be the base64 of a SHA-256'],
    ['a port that is none', { ports: { http: 0 } }, '"http" must be a port'],
    ['an unknown kind of trust store', { trustStores: [{ kind: 'java', path: 'x' }] }, '"kind" must be bundle'],
    [
      'a trust store named like our own',
      { trustStores: [{ kind: 'bundle', name: 'agent', path: 'x' }] },
      'not "agent"',
    ],
    ['an address override that is none', { connectTo: { 'a.example:443': '127.0.0.1' } }, 'must be host:port'],
    ['one to a port that is none', { connectTo: { 'a.example:443': '127.0.0.1:99999' } }, 'must be host:port'],
    ['an unknown clock', { clock: 'perhaps' }, '"clock" must be untrusted or trusted'],
    ['a firmware build that is no time', { firmwareBuild: '2026-02-30T00:00:00Z' }, '"firmwareBuild" must be a time'],
  ])('%s: one sentence that says what to do', (_, changes, sentence) => {
    device.configure(changes);
    expect(problem()).toContain(sentence);
  });

  test('what is not known in an inner object is warned about once, with the file', () => {
    device.configure({ ports: { htps: 1 }, trustStores: [{ kind: 'bundle', path: 'x.pem', scope: 1 }] });
    const { warnings } = readConfig(device.config);
    expect(warnings).toEqual([
      `${device.config}: "ports": "htps" is not known and has no effect.`,
      `${device.config}: "trustStores": "scope" is not known and has no effect.`,
    ]);
  });

  test.each([
    ...['device.pem', 'device.key', 'service-anchor.pem', 'roots.pem', 'agent.json', 'link.pem'],
    ...['state/state.json', 'state/floors.json', './state/../device.pem', 'link/state.json'],
    ...['state', 'state/agent.lock', 'state/work.lock', 'proxy-anchor.pem', 'leases'],
  ])('a bundle never takes the place of %s', (path) => {
    mkdirSync(join(device.directory, 'state'));
    symlinkSync(join(device.directory, 'roots.pem'), join(device.directory, 'link.pem'));
    symlinkSync('state', join(device.directory, 'link'));
    device.write('proxy-anchor.pem', world.serviceAnchor.pem);
    const others = { proxies: { anchor: 'proxy-anchor.pem' }, leaseFiles: ['leases'] };
    device.configure({ ...others, trustStores: [{ kind: 'bundle', name: 'apps', path }] });
    expect(problem()).toMatch(/"trustStores": "path" is .*, which is used for something else: give this a file of its/);
  });

  test('two bundles have two names and two files', () => {
    const two = (one: object, other: object): string => {
      device.configure({ trustStores: [one, other].map((each) => ({ kind: 'bundle', ...each })) });
      return problem();
    };
    const sentence = 'two have the name "bundle": give each a "name" of its own';
    expect(two({ path: 'a.pem' }, { path: 'b.pem' })).toContain(sentence);
    expect(two({ path: 'a.pem' }, { path: 'b.pem', name: 'bundle' })).toContain(sentence);
    expect(two({ path: 'a.pem', name: 'a' }, { path: './a.pem', name: 'b' })).toContain('is used for something else');
    expect(two({ path: 'a.pem', name: 'a' }, { path: 'b.pem', name: 'b' })).toBe('');
  });

  test('a clock that is trusted and set: the sentence names the file', () => {
    device.configure({ clock: 'trusted', setSystemClock: ['/usr/bin/date', '{}'] });
    expect(problem()).toContain(`${device.config}: "setSystemClock": a clock that is trusted is not set`);
  });

  test('a missing file and one that is not JSON', () => {
    device.write('agent.json', '{"service":');
    expect(problem()).toMatch(/agent\.json is not JSON: it ends too early/);
    expect(() => readConfig('/nowhere/agent.json')).toThrow('no such file or directory');
  });

  test('a key that is none, and one of another device', () => {
    device.write('device.key', 'no key');
    expect(problem()).toContain('is no private key in PEM');
    device.write('device.key', createKey().privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    expect(problem()).toContain('is not the key of the first certificate');
  });

  test('a certificate without a serial, and one that is damaged', () => {
    const key = world.device.key;
    device.write('device.pem', createCertificate({ name: 'nameless', key, from: NOW - DAY, until: NOW + DAY }).pem);
    expect(problem()).toContain('exactly one serialNumber');
    device.write('device.pem', toPem(Buffer.from('3003020101', 'hex')));
    expect(problem()).toContain('cannot be read');
  });

  test('more than four service anchors', () => {
    device.write('service-anchor.pem', world.serviceAnchor.pem.repeat(5));
    expect(problem()).toContain('has more than 4 certificates');
  });
});
