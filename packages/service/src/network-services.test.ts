import { ROUTES } from '@windlass/management';
import { parseOrganizationId, parseSecurityProfile } from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addEndpoint, listEndpoints } from './endpoints.ts';
import { runJobs } from './job-runner.ts';
import { askKillSwitch } from './kill-switch.ts';
import { showNetwork } from './network-detail.ts';
import { setNetworkServices } from './network-services.ts';
import { addNetwork } from './networks.ts';
import { addOrganization } from './organizations.ts';
import { renewEndingProfiles } from './profile-renewal.ts';
import { draftProfile } from './profile-submission.ts';
import { publishProfile } from './profiles.ts';
import { admin, approverOf, type Fixture, openFixture, SERVICE } from './testing/management-fixture.ts';

let fixture: Fixture;
const approver = approverOf('acme');
const acme = parseOrganizationId('acme');
const inPlant = { organization: 'acme', network: 'plant' };
const proxy = { host: 'proxy.plant.example', port: 3128, tls: true };
const quiet = { warn: () => undefined };

beforeEach(async () => {
  fixture = await openFixture();
  await addOrganization(fixture.management, admin, { name: 'acme' });
  for (const name of ['plant', 'office']) {
    await addNetwork(fixture.management, approver, { organization: 'acme', name });
  }
});

afterEach(async () => {
  await fixture.close();
});

type Changes = Omit<Parameters<typeof setNetworkServices>[2], 'organization' | 'network'>;
const set = (changes: Changes) => setNetworkServices(fixture.management, approver, { ...inPlant, ...changes });
const publish = (more: { expect?: string } = {}) =>
  publishProfile(fixture.management, approver, { ...inPlant, ...more });

/** What devices are told now. */
async function told() {
  const [last] = await fixture.management.store.tables.profiles.currentOf(acme);
  if (last === undefined) throw new Error('nothing is published');
  const { explicitProxy, noProxy, timeServers, dns, endpoints } = parseSecurityProfile(last.envelope.payload, SERVICE);
  return { explicitProxy, noProxy, timeServers, dns, endpoints };
}

test('what is set is published, what is not named stays, what is cleared goes', async () => {
  await set({ explicitProxy: { ...proxy, host: 'Proxy.Plant.Example' }, noProxy: ['Plant.example', '10.0.0.0/8'] });
  expect(await set({ dns: ['10.0.0.53'], timeServers: ['ntp.example'] })).toEqual({
    explicitProxy: proxy,
    noProxy: ['plant.example', '10.0.0.0/8'],
    timeServers: ['ntp.example'],
    dns: ['10.0.0.53'],
  });
  expect((await publish()).changes).toEqual([
    'first publication',
    '+ explicit proxy proxy.plant.example:3128 over TLS',
    '+ no proxy for plant.example, 10.0.0.0/8',
    '+ time servers ntp.example',
    '+ DNS servers 10.0.0.53',
  ]);
  expect(await told()).toMatchObject({ explicitProxy: proxy, timeServers: ['ntp.example'], dns: ['10.0.0.53'] });
  await set({ explicitProxy: null, noProxy: null, dns: ['10.0.0.54'] });
  expect((await publish()).changes).toEqual([
    '+ DNS servers 10.0.0.54',
    '- explicit proxy proxy.plant.example:3128 over TLS',
    '- no proxy for plant.example, 10.0.0.0/8',
    '- DNS servers 10.0.0.53',
  ]);
  expect(await told()).toMatchObject({ explicitProxy: undefined, noProxy: undefined, dns: ['10.0.0.54'] });
  const { management } = fixture;
  expect((await showNetwork(management, inPlant)).services).toEqual({
    timeServers: ['ntp.example'],
    dns: ['10.0.0.54'],
  });
  expect((await showNetwork(management, { ...inPlant, network: 'office' })).services).toEqual({});
});

