import { parseCertificate } from '@windlass/x509';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSignedData } from './cms.ts';
import { openEnvelope, ProtocolError, parseEnvelope, prepareEnvelope, signingAlgorithmFor } from './index.ts';
import { createCertificate, createKey, type KeyKind, signBytes } from './testing/test-certificates.ts';
import { signEnvelope } from './testing/test-cms.ts';
import { DAY, NOW } from './testing/world.ts';

const dates = { from: NOW - DAY, until: NOW + DAY };
const device = createCertificate({ name: 'Device', ...dates });
const chain = [parseCertificate(device.der)];

function code(step: () => unknown): string {
  try {
    step();
  } catch (error) {
    return error instanceof ProtocolError ? error.code : `not a ProtocolError: ${error}`;
  }
  return 'accepted';
}

describe('prepareEnvelope', () => {
  test('what it prepared and a key signed opens again, whatever the payload is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (payload) => {
        const prepared = prepareEnvelope({ payload, chain });
        const envelope = prepared.finish(signBytes(device.key, prepared.toBeSigned, 'sha256'));
        expect(openEnvelope(envelope, 'device').payload).toBe(payload);
      }),
      { numRuns: 50 },
    );
  });

  test('a signature of another key is refused before it goes out', () => {
    const prepared = prepareEnvelope({ payload: '{}', chain });
    expect(code(() => prepared.finish(signBytes(createKey(), prepared.toBeSigned, 'sha256')))).toBe('signature');
  });

  test('[E3] without a certificate, or with five, nothing is prepared', () => {
    expect(code(() => prepareEnvelope({ payload: '{}', chain: [] }))).toBe('cms');
    const five = Array.from({ length: 5 }, () => chain).flat();
    expect(code(() => prepareEnvelope({ payload: '{}', chain: five }))).toBe('cms');
  });

  test('[E5] an algorithm that is not of the key is refused, and a key that nobody may have', () => {
    expect(code(() => prepareEnvelope({ payload: '{}', chain, algorithm: 'rsa-pss-sha256' }))).toBe('algorithm');
    const p521 = parseCertificate(createCertificate({ name: 'P-521', key: createKey('p521'), ...dates }).der);
    expect(code(() => prepareEnvelope({ payload: '{}', chain: [p521] }))).toBe('algorithm');
    expect(code(() => signingAlgorithmFor(p521.publicKey))).toBe('algorithm');
  });

  test.each([
    ['p256', 'ecdsa-p256-sha256'],
    ['p384', 'ecdsa-p384-sha384'],
    ['rsa2048', 'rsa-pkcs1-sha256'],
    ['ed25519', 'ed25519'],
  ] satisfies readonly [KeyKind, string][])('the usual algorithm of %s is %s', (kind, algorithm) => {
    const { der } = createCertificate({ name: 'Signer', key: createKey(kind), ...dates });
    expect(signingAlgorithmFor(parseCertificate(der).publicKey)).toBe(algorithm);
  });
});

describe('openEnvelope', () => {
  const { signature } = signEnvelope('{}', [device]);
  const bytes = Buffer.from(signature, 'base64');

  test('no byte string makes it throw anything but ProtocolError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (random) => {
        const text = Buffer.from(random).toString('base64');
        expect(code(() => openEnvelope({ payload: '{}', signature: text }, 'device'))).not.toMatch('not a');
      }),
    );
  });

  test('cut anywhere it is refused as CMS', () => {
    for (let length = 0; length < bytes.length; length += 1) {
      expect(code(() => readSignedData(bytes.subarray(0, length)))).toBe('cms');
    }
  });

  test('indefinite lengths are refused', () => {
    const indefinite = Buffer.concat([Buffer.from([0x30, 0x80]), bytes.subarray(4), Buffer.from([0, 0])]);
    expect(code(() => readSignedData(indefinite))).toBe('cms');
  });

  test('what is no envelope is refused by its form', () => {
    for (const value of [
      null,
      [],
      'x',
      {},
      { payload: '{}' },
      { payload: 1, signature: 'AA==' },
      { payload: '', signature: 'A' },
    ]) {
      expect(code(() => parseEnvelope(value as never))).toBe('schema');
    }
  });
});
