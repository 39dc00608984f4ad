import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSignedBy, parseCertificate, parsePem, subjectAttribute, trustAnchor, validatePath } from '@windlass/x509';
import { afterAll, describe, expect, test } from 'vitest';
import { deviceKeyTypes } from './device-directory.ts';
import { makeDevice, makeManufacturer, makeSelfSignedDevice, readManufacturer } from './trial-certificates.ts';

const now = new Date('2026-11-01T00:00:00Z');
const base = mkdtempSync(join(tmpdir(), 'windlass-factory-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const made = makeManufacturer('Maker', now);
writeFileSync(join(base, 'manufacturer.pem'), made.certificate);
writeFileSync(join(base, 'manufacturer.key'), made.key);
const manufacturer = readManufacturer(base);

function certificateOf(pem: string) {
  const [block] = parsePem(pem);
  return parseCertificate(block?.der ?? new Uint8Array());
}

describe('a device from the factory', () => {
  test.each(deviceKeyTypes)('with a %s key has a path to the manufacturer and its serial in the subject', (keyType) => {
    const device = makeDevice({ serial: 'SN-1', keyType, now, manufacturer });
    const certificate = certificateOf(device.certificate);
    expect(subjectAttribute(certificate.subject, '2.5.4.5')).toEqual(['SN-1']);
    expect(device.manufacturer).toBe(made.keyDigest);
    expect(createPublicKey(createPrivateKey(device.key)).export({ format: 'der', type: 'spki' })).toEqual(
      Buffer.from(certificate.publicKey.der),
    );
    const path = validatePath(certificate, {
      intermediates: [],
      anchors: [trustAnchor(manufacturer.certificate)],
      time: now.getTime() / 1000,
      profile: 'strict',
    });
    expect(path).toBeDefined();
  });

  test.each(deviceKeyTypes)(
    'that is self-signed with a %s key vouches for itself and names no manufacturer',
    (keyType) => {
      const device = makeSelfSignedDevice({ serial: 'SN-2', keyType, now });
      const certificate = certificateOf(device.certificate);
      expect(isSignedBy(certificate, certificate.publicKey)).toBe(true);
      expect(device.manufacturer).toBeNull();
    },
  );

  test('with a serial that a certificate cannot carry is refused', () => {
    expect(() => makeSelfSignedDevice({ serial: 'SN#1', keyType: 'p256', now })).toThrow(/choose another serial/);
  });
});

describe('the directory of a manufacturer', () => {
  test("whose key is another's, or none, is refused without quoting it", () => {
    writeFileSync(join(base, 'manufacturer.key'), makeManufacturer('Other', now).key);
    expect(() => readManufacturer(base)).toThrow(/is not that of the certificate beside it/);
    writeFileSync(join(base, 'manufacturer.key'), 'SECRET');
    expect(() => readManufacturer(base)).toThrow(/no private key that can be read/);
    expect(() => readManufacturer(join(base, 'none'))).toThrow(/There is no directory/);
  });
});
