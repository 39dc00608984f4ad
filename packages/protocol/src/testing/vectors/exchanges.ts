// Vectors of what the service checks in requests and reports.
import {
  type CertificateOptions,
  createCertificate,
  createKey,
  type KeyKind,
  type TestCertificate,
} from '../test-certificates.ts';
import type { CmsOptions } from '../test-cms.ts';
import {
  at,
  base64,
  DAY,
  deviceId,
  type Members,
  NOW,
  payloadOf,
  reportOf,
  requestOf,
  SERIAL,
  SERVICE,
  sha256,
  type World,
} from '../world.ts';
import { bodyOf, type CaseHead, type Vector, vectorOf } from './vector.ts';

interface DeviceTwist {
  readonly members?: Members;
  readonly chain?: readonly TestCertificate[];
  readonly cms?: CmsOptions;
  readonly input?: object;
  readonly body?: (text: string) => string;
}

const LONG = { from: NOW - 400 * DAY, until: NOW + 3_650 * DAY };

/** Requests and reports: the same cases, since the same checks stand before both. */
export function deviceVectors(world: World): readonly Vector[] {
  return (['request', 'report'] as const).flatMap((exchange) => {
    const make = (head: Omit<CaseHead, 'shell'>, twist: DeviceTwist = {}) => deviceVector(world, exchange, head, twist);
    return [
      ...knownVectors(world, exchange, make),
      ...strangerVectors(world, make),
      ...certificateVectors(world, exchange, make),
      ...(exchange === 'report' ? troubleVectors(make) : proxyVectors(make, requestOf(world)['path'] as Members)),
    ];
  });
}

type Make = (head: Omit<CaseHead, 'shell'>, twist?: DeviceTwist) => Vector;

function deviceVector(world: World, exchange: 'request' | 'report', head: CaseHead, twist: DeviceTwist): Vector {
  const members = exchange === 'request' ? requestOf(world, twist.members) : reportOf(world, twist.members);
  const chain = twist.chain ?? [world.device];
  const text = bodyOf(members, chain, twist.cms);
  const body = twist.body ? twist.body(text) : text;
  const input = {
    service: SERVICE,
    now: at(NOW),
    manufacturers: [world.manufacturer.pem],
    registeredKeys: [],
    ...twist.input,
    body,
  };
  const { device } = members;
  const verified = { outcome: 'verified', device, digest: sha256(payloadOf(members)), deviceKey: chain[0]?.key.digest };
  return vectorOf(exchange, head, input, head.error === undefined ? verified : { error: head.error });
}

function deviceOf(world: World, changes: Partial<CertificateOptions> = {}): TestCertificate {
  return createCertificate({
    name: 'device',
    issuer: world.manufacturer,
    ...LONG,
    serialNumbers: [SERIAL],
    ...changes,
  });
}

function selfSigned(changes: Partial<CertificateOptions> = {}): TestCertificate {
  return createCertificate({ name: 'device', ...LONG, serialNumbers: [SERIAL], ...changes });
}

function knownVectors(world: World, exchange: string, make: Make): readonly Vector[] {
  const rule = exchange === 'request' ? 'S1' : 'S10';
  const kinds: readonly (readonly [KeyKind, string])[] = [
    ['ed25519', 'an Ed25519 key'],
    ['rsa2048', 'an RSA-2048 key'],
    ['p384', 'a P-384 key'],
  ];
  const own = selfSigned();
  const registered = {
    members: { device: { manufacturer: own.key.digest, serial: SERIAL } },
    chain: [own],
    input: { registeredKeys: [own.key.digest] },
  };
  const factory = createCertificate({
    name: 'Example devices, factory 2',
    issuer: world.manufacturer,
    ca: true,
    ...LONG,
  });
  return [
    make({ name: 'known', rule, says: 'A device of a known manufacturer.' }),
    ...kinds.map(([kind, says]) =>
      make(
        { name: `known-${kind}`, rule: 'E5', says: `A device with ${says}.` },
        { chain: [deviceOf(world, { key: createKey(kind) })] },
      ),
    ),
    make(
      { name: 'known-below-intermediate', rule, says: 'The device is below an intermediate of its manufacturer.' },
      { chain: [deviceOf(world, { issuer: factory }), factory] },
    ),
    make(
      { name: 'registered', rule, says: 'A device with a self-signed certificate whose key is registered.' },
      registered,
    ),
    make(
      {
        name: 'registered-not',
        rule,
        says: 'A self-signed device whose key nobody registered.',
        error: 'signer-untrusted',
      },
      { ...registered, input: {} },
    ),
    make(
      {
        name: 'registered-claims-manufacturer',
        rule: 'S2',
        says: 'A registered self-signed key that says it is a device of the manufacturer.',
        error: 'signer-untrusted',
      },
      { chain: [own], input: { registeredKeys: [own.key.digest] } },
    ),
  ];
}

