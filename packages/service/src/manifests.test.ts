import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { type Digest, digestOf, parseClaim, parseSerial } from '@windlass/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listAlerts } from './alerts.ts';
import { listAudit } from './audit.ts';
import { pemOf } from './certificates.ts';
import { addClaim, releaseClaim } from './claims.ts';
import { askKillSwitch } from './kill-switch.ts';
import { listManifest } from './manifest-list.ts';
import { addManufacturer } from './manufacturers.ts';
import { addOrganization } from './organizations.ts';
import { registerDevice } from './registered-devices.ts';
import {
  admin,
  approverOf,
  type Fixture,
  openFixture,
  opensslCertificate,
  SERVICE,
} from './testing/management-fixture.ts';
import { hashOfCode, importRows, newPublicKey } from './testing/manifest-fixture.ts';

const CODE = '7K3M-9QXT-2B5D-8FHJ-4NPR-6STV-WY';

let fixture: Fixture;
let makerKey: Digest;
const maker = opensslCertificate({ commonName: 'Maker' });
const deviceCertificate = opensslCertificate({
  commonName: 'Pump/serialNumber=S-7',
  extensions: ['keyUsage=digitalSignature'],
});

beforeEach(async () => {
  fixture = await openFixture();
  const { management } = fixture;
  await addOrganization(management, admin, { name: 'acme' });
  await addOrganization(management, admin, { name: 'rival' });
  const added = await addManufacturer(management, admin, { name: 'maker', certificate: maker.pem });
  makerKey = added.manufacturer as Digest;
});
afterEach(() => fixture.close());

const digestOfKey = (base64: string) => digestOf(Buffer.from(base64, 'base64'));
const newest = async () => (await listAudit(fixture.management, { organization: null, limit: 1 })).entries[0];
const faultsOf = async (...rows: Parameters<typeof importRows>[1]) => {
  const { faults } = await importRows(fixture, rows, 'dry run');
  return faults.map(({ line, field, problem }) => `${line} ${field} ${problem}`);
};

