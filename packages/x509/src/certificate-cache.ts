// Certificates that come again are not parsed again: parsing costs as much as a signature, importing the key more.

import { sha256, toHex } from './bytes.ts';
import { type Certificate, parseCertificate } from './certificate.ts';

/**
 * A parser that keeps what it parsed, by SHA-256 of the bytes; of more than `most` (default 4096) the one that was asked for
 * least recently goes. What cannot be parsed is not kept. The parser throws X509Error as parseCertificate does.
 */
export function cachingParser(most = 4_096): (bytes: Uint8Array) => Certificate {
  const kept = new Map<string, Certificate>();
  return (bytes) => {
    const digest = toHex(sha256(bytes));
    const certificate = kept.get(digest) ?? parseCertificate(bytes);
    // A Map is in the order of insertion: the first is the oldest.
    kept.delete(digest);
    kept.set(digest, certificate);
    const [oldest = ''] = kept.size > most ? kept.keys() : [];
    kept.delete(oldest);
    return certificate;
  };
}
