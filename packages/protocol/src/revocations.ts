// The revocation lists of the service anchors: which signers are no longer believed, whatever else holds. @see spec K8, R1 to R3
import {
  type Certificate,
  type Crl,
  isSignedBy,
  namesEqual,
  type PublicKey,
  parseCrl,
  type RevocationCheck,
  X509Error,
} from '@windlass/x509';
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
  const after = sent.map((der) => openRevocationList(der, anchors));
  const sentBy = (anchor: Digest) => after.filter((list) => list.anchor === anchor);
  for (const { anchor } of after) check(sentBy(anchor).length === 1, 'revocations'); // spec R1
  const others = heldRevocations(held, anchors).filter(({ anchor, number, crl }) => {
    const [next] = sentBy(anchor);
    if (!next) return true; // spec R3
    check(next.number >= number, 'revocations-rollback'); // spec R2
    check(
      [...crl.revoked.keys()].every((serial) => next.crl.revoked.has(serial)),
      'revocations-rollback',
    ); // spec R2
    return false;
  });
  return [...after, ...others];
}

/** The lists as they are kept. */
export const keptRevocations = (lists: readonly RevocationList[]): RevocationLists =>
  lists.map(({ crl }) => base64Of(crl.der));

/** The held lists; those of an anchor that firmware has taken out since have no meaning. */
export function heldRevocations(held: RevocationLists, anchors: readonly Certificate[]): readonly RevocationList[] {
  return held.flatMap((list) => listsOf(bytesOf(list, 'base64'), anchors));
}

/** The check for validatePath: refuses what the lists of its issuer name. The lists of a device that are held. @see spec K8 */
export const refuseHeldRevoked = (held: RevocationLists, anchors: readonly Certificate[]): RevocationCheck =>
  refuseRevoked(heldRevocations(held, anchors));

/** The check for validatePath: refuses what the lists of its issuer name. @see spec K8 */
export function refuseRevoked(lists: readonly RevocationList[]): RevocationCheck {
  return (certificate, { issuer }) => {
    if (isRevoked(certificate, issuer.publicKey, lists)) throw new X509Error('revoked', undefined, certificate); // spec K8
  };
}

/** Whether a list of the issuer, whose key this is, names the certificate; who issued it is up to the caller. @see spec K8 */
export function isRevoked(certificate: Certificate, issuer: PublicKey, lists: readonly RevocationList[]): boolean {
  const issuerKey = digestOf(issuer.der);
  return lists.some(({ anchor, crl }) => anchor === issuerKey && crl.revoked.has(hex(certificate.serialNumber)));
}

/** The list in `der`, which one of the anchors made. @throws ProtocolError `revocations`. @see spec R1 */
export function openRevocationList(der: Uint8Array, anchors: readonly Certificate[]): RevocationList {
  const [list] = listsOf(der, anchors);
  check(list, 'revocations'); // spec R1
  return list;
}

/** The list in `der` with the anchor that made it; none where none did. */
function listsOf(der: Uint8Array, anchors: readonly Certificate[]): readonly RevocationList[] {
  const crl = refusedAs('revocations', () => parseCrl(der));
  check(crl.unknownCritical.length === 0, 'revocations'); // spec R1
  const number = Number(`0x${hex(crl.number)}`);
  // What is negative has its first bit set.
  check(Number.isSafeInteger(number) && (crl.number[0] ?? 0) < 0x80, 'revocations'); // spec R1
  const issuers = anchors.filter(
    ({ subject, publicKey, extensions }) =>
      namesEqual(subject, crl.issuer) &&
      extensions.keyUsage?.includes('cRLSign') !== false &&
      isSignedBy(crl, publicKey),
  );
  return issuers.map((anchor) => ({ anchor: keyOf(anchor), number, crl }));
}