describe('an import', () => {
  test('brings devices, audited; the same rows again change nothing', async () => {
    const [key, hash] = [newPublicKey(), hashOfCode('7K3M-9QXT')];
    const rows = [
      {
        serial: 'S-1',
        publicKey: key,
        model: 'Pump 3',
        claimCodeHash: hash,
        organization: 'acme',
        orderNumber: 'PO-1',
      },
      { serial: 'S-2', publicKey: newPublicKey() },
      { serial: 'S-7', manufacturer: 'maker', certificate: deviceCertificate.pem },
    ];
    expect(await importRows(fixture, rows)).toMatchObject({ added: 3, renewed: 0, unchanged: 0, faults: [] });
    const entry = await newest();
    expect(entry).toMatchObject({
      act: 'manifest.import',
      outcome: 'done',
      detail: { added: 3, lines: { first: 2, last: 4 } },
    });
    expect(await importRows(fixture, rows)).toMatchObject({ added: 0, renewed: 0, unchanged: 3, faults: [] });
    expect((await newest())?.id).toBe(entry?.id);
    const { items } = await listManifest(fixture.management, {});
    expect(items).toMatchObject([
      {
        serial: 'S-1',
        manufacturer: 'maker',
        model: 'Pump 3',
        code: 'ready',
        organization: 'acme',
        orderNumber: 'PO-1',
      },
      { serial: 'S-2', code: 'none', organization: null, orderNumber: null },
      { serial: 'S-7', code: 'none' },
    ]);
  });

  test('takes certificates in PEM and in base64, hashes in hexadecimal and in base64', async () => {
    const hash = hashOfCode('7K3M-9QXT');
    const der = Buffer.from(deviceCertificate.der).toString('base64');
    const hex = Buffer.from(hash, 'base64').toString('hex').toUpperCase();
    await importRows(fixture, [{ serial: 'S-7', certificate: der, claimCodeHash: hex }]);
    const again = await importRows(fixture, [
      { serial: 'S-7', certificate: deviceCertificate.pem, claimCodeHash: hash },
    ]);
    expect(again).toMatchObject({ unchanged: 1, faults: [] });
  });

  test('says what would be done, and does nothing, in a dry run', async () => {
    const before = await newest();
    expect(await importRows(fixture, [{ serial: 'S-1', publicKey: newPublicKey() }], 'dry run')).toMatchObject({
      added: 1,
    });
    expect((await listManifest(fixture.management, {})).items).toEqual([]);
    expect(await newest()).toEqual(before);
  });

  test('names every broken field by line and column; one broken row refuses all of them', async () => {
    const good = { serial: 'S-1', publicKey: newPublicKey() };
    const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey.export({ type: 'spki', format: 'der' });
    const wrong = [
      good,
      { publicKey: newPublicKey(), manufacturer: 'nobody' },
      { serial: ' S-3', publicKey: 'AAAA', claimCodeHash: '7K3M-9QXT' },
      { serial: 'S-4', publicKey: p521.toString('base64'), organization: 'nobody', orderNumber: 'PO\u00e9' },
      { serial: 'S-5', model: 'x'.repeat(101), labelProof: 'perhaps' },
      { serial: 'S-6', certificate: deviceCertificate.pem },
      { serial: 'S-8', certificate: deviceCertificate.pem, publicKey: newPublicKey() },
      { serial: 'S-9', certificate: maker.pem },
      { serial: 'S-10', certificate: deviceCertificate.keyPem },
      { serial: 'S-11', publicKey: newPublicKey(), manufacturer: 'self-signed' },
      { serial: 'S-12', publicKey: newPublicKey(), labelProof: 'yes' },
      { serial: 'S-13', certificate: 'hello!' },
      { serial: 'S-14', publicKey: offCurve() },
    ];
    expect(await faultsOf(...wrong)).toEqual([
      '3 serial is missing',
      '3 manufacturer is not known to the service: add it with "manufacturer add" first',
      '4 serial must be 1 to 64 printable ASCII characters that neither start nor end with a space',
      '4 public_key must be the base64 of a SubjectPublicKeyInfo in DER',
      '4 claim_code_hash must be the SHA-256 of a claim token, as 64 hexadecimal digits or in base64: never the code itself',
      '5 public_key is a key that a device cannot sign with: it must be P-256, P-384, Ed25519, or RSA with 2048 to 8192 bits',
      '5 organization is not an organization of the service: add it with "organization add" first',
      '5 order_number must be 1 to 64 printable ASCII characters',
      '6 public_key is missing: give public_key or certificate',
      '6 model must be at most 100 characters without control characters',
      '6 label_proof must be yes or no',
      '7 certificate is that of another device: its serialNumber is not the serial of the row',
      '8 certificate stands beside public_key: give one of the two',
      "9 certificate is a CA's: give the device's own",
      expect.stringMatching(/^10 certificate The upload contains a private key/),
      '11 manufacturer self-signed devices come with "device register", not with a manifest',
      '12 label_proof needs a claim_code_hash: the proof is made with the code that it is of',
      '13 certificate must be a certificate in PEM, or the base64 of its DER',
      '14 public_key is not a point of its curve',
    ]);
    await expect(importRows(fixture, wrong)).rejects.toMatchObject({
      code: 'manifest-refused',
      message: 'Line 3: serial is missing. Nothing of these rows was imported.',
    });
    expect((await listManifest(fixture.management, {})).items).toEqual([]);
  });

  test('all rows of an import can be said to need a proof; a row may say otherwise, and needs a hash', async () => {
    const key = () => ({ publicKey: newPublicKey() });
    const { faults } = await importRows(
      fixture,
      [
        { serial: 'M-1', ...key(), claimCodeHash: hashOfCode(CODE) },
        { serial: 'M-2', ...key(), labelProof: 'no' },
        { serial: 'M-3', ...key() },
      ],
      'dry run',
      { defaultLabelProof: true },
    );
    expect(faults).toEqual([
      { line: 4, field: 'label_proof', problem: expect.stringMatching(/^needs a claim_code_hash/) },
    ]);
  });
});

