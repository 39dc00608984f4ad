// Certificates with real keys for tests of the device side: manufacturers, devices, inspection CAs and what proxies present.
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { type DeviceId, type Digest, digestOf, type Envelope, parseSerial, prepareEnvelope } from '@windlass/protocol';
import { type Certificate, type NameField, parseCertificate, prepareCertificate } from '@windlass/x509';

/** The time of these tests: 2027-01-15T08:00:00Z. */
export const TEST_TIME = 1_800_000_000;
const YEAR_SECONDS = 365 * 86_400;
/** Wide around the time of these tests, so that they also hold at the real time, whenever they run. */
const VALID_BEFORE_SECONDS = 5 * YEAR_SECONDS;
const VALID_AFTER_SECONDS = 60 * YEAR_SECONDS;

/** A certificate with its key. */
export interface TestEntity {
  readonly certificate: Certificate;
  readonly key: KeyObject;
}

/** What differs from the usual. */
export interface TestForm {
  readonly subject?: readonly NameField[];
  readonly key?: KeyObject;
  readonly issuer?: TestEntity;
  readonly names?: readonly string[];
  /** Default: the whole PKI has them. */
  readonly keyIdentifiers?: 'none';
  readonly notAfter?: number;
}

/** A new P-256 key. */
export function newTestKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

/** A CA: a root, or one below `issuer`. */
export function makeCa(name: string, form: TestForm = {}): TestEntity {
  return make([{ type: 'CN', value: name }], form, 'ca');
}

/** What a proxy presents for a host. */
export function makeLeaf(issuer: TestEntity, form: TestForm = {}): TestEntity {
  return make([{ type: 'CN', value: 'bootstrap.example' }], { names: ['bootstrap.example'], ...form, issuer }, 'leaf');
}

/** A device with its certificate of the manufacturer. */
export interface TestDevice extends TestEntity {
  readonly id: DeviceId;
  readonly keyDigest: Digest;
}

/** A device of the manufacturer; without one it is self-signed. */
export function makeDevice(serial: string, manufacturer: TestEntity | null, form: TestForm = {}): TestDevice {
  const subject = [
    { type: 'CN', value: 'device' },
    { type: 'serialNumber', value: serial },
  ];
  const issued = make(subject, { ...form, ...(manufacturer === null ? {} : { issuer: manufacturer }) }, 'leaf');
  const anchor = (manufacturer ?? issued).certificate;
  const id = { manufacturer: digestOf(anchor.publicKey.der), serial: parseSerial(serial) };
  return { ...issued, id, keyDigest: digestOf(issued.certificate.publicKey.der) };
}

/** The envelope of a payload, signed with SHA-256 by the entity's key. */
export function signPayload({ certificate, key }: TestEntity, payload: string): Envelope {
  const prepared = prepareEnvelope({ payload, chain: [certificate] });
  return prepared.finish(new Uint8Array(sign('sha256', prepared.toBeSigned, key)));
}

function make(usual: readonly NameField[], form: TestForm, kind: 'ca' | 'leaf'): TestEntity {
  const key = form.key ?? newTestKey();
  const { subject = usual, issuer, names, keyIdentifiers, notAfter = TEST_TIME + VALID_AFTER_SECONDS } = form;
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const authority = issuer?.certificate.extensions.subjectKeyIdentifier;
  const usage = kind === 'ca' ? (['keyCertSign'] as const) : (['digitalSignature'] as const);
  const { toBeSigned, finish } = prepareCertificate({
    subject,
    issuer: issuer?.certificate.subject ?? subject,
    publicKey,
    serialNumber: Uint8Array.of(1, ...randomBytes(8)),
    notBefore: TEST_TIME - VALID_BEFORE_SECONDS,
    notAfter,
    signatureAlgorithm: 'ecdsa-sha256',
    extensions: {
      ...(kind === 'ca' ? { basicConstraints: { ca: true } } : {}),
      keyUsage: usage,
      ...(names === undefined ? {} : { subjectAltName: names.map((value) => ({ kind: 'dns', value }) as const) }),
      ...(keyIdentifiers === 'none'
        ? {}
        : { subjectKeyIdentifier: 'from-key' as const, authorityKeyIdentifier: authority }),
    },
  });
  const signature = new Uint8Array(sign('sha256', toBeSigned, issuer?.key ?? key));
  return { certificate: parseCertificate(finish(signature)), key };
}
