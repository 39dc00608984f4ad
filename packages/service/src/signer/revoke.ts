// `windlass signer revoke`: where the anchor's key is, offline, a certificate that was stolen goes onto the anchor's revocation list.
// The list is complete, its number rises with each change, and nobody leaves it: devices keep it for ever. @see spec R1, R2
import { dirname, join } from 'node:path';
import { openRevocationList, ProtocolError, type RevocationList } from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';
import { isIssuedBy } from '../certificates.ts';
import { readCertificateFile } from './file.ts';
import { currentTime, readAnchor } from './issue.ts';
import { SignerError } from './ports.ts';
import { isThere, readRevocationFile, writeRevocationFile } from './revocation-file.ts';
import { nextList } from './revocation-list.ts';

/** What to revoke, and with which anchor. At least one certificate or serial number. */
export interface RevokeOptions {
  /** File with the anchor's key. */
  readonly anchorKey: string;
  /** File with the anchor's certificate; default: service-anchor.pem beside the key, or above it. */
  readonly anchor?: string;
  /** Files with certificates that the anchor issued. */
  readonly certificates?: readonly string[];
  /** Serial numbers in hexadecimal, with or without colons, of certificates that are not at hand. */
  readonly serials?: readonly string[];
  /** The anchor's list; made when it is not there. Default: revocations.pem beside the key. */
  readonly list?: string;
}

/** The list as it is now. Serial numbers are upper-case hexadecimal. */
export interface RevokedSigners {
  readonly list: string;
  readonly number: number;
  readonly entries: number;
  readonly added: readonly string[];
  /** What was asked for and was on the list before. */
  readonly before: readonly string[];
}

/** RFC 5280 section 4.1.2.2. */
const MAX_SERIAL_OCTETS = 20;
const PUBLIC_MODE = 0o644;

/**
 * Every certificate is on the list, and what was on it still is. When something is new, the number is one higher than before; else
 * the file stays as it is. @throws SignerError when a certificate is not this anchor's, or the list is not, or is full
 */
export function revokeSigners(options: RevokeOptions): RevokedSigners {
  const { anchorKey, certificates = [], serials = [], list = join(dirname(anchorKey), 'revocations.pem') } = options;
  const anchor = readAnchor(anchorKey, options.anchor);
  const wanted = [...certificates.flatMap((file) => serialsIn(file, anchor.certificate)), ...serials.map(parseSerial)];
  if (wanted.length === 0) throw new SignerError('signer-missing', 'Name a certificate or a serial number to revoke.');
  const { own, others } = readList(list, anchor.certificate);
  const isNew = (serial: string) => own === null || !own.crl.revoked.has(serial);
  const added = [...new Set(wanted)].filter(isNew);
  const next = own !== null && added.length === 0 ? own : nextList(anchor, own, added, currentTime());
  if (next !== own) write(list, [...others, next.crl.der]);
  return {
    list,
    number: next.number,
    entries: next.crl.revoked.size,
    added: added.map(shown),
    before: [...new Set(wanted)].filter((serial) => !isNew(serial)).map(shown),
  };
}

/** The anchor's own list of the file, and the others as they are: a copy of the service's file has one of each anchor. */
function readList(
  file: string,
  anchor: Certificate,
): { readonly own: RevocationList | null; readonly others: readonly Uint8Array[] } {
  if (!isThere(file)) return { own: null, others: [] };
  const remedy = "name the anchor's own list with --list";
  const lists = readRevocationFile({ file, remedy });
  const found = lists.flatMap((der) => ownList(der, anchor));
  const [own, ...more] = found;
  if (own !== undefined && more.length === 0)
    return { own, others: lists.filter((der) => !Buffer.from(der).equals(own.crl.der)) };
  throw new SignerError('revocations', `${file} has ${found.length} revocation lists by this anchor: ${remedy}.`);
}

function ownList(der: Uint8Array, anchor: Certificate): readonly RevocationList[] {
  try {
    return [openRevocationList(der, [anchor])];
  } catch (cause) {
    // Another anchor's, or none: the sentence is the caller's.
    if (cause instanceof ProtocolError) return [];
    throw cause;
  }
}

/** Content octets of the serial numbers, in hexadecimal, as a list has them. */
function serialsIn(file: string, anchor: Certificate): readonly string[] {
  return readCertificateFile(file).map((certificate) => {
    if (isIssuedBy(certificate, anchor)) return Buffer.from(certificate.serialNumber).toString('hex');
    throw new SignerError(
      'signer-mismatch',
      `${file} was not issued by this anchor: revoke it with the key of the anchor that issued it.`,
    );
  });
}

function parseSerial(text: string): string {
  const digits = text.replaceAll(':', '').toLowerCase();
  const magnitude = digits.replace(/^0+/, '');
  const even = magnitude.padStart(magnitude.length + (magnitude.length % 2), '0');
  // DER has a zero octet before a first bit that is set, so that the number is not negative.
  const octets = /^[89a-f]/.test(even) ? `00${even}` : even;
  if (/^[0-9a-f]+$/.test(octets) && octets.length <= 2 * MAX_SERIAL_OCTETS) return octets;
  throw new SignerError(
    'signer-mismatch',
    `"${text}" is not a serial number: give it in hexadecimal, as "openssl x509 -noout -serial" prints it.`,
  );
}

/** Without the octet that only DER needs. */
function shown(serial: string): string {
  return serial.replace(/^00/, '').toUpperCase();
}

function write(file: string, lists: readonly Uint8Array[]): void {
  try {
    writeRevocationFile(file, lists, PUBLIC_MODE);
  } catch (cause) {
    throw new SignerError('signer-unreadable', `${file} cannot be written: name a file in a directory that can be.`, {
      cause,
    });
  }
}
