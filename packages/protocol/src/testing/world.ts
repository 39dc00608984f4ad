// One honest world for tests: service, organizations, manufacturer, device, proxy, with every key at hand, so that an attack can be
// signed with the right or the stolen key. Messages are plain JSON here, not the product's types: they must be able to be wrong.
import { createHash } from 'node:crypto';
import { PURPOSE, publisherUri } from '../purposes.ts';
import { createCertificate, createKey, type TestCertificate } from './test-certificates.ts';
import { type CmsOptions, type Envelope, signEnvelope } from './test-cms.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json | undefined };
export type Members = { readonly [name: string]: Json | undefined };

export const SERVICE = 'bootstrap.windlass.example';
export const ORGANIZATION = 'acme';
export const OTHER_ORGANIZATION = 'globex';
export const NETWORK = 'plant-a';
export const SERIAL = 'SN-0001';
export const DAY = 86_400;
/** 2026-03-01T12:00:00Z: when decisions of these tests are made. */
export const NOW = 1_772_366_400;
export const NONCE = Buffer.alloc(32, 7).toString('base64');

export type World = ReturnType<typeof createWorld>;

/** The text of a time. */
export function at(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('base64');
}

/** A payload text; members that are undefined are not in it. */
export function payloadOf(members: Members): string {
  return JSON.stringify(members);
}

export function createWorld() {
  const long = { from: NOW - 400 * DAY, until: NOW + 12_500 * DAY };
  const authority = (name: string): TestCertificate => createCertificate({ name, ...long, ca: true });
  const serviceAnchor = authority('Windlass service anchor');
  const publisherAnchor = authority('acme publisher anchor');
  const otherPublisherAnchor = authority('globex publisher anchor');
  const manufacturer = authority('Example devices');
  const inspectionCa = createCertificate({ name: 'Plant A proxy CA', key: createKey('rsa2048'), ...long, ca: true });
  const device = createCertificate({ name: 'device', issuer: manufacturer, ...long, serialNumbers: [SERIAL] });
  return {
    serviceAnchor,
    publisherAnchor,
    otherPublisherAnchor,
    manufacturer,
    inspectionCa,
    device,
    claimAuthority: createCertificate({
      name: 'claim authority',
      issuer: serviceAnchor,
      ...signerOptions('claim-authority'),
    }),
    responder: createCertificate({ name: 'responder', issuer: serviceAnchor, ...signerOptions('responder') }),
    publisher: createCertificate({ name: 'acme publisher', issuer: publisherAnchor, ...signerOptions('publisher') }),
    otherPublisher: createCertificate({
      name: 'globex publisher',
      issuer: otherPublisherAnchor,
      ...publisherOptions(OTHER_ORGANIZATION),
    }),
  };
}

/** Validity, purpose and name of a signer of this world. */
export function signerOptions(role: keyof typeof PURPOSE) {
  if (role === 'publisher') return publisherOptions(ORGANIZATION);
  const days = role === 'responder' ? 15 : 300;
  return { from: NOW - days * DAY, until: NOW + days * DAY, purposes: [PURPOSE[role]], dns: [SERVICE] };
}

export function publisherOptions(organization: string) {
  const purposes = [PURPOSE.publisher];
  return { from: NOW - 300 * DAY, until: NOW + 300 * DAY, purposes, uris: [publisherUri(SERVICE, organization)] };
}

export function deviceId(world: World): Members {
  return { manufacturer: world.manufacturer.key.digest, serial: SERIAL };
}

export function requestOf(world: World, changes: Members = {}): Members {
  return {
    type: 'bootstrap-request',
    version: 1,
    service: SERVICE,
    device: deviceId(world),
    nonce: NONCE,
    holds: { profiles: [] },
    clock: { state: 'untrusted', time: at(NOW - 40) },
    path: { rung: 3, failure: 'reset', presentedChain: [] },
    agent: { version: '0.1.0', stores: ['bundle'] },
    ...changes,
  };
}

export function claimOf(world: World, changes: Members = {}): Members {
  return {
    type: 'claim',
    version: 1,
    service: SERVICE,
    device: { ...(deviceId(world) as object), key: world.device.key.digest },
    organization: ORGANIZATION,
    ownership: 3,
    generation: 7,
    publishers: [base64(world.publisherAnchor.der)],
    epoch: 2,
    expires: at(NOW + 200 * DAY),
    ...changes,
  };
}

export function inspectionCaOf(certificate: Uint8Array, changes: Members = {}): Members {
  const dates = { from: at(NOW - 10 * DAY), until: at(NOW + 300 * DAY) };
  return { certificate: base64(certificate), permittedNames: ['example.com'], excludedNames: [], ...dates, ...changes };
}

export function profileOf(world: World, changes: Members = {}): Members {
  return {
    type: 'security-profile',
    version: 1,
    service: SERVICE,
    organization: ORGANIZATION,
    network: NETWORK,
    epoch: 2,
    sequence: 11,
    issued: at(NOW - 5 * DAY),
    expires: at(NOW + 200 * DAY),
    inspectionCas: [inspectionCaOf(world.inspectionCa.der)],
    retire: [],
    endpoints: [{ name: 'telemetry', host: 'telemetry.example.com', port: 8883, protocol: 'mqtts', required: true }],
    settings: { vendor: { interval: 60 } },
    ...changes,
  };
}

/** A decision for `request`; claim and profile by the digests of their payloads. */
export function decisionOf(
  world: World,
  given: { request: string; claim?: string; profile?: string },
  changes: Members = {},
): Members {
  const { request, claim, profile } = given;
  return {
    type: 'decision',
    version: 1,
    service: SERVICE,
    device: deviceId(world),
    nonce: NONCE,
    request: sha256(request),
    time: at(NOW),
    outcome: 'granted',
    organization: ORGANIZATION,
    network: NETWORK,
    epoch: 2,
    ...(claim === undefined ? {} : { claim: sha256(claim) }),
    ...(profile === undefined ? {} : { profile: sha256(profile) }),
    refreshAfterSeconds: 86_400,
    ...changes,
  };
}

export function reportOf(world: World, changes: Members = {}): Members {
  return {
    type: 'report',
    version: 1,
    service: SERVICE,
    device: deviceId(world),
    nonce: NONCE,
    counter: 5,
    clock: { state: 'untrusted', time: at(NOW) },
    rung: 1,
    phases: ['fetched', 'accepted', 'staged', 'probed', 'active'],
    stores: [],
    removed: [],
    endpoints: [],
    agent: { version: '0.1.0' },
    ...changes,
  };
}

export function acknowledgementOf(world: World, report: string, changes: Members = {}): Members {
  const head = { type: 'acknowledgement', version: 1, service: SERVICE, device: deviceId(world) };
  return { ...head, report: sha256(report), counter: 5, time: at(NOW + 20), ...changes };
}

/** A message signed as it is, by the first of `chain`. */
export function signMessage(members: Members, chain: readonly TestCertificate[], options: CmsOptions = {}): Envelope {
  return signEnvelope(payloadOf(members), chain, options);
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
