// Self-signed devices: what the operator registered stands in for a manufacturer that vouches for them. @see spec K7, F6
import { type RegisteredDevice as Registered, SELF_SIGNED } from '@windlass/management';
import {
  type Digest,
  formatTime,
  MAX_RSA_BITS,
  MIN_RSA_BITS,
  ProtocolError,
  parseSerial,
  type Serial,
  type UnixSeconds,
} from '@windlass/protocol';
import {
  type Certificate,
  formatName,
  isSelfIssued,
  isSignedBy,
  type PublicKey,
  subjectAttribute,
} from '@windlass/x509';
import { refuseAnchorKey } from './anchor-keys.ts';
import { describe, fingerprintOfDigest, parseOnePem } from './certificates.ts';
import { type Actor, type Management, perform } from './management.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import type { ManagementTables, RegisteredDevice } from './store/management-ports.ts';

const SERIAL_NUMBER = '2.5.4.5';

/**
 * The device is known by this key under the serial of its certificate, from its next contact on. `serial`, where it is given, is
 * the one that the certificate must have.
 * @throws Refusal `private-key-in-upload`, `certificate-refused`, `exists` (key, serial)
 */
export async function registerDevice(
  management: Management,
  actor: Actor,
  input: { readonly certificate: string; readonly serial?: string },
): Promise<Registered> {
  return perform(management, actor, 'device.register', async (tables, now) => {
    const certificate = parseOnePem(input.certificate);
    const serial = checkDevice(certificate, now);
    accept(
      input.serial === undefined || input.serial === serial,
      `This is the certificate of device ${serial}: give that of the device that is meant, or leave the serial out.`,
    );
    const stored: RegisteredDevice = { serial, ...describe(certificate), created: now };
    await refuseOtherUse(management, tables, stored.keyDigest);
    await refuseTaken(tables, stored);
    await tables.registeredDevices.add(stored);
    const { fingerprint, keyDigest } = stored;
    const object = `device ${SELF_SIGNED}/${serial}`;
    const change = { before: null, after: { serial, fingerprint, keyDigest } };
    return { result: registeredOf(stored), organization: null, object, detail: {}, change };
  });
}

/** The serial that the certificate says, which the device signed itself. */
function checkDevice(certificate: Certificate, now: UnixSeconds): Serial {
  const { extensions, notAfter, publicKey } = certificate;
  const isCa = extensions.basicConstraints?.ca === true || extensions.keyUsage?.includes('keyCertSign') === true;
  accept(!isCa, "This certificate is a CA's: give the device's own, or add the CA as a manufacturer.");
  accept(
    canSign(publicKey),
    `A device cannot sign with the key of this certificate: it must be P-256, P-384, Ed25519, or RSA with ${MIN_RSA_BITS} to ${MAX_RSA_BITS} bits.`,
  );
  checkSelfSigned(certificate);
  accept(notAfter >= now, 'This certificate has ended: give one that is valid.');
  return serialOf(certificate);
}

/** What the protocol lets devices sign with. @see spec E7 */
export function canSign({ type, bits }: PublicKey): boolean {
  if (type === 'rsa' || type === 'rsa-pss') return bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS;
  return type === 'ec-p256' || type === 'ec-p384' || type === 'ed25519';
}

function checkSelfSigned(certificate: Certificate): void {
  accept(
    isSelfIssued(certificate),
    `This certificate is not self-signed (${formatName(certificate.issuer)} issued it): add its issuer as a manufacturer instead.`,
  );
  accept(
    isSignedBy(certificate, certificate.publicKey),
    'This certificate is not self-signed: its signature is not one of its own key with SHA-256 or better. Make it anew on the device.',
  );
}

/** The one serialNumber of the subject. @throws Refusal `certificate-refused` @see spec K7 */
export function serialOf({ subject }: Certificate): Serial {
  const [serial, ...others] = subjectAttribute(subject, SERIAL_NUMBER);
  accept(
    serial !== undefined,
    "The subject of this certificate has no serialNumber, which is the device's serial: make one that has it.",
  ); // spec K7
  accept(
    others.length === 0,
    `The subject of this certificate has ${others.length + 1} serialNumbers, and a device has one serial: make one that has it alone.`,
  ); // spec K7
  try {
    return parseSerial(serial);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    const detail =
      'The serialNumber of this certificate is no serial: it must be 1 to 64 printable ASCII characters that neither start nor end with a space.';
    throw new Refusal('certificate-refused', detail, { cause });
  }
}

/** The key vouches for nobody else. */
async function refuseOtherUse(management: Management, tables: ManagementTables, key: Digest): Promise<void> {
  await refuseAnchorKey(management, tables, key);
  const maker = (await tables.manufacturers.all()).find(({ keyDigest }) => keyDigest === key);
  accept(maker === undefined, `This is the key of manufacturer ${maker?.name}: a device needs a key of its own.`);
}

async function refuseTaken(tables: ManagementTables, { keyDigest, serial }: RegisteredDevice): Promise<void> {
  const same = await tables.registeredDevices.withKey(keyDigest);
  refuseUnless(same?.serial !== serial, 'exists', `Device ${serial} is registered already: nothing is to be done.`);
  refuseUnless(
    same === null,
    'exists',
    `This key is registered already, as that of device ${same?.serial}: each device needs a key of its own.`,
  );
  refuseUnless(
    (await tables.registeredDevices.withSerial(serial)) === null,
    'exists',
    `A device ${serial} is registered already with another key: give this one another serial.`,
  );
}

function accept(condition: boolean, message: string): asserts condition {
  refuseUnless(condition, 'certificate-refused', message);
}

function registeredOf({ serial, keyDigest, fingerprint, subject, notAfter }: RegisteredDevice): Registered {
  return {
    serial,
    manufacturer: SELF_SIGNED,
    keyFingerprint: fingerprintOfDigest(keyDigest),
    fingerprint,
    subject,
    notAfter: formatTime(notAfter),
  };
}
