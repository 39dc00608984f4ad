// Whether a certificate is on its issuer's revocation list (RFC 5280 §6.3, complete and direct lists only).

import { toHex } from './bytes.ts';
import { type Certificate, namesOtherKey } from './certificate.ts';
import type { Crl } from './crl.ts';
import { refuse } from './errors.ts';
import { namesEqual } from './name.ts';
import type { Issuing, RevocationCheck } from './path-step.ts';
import { verifySignature } from './signature.ts';

/**
 * A check against these lists, to be given to validatePath: nothing happens when the newest current list of the issuer does
 * not hold the certificate. An outdated list still revokes, and clears nobody. `every-certificate`: an issuer without a
 * list is `revocation-unknown`; default `where-listed`: it is let pass.
 *
 * The check throws X509Error `revoked`, or `revocation-unknown` when the lists of the issuer cannot be used.
 */
export function crlRevocation(
  crls: readonly Crl[],
  scope: 'where-listed' | 'every-certificate' = 'where-listed',
): RevocationCheck {
  return (certificate, issuing) => {
    const lists = crls.filter((crl) => isAbout(crl, certificate));
    if (lists.length === 0 && scope === 'where-listed') return;
    const authentic = lists.filter((crl) => isAuthentic(crl, issuing)).sort((a, b) => b.thisUpdate - a.thisUpdate);
    const current = authentic.find((crl) => issuing.time <= crl.nextUpdate);
    const serial = toHex(certificate.serialNumber);
    if ((current ? [current] : authentic).some((crl) => crl.revoked.has(serial))) refuse('revoked', certificate);
    if (!current) refuse('revocation-unknown', certificate);
  };
}

/** Lists of the same issuer; of two keys with one name, those of the key that the certificate names. */
function isAbout({ issuer, keyIdentifier }: Crl, certificate: Certificate): boolean {
  return !namesOtherKey(certificate, keyIdentifier) && namesEqual(issuer, certificate.issuer);
}

function isAuthentic(crl: Crl, { issuer, time, spend }: Issuing): boolean {
  if (crl.unknownCritical.length > 0 || crl.thisUpdate > time) return false;
  if (issuer.certificate?.extensions.keyUsage?.includes('cRLSign') === false) return false;
  spend();
  const { signatureAlgorithm: algorithm, tbs: data, signature } = crl;
  return verifySignature({ algorithm, publicKey: issuer.publicKey, data, signature });
}
