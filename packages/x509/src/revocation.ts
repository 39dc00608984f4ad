// Whether a certificate is on its issuer's revocation list (RFC 5280 §6.3, complete and direct lists only).

import { equalBytes, toHex } from './bytes.ts';
import { type Certificate, namesOtherKey } from './certificate.ts';
import type { Crl } from './crl.ts';
import { refuse, X509Error } from './errors.ts';
import { namesEqual } from './name.ts';
import { validatePath } from './path.ts';
import type { Issuing, RevocationCheck } from './path-step.ts';
import { isSignedBy } from './signature.ts';
import { type TrustAnchor, trustAnchor } from './trust-anchor.ts';

/**
 * A check against these lists, to be given to validatePath: nothing happens when the newest current list of the issuer does
 * not hold the certificate. A list is the issuer's when the issuer's key made it, or another key of the same name whose
 * certificate is among the intermediates and leads to the same anchor (§6.3.3 f); one by another key clears nobody whom the
 * issuer's own holds. Nor does an outdated list, which still revokes. `every-certificate`: an issuer without a list is
 * `revocation-unknown`; default `where-listed`: it is let pass.
 *
 * The check throws X509Error `revoked`, or `revocation-unknown` when the lists of the issuer cannot be used.
 */
export function crlRevocation(
  crls: readonly Crl[],
  scope: 'where-listed' | 'every-certificate' = 'where-listed',
): RevocationCheck {
  return (certificate, issuing) => {
    const named = crls.filter(({ issuer }) => namesEqual(issuer, certificate.issuer));
    const direct = named.filter((crl) => isMadeBy(crl, issuing.issuer, issuing));
    const others = named.filter((crl) => !direct.includes(crl) && isMadeByOtherKey(crl, crls, issuing));
    const isCurrent = ({ nextUpdate }: Crl) => issuing.time <= nextUpdate;
    const [newest] = direct.filter(isCurrent).sort((a, b) => b.thisUpdate - a.thisUpdate);
    const judged = [...(newest ? [newest] : direct), ...others];
    if (judged.some((crl) => isListed(certificate, crl))) refuse('revoked', certificate);
    // Those of another CA with this name say nothing, and are missed by nobody.
    const isMissed = named.some(({ keyIdentifier }) => !namesOtherKey(certificate, keyIdentifier));
    if (!judged.some(isCurrent) && (isMissed || scope === 'every-certificate'))
      refuse('revocation-unknown', certificate);
  };
}

function isListed({ serialNumber }: Certificate, { revoked }: Crl): boolean {
  return revoked.has(toHex(serialNumber));
}

/** Usable now, and signed by this key, which may sign lists. */
function isMadeBy(crl: Crl, { publicKey, certificate }: TrustAnchor, { time, budget }: Issuing): boolean {
  if (crl.unknownCritical.length > 0 || crl.thisUpdate > time) return false;
  if (certificate?.extensions.keyUsage?.includes('cRLSign') === false) return false;
  budget.signature();
  return isSignedBy(crl, publicKey);
}

/** By a key of the same name below the same anchor, whose certificate the lists that were made directly do not hold. */
function isMadeByOtherKey(crl: Crl, crls: readonly Crl[], issuing: Issuing): boolean {
  const { anchor, budget, intermediates, issuer, profile, time } = issuing;
  const isOther = ({ publicKey, subject }: TrustAnchor) =>
    namesEqual(subject, crl.issuer) && !equalBytes(publicKey.der, issuer.publicKey.der);
  if (isOther(anchor) && isMadeBy(crl, anchor, issuing)) return true;
  const revocation: RevocationCheck = (certificate, above) => {
    const direct = crls.filter((list) => isListed(certificate, list) && isMadeBy(list, above.issuer, above));
    if (direct.length > 0) refuse('revoked', certificate);
  };
  // What the anchor is trusted for are names of servers.
  const unscoped = { ...anchor, permittedNames: undefined, excludedNames: undefined };
  const options = {
    anchors: [unscoped],
    budget,
    intermediates,
    profile,
    time,
    role: 'crl-signer',
    revocation,
  } as const;
  return intermediates.some((signer) => {
    const made = isOther(trustAnchor(signer)) && isMadeBy(crl, trustAnchor(signer), issuing);
    return made && hasPath(() => validatePath(signer, options));
  });
}

function hasPath(validate: () => unknown): boolean {
  try {
    validate();
    return true;
  } catch (error) {
    if (!(error instanceof X509Error) || error.code === 'budget') throw error;
    return false;
  }
}