function strangerVectors(world: World, make: Make): readonly Vector[] {
  const foreign = createCertificate({ name: 'Other devices', ca: true, ...LONG });
  const second = createCertificate({ name: 'Second manufacturer', ca: true, ...LONG });
  const device = deviceId(world) as object;
  const both = { manufacturers: [world.manufacturer.pem, second.pem] };
  return [
    make(
      {
        name: 'foreign-manufacturer',
        rule: 'S1',
        says: 'A device of an unknown manufacturer.',
        error: 'signer-untrusted',
      },
      { chain: [deviceOf(world, { issuer: foreign })] },
    ),
    make(
      {
        name: 'foreign-manufacturer-named',
        rule: 'S1',
        says: 'A device that names an unknown manufacturer.',
        error: 'signer-untrusted',
      },
      {
        chain: [deviceOf(world, { issuer: foreign })],
        members: { device: { ...device, manufacturer: foreign.key.digest } },
      },
    ),
    make(
      {
        name: 'other-manufacturer',
        rule: 'S2',
        says: "A device of one known manufacturer in another's name.",
        error: 'signer-untrusted',
      },
      { chain: [deviceOf(world, { issuer: second })], input: both },
    ),
    make(
      { name: 'other-serial', rule: 'S2', says: "A device in another's name.", error: 'device-mismatch' },
      { members: { device: { ...device, serial: 'SN-0002' } } },
    ),
    make(
      { name: 'other-service', rule: 'S3', says: 'A message for another service.', error: 'service' },
      { members: { service: 'other.windlass.example' } },
    ),
    make(
      {
        name: 'signed-by-responder',
        rule: 'S1',
        says: "The service's own responder signed in a device's name.",
        error: 'signer-untrusted',
      },
      { chain: [world.responder] },
    ),
    make(
      {
        name: 'signature-of-other-key',
        rule: 'E7',
        says: "Another key signed in the device's name.",
        error: 'signature',
      },
      { cms: { signWith: createKey() } },
    ),
    make(
      {
        name: 'payload-changed',
        rule: 'E6',
        says: 'The payload was changed by a space after it was signed.',
        error: 'digest-mismatch',
      },
      { body: (text) => text.replace('"payload":"', '"payload":" ') },
    ),
    make(
      { name: 'other-type', rule: 'F5', says: 'The message has another type and is right otherwise.', error: 'type' },
      { members: { type: 'decision' } },
    ),
  ];
}

/** Why a device had no valid answer before. */
function troubleVectors(make: Make): readonly Vector[] {
  const since = at(NOW - 3 * DAY);
  const trouble = (name: string, says: string, trouble: Members, error?: string) =>
    make({ name: `trouble-${name}`, rule: 'M7', says, ...(error && { error }) }, { members: { trouble } });
  return [
    trouble('named', 'For three days a box with an unknown CA was in the way.', {
      code: 'unknown-inspection-ca',
      since,
    }),
    trouble('unknown-code', 'A code that this text does not name.', { code: 'gremlins', since }, 'schema'),
    trouble('no-since', 'It does not say since when.', { code: 'blocked' }, 'schema'),
    trouble('unknown-member', 'More than that.', { code: 'blocked', since, by: 'FortiGate' }, 'schema'),
  ];
}

/** The explicit proxy that was taken. */
function proxyVectors(make: Make, path: Members): readonly Vector[] {
  const proxy = (name: string, says: string, change: Members, error?: string) => {
    const explicitProxy = { host: 'proxy.plant.example', port: 3128, ...change };
    return make(
      { name, rule: 'L10', says, ...(error && { error }) },
      { members: { path: { ...path, explicitProxy } } },
    );
  };
  return [
    proxy('proxy', 'An explicit proxy was taken.', {}),
    proxy('proxy-over-tls', 'It was spoken to over TLS.', { tls: true }),
    proxy('proxy-credentials', 'The request has credentials for it.', { user: 'u' }, 'schema'),
  ];
}

function certificateVectors(world: World, exchange: string, make: Make): readonly Vector[] {
  const refused = { rule: 'K7', error: 'device-certificate' };
  const oversize = Array.from({ length: 4 }, () =>
    base64(Buffer.concat([Buffer.from('30821000', 'hex'), Buffer.alloc(4096)])),
  );
  const path = { rung: 2, failure: 'unknown-issuer', presentedChain: oversize };
  return [
    make(
      { name: 'no-serial-number', says: 'The device certificate has no serialNumber.', ...refused },
      { chain: [deviceOf(world, { serialNumbers: [] })] },
    ),
    make(
      { name: 'two-serial-numbers', says: 'The device certificate has two.', ...refused },
      { chain: [deviceOf(world, { serialNumbers: [SERIAL, 'SN-0002'] })] },
    ),
    make(
      { name: 'device-expired', rule: 'K2', says: 'The device certificate expired.', error: 'signer-expired' },
      { chain: [deviceOf(world, { until: NOW - 1 })] },
    ),
    make(
      {
        name: 'device-not-yet-valid',
        rule: 'K2',
        says: 'The device certificate is not yet valid.',
        error: 'signer-not-yet-valid',
      },
      { chain: [deviceOf(world, { from: NOW + 1 })] },
    ),
    ...selfSignedTimeVectors(make),
    make(
      { name: 'rsa-1024', rule: 'E5', says: 'The device has an RSA key of 1024 bits.', error: 'algorithm' },
      { chain: [deviceOf(world, { key: createKey('rsa1024') })] },
    ),
    ...(exchange === 'request'
      ? [
          make(
            {
              name: 'presented-chain-too-long',
              rule: 'M2',
              says: 'The presented chain has more than 16384 bytes.',
              error: 'schema',
            },
            { members: { path } },
          ),
        ]
      : []),
  ];
}

function selfSignedTimeVectors(make: Make): readonly Vector[] {
  const registered = (own: TestCertificate): DeviceTwist => ({
    members: { device: { manufacturer: own.key.digest, serial: SERIAL } },
    chain: [own],
    input: { registeredKeys: [own.key.digest] },
  });
  return [
    make(
      { name: 'registered-expired', rule: 'K2', says: 'The self-signed certificate expired.', error: 'signer-expired' },
      registered(selfSigned({ until: NOW - 1 })),
    ),
    make(
      {
        name: 'registered-not-yet-valid',
        rule: 'K2',
        says: 'The self-signed certificate is not yet valid.',
        error: 'signer-not-yet-valid',
      },
      registered(selfSigned({ from: NOW + 1 })),
    ),
  ];
}
