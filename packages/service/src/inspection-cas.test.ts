import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseChainPem } from './certificates.ts';
import { retireInspectionCa } from './inspection-ca-ending.ts';
import { addInspectionCa, listInspectionCas } from './inspection-cas.ts';
import { addNetwork } from './networks.ts';
import { addOrganization } from './organizations.ts';
import {
  admin,
  approverOf,
  type Fixture,
  inDirectory,
  openFixture,
  openssl,
  opensslCertificate,
  type TestCertificate,
  upload,
} from './testing/management-fixture.ts';

let fixture: Fixture;
const approver = approverOf('acme');
const inPlant = { organization: 'acme', network: 'plant' };
const DAY = 86_400;
/** Made once: RSA keys take their time. */
const ca = opensslCertificate();

beforeEach(async () => {
  fixture = await openFixture();
  await addOrganization(fixture.management, admin, { name: 'acme' });
  await addNetwork(fixture.management, approver, { organization: 'acme', name: 'plant' });
});

afterEach(async () => {
  await fixture.close();
});

const add = (file: Uint8Array | string, more: Partial<Parameters<typeof addInspectionCa>[2]> = {}) =>
  addInspectionCa(fixture.management, approver, {
    ...inPlant,
    certificate: upload(file),
    permittedNames: ['example.com'],
    ...more,
  });

const refusal = async (file: Uint8Array | string, more?: Parameters<typeof add>[1]) => {
  const error = await add(file, more).catch((reason: unknown) => reason);
  expect((await listInspectionCas(fixture.management, inPlant)).items).toEqual([]);
  return error as { code: string; message: string };
};

function pkcs7(pems: readonly string[], form: 'PEM' | 'DER'): Buffer {
  return inDirectory((directory) => {
    const files = pems.map((pem, index) => {
      const file = join(directory, `${index}.pem`);
      writeFileSync(file, pem);
      return ['-certfile', file];
    });
    return openssl(['crl2pkcs7', '-nocrl', '-outform', form, ...files.flat()]);
  });
}

function leaf(options: TestCertificate = {}) {
  const extensions = ['basicConstraints=critical,CA:FALSE', 'subjectAltName=DNS:proxy.example'];
  return opensslCertificate({ commonName: 'proxy.example', extensions, ...options });
}

