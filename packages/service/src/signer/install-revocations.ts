// `windlass signer install FILE`: lists that were made offline become the service's, each in the place of the one of the same anchor.
// What a device would refuse as a rollback is refused here: it holds what it was given for ever. @see spec R1, R2
import { formatTime, type RevocationList } from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';
import { keyDigestOf, timeOf } from '../certificates.ts';
import { SignerError } from './ports.ts';
import {
  MAX_REVOCATION_LIST_BYTES,
  openRevocationFile,
  openRevocationFileIfAny,
  writeRevocationFile,
} from './revocation-file.ts';
import { installedFile } from './revocations.ts';

/** What is told of a list that is installed. */
export interface InstalledList {
  /** SHA-256 of the key of the anchor that made it, base64. */
  readonly anchor: string;
  readonly number: number;
  readonly entries: number;
  /** Time as text. */
  readonly made: string;
}

/** Which file, over which. */
export interface ListsToInstall {
  readonly from: string;
  /** D/revocations.pem. */
  readonly installed: string;
  readonly anchors: readonly Certificate[];
}

/** Both sides of the service read it, which may be two users of one group. */
const GROUP_MAY_READ = 0o640;
const REMEDY = 'name the file that "windlass signer revoke" wrote with the key of this service\'s anchor';

/**
 * The lists of `from` are in force, those of other anchors still are, in one durable write. A list that is installed already stays.
 * @throws SignerError `signer-missing`, `signer-unreadable`, `revocations`, `revocations-rollback`; nothing has changed then
 */
export function installRevocations({ from, installed, anchors }: ListsToInstall): readonly InstalledList[] {
  const lists = openRevocationFile({ file: from, remedy: REMEDY }, anchors);
  const before = openRevocationFileIfAny(installedFile(installed), anchors);
  for (const list of lists) {
    checkSize(list, from);
    const old = before.find(({ anchor }) => anchor === list.anchor);
    if (old !== undefined) checkFollows(list, old, { from, installed });
  }
  // In the order of the anchors.
  const next = anchors.flatMap((anchor) => {
    const isOf = (list: RevocationList) => list.anchor === keyDigestOf(anchor);
    const found = lists.find(isOf) ?? before.find(isOf);
    return found === undefined ? [] : [found.crl.der];
  });
  writeRevocationFile(installed, next, GROUP_MAY_READ);
  return lists.map(({ anchor, number, crl }) => ({
    anchor,
    number,
    entries: crl.revoked.size,
    made: formatTime(timeOf(crl.thisUpdate)),
  }));
}

function checkSize({ crl }: RevocationList, from: string): void {
  if (crl.der.length <= MAX_REVOCATION_LIST_BYTES) return;
  throw new SignerError(
    'revocations',
    `${from} has a revocation list of more than ${MAX_REVOCATION_LIST_BYTES} bytes, for which an answer to a device has no room: it is time for another service anchor.`,
  );
}

function checkFollows(
  list: RevocationList,
  old: RevocationList,
  { from, installed }: Pick<ListsToInstall, 'from' | 'installed'>,
): void {
  if (Buffer.from(list.crl.der).equals(old.crl.der)) return;
  const remedy = `copy ${installed} to where the anchor's key is, revoke there again with --list, and install that file`;
  const refuse = (what: string) => new SignerError('revocations-rollback', `${from} ${what}: ${remedy}.`);
  const { number } = old;
  if (list.number < number) throw refuse(`has list number ${list.number}, and number ${number} is installed`); // spec R2
  // Devices that have the one would not be given the other.
  if (list.number === number) throw refuse(`has another list with the number ${number} of the installed one`);
  const isLeftOut = (serial: string) => !list.crl.revoked.has(serial);
  if ([...old.crl.revoked.keys()].some(isLeftOut)) throw refuse('leaves out a certificate that the installed list has'); // spec R2
}
