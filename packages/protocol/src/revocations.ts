// The revocation lists of the service anchors: which signers are no longer believed, whatever else holds. @see spec K8, R1 to R3
import {
  type Certificate,
  type Crl,
  isSignedBy,
  namesEqual,
  parseCrl,
  type RevocationCheck,
  X509Error,
} from '@windlass/x509';
import type { BootstrapRequest } from './bootstrap.ts';
import { base64Of, bytesOf, hex } from './bytes.ts';
import { check } from './errors.ts';
import { type Digest, digestOf } from './forms.ts';
import { keyOf } from './signer.ts';
import { refusedAs } from './x509-errors.ts';

/** Accepted lists, of each service anchor one at most: base64 of their DER. */
export type RevocationLists = readonly string[];

/** A list that a service anchor made. */
export interface RevocationList {
  /** SHA-256 of the anchor's SPKI. */
  readonly anchor: Digest;
  readonly number: number;
  readonly crl: Crl;
}

/**
 * The lists that count from now on: those of an answer and, of the other anchors, the held ones.
 *
 * @throws ProtocolError `revocations`, `revocations-rollback`. @see spec R1, R2, R3
 */
export function acceptRevocations(
  sent: readonly Uint8Array[],
  held: RevocationLists,
  anchors: readonly Certificate[],
): readonly RevocationList[] {
  const before = openHeld(held, anchors);
  const after = sent.map((der) => openRevocationList(der, anchors));
  for (const [i, { anchor, number, crl }] of after.entries()) {
    check(after.findIndex((other) => other.anchor === anchor) === i, 'revocations'); // spec R1
    const old = before.find((other) => other.anchor === anchor);
    if (!old) continue;
    check(number >= old.number, 'revocations-rollback'); // spec R2
    check(
      [...old.crl.revoked.keys()].every((serial) => crl.revoked.has(serial)),
      'revocations-rollback',
    ); // spec R2
  }
  return [...after, ...before.filter(({ anchor }) => !after.some((other) => other.anchor === anchor))]; // spec R3
}

/** The lists as they are kept. */
export const keptRevocations = (lists: readonly RevocationList[]): RevocationLists =>
  lists.map(({ crl }) => base64Of(crl.der));

/** What a request says of the held lists; those of an anchor that is not there any more do not count. */
export const heldRevocations = (
  held: RevocationLists,
  anchors: readonly Certificate[],
): NonNullable<BootstrapRequest['holds']['revocations']> =>
  openHeld(held, anchors).map(({ anchor, number }) => ({ anchor, number }));

/** The check for validatePath: refuses what the lists of its issuer name. The lists of a device that are held. @see spec K8 */
export const refuseHeldRevoked = (held: RevocationLists, anchors: readonly Certificate[]): RevocationCheck =>
  refuseRevoked(openHeld(held, anchors));

/** The check for validatePath: refuses what the lists of its issuer name. @see spec K8 */
export function refuseRevoked(lists: readonly RevocationList[]): RevocationCheck {
  return (certificate, { issuer }) => {
    const issuerKey = digestOf(issuer.publicKey.der);
    const isListed = lists.some(
      ({ anchor, crl }) => anchor === issuerKey && crl.revoked.has(hex(certificate.serialNumber)),
    );
    if (isListed) throw new X509Error('revoked', undefined, certificate); // spec K8
  };
}

/** The list in `der`, which one of the anchors made. @throws ProtocolError `revocations`. @see spec R1 */
export function openRevocationList(der: Uint8Array, anchors: readonly Certificate[]): RevocationList {
  const crl = refusedAs('revocations', () => parseCrl(der));
  const anchor = issuerOf(crl, anchors);
  check(anchor, 'revocations'); // spec R1
  check(crl.unknownCritical.length === 0, 'revocations'); // spec R1
  const number = Number(`0x${hex(crl.number)}`);
  // What is negative has its first bit set.
  check(Number.isSafeInteger(number) && (crl.number[0] ?? 0) < 0x80, 'revocations'); // spec R1
  return { anchor: keyOf(anchor), number, crl };
}

/** An anchor that firmware has taken out since leaves its list without a meaning. */
function openHeld(held: RevocationLists, anchors: readonly Certificate[]): readonly RevocationList[] {
  const lists = held.map((list) => bytesOf(list, 'base64'));
  return lists.filter((der) => issuerOf(parseCrl(der), anchors)).map((der) => openRevocationList(der, anchors));
}

function issuerOf(crl: Crl, anchors: readonly Certificate[]): Certificate | undefined {
  return anchors.find(
    ({ subject, publicKey, extensions }) =>
      namesEqual(subject, crl.issuer) &&
      extensions.keyUsage?.includes('cRLSign') !== false &&
      isSignedBy(crl, publicKey),
  );
}
