// Revocation lists in a PEM file: one `X509 CRL` block per service anchor, and nothing else.
import { statSync } from 'node:fs';
import { openRevocationList, ProtocolError, type RevocationList } from '@windlass/protocol';
import { type Certificate, parsePem, toPem, X509Error } from '@windlass/x509';
import { SignerError } from './ports.ts';
import { readFile, writePrivateFile } from './private-file.ts';

const LABEL = 'X509 CRL';

/** One list, in DER, so that an answer has room for it beside decision, claim and profile (spec F1): about 400 entries. */
export const MAX_REVOCATION_LIST_BYTES = 16_384;

/** A file of lists, and what to do when it cannot be used: the end of a sentence. */
export interface RevocationFile {
  readonly file: string;
  readonly remedy: string;
}

/** The lists of a file, each by another one of the anchors. @throws SignerError `signer-missing`, `signer-unreadable`, `revocations` */
export function openRevocationFile(place: RevocationFile, anchors: readonly Certificate[]): readonly RevocationList[] {
  const { file, remedy } = place;
  const lists = readRevocationFile(place).map((der) => listOf(der, place, anchors));
  const isRepeated = ({ anchor }: RevocationList, index: number) =>
    lists.findIndex((list) => list.anchor === anchor) !== index;
  if (!lists.some(isRepeated)) return lists;
  throw new SignerError('revocations', `${file} has two revocation lists of one anchor: ${remedy}.`);
}

/** The same; a file that does not exist has no lists. */
export function openRevocationFileIfAny(
  place: RevocationFile,
  anchors: readonly Certificate[],
): readonly RevocationList[] {
  return isThere(place.file) ? openRevocationFile(place, anchors) : [];
}

/** The DER of each list of a file, at least one; nobody checked whose they are. @throws SignerError `signer-missing`, `signer-unreadable` */
export function readRevocationFile({ file, remedy }: RevocationFile): readonly Uint8Array[] {
  const text = readFile(file);
  try {
    const blocks = parsePem(text);
    if (blocks.every(({ label }) => label === LABEL)) return blocks.map(({ der }) => der);
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause;
  }
  throw new SignerError('signer-unreadable', `${file} is not a file of revocation lists in PEM: ${remedy}.`);
}

/** The file has these lists, durably; a crash leaves the old file or the new. A list is no secret. */
export function writeRevocationFile(file: string, lists: readonly Uint8Array[], mode: number): void {
  writePrivateFile(file, lists.map((der) => toPem(LABEL, der)).join(''), mode);
}

/** Whether the file exists. @throws SignerError `signer-unreadable`: nobody can say */
export function isThere(file: string): boolean {
  return factsOf(file) !== null;
}

/** What changes whenever the file is replaced or written to; null: there is none. @throws SignerError `signer-unreadable` */
export function factsOf(file: string): string | null {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    return found === undefined ? null : [found.ino, found.size, found.ctimeMs].join();
  } catch (cause) {
    throw new SignerError('signer-unreadable', `${file} cannot be read: check its owner and permissions.`, { cause });
  }
}

function listOf(der: Uint8Array, { file, remedy }: RevocationFile, anchors: readonly Certificate[]): RevocationList {
  try {
    return openRevocationList(der, anchors);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    const sentence = `${file} has what is not a revocation list that a service anchor made: ${remedy}.`;
    throw new SignerError('revocations', sentence, { cause });
  }
}
