// One row of a manifest as our types, or what is wrong with it, field by field. Nothing is asked of the database here: who exists is an argument.
import { ECDH } from 'node:crypto';
import type { ManifestFault, ManifestRow } from '@windlass/management';
import { SELF_SIGNED } from '@windlass/management';
import {
  type Digest,
  digestOf,
  type OrganizationId,
  ProtocolError,
  parseDigest,
  parseSerial,
  type Serial,
} from '@windlass/protocol';
import { type Certificate, type PublicKey, parseCertificate, parsePublicKey, X509Error } from '@windlass/x509';
import { keyDigestOf, parseOnePem } from './certificates.ts';
import { Refusal } from './refusal.ts';
import { canSign, serialOf } from './registered-devices.ts';
import type { ManifestDevice } from './store/management-ports.ts';

/** What rows may refer to. */
export interface ManifestContext {
  /** By name. */
  readonly manufacturers: ReadonlyMap<string, Digest>;
  readonly organizations: ReadonlyMap<string, OrganizationId>;
  /** For rows that name none. */
  readonly defaultManufacturer: string | null;
  /** The same for `label_proof`. */
  readonly defaultLabelProof: boolean;
}

/** A device as a row tells of it. */
export type AnnouncedDevice = Omit<ManifestDevice, 'codeUsed' | 'importId' | 'imported'>;

/** What came of a row: a device, or faults. The key is known of some rows that have faults. */
export interface JudgedRow {
  readonly line: number;
  readonly key: Digest | null;
  readonly device: AnnouncedDevice | null;
  readonly faults: readonly ManifestFault[];
}

const MAX_MODEL_CHARACTERS = 100;
const ORDER_NUMBER = /^[!-~]([ -~]{0,62}[!-~])?$/;
const HEX_DIGEST = /^[0-9A-Fa-f]{64}$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Thrown by a field, caught by its row. */
class FieldFault extends Error {}

/** The device of a row, and every fault of it. */
export function judgeRow(row: ManifestRow, context: ManifestContext): JudgedRow {
  const faults: ManifestFault[] = [];
  const read = <Value>(field: string, parse: () => Value): Value | null => {
    try {
      return parse();
    } catch (cause) {
      if (!(cause instanceof FieldFault)) throw cause;
      faults.push({ line: row.line, field, problem: cause.message });
      return null;
    }
  };
  const serial = read('serial', () => serialField(row.serial));
  const manufacturer = read('manufacturer', () => manufacturerField(row.manufacturer, context));
  const key = read(filled(row.certificate) === null ? 'public_key' : 'certificate', () => keyField(row, serial));
  const model = read('model', () => modelField(row.model));
  const codeHash = read('claim_code_hash', () => codeHashField(row.claimCodeHash));
  const organization = read('organization', () => organizationField(row.organization, context));
  const orderNumber = read('order_number', () => orderField(row.orderNumber));
  const labelProof = read('label_proof', () => labelProofField(row.labelProof, codeHash, context)) ?? false;
  const isWhole = faults.length === 0 && serial !== null && manufacturer !== null && key !== null;
  const device = isWhole ? { serial, manufacturer, key, model, codeHash, organization, orderNumber, labelProof } : null;
  return { line: row.line, key, device, faults };
}

/** A field that has something in it. */
function filled(text: string | undefined): string | null {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
}

function fault(message: string): never {
  throw new FieldFault(message);
}

function serialField(text: string | undefined): Serial {
  if (filled(text) === null) fault('is missing');
  try {
    return parseSerial(text);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    return fault('must be 1 to 64 printable ASCII characters that neither start nor end with a space');
  }
}

function manufacturerField(text: string | undefined, context: ManifestContext): Digest {
  const name = filled(text) ?? context.defaultManufacturer ?? fault('is missing: name one, or give --manufacturer');
  if (name.toLowerCase() === SELF_SIGNED) fault('self-signed devices come with "device register", not with a manifest');
  return context.manufacturers.get(name) ?? fault('is not known to the service: add it with "manufacturer add" first');
}

