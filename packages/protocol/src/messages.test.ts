// decode(encode(x)) = x for every message, and what an encoder refuses to write.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type BootstrapRequest,
  type Claim,
  type Decision,
  digestOf,
  encodeAnswer,
  encodeClaim,
  encodeDecision,
  encodeEnvelope,
  encodeReport,
  encodeRequest,
  encodeSecurityProfile,
  isAnswer,
  isEnvelope,
  ProtocolError,
  parseAnswer,
  parseClaim,
  parseDecision,
  parseId,
  parseNetworkId,
  parseNonce,
  parseOrganizationId,
  parseReport,
  parseRequest,
  parseSecurityProfile,
  parseSerial,
  parseServiceName,
  type Report,
  type SecurityProfile,
  unixSeconds,
} from './index.ts';

const service = parseServiceName('bootstrap.example');
const digest = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => digestOf(bytes));
const nonce = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => parseNonce(Buffer.from(bytes).toString('base64')));
const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/).map((text) => parseId(text));
const organization = id.map((text) => parseOrganizationId(text));
const network = id.map((text) => parseNetworkId(text));
const uint = fc.maxSafeNat();
const time = fc.integer({ min: 0, max: 253_402_300_799 }).map(unixSeconds);
const device = fc.record({
  manufacturer: digest,
  serial: fc.stringMatching(/^[!-~]([ -~]{0,62}[!-~])?$/).map((text) => parseSerial(text)),
});
const certificate = fc.uint8Array({ maxLength: 100 }).map((bytes) => Uint8Array.of(0x30, bytes.length, ...bytes));
const port = fc.integer({ min: 1, max: 65_535 });
const host = fc.constantFrom('example.com', '192.0.2.1', '2001:db8::1', 'localhost');
const clock = fc.record({ state: fc.constantFrom('untrusted', 'floor', 'trusted'), time });
const text = fc.string({ maxLength: 50 }).filter((value) => !/\p{Control}/u.test(value));

const request: fc.Arbitrary<BootstrapRequest> = fc.record({
  service: fc.constant(service),
  device,
  nonce,
  holds: fc.oneof(
    fc.record({ profiles: fc.array(fc.record({ network, epoch: uint, sequence: uint, digest }), { maxLength: 8 }) }),
    fc.record({
      claim: fc.record({ generation: uint, digest }),
      profiles: fc.constant([]),
      revocations: fc.array(fc.record({ anchor: digest, number: uint }), { maxLength: 4 }),
    }),
  ),
  clock,
  path: fc.record({
    rung: fc.constantFrom(1, 2, 3, 4),
    failure: fc.constantFrom(null, 'unknown-issuer', 'timeout'),
    presentedChain: fc.array(certificate, { maxLength: 4 }),
  }),
  agent: fc.record({ version: fc.constant('1.2.3'), stores: fc.array(id, { maxLength: 16 }) }),
});

const claim: fc.Arbitrary<Claim> = fc.record({
  service: fc.constant(service),
  device,
  organization,
  ownership: uint,
  generation: uint,
  publishers: fc.array(certificate, { minLength: 1, maxLength: 4 }),
  epoch: uint,
  expires: time,
});

const decision: fc.Arbitrary<Decision> = fc.record({
  service: fc.constant(service),
  device,
  nonce,
  request: digest,
  time,
  outcome: fc.constant('granted'),
  organization,
  network,
  epoch: uint,
  claim: digest,
  profile: digest,
  refreshAfterSeconds: fc.integer({ min: 1, max: 2_592_000 }),
});

const profile: fc.Arbitrary<SecurityProfile> = fc.record({
  service: fc.constant(service),
  organization,
  network,
  epoch: uint,
  sequence: uint,
  issued: time,
  expires: time,
  inspectionCas: fc.array(
    fc.record({
      certificate,
      permittedNames: fc.constant(['*']),
      excludedNames: fc.constant(['10.0.0.0/8']),
      from: time,
      until: time,
    }),
    { maxLength: 3 },
  ),
  retire: fc.array(digest, { maxLength: 3 }),
  endpoints: fc.array(
    fc.record(
      {
        name: id,
        host,
        port,
        protocol: fc.constantFrom('https', 'mqtts', 'wss', 'amqps', 'tls'),
        required: fc.boolean(),
        path: fc.constantFrom('/', '/mqtt?x=1'),
        alpn: fc.constantFrom('mqtt', 'x-amzn-mqtt-ca'),
        clientCertificate: fc.boolean(),
        pins: fc.array(digest, { minLength: 1, maxLength: 4 }),
      },
      { requiredKeys: ['name', 'host', 'port', 'protocol', 'required'] },
    ),
    { maxLength: 3 },
  ),
  explicitProxy: fc.record({ host, port, tls: fc.boolean() }, { requiredKeys: ['host', 'port'] }),
  noProxy: fc.constant(['example.com', '10.0.0.0/8']),
  settings: fc.dictionary(fc.constantFrom('a', 'b'), fc.oneof(uint, text, fc.constant(null), fc.boolean())),
});

