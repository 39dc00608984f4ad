/** Files with CA certificates that a device shall trust: parsed and judged before they are put anywhere. */
import { type Certificate, formatName, parseCertificate, parsePem, toPem, X509Error } from '@windlass/x509';
import { refusePrivateKey } from './certificate-file.ts';
import { CommandError } from './errors.ts';
import { readInputFile } from './files.ts';

const derSequence = 0x30;
/** The certificates of a PEM or DER file, in order, at least one. @throws CommandError that names the file and what is wrong */
export function readAnchors(
  path: string,
  what: string,
  limits: { readonly atMost: number | null },
): readonly Certificate[] {
  const certificates = readCertificates(path, what);
  if (limits.atMost !== null && certificates.length > limits.atMost) {
    throw new CommandError(
      `${path} has ${certificates.length} certificates, and at most ${limits.atMost} are allowed: name a file with ${what}.`,
    );
  }
  const other = certificates.find(({ extensions }) => extensions.basicConstraints?.ca !== true);
  if (other !== undefined) {
    throw new CommandError(
      `${path} has a certificate that is not a CA's (${formatName(other.subject)}): name a file with ${what}.`,
    );
  }
  return certificates;
}

/** The certificates of a PEM or DER file, whatever they are for, at least one. @throws CommandError that names the file */
export function readCertificates(path: string, what: string): readonly Certificate[] {
  const bytes = readInputFile(path, what);
  refusePrivateKey(path, bytes);
  return certificatesIn(path, bytes, what);
}

/** Certificates as PEM text, one after the other. */
export function pemText(certificates: readonly Certificate[]): string {
  return certificates.map(({ der }) => toPem('CERTIFICATE', der)).join('');
}

function certificatesIn(path: string, bytes: Uint8Array, what: string): readonly Certificate[] {
  try {
    const blocks = bytes[0] === derSequence ? [bytes] : pemCertificates(bytes);
    if (blocks.length > 0) return blocks.map((block) => parseCertificate(block));
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause;
    throw new CommandError(`${path} has no certificate that can be read: name a file with ${what}.`, { cause });
  }
  throw new CommandError(`${path} has no certificate, neither PEM nor DER: name a file with ${what}.`);
}

function pemCertificates(bytes: Uint8Array): readonly Uint8Array[] {
  const text = new TextDecoder().decode(bytes);
  if (!text.includes('-----BEGIN ')) return [];
  return parsePem(text)
    .filter(({ label }) => label === 'CERTIFICATE')
    .map(({ der }) => der);
}