describe('what is known is not overwritten', () => {
  test('one serial with another key, one key with another serial: refused, and an alert [M15]', async () => {
    const key = newPublicKey();
    await importRows(fixture, [{ serial: 'S-1', publicKey: key }]);
    expect(await faultsOf({ serial: 'S-1', publicKey: newPublicKey() })).toEqual([
      '2 public_key differs from what was imported for this device before, which is not overwritten',
    ]);
    expect(await faultsOf({ serial: 'S-2', publicKey: key })).toEqual([
      '2 public_key is the key of device S-1 already: two devices cannot have one key',
    ]);
    const { items } = await listAlerts(fixture.management, {});
    expect(items).toMatchObject([
      { kind: 'manifest-conflict', object: 'manifest abababab line 2', detail: { conflicts: 1 } },
      { kind: 'manifest-conflict' },
    ]);
    await expect(importRows(fixture, [{ serial: 'S-2', publicKey: key }])).rejects.toMatchObject({
      code: 'manifest-refused',
    });
  });

  test('twice in one file: the second line is named with the first', async () => {
    const key = newPublicKey();
    expect(await faultsOf({ serial: 'S-1', publicKey: key }, { serial: 'S-1', publicKey: key })).toEqual([
      '3 serial stands in line 2 already',
      '3 public_key stands in line 2 already, as that of another device',
    ]);
  });

  test('an owner whom the claim does not name', async () => {
    const spki = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = spki.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    await importRows(fixture, [{ serial: 'S-1', publicKey: key }]);
    await addClaim(fixture.management, admin, { serial: 'S-1', organization: 'acme' });
    expect(await faultsOf({ serial: 'S-1', publicKey: key, organization: 'rival' })).toEqual([
      '2 organization is not the owner of this device, which is acme',
      '2 organization differs from what was imported for this device before, which is not overwritten',
    ]);
  });

  test('a key of a manufacturer, of the service, of a publisher, also of one that begins with the next epoch, or of a registered device', async () => {
    const { management, anchor } = fixture;
    const publisher = opensslCertificate({ commonName: 'Acme publisher CA' });
    const input = { organization: 'acme', reason: 'stolen', certificate: publisher.pem };
    await askKillSwitch(management, approverOf('acme'), input);
    for (const pem of [maker.pem, pemOf(anchor.certificate.der), publisher.pem]) {
      expect(await faultsOf({ serial: 'S-2', publicKey: opensslSpki(pem) })).toEqual([
        "2 public_key is the key of a manufacturer's or our own anchor",
      ]);
    }
    await registerDevice(management, admin, { certificate: deviceCertificate.pem });
    expect(await faultsOf({ serial: 'S-7', certificate: deviceCertificate.pem })).toEqual([
      '2 public_key is the key of a registered self-signed device',
    ]);
  });

  test('a claim that names another key refuses the row', async () => {
    const time = fixture.management.now();
    const seen = {
      firstSeen: time,
      lastSeen: time,
      lastOutcome: 'unclaimed',
      lastReport: null,
      lastTrouble: null,
    } as const;
    fixture.seen.push({
      manufacturer: makerKey,
      serial: parseSerial('S-1'),
      key: digestOfKey(newPublicKey()),
      ...seen,
    });
    await addClaim(fixture.management, admin, { serial: 'S-1', organization: 'acme' });
    expect(await faultsOf({ serial: 'S-1', publicKey: newPublicKey() })).toEqual([
      '2 public_key is not the key that the claim of this device names',
    ]);
  });

  test('whether claims need a label proof', async () => {
    const row = { serial: 'S-1', publicKey: newPublicKey(), claimCodeHash: hashOfCode(CODE) };
    await importRows(fixture, [{ ...row, labelProof: 'yes' }]);
    expect(await faultsOf(row)).toEqual([expect.stringMatching(/^2 label_proof /)]);
    expect(await faultsOf({ ...row, labelProof: 'yes' })).toEqual([]);
  });

  test('a dead code of a device that nobody owns is followed by a new one; a live code is not', async () => {
    const row = { serial: 'S-1', publicKey: newPublicKey() };
    const codes = { first: hashOfCode('7K3M-9QXT'), second: hashOfCode('4444-4444') };
    await importRows(fixture, [{ ...row, claimCodeHash: codes.first }]);
    const refused = [
      '2 claim_code_hash differs from what was imported for this device before, which is not overwritten',
    ];
    expect(await faultsOf({ ...row, claimCodeHash: codes.second })).toEqual(refused);
    await addClaim(fixture.management, admin, { serial: 'S-1', organization: 'acme' });
    expect((await listManifest(fixture.management, {})).items).toMatchObject([{ code: 'used' }]);
    expect(await faultsOf({ ...row, claimCodeHash: codes.second })).toEqual(refused);
    await releaseClaim(fixture.management, approverOf('acme'), { serial: 'S-1' });
    expect(await importRows(fixture, [{ ...row, claimCodeHash: codes.second }])).toMatchObject({ renewed: 1 });
    expect((await listManifest(fixture.management, {})).items).toMatchObject([{ code: 'ready' }]);
  });

  test('a code that comes when the device has an owner already is dead', async () => {
    await addClaim(fixture.management, admin, { serial: 'S-1', organization: 'acme' });
    await importRows(fixture, [{ serial: 'S-1', publicKey: newPublicKey(), claimCodeHash: hashOfCode('7K3M-9QXT') }]);
    expect((await listManifest(fixture.management, {})).items).toMatchObject([{ code: 'used' }]);
  });
});

