// Whether a certificate is on its issuer's revocation list (RFC 5280 §6.3, complete and direct lists only).

import { toHex } from './bytes.ts';
import { type Certificate, namesOtherKey } from './certificate.ts';
import type { Crl } from './crl.ts';
import { refuse } from './errors.ts';
import { namesEqual } from './name.ts';
import type { PublicKey } from './public-key.ts';
import { verifySignature } from './signature.ts';

/** What is known about revocation where one certificate is checked. */
export interface RevocationCheck {
  readonly crls: readonly Crl[];
  readonly revocation: 'where-listed' | 'every-certificate';
  /** Unix seconds. */
  readonly time: number;
  /** The key that issued the certificate, and must have signed its list. */
  readonly key: PublicKey;
  /** The issuer's certificate, where there is one: its key usage must allow signing lists. */
  readonly issuer: Certificate | undefined;
  /** Called before each verification of a signature; throws when the budget is used up. */
  readonly spend: () => void;
}

/**
 * Nothing happens when the newest current list of the issuer does not hold the certificate. An outdated list still
 * revokes, and clears nobody.
 * @throws X509Error `revoked`, or `revocation-unknown` when the lists of the issuer cannot be used (or there are none
 *   and every certificate needs one)
 */
export function checkRevocation(certificate: Certificate, check: RevocationCheck): void {
  const lists = check.crls.filter((crl) => isAbout(crl, certificate));
  if (lists.length === 0 && check.revocation === 'where-listed') return;
  const authentic = lists.filter((crl) => isAuthentic(crl, check)).sort((a, b) => b.thisUpdate - a.thisUpdate);
  const current = authentic.find((crl) => check.time <= crl.nextUpdate);
  const serial = toHex(certificate.serialNumber);
  if ((current === undefined ? authentic : [current]).some((crl) => crl.revoked.has(serial))) {
    refuse('revoked', 'The certificate is revoked.', certificate);
  }
  if (current === undefined) {
    refuse('revocation-unknown', 'No current revocation list can be used.', certificate);
  }
}

/** Lists of the same issuer; of two keys with one name, those of the key that the certificate names. */
function isAbout({ issuer, keyIdentifier }: Crl, certificate: Certificate): boolean {
  return !namesOtherKey(certificate, keyIdentifier) && namesEqual(issuer, certificate.issuer);
}

function isAuthentic(crl: Crl, { issuer, key, time, spend }: RevocationCheck): boolean {
  if (crl.unknownCritical.length > 0 || crl.thisUpdate > time) return false;
  if (issuer?.extensions.keyUsage?.includes('cRLSign') === false) return false;
  spend();
  const { signatureAlgorithm: algorithm, tbs: data, signature } = crl;
  return verifySignature({ algorithm, publicKey: key, data, signature });
}