const report: fc.Arbitrary<Report> = fc.record({
  service: fc.constant(service),
  device,
  nonce,
  counter: uint,
  clock,
  rung: fc.constantFrom(1, 2, 3, 4),
  phases: fc.constant(['fetched', 'failed']),
  trouble: fc.record({ code: fc.constantFrom('captive', 'unknown-inspection-ca'), since: time }),
  stores: fc.array(
    fc.record({
      name: id,
      kind: id,
      state: fc.constantFrom('effective', 'present'),
      scopeEnforced: fc.boolean(),
      anchors: fc.array(digest, { maxLength: 3 }),
      detail: text,
    }),
    { maxLength: 2 },
  ),
  removed: fc.array(digest, { maxLength: 3 }),
  endpoints: fc.array(fc.record({ name: id, verdict: fc.constantFrom('direct', 'blocked') }), { maxLength: 3 }),
  agent: fc.constant({ version: '1' }),
});

function roundTrips<T>(arbitrary: fc.Arbitrary<T>, encode: (value: T) => string, parse: (payload: string) => T): void {
  fc.assert(
    fc.property(arbitrary, (value) => {
      expect(parse(encode(value))).toEqual(value);
    }),
    { numRuns: 60 },
  );
}

describe('what is encoded is decoded to the same', () => {
  test('request', () => roundTrips(request, encodeRequest, (payload) => parseRequest(payload, service)));
  test('decision', () => roundTrips(decision, encodeDecision, (payload) => parseDecision(payload, service)));
  test('claim', () => roundTrips(claim, encodeClaim, (payload) => parseClaim(payload, service)));
  test('security profile', () =>
    roundTrips(profile, encodeSecurityProfile, (payload) => parseSecurityProfile(payload, service)));
  test('report', () => roundTrips(report, encodeReport, (payload) => parseReport(payload, service)));

  test('answer', () => {
    const envelope = fc.record({ payload: fc.string(), signature: fc.constant('MAA=') });
    fc.assert(
      fc.property(fc.record({ decision: envelope, claim: envelope }), (answer) => {
        expect(parseAnswer(Buffer.from(encodeAnswer(answer)))).toEqual(answer);
      }),
    );
  });
});

describe('what a receiver would refuse is not encoded', () => {
  const [sample] = fc.sample(claim, 1);
  const code = (step: () => unknown): string => {
    try {
      step();
    } catch (error) {
      return error instanceof ProtocolError ? error.code : String(error);
    }
    return 'encoded';
  };

  test('[D12] a release with publishers, and an owned device without', () => {
    expect(sample && code(() => encodeClaim({ ...sample, organization: null }))).toBe('organization-mismatch');
    expect(sample && code(() => encodeClaim({ ...sample, publishers: [] }))).toBe('organization-mismatch');
  });

  test('[M1] a decision without what its outcome needs', () => {
    const [granted] = fc.sample(decision, 1);
    expect(granted && code(() => encodeDecision({ ...granted, outcome: 'refused' }))).toBe('schema');
  });

  test('a fraction of a generation', () => {
    expect(sample && code(() => encodeClaim({ ...sample, generation: 0.5 }))).toBe('json');
  });
});

describe('telling an answer from what is none [L4]', () => {
  const envelope = { payload: 'x', signature: 'not base64' };

  test('an answer is one, valid or not', () => {
    expect(isAnswer(Buffer.from(JSON.stringify({ decision: envelope, extra: 1 })))).toBe(true);
    expect(isEnvelope(Buffer.from(encodeEnvelope(envelope)))).toBe(true);
  });

  test.each([
    '',
    '<html>blocked</html>',
    '{}',
    '{"decision":{}}',
    '[]',
    'null',
    '{"decision":{"payload":"x","signature":"y"}',
    '{"status":403}',
  ])('%s is none', (body) => {
    expect(isAnswer(Buffer.from(body))).toBe(false);
    expect(isEnvelope(Buffer.from(body))).toBe(false);
  });
});
