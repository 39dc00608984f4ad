// A profile that an organization signs itself: whatever a device would refuse, and whatever is not what would be published now, is refused
// before it is stored. Each attack is signed so that it passes every earlier check.
import { sign } from 'node:crypto';
import {
  type Envelope,
  encodeSecurityProfile,
  PURPOSE,
  parseSecurityProfile,
  prepareEnvelope,
  publisherUri,
} from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pemOf } from './certificates.ts';
import { runJobs } from './job-runner.ts';
import { setNetworkServices } from './network-services.ts';
import { draftProfile, submitProfile } from './profile-submission.ts';
import { listProfiles, publishProfile } from './profiles.ts';
import { addPublisher } from './publishers.ts';
import { type CertificateForm, certify, type NewSigner, newKey } from './signer/certify.ts';
import { approverOf, SERVICE } from './testing/management-fixture.ts';
import {
  keyText,
  type OrganizationWorld,
  openOrganizationWorld,
  trustedBy,
  type WorldDevice,
} from './testing/organization-world.ts';
import { signPayload, type TestEntity } from './testing/test-pki.ts';

const DAY = 86_400;
const acme = approverOf('acme');
const inPlant = { organization: 'acme', network: 'plant' };
let world: OrganizationWorld;
let plant: { readonly ca: TestEntity; readonly chain: readonly TestEntity[] };
let device: WorldDevice;
let anchor: NewSigner;

beforeEach(async () => {
  world = await openOrganizationWorld();
  plant = await world.organization('acme');
  device = await world.claimed('SN-1', 'acme');
  anchor = anchorNamed('Acme publisher CA');
  await addPublisher(management(), acme, { organization: 'acme', certificate: pemOf(anchor.certificate.der) });
  await runJobs(management());
});
afterEach(() => world.close());

const management = () => world.fixture.management;
const now = () => management().now();
const draft = (more: { until?: string } = {}) => draftProfile(management(), { ...inPlant, ...more });
const submit = ({ payload, signature }: Envelope) =>
  submitProfile(management(), acme, { ...inPlant, payload, signature });
const count = async () => (await listProfiles(management(), inPlant)).items.length;

function anchorNamed(commonName: string): NewSigner {
  return certify(
    { commonName, from: now() - DAY, until: now() + 3_000 * DAY, authority: { pathLength: 1 } },
    newKey(),
    null,
  );
}

/** A publisher's certificate, with changes. */
function publisher(change: Partial<CertificateForm> = {}, issuer: NewSigner = anchor): NewSigner {
  const name = { kind: 'uri', value: publisherUri(SERVICE, 'acme') } as const;
  const form = {
    commonName: 'Acme publisher',
    from: now() - DAY,
    until: now() + 400 * DAY,
    name,
    purpose: PURPOSE.publisher,
  };
  return certify({ ...form, ...change }, newKey(), issuer);
}

test('what the organization signed is what devices get, with an audit entry that names who signed', async () => {
  const { payload, digest, changes } = await draft();
  expect(changes).toEqual([]);
  const signer = publisher();
  const published = await submit(signPayload(signer, payload));
  expect(published).toMatchObject({ sequence: 2, digest, changes: [] });
  const accepted = await world.contact(device, plant.chain);
  expect(accepted).toMatchObject({ profile: { digest } });
  expect(trustedBy(accepted)).toEqual([keyText(plant.ca)]);
  const [last] = await management().store.tables.audit.page({ organization: null, before: null, limit: 1 });
  expect(last).toMatchObject({ act: 'profile.submit', actor: 'approver of acme' });
  expect(JSON.parse(last?.detail ?? '')).toMatchObject({ subject: 'CN=Acme publisher', sequence: 2, digest });
  const resubmitted = submit(signPayload(signer, payload));
  await expect(resubmitted).rejects.toThrow("the next sequence is 3, and the draft's is 2");
});

test('who signed is judged as a device judges it [K1] [K2] [K3] [K4] [K6]', async () => {
  const { payload } = await draft();
  const below = certify(
    { commonName: 'Below', from: now() - DAY, until: now() + 900 * DAY, authority: { pathLength: 0 } },
    newKey(),
    anchor,
  );
  const other = { kind: 'uri', value: publisherUri(SERVICE, 'other') } as const;
  const dns = { kind: 'dns', value: SERVICE } as const;
  const cases: readonly (readonly [NewSigner, string])[] = [
    [publisher({}, anchorNamed('Acme publisher CA')), 'signer-untrusted'],
    [publisher({}, below), 'signer-untrusted'],
    [publisher({ until: now() - 60 }), 'signer-expired'],
    [publisher({ from: now() + 60 }), 'signer-not-yet-valid'],
    [publisher({ purpose: '1.3.6.1.5.5.7.3.1' }), 'signer-purpose'],
    [publisher({ purpose: PURPOSE['claim-authority'] }), 'signer-purpose'],
    [publisher({ name: other }), 'signer-name'],
    [publisher({ name: dns }), 'signer-name'],
  ];
  for (const [signer, code] of cases) {
    const refused = submit(signPayload(signer, payload));
    await expect(refused).rejects.toMatchObject({
      code: 'signature-refused',
      message: expect.stringContaining(`(${code})`),
    });
  }
  // A path that leads to the anchor, but not directly.
  const leaf = publisher({}, below);
  const prepared = prepareEnvelope({ payload, chain: [leaf.certificate, below.certificate] });
  const chained = prepared.finish(new Uint8Array(sign('sha256', prepared.toBeSigned, leaf.key)));
  await expect(submit(chained)).rejects.toThrow('(signer-untrusted)');
  expect(await count()).toBe(1);
});

