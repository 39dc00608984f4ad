// A certificate from the wire as people compare it: names, dates, fingerprint. Nobody is trusted by it.
import { X509Certificate } from 'node:crypto';
import { printable } from './page-text.ts';

export interface CertificateSeen {
  readonly subject: string;
  readonly issuer: string;
  readonly notBefore: string;
  readonly notAfter: string;
  /** SHA-256 of the certificate, hexadecimal with colons. */
  readonly fingerprint: string;
  readonly isSelfSigned: boolean;
  readonly pem: string;
}

/** What can be read of a chain; certificates that cannot be read are left out. */
export function certificatesOf(chain: readonly Uint8Array[]): readonly CertificateSeen[] {
  return chain.flatMap((der) => {
    try {
      return [seen(new X509Certificate(der))];
    } catch {
      return [];
    }
  });
}

function seen(certificate: X509Certificate): CertificateSeen {
  const { subject, issuer, validFrom, validTo, fingerprint256 } = certificate;
  return {
    subject: nameText(subject),
    issuer: nameText(issuer),
    notBefore: timeText(validFrom),
    notAfter: timeText(validTo),
    fingerprint: fingerprint256,
    isSelfSigned: subject === issuer,
    pem: certificate.toString(),
  };
}

/** Node gives one attribute a line. */
function nameText(name: string): string {
  return printable(name.split('\n').join(', '));
}

function timeText(text: string): string {
  return new Date(text).toISOString().replace('.000', '');
}