describe('what is taken', () => {
  test('PEM, DER, PKCS#7 in both, a bundle with leaves, text around it, UTF-16: the same CA comes out', async () => {
    const other = leaf();
    const files = [
      ca.pem,
      ca.der,
      pkcs7([ca.pem], 'PEM'),
      pkcs7([ca.pem], 'DER'),
      pkcs7([other.pem, ca.pem], 'DER'),
      `${other.pem}${ca.pem}`,
      `Bag Attributes\n  friendlyName: proxy\n${ca.pem}\nthe end\n`,
      ca.pem.replaceAll('\n', '\r\n'),
      ca.pem + ca.pem,
      Buffer.from(`\ufeff${ca.pem}`, 'utf16le'),
    ];
    for (const [index, file] of files.entries()) {
      const network = `n${index}`;
      await addNetwork(fixture.management, approver, { organization: 'acme', name: network });
      const added = await add(file, { network });
      expect(parseChainPem(added.certificate)[0]?.der).toEqual(ca.der);
    }
  });

  test('its scope and end are kept; what is not said ends after a year, or with the CA', async () => {
    const { management } = fixture;
    const added = await add(ca.der, {
      permittedNames: ['Example.com', 'example.com', '10.0.0.0/8'],
      excludedNames: ['bank.example.com'],
    });
    expect(added).toMatchObject({
      permittedNames: ['example.com', '10.0.0.0/8'],
      excludedNames: ['bank.example.com'],
      state: 'draft',
      subject: 'CN=Proxy CA',
    });
    expect(Date.parse(added.until) / 1000).toBe(management.now() + 365 * DAY);
    expect(added.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  });

  test('"*" is allowed, with a warning; a CA with identifiers and a narrow scope has none', async () => {
    expect((await add(ca.der)).warnings.filter((warning) => warning.includes('"*"'))).toEqual([]);
    await retireInspectionCa(fixture.management, approver, { ...inPlant, fingerprint: (await first()).fingerprint });
    const wild = await add(ca.der, { permittedNames: ['*'] });
    expect(wild.warnings.join()).toContain('every name there is');
  });

  test("names that leave out the service's own are warned about, unless another CA of the network has it", async () => {
    const outside = (warnings: readonly string[]) => warnings.filter((one) => one.includes('bootstrap.example'));
    const [a, b, c] = [ca, opensslCertificate({ commonName: 'B' }), opensslCertificate({ commonName: 'C' })];
    const added = await add(a.der, { permittedNames: ['app.example'] });
    expect(outside(added.warnings)).toEqual([
      expect.stringMatching(
        /^No inspection CA of this network is permitted for bootstrap\.example: .* Permit bootstrap/,
      ),
    ]);
    const excluded = await add(b.der, { permittedNames: ['*'], excludedNames: ['bootstrap.example'] });
    expect(outside(excluded.warnings)).toHaveLength(1);
    expect(outside((await add(c.der, { permittedNames: ['bootstrap.example'] })).warnings)).toEqual([]);
    const more = await add(opensslCertificate({ commonName: 'D' }).der, { permittedNames: ['app.example'] });
    expect(outside(more.warnings)).toEqual([]);
  });

  test('missing key identifiers are a warning', async () => {
    const extensions = [
      'basicConstraints=critical,CA:TRUE',
      'keyUsage=critical,keyCertSign',
      'subjectKeyIdentifier=none',
      'authorityKeyIdentifier=none',
    ];
    const bare = opensslCertificate({ extensions });
    const added = await add(bare.der);
    expect(added.warnings.join(' ')).toMatch(/identifier/i);
  });
});

async function first() {
  const [entry] = (await listInspectionCas(fixture.management, inPlant)).items;
  if (entry === undefined) throw new Error('There is no inspection CA.');
  return entry;
}

describe('what is refused, with a sentence', () => {
  test('a leaf instead of the CA', async () => {
    const error = await refusal(leaf().pem);
    expect(error).toMatchObject({ code: 'certificate-refused' });
    expect(error.message).toMatch(/not a CA's \(CN=proxy\.example\): export the CA with which the proxy signs/);
  });

  test('several CAs: which of them signs is not ours to guess', async () => {
    const error = await refusal(ca.pem + opensslCertificate({ commonName: 'Root' }).pem);
    expect(error.message).toMatch(/2 CA certificates \("CN=Proxy CA", "CN=Root"\)/);
  });

  const authority = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign'];
  const unusable: readonly (readonly [string, TestCertificate, RegExp])[] = [
    ['a weak key', { key: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'] }, /The key is too weak/],
    ['a weak digest', { digest: 'sha1' }, /old or unusual algorithm \(SHA-1/],
    ['a kind of key that nobody knows', { key: ['-algorithm', 'ED448'] }, /of an unusual kind/],
    [
      'a CA that may not sign',
      { extensions: ['basicConstraints=CA:TRUE', 'keyUsage=digitalSignature'] },
      /lacks certificate signing \(keyCertSign\)/,
    ],
    [
      'an unknown critical extension',
      { extensions: [...authority, '1.2.3.4=critical,DER:0500'] },
      /critical extension/,
    ],
  ];
  test.each(unusable)('%s [D18]', async (_, certificate, sentence) => {
    const error = await refusal(opensslCertificate(certificate).der);
    expect(error.code).toBe('certificate-refused');
    expect(error.message).toMatch(sentence);
  });

  test('a root of the public web', async () => {
    const error = await refusal(
      rootCertificates.find((pem) => new X509Certificate(pem).publicKey.asymmetricKeyType === 'ec') ?? '',
    );
    expect(error).toMatchObject({ code: 'certificate-refused', message: expect.stringContaining('public web root') });
  });

  test('a CA that has ended', async () => {
    fixture.advance(11 * 365 * DAY);
    const error = await refusal(ca.der);
    expect(error).toMatchObject({ code: 'certificate-refused' });
    expect(error.message).toMatch(/ended|expired/i);
  });

  test('names that are none, and "*.example.com" with what to write instead', async () => {
    const star = await refusal(ca.der, { permittedNames: ['*.example.com'] });
    expect(star).toMatchObject({ code: 'scope-refused' });
    expect(star.message).toContain('write example.com, which covers every name below it');
    for (const name of ['http://example.com', 'a b', '10.0.0.0/64', 'exam\u0000ple.com']) {
      expect(await refusal(ca.der, { permittedNames: [name] })).toMatchObject({ code: 'scope-refused' });
    }
    expect(await refusal(ca.der, { excludedNames: ['*'] })).toMatchObject({ code: 'scope-refused' });
  });

  test('dates that do not fit [D18]', async () => {
    const dates = [
      { until: '2000-01-01' },
      { until: '2199-01-01' },
      { until: '2027-02-30' },
      { from: '2035-01-01', until: '2034-01-01' },
    ];
    for (const wrong of dates) expect(await refusal(ca.der, wrong)).toMatchObject({ code: 'time-refused' });
  });

  test('the key of the service anchor, and of any publisher anchor [D19]', async () => {
    const [serviceAnchor] = fixture.management.serviceAnchors;
    if (serviceAnchor === undefined) throw new Error('no anchor');
    expect((await refusal(serviceAnchor.der)).message).toContain('key of a service anchor or publisher anchor');
    const other = await addOrganization(fixture.management, admin, { name: 'other' });
    expect((await refusal(other.publisherAnchor)).message).toContain('key of a service anchor or publisher anchor');
  });

  test('the same CA twice, and another certificate of the same key [D20]', async () => {
    await add(ca.der);
    await expect(add(ca.pem)).rejects.toMatchObject({ code: 'exists' });
    const renewed = opensslCertificate({ commonName: 'Proxy CA 2', keyPem: ca.keyPem });
    await expect(add(renewed.der)).rejects.toThrow(/the same key is registered/);
    await retireInspectionCa(fixture.management, approver, { ...inPlant, fingerprint: (await first()).fingerprint });
    await expect(add(renewed.der)).resolves.toMatchObject({ state: 'draft' });
  });

  test('a certificate that fits into no answer', async () => {
    const padding = `1.2.3.4=ASN1:UTF8String:${'a'.repeat(17_000)}`;
    const large = opensslCertificate({ extensions: ['basicConstraints=critical,CA:TRUE', padding] });
    expect(await refusal(large.der)).toMatchObject({
      code: 'certificate-refused',
      message: expect.stringMatching(/16384 at most/),
    });
  });

  test('what is no certificate at all, nothing, and more than 1 MiB', async () => {
    for (const file of [
      'hello',
      '<html>',
      Buffer.from([0x30, 0x03, 0x02, 0x01, 0x00]),
      '-----BEGIN CERTIFICATE-----\nAAAA',
    ]) {
      expect(await refusal(file)).toMatchObject({ code: 'certificate-refused' });
    }
    expect(await refusal('')).toMatchObject({ code: 'certificate-refused' });
    expect(await refusal(Buffer.alloc(1_048_577, 0x41))).toMatchObject({ code: 'too-large' });
  });
});

describe('a private key in the upload', () => {
  const keyDer = (type: readonly string[]) => openssl([...type, '-outform', 'DER'], ca.keyPem);
  const pkcs12 = () =>
    inDirectory((directory) => {
      writeFileSync(join(directory, 'c.pem'), ca.pem);
      writeFileSync(join(directory, 'k.pem'), ca.keyPem);
      return openssl([
        'pkcs12',
        '-export',
        '-in',
        join(directory, 'c.pem'),
        '-inkey',
        join(directory, 'k.pem'),
        '-passout',
        'pass:x',
      ]);
    });
  const forms: readonly (readonly [string, () => Uint8Array | string])[] = [
    ['after the certificate', () => ca.pem + ca.keyPem],
    ['before the certificate', () => ca.keyPem + ca.pem],
    ['alone', () => ca.keyPem],
    ['as EC PEM', () => ca.pem + openssl(['ec'], ca.keyPem)],
    ['encrypted, as PEM', () => ca.pem + openssl(['pkcs8', '-topk8', '-passout', 'pass:x'], ca.keyPem)],
    ['encrypted, as DER', () => openssl(['pkcs8', '-topk8', '-passout', 'pass:x', '-outform', 'DER'], ca.keyPem)],
    ['as PKCS#8 DER', () => keyDer(['pkcs8', '-topk8', '-nocrypt'])],
    ['as SEC 1 DER', () => keyDer(['ec'])],
    ['in UTF-16', () => Buffer.from(`\ufeff${ca.pem}${ca.keyPem}`, 'utf16le')],
    ['in PKCS#12', pkcs12],
    ['cut off', () => ca.pem + ca.keyPem.slice(0, 120)],
  ];

  test.each(forms)('%s is refused and leaves no trace on the disk', async (_, make) => {
    const error = await refusal(make());
    expect(error).toMatchObject({ code: 'private-key-in-upload' });
    const scalar = Buffer.from(privateScalar(ca.keyPem));
    await fixture.management.store.close();
    for (const file of readdirSync(fixture.directory, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const bytes = readFileSync(join(file.parentPath, file.name));
      expect(bytes.includes(scalar)).toBe(false);
      expect(bytes.includes(ca.keyPem.split('\n')[1] ?? '')).toBe(false);
    }
    expect(error.message).not.toContain(ca.keyPem.split('\n')[1]);
  });

  function privateScalar(pem: string): Buffer {
    const text = openssl(['ec', '-text', '-noout'], pem).toString();
    const hex = /priv:\s*([0-9a-f:\s]+)pub:/.exec(text)?.[1]?.replace(/[^0-9a-f]/g, '') ?? '';
    expect(hex.length).toBeGreaterThanOrEqual(60);
    return Buffer.from(hex, 'hex');
  }
});

describe('retiring', () => {
  test('a CA that was never published is gone at once, and can be retired by its fingerprint in any form', async () => {
    const { fingerprint } = await add(ca.der);
    const written = fingerprint.replaceAll(':', '').toLowerCase();
    const retired = await retireInspectionCa(fixture.management, approver, { ...inPlant, fingerprint: written });
    expect(retired.state).toBe('retired');
    const again = retireInspectionCa(fixture.management, approver, { ...inPlant, fingerprint });
    await expect(again).rejects.toMatchObject({ code: 'already-retired' });
  });

  test('an unknown fingerprint is not found', async () => {
    const unknown = retireInspectionCa(fixture.management, approver, { ...inPlant, fingerprint: 'ab'.repeat(32) });
    await expect(unknown).rejects.toMatchObject({ code: 'not-found' });
  });
});