test('the signature is of these very bytes [E6] [E7]', async () => {
  const [first, signer] = [await draft(), publisher()];
  world.fixture.advance(60);
  const second = await draft();
  expect(second.payload).not.toBe(first.payload);
  const signed = signPayload(signer, first.payload);
  await expect(submit({ ...signed, payload: second.payload })).rejects.toMatchObject({
    code: 'signature-refused',
    message: expect.stringContaining('Sign with the command that "windlass profile draft" printed'),
  });
  await expect(submit({ ...signed, signature: 'MAA=' })).rejects.toThrow('Devices would refuse it (cms).');
  expect(await count()).toBe(1);
});

test('it ends no later than the certificate that signed it, is not from the future, and not old [D17]', async () => {
  const { payload } = await draft();
  const short = submit(signPayload(publisher({ until: now() + 200 * DAY }), payload));
  await expect(short).rejects.toMatchObject({
    code: 'signature-refused',
    message: expect.stringContaining('after the certificate that signed it'),
  });
  const until = new Date((now() + 200 * DAY) * 1_000).toISOString().replace('.000Z', 'Z');
  const bounded = await draft({ until });
  expect(bounded.expires).toBe(until);
  const said = parseSecurityProfile(bounded.payload, SERVICE);
  const signer = publisher({ until: now() + 200 * DAY });
  const changed = (change: Partial<typeof said>) =>
    submit(signPayload(signer, encodeSecurityProfile({ ...said, ...change })));
  const at = (seconds: number) => (now() + seconds) as typeof said.issued;
  await expect(changed({ issued: at(60) })).rejects.toThrow('The draft is from the future');
  await expect(changed({ issued: at(-31 * DAY) })).rejects.toThrow('more than 30 days ago');
  await expect(changed({ expires: at(3_600) })).rejects.toThrow('in less than a day');
  expect(await count()).toBe(1);
  expect((await changed({})).expires).toBe(until);
  await expect(
    draft({ until: new Date((now() + 3_600) * 1_000).toISOString().replace('.000Z', 'Z') }),
  ).rejects.toMatchObject({ code: 'time-refused' });
});

test('another content than what would be published now is refused, with what is different', async () => {
  const said = parseSecurityProfile((await draft()).payload, SERVICE);
  const signer = publisher();
  const changed = (change: Partial<typeof said>) =>
    submit(signPayload(signer, encodeSecurityProfile({ ...said, ...change })));
  const [ca] = said.inspectionCas;
  if (ca === undefined) throw new Error('There is no CA.');
  await expect(changed({ inspectionCas: [] })).rejects.toThrow(
    /\+ inspection CA .*\(CN=acme plant proxy\): for \* from/,
  );
  await expect(changed({ inspectionCas: [{ ...ca, permittedNames: ['example.com'] }] })).rejects.toThrow(
    /~ inspection CA .*: for \* from .*; before for example\.com from/,
  );
  await expect(changed({ epoch: 2 })).rejects.toThrow("the epoch is 1, and the draft's is 2");
  await expect(changed({ sequence: 7 })).rejects.toThrow("the next sequence is 2, and the draft's is 7");
  await expect(changed({ settings: { a: 1 } })).rejects.toThrow('its text is not the one that was drafted');
  await expect(changed({ network: 'office' as typeof said.network })).rejects.toMatchObject({
    code: 'invalid-request',
  });
  await expect(submit({ payload: '{}', signature: 'MAA=' })).rejects.toMatchObject({ code: 'invalid-request' });
  expect(await count()).toBe(1);
});

test('under an anchor that claims do not name yet nothing is taken', async () => {
  const coming = anchorNamed('Coming');
  await addPublisher(management(), acme, { organization: 'acme', certificate: pemOf(coming.certificate.der) });
  const signed = signPayload(publisher({}, coming), (await draft()).payload);
  await expect(submit(signed)).rejects.toMatchObject({ code: 'not-yet' });
  await runJobs(management());
  expect((await submit(signed)).sequence).toBe(2);
});

test('what was looked at is what is published, or nothing', async () => {
  const { content, changes } = await draft();
  await world.network('acme', 'office');
  const publish = (expect?: string) =>
    publishProfile(management(), acme, { ...inPlant, force: true, ...(expect === undefined ? {} : { expect }) });
  expect(changes).toEqual([]);
  expect((await publish(content)).sequence).toBe(2);
  const { addEndpoint } = await import('./endpoints.ts');
  const endpoint = { name: 'cloud', host: 'app.example', port: 443, protocol: 'https', required: false } as const;
  await addEndpoint(management(), acme, { ...inPlant, ...endpoint });
  await expect(publish(content)).rejects.toMatchObject({
    code: 'stale-draft',
    message: expect.stringContaining('+ endpoint cloud: https app.example:443'),
  });
  expect((await publish((await draft()).content)).sequence).toBe(3);
});

test('a signed draft says which proxy devices take; one that was set since is not signed for', async () => {
  const explicitProxy = { host: 'proxy.plant.example', port: 3128 };
  await setNetworkServices(management(), acme, { ...inPlant, explicitProxy });
  const { payload } = await draft();
  expect(JSON.parse(payload)).toMatchObject({ explicitProxy });
  await setNetworkServices(management(), acme, { ...inPlant, explicitProxy: { ...explicitProxy, port: 3129 } });
  await expect(submit(signPayload(publisher(), payload))).rejects.toMatchObject({
    code: 'stale-draft',
    message: expect.stringContaining('+ explicit proxy proxy.plant.example:3129'),
  });
});
