// Manufacturers: whose certificates make a device identity.
import type { Manufacturer } from '@windlass/management';
import { type Digest, formatTime, MAX_RSA_BITS, MIN_RSA_BITS, type Serial, type UnixSeconds } from '@windlass/protocol';
import type { Certificate, PublicKey } from '@windlass/x509';
import { refuseAnchorKey } from './anchor-keys.ts';
import { describe, parseOnePem, pemOf } from './certificates.ts';
import { type Actor, type Management, perform } from './management.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import type { ManagementTables, StoredManufacturer } from './store/management-ports.ts';

const MAX_MANUFACTURERS = 256;

/** What a device id and an answer need of a manufacturer. */
export type ManufacturerKey = Pick<StoredManufacturer, 'name' | 'keyDigest'>;

/**
 * Devices with a certificate of this anchor are known from now on.
 * @throws Refusal `exists` (name, key), `private-key-in-upload`, `certificate-refused`, `limit-reached`
 */
export async function addManufacturer(
  management: Management,
  actor: Actor,
  input: { readonly name: string; readonly certificate: string },
): Promise<Manufacturer> {
  return perform(management, actor, 'manufacturer.add', async (tables, now) => {
    const described = describe(parseAnchor(input.certificate, now));
    await refuseAnchorKey(management, tables, described.keyDigest);
    refuseTaken(await tables.manufacturers.all(), { name: input.name, keyDigest: described.keyDigest });
    const stored: StoredManufacturer = { name: input.name, ...described, created: now };
    await tables.manufacturers.add(stored);
    const { fingerprint, keyDigest } = described;
    const object = `manufacturer ${input.name}`;
    return { result: manufacturerOf(stored), organization: null, object, detail: { fingerprint, keyDigest } };
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
 * The manufacturer of that name; without a name, the one that has the serial, else the only one.
 * @throws Refusal `not-found`, `ambiguous-manufacturer`
 */
export async function findManufacturer(
  management: Management,
  tables: ManagementTables,
  serial: Serial,
  name: string | undefined,
): Promise<ManufacturerKey> {
  const all = await tables.manufacturers.all();
  if (name !== undefined) {
    const named = all.find((manufacturer) => manufacturer.name === name);
    if (named !== undefined) return named;
    throw new Refusal('not-found', `There is no manufacturer ${name}: add it first, or check the name.`);
  }
  const claimed = (await tables.claims.withSerial(serial)).map(({ manufacturer }) => manufacturer);
  const seen = (await management.devices.devices({ serial })).map(({ manufacturer }) => manufacturer);
  const known = new Set<Digest>([...claimed, ...seen]);
  const [only, another] = known.size > 0 ? all.filter(({ keyDigest }) => known.has(keyDigest)) : all;
  if (only === undefined) throw new Refusal('not-found', 'There is no manufacturer yet: add one first.');
  if (another === undefined) return only;
  const detail =
    known.size > 1
      ? `More than one manufacturer has a device ${serial}: name the manufacturer.`
      : `Device ${serial} was never seen and there is more than one manufacturer: name the manufacturer.`;
  throw new Refusal('ambiguous-manufacturer', detail);
}

/** The name of the manufacturer with that key; the key itself where none is registered. */
export async function nameOfManufacturer(tables: ManagementTables, keyDigest: Digest): Promise<string> {
  return (await tables.manufacturers.all()).find((known) => known.keyDigest === keyDigest)?.name ?? keyDigest;
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
