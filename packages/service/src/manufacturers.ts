// Manufacturers: whose certificates make a device identity.
import { type Manufacturer, SELF_SIGNED } from '@windlass/management';
import { type Digest, formatTime, MAX_RSA_BITS, MIN_RSA_BITS, type Serial, type UnixSeconds } from '@windlass/protocol';
import type { Certificate, PublicKey } from '@windlass/x509';
import { refuseAnchorKey } from './anchor-keys.ts';
import { describe, parseOnePem, pemOf } from './certificates.ts';
import { type Actor, type Management, perform } from './management.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import type { ManagementTables, RegisteredDevice, StoredManufacturer } from './store/management-ports.ts';

const MAX_MANUFACTURERS = 256;

/** What a device id and an answer need of a manufacturer. */
export type ManufacturerKey = Pick<StoredManufacturer, 'name' | 'keyDigest'>;

/**
 * Devices with a certificate of this anchor are known from now on.
 * @throws Refusal `invalid-request` (a reserved name), `exists` (name, key), `private-key-in-upload`, `certificate-refused`, `limit-reached`
 */
export async function addManufacturer(
  management: Management,
  actor: Actor,
  input: { readonly name: string; readonly certificate: string },
): Promise<Manufacturer> {
  return perform(management, actor, 'manufacturer.add', async (tables, now) => {
    const isReserved = input.name.toLowerCase() === SELF_SIGNED;
    refuseUnless(!isReserved, 'invalid-request', `"${SELF_SIGNED}" stands for no manufacturer: choose another name.`);
    const described = describe(parseAnchor(input.certificate, now));
    await refuseAnchorKey(management, tables, described.keyDigest);
    await refuseDeviceKey(tables, described.keyDigest);
    refuseTaken(await tables.manufacturers.all(), { name: input.name, keyDigest: described.keyDigest });
    const stored: StoredManufacturer = { name: input.name, ...described, created: now };
    await tables.manufacturers.add(stored);
    const result = manufacturerOf(stored);
    const { fingerprint, keyDigest, subject } = described;
    const after = { fingerprint, keyDigest, subject, notAfter: result.notAfter };
    const object = `manufacturer ${input.name}`;
    return { result, organization: null, object, detail: {}, change: { before: null, after } };
  });
}

function parseAnchor(pem: string, now: UnixSeconds): Certificate {
  const certificate = parseOnePem(pem);
  const { extensions, notAfter, publicKey } = certificate;
  refuseUnless(
    extensions.basicConstraints?.ca === true,
    'certificate-refused',
    "This certificate is not a CA's: give the manufacturer's CA certificate, not a device's.",
  );
  refuseUnless(notAfter >= now, 'certificate-refused', 'This certificate has ended: give one that is valid.');
  refuseUnless(
    !isWeak(publicKey),
    'certificate-refused',
    `The key of this certificate is not one that devices' certificates can be checked with: it must be P-256, P-384, P-521, Ed25519, or RSA with ${MIN_RSA_BITS} to ${MAX_RSA_BITS} bits.`,
  );
  return certificate;
}

async function refuseDeviceKey(tables: ManagementTables, key: Digest): Promise<void> {
  const device = await tables.registeredDevices.withKey(key);
  const taken = `This key is that of the self-signed device ${device?.serial}: a manufacturer needs a key of its own.`;
  refuseUnless(device === null, 'certificate-refused', taken);
}

function refuseTaken(others: readonly StoredManufacturer[], added: ManufacturerKey): void {
  const named = others.some(({ name }) => name === added.name);
  refuseUnless(!named, 'exists', `There is a manufacturer ${added.name} already: choose another name.`);
  const same = others.find(({ keyDigest }) => keyDigest === added.keyDigest);
  const taken = `This key is manufacturer ${same?.name}'s already: nothing is to be added.`;
  refuseUnless(same === undefined, 'exists', taken);
  const full = others.length >= MAX_MANUFACTURERS;
  refuseUnless(!full, 'limit-reached', `There are at most ${MAX_MANUFACTURERS} manufacturers.`);
}

