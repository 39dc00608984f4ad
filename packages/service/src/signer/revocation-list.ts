// A revocation list as the anchor makes it: complete, direct, its number one higher than that of the list before. @see spec R1, R2
import { sign } from 'node:crypto';
import { openRevocationList, type RevocationList, type UnixSeconds } from '@windlass/protocol';
import { type Certificate, keyIdentifierOf, prepareCrl } from '@windlass/x509';
import type { KeyAndCertificate } from './certify.ts';
import { SignerError } from './ports.ts';
import { MAX_REVOCATION_LIST_BYTES } from './revocation-file.ts';

const YEAR_SECONDS = 365 * 86_400;
/** What a list is hashed with, by the anchor's key. */
const DIGESTS = { 'ec-p256': 'sha256', 'ec-p384': 'sha384' } as const;

/**
 * The list that follows `before`: its entries and `added`, content octets of serial numbers in hexadecimal.
 * @throws SignerError `signer-mismatch` (the anchor cannot make lists that devices take), `revocations` (too long)
 */
export function nextList(
  { key, certificate }: KeyAndCertificate,
  before: RevocationList | null,
  added: readonly string[],
  now: UnixSeconds,
): RevocationList {
  const { type } = certificate.publicKey;
  if (type !== 'ec-p256' && type !== 'ec-p384')
    throw new SignerError(
      'signer-mismatch',
      "The anchor's key is none that makes revocation lists here: it must be EC.",
    );
  const entries = new Map([...(before?.crl.revoked ?? []), ...added.map((serial) => [serial, now] as const)]);
  const prepared = prepareCrl({
    issuer: certificate.subject,
    thisUpdate: now,
    // For tools that want one: devices do not look at it.
    nextUpdate: now + YEAR_SECONDS,
    number: (before?.number ?? 0) + 1,
    authorityKeyIdentifier: certificate.extensions.subjectKeyIdentifier ?? keyIdentifierOf(certificate.publicKey),
    signatureAlgorithm: `ecdsa-${DIGESTS[type]}`,
    revoked: [...entries].map(([serial, time]) => ({ serialNumber: Buffer.from(serial, 'hex'), time })),
  });
  const der = prepared.finish(sign(DIGESTS[type], prepared.toBeSigned, key));
  if (der.length > MAX_REVOCATION_LIST_BYTES)
    throw new SignerError(
      'revocations',
      'The list would be too long for an answer to a device: it is time for another service anchor.',
    );
  return opened(der, certificate);
}

/** As devices read it: what they would refuse is not written. */
function opened(der: Uint8Array, anchor: Certificate): RevocationList {
  try {
    return openRevocationList(der, [anchor]);
  } catch (cause) {
    throw new SignerError(
      'signer-mismatch',
      "Devices would not take a revocation list by this anchor: its certificate's key usage must have cRLSign.",
      { cause },
    );
  }
}