test('the audit has who set it, why, and what it was before', async () => {
  await set({ dns: ['10.0.0.53'] });
  await set({ explicitProxy: proxy, reason: 'all traffic goes out there' });
  const entry = (await fixture.management.store.tables.audit.after(0, 100)).at(-1);
  expect(entry).toMatchObject({ act: 'network.set', object: 'network acme/plant', organization: 'acme' });
  expect(JSON.parse(entry?.detail ?? '')).toMatchObject({
    before: { dns: ['10.0.0.53'] },
    after: { dns: ['10.0.0.53'], explicitProxy: proxy },
    reason: 'all traffic goes out there',
  });
});

test.each([
  [{}, /Say what is to be set/],
  [{ explicitProxy: { ...proxy, host: 'http://proxy' } }, /explicitProxy.host must be a DNS name/],
  [{ noProxy: ['*.example.com'] }, /noProxy must have host names/],
  [{ dns: ['10.0.0.256'] }, /dns must be/],
  [{ timeServers: ['ntp.example.'] }, /timeServers must be/],
])('%o is refused, and nothing is set', async (changes, sentence) => {
  await expect(set(changes)).rejects.toThrow(sentence);
  expect((await showNetwork(fixture.management, inPlant)).services).toEqual({});
});

test('what somebody looked at is what is published', async () => {
  await set({ dns: ['10.0.0.53'] });
  const { content } = await draftProfile(fixture.management, inPlant);
  await set({ explicitProxy: proxy });
  await expect(publish({ expect: content })).rejects.toMatchObject({ code: 'stale-draft' });
  const looked = await draftProfile(fixture.management, inPlant);
  expect(looked.changes).toContain('+ explicit proxy proxy.plant.example:3128 over TLS');
  await publish({ expect: looked.content });
});

test('[S31] only an approver sets it', () => {
  expect(ROUTES.setNetworkServices).toMatchObject({ method: 'POST', roles: ['approver'], organization: 'path' });
});

test('what is only set goes neither with a renewal nor with the kill switch [S16] [S31]', async () => {
  await set({ dns: ['10.0.0.53'] });
  await publish();
  await set({ explicitProxy: proxy, dns: null });
  fixture.advance(340 * 86_400);
  expect(await renewEndingProfiles(fixture.management, quiet)).toBe(1);
  expect(await told()).toMatchObject({ explicitProxy: undefined, dns: ['10.0.0.53'] });
  await askKillSwitch(fixture.management, approver, { organization: 'acme', newPublisher: true, reason: 'stolen' });
  await runJobs(fixture.management);
  expect(await told()).toMatchObject({ explicitProxy: undefined, dns: ['10.0.0.53'] });
});

test('an endpoint is published with all that was said of it', async () => {
  const { management } = fixture;
  const pins = [`${'A'.repeat(42)}Q=`, `${'A'.repeat(42)}A=`];
  const endpoint = { name: 'cloud', host: 'app.example', port: 443, protocol: 'wss', required: true } as const;
  const said = { ...endpoint, path: '/mqtt', alpn: 'http/1.1', clientCertificate: true };
  await addEndpoint(management, approver, { ...inPlant, ...said, pins: [...pins, ...pins] });
  await addEndpoint(management, approver, { ...inPlant, ...endpoint, name: 'plain', clientCertificate: false });
  expect((await publish()).changes).toEqual([
    'first publication',
    `+ endpoint cloud: wss app.example:443/mqtt, required, ALPN http/1.1, wants a client certificate, pinned to ${pins.join(' or ')}`,
    '+ endpoint plain: wss app.example:443, required',
  ]);
  const published = [
    { ...said, pins },
    { ...endpoint, name: 'plain' },
  ];
  expect((await told()).endpoints).toEqual(published);
  expect((await listEndpoints(management, inPlant)).items).toEqual(published);
  expect((await showNetwork(management, inPlant)).endpoints).toEqual(published);
});

test.each([
  [{ protocol: 'mqtts', path: '/mqtt' }, /path is for https and wss/],
  [{ protocol: 'https', pins: [`${'A'.repeat(42)}B=`] }, /pins must be canonical base64/],
] as const)('an endpoint with %o is refused', async (change, sentence) => {
  const endpoint = { ...inPlant, name: 'cloud', host: 'app.example', port: 443, required: true, ...change };
  await expect(addEndpoint(fixture.management, approver, endpoint)).rejects.toThrow(sentence);
});