function keyField({ publicKey, certificate }: ManifestRow, serial: Serial | null): Digest {
  const [spki, whole] = [filled(publicKey), filled(certificate)];
  if (spki !== null && whole !== null) fault('stands beside public_key: give one of the two');
  if (whole !== null) return certificateKey(whole, serial);
  return spkiKey(spki ?? fault('is missing: give public_key or certificate'));
}

function spkiKey(text: string): Digest {
  if (text.includes('PRIVATE KEY'))
    fault('is a private key: give the public one, and replace the device key if others saw this file');
  if (!BASE64.test(text)) fault('must be the base64 of a SubjectPublicKeyInfo in DER');
  try {
    const key = parsePublicKey(Buffer.from(text, 'base64'));
    if (!canSign(key)) fault(WEAK_KEY);
    refuseWrongPoint(key);
    return digestOf(key.der);
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause;
    return fault('must be the base64 of a SubjectPublicKeyInfo in DER');
  }
}

const CURVES: Readonly<Record<string, string>> = { 'ec-p256': 'prime256v1', 'ec-p384': 'secp384r1' };

/** A point must be on its curve. No key object is made for it: of 100 000 of those the memory outside of the heap is freed late. */
function refuseWrongPoint({ type, keyBytes }: PublicKey): void {
  const curve = CURVES[type];
  if (curve === undefined) return;
  try {
    ECDH.convertKey(keyBytes, curve);
  } catch {
    fault('is not a point of its curve');
  }
}

const WEAK_KEY =
  'is a key that a device cannot sign with: it must be P-256, P-384, Ed25519, or RSA with 2048 to 8192 bits';

function certificateKey(text: string, serial: Serial | null): Digest {
  const certificate = certificateOf(text);
  if (certificate.extensions.basicConstraints?.ca === true) fault("is a CA's: give the device's own");
  if (!canSign(certificate.publicKey)) fault(WEAK_KEY);
  const named = orFault(() => serialOf(certificate));
  if (serial !== null && named !== serial)
    fault('is that of another device: its serialNumber is not the serial of the row');
  return keyDigestOf(certificate);
}

function certificateOf(text: string): Certificate {
  if (text.includes('-----BEGIN')) return orFault(() => parseOnePem(text));
  if (!BASE64.test(text)) fault('must be a certificate in PEM, or the base64 of its DER');
  try {
    return parseCertificate(Buffer.from(text, 'base64'));
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause;
    return fault('must be a certificate in PEM, or the base64 of its DER');
  }
}

/** What others say of a certificate, as a fault of the field. */
function orFault<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    return fault(cause.message);
  }
}

function modelField(text: string | undefined): string | null {
  const model = filled(text);
  if (model !== null && (model.length > MAX_MODEL_CHARACTERS || /\p{Control}/u.test(model))) {
    fault(`must be at most ${MAX_MODEL_CHARACTERS} characters without control characters`);
  }
  return model;
}

function codeHashField(text: string | undefined): Digest | null {
  const hash = filled(text);
  if (hash === null) return null;
  try {
    return parseDigest(HEX_DIGEST.test(hash) ? Buffer.from(hash, 'hex').toString('base64') : hash);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    return fault('must be the SHA-256 of a claim token, as 64 hexadecimal digits or in base64: never the code itself');
  }
}

function organizationField(text: string | undefined, { organizations }: ManifestContext): OrganizationId | null {
  const name = filled(text);
  if (name === null) return null;
  return (
    organizations.get(name) ?? fault('is not an organization of the service: add it with "organization add" first')
  );
}

function orderField(text: string | undefined): string | null {
  const order = filled(text);
  return order === null || ORDER_NUMBER.test(order) ? order : fault('must be 1 to 64 printable ASCII characters');
}

function labelProofField(
  text: string | undefined,
  codeHash: Digest | null,
  { defaultLabelProof }: ManifestContext,
): boolean {
  const said = (filled(text) ?? (defaultLabelProof ? 'yes' : 'no')).toLowerCase();
  if (said === 'no' || said === 'false') return false;
  if (said !== 'yes' && said !== 'true') fault('must be yes or no');
  return codeHash === null ? fault('needs a claim_code_hash: the proof is made with the code that it is of') : true;
}