function isWeak({ type, bits }: PublicKey): boolean {
  return type === 'other' || (type.startsWith('rsa') && (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS));
}

/** Every manufacturer, in the order they were added. */
export async function listManufacturers(management: Management): Promise<{ items: Manufacturer[] }> {
  return { items: (await management.store.tables.manufacturers.all()).map(manufacturerOf) };
}

/**
 * The manufacturer of that name, or "self-signed" with the device's own key for a registered one; without a name, the one
 * that has the serial, else the only one.
 * @throws Refusal `not-found`, `ambiguous-manufacturer`
 */
export async function findManufacturer(
  management: Management,
  tables: ManagementTables,
  serial: Serial,
  name: string | undefined,
): Promise<ManufacturerKey> {
  const registered = await registeredKeys(tables, serial);
  const all = [...(await tables.manufacturers.all()), ...registered];
  if (name !== undefined) {
    const named = all.find((manufacturer) => manufacturer.name === name);
    if (named !== undefined) return named;
    if (name === SELF_SIGNED) {
      throw new Refusal(
        'not-found',
        `There is no self-signed device ${serial}: register it first, or check the serial.`,
      );
    }
    throw new Refusal('not-found', `There is no manufacturer ${name}: add it first, or check the name.`);
  }
  const claimed = (await tables.claims.withSerial(serial)).map(({ manufacturer }) => manufacturer);
  const seen = (await management.devices.devices({ serial })).map(({ manufacturer }) => manufacturer);
  const announced = (await tables.manifests.withSerial(serial)).map(({ manufacturer }) => manufacturer);
  const known = new Set<Digest>([...claimed, ...seen, ...announced, ...registered.map(({ keyDigest }) => keyDigest)]);
  const [only, another] = known.size > 0 ? all.filter(({ keyDigest }) => known.has(keyDigest)) : all;
  if (only === undefined)
    throw new Refusal('not-found', 'There is no manufacturer yet: add one first, or register the device.');
  if (another === undefined) return only;
  if (known.size > 1) throw ambiguousManufacturer(serial);
  throw new Refusal(
    'ambiguous-manufacturer',
    `Device ${serial} was never seen and there is more than one manufacturer: name the manufacturer.`,
  );
}

/** More than one device has the serial. */
export function ambiguousManufacturer(serial: Serial): Refusal {
  return new Refusal(
    'ambiguous-manufacturer',
    `More than one manufacturer has a device ${serial}: name the manufacturer, "${SELF_SIGNED}" for a device without one.`,
  );
}

async function registeredKeys(tables: ManagementTables, serial: Serial): Promise<readonly ManufacturerKey[]> {
  const device = await tables.registeredDevices.withSerial(serial);
  return device === null ? [] : [{ name: SELF_SIGNED, keyDigest: device.keyDigest }];
}

/**
 * How a manufacturer is called, by its key: its name, "self-signed" where it is the own key of one of these devices; the key
 * itself where nobody knows it.
 */
export async function manufacturerNames(
  tables: ManagementTables,
  registered: readonly RegisteredDevice[],
): Promise<(keyDigest: Digest) => string> {
  const names = new Map<Digest, string>(registered.map(({ keyDigest }) => [keyDigest, SELF_SIGNED]));
  for (const { keyDigest, name } of await tables.manufacturers.all()) names.set(keyDigest, name);
  return (keyDigest) => names.get(keyDigest) ?? keyDigest;
}

function manufacturerOf({
  name,
  keyDigest,
  fingerprint,
  subject,
  notAfter,
  certificate,
}: StoredManufacturer): Manufacturer {
  return {
    name,
    manufacturer: keyDigest,
    fingerprint,
    subject,
    notAfter: formatTime(notAfter),
    certificate: pemOf(certificate),
  };
}
