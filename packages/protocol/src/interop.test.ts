// Both directions with the openssl command: it verifies what we sign, and we accept what it signs.
import { constants } from 'node:crypto';
import { parseCertificate } from '@windlass/x509';
import { describe, expect, test } from 'vitest';
import { hashOf, openEnvelope, ProtocolError, prepareEnvelope, type SigningAlgorithm } from './index.ts';
import {
  createCertificate,
  createKey,
  type KeyKind,
  signBytes,
  type TestCertificate,
} from './testing/test-certificates.ts';
import { signWithOpenssl, verifyWithOpenssl } from './testing/vectors/openssl.ts';
import { DAY, NOW } from './testing/world.ts';

const dates = { from: NOW - DAY, until: NOW + 10_000 * DAY };
const anchor = createCertificate({ name: 'Anchor', ca: true, ...dates });
const payload = '{"type":"test","text":"äöü €"}';

function signer(kind: KeyKind): TestCertificate {
  return createCertificate({ name: 'Signer', key: createKey(kind), issuer: anchor, ...dates });
}

function sign(certificate: TestCertificate, algorithm?: SigningAlgorithm) {
  const chain = [parseCertificate(certificate.der)];
  const prepared = prepareEnvelope(algorithm ? { payload, chain, algorithm } : { payload, chain });
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  const options = prepared.algorithm.startsWith('rsa-pss') ? pss : {};
  return prepared.finish(signBytes(certificate.key, prepared.toBeSigned, hashOf(prepared.algorithm), options));
}

describe('openssl verifies our envelopes', () => {
  const cases: readonly (readonly [KeyKind, SigningAlgorithm | undefined])[] = [
    ['p256', undefined],
    ['p256', 'ecdsa-p256-sha512'],
    ['p384', undefined],
    ['p384', 'ecdsa-p384-sha256'],
    ['rsa2048', undefined],
    ['rsa2048', 'rsa-pkcs1-sha512'],
    ['rsa2048', 'rsa-pss-sha256'],
    ['rsa2048', 'rsa-pss-sha384'],
    ['rsa2048', 'rsa-pss-sha512'],
    ['rsa-pss2048', undefined],
  ];

  test.each(cases)('%s %s', (kind, algorithm) => {
    const envelope = sign(signer(kind), algorithm);
    expect(verifyWithOpenssl(envelope, [anchor.pem], NOW)).toBe(payload);
    expect(openEnvelope(envelope, 'device').payload).toBe(payload);
  });

  test('and refuses them with another payload', () => {
    const envelope = { ...sign(signer('p256')), payload: '{}' };
    expect(() => verifyWithOpenssl(envelope, [anchor.pem], NOW)).toThrow();
  });

  test('with a chain of intermediates', () => {
    const lower = createCertificate({ name: 'Intermediate', issuer: anchor, ca: true, ...dates });
    const leaf = createCertificate({ name: 'Leaf', issuer: lower, ...dates });
    const prepared = prepareEnvelope({ payload, chain: [leaf, lower].map(({ der }) => parseCertificate(der)) });
    const envelope = prepared.finish(signBytes(leaf.key, prepared.toBeSigned, 'sha256'));
    expect(verifyWithOpenssl(envelope, [anchor.pem], NOW)).toBe(payload);
    expect(openEnvelope(envelope, 'device').others).toHaveLength(1);
  });

  test('our Ed25519 signature is accepted by ourselves; openssl 3.0 cannot make one', () => {
    expect(openEnvelope(sign(signer('ed25519')), 'device').algorithm).toBe('ed25519');
  });
});

describe('we accept what openssl signs', () => {
  const pss = ['-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:digest'];
  const cases: readonly (readonly [string, KeyKind, readonly string[], SigningAlgorithm])[] = [
    ['P-256', 'p256', ['-md', 'sha256'], 'ecdsa-p256-sha256'],
    ['P-256 with SHA-384', 'p256', ['-md', 'sha384'], 'ecdsa-p256-sha384'],
    ['P-384', 'p384', ['-md', 'sha384'], 'ecdsa-p384-sha384'],
    ['RSA', 'rsa2048', ['-md', 'sha256'], 'rsa-pkcs1-sha256'],
    ['RSA with SHA-512', 'rsa2048', ['-md', 'sha512'], 'rsa-pkcs1-sha512'],
    ['RSA-PSS', 'rsa2048', ['-md', 'sha256', ...pss], 'rsa-pss-sha256'],
    ['RSA-PSS with an RSA-PSS key', 'rsa-pss2048', ['-md', 'sha256', ...pss], 'rsa-pss-sha256'],
    ['RSA-PSS with SHA-384', 'rsa2048', ['-md', 'sha384', ...pss], 'rsa-pss-sha384'],
  ];

  test.each(cases)('%s', (_, kind, options, algorithm) => {
    const envelope = signWithOpenssl(payload, signer(kind), options);
    expect(openEnvelope(envelope, 'publisher')).toMatchObject({ payload, algorithm });
  });

  test('a salt of another length than the hash is refused', () => {
    const envelope = signWithOpenssl(payload, signer('rsa2048'), [
      '-md',
      'sha256',
      ...pss.slice(0, 3),
      'rsa_pss_saltlen:20',
    ]);
    expect(() => openEnvelope(envelope, 'publisher')).toThrow(expect.objectContaining({ code: 'algorithm' }));
  });

  test('with the content inside, or the signer named by its key, it is refused', () => {
    for (const option of ['-nodetach', '-keyid']) {
      const envelope = signWithOpenssl(payload, signer('p256'), ['-md', 'sha256', option]);
      expect(() => openEnvelope(envelope, 'publisher')).toThrow(ProtocolError);
    }
  });
});