test('a claim made before first contact names the key of the manifest [S4]', async () => {
  const key = newPublicKey();
  await importRows(fixture, [{ serial: 'S-1', publicKey: key }]);
  await addClaim(fixture.management, admin, { serial: 'S-1', organization: 'acme' });
  const row = await fixture.management.store.tables.claims.current(makerKey, parseSerial('S-1'));
  expect(row?.key).toBe(digestOfKey(key));
  expect(parseClaim(row?.envelope.payload ?? '', SERVICE).device.key).toBe(digestOfKey(key));
});

test('a claim without a key gets the key of the manifest with its next generation; an impostor seen first does not', async () => {
  const time = fixture.management.now();
  const seen = {
    firstSeen: time,
    lastSeen: time,
    lastOutcome: 'unclaimed',
    lastReport: null,
    lastTrouble: null,
  } as const;
  const key = newPublicKey();
  await importRows(fixture, [{ serial: 'S-1', publicKey: key }]);
  fixture.seen.push({ manufacturer: makerKey, serial: parseSerial('S-1'), key: digestOfKey(newPublicKey()), ...seen });
  await addClaim(fixture.management, admin, { serial: 'S-1', organization: 'acme' });
  const row = await fixture.management.store.tables.claims.current(makerKey, parseSerial('S-1'));
  expect(row?.key).toBe(digestOfKey(key));
});

test('with two manufacturers a device of a manifest need not be told apart; two devices with one serial must', async () => {
  const { management } = fixture;
  const second = opensslCertificate({ commonName: 'Second' });
  await addManufacturer(management, admin, { name: 'second', certificate: second.pem });
  await importRows(fixture, [{ serial: 'S-1', publicKey: newPublicKey(), manufacturer: 'second' }]);
  expect(await addClaim(management, admin, { serial: 'S-1', organization: 'acme' })).toMatchObject({
    manufacturer: 'second',
  });
  await importRows(fixture, [
    { serial: 'S-2', publicKey: newPublicKey(), manufacturer: 'second' },
    { serial: 'S-2', publicKey: newPublicKey() },
  ]);
  const claimed = addClaim(management, admin, { serial: 'S-2', organization: 'acme' });
  await expect(claimed).rejects.toMatchObject({ code: 'ambiguous-manufacturer' });
});

/** A key whose point was changed in its last byte. */
function offCurve(): string {
  const bytes = Buffer.from(newPublicKey(), 'base64');
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  return bytes.toString('base64');
}

function opensslSpki(pem: string): string {
  const { publicKey } = new X509Certificate(pem);
  return publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
}
