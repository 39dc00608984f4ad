/** Certificate files that a user names: read, told from keys and from other files before anything leaves this machine. */
import { CommandError } from './errors.ts';
import { readInputFile } from './files.ts';

const derSequence = 0x30;
const derInteger = 0x02;
const pemLineCharacters = 64;

/** The certificates of a file as PEM text; one DER certificate becomes PEM. @throws CommandError also when the file has a private key */
export function readCertificateText(path: string, what: string): string {
  const bytes = readInputFile(path, what);
  refusePrivateKey(path, bytes);
  if (bytes[0] === derSequence) return pemOf(bytes);
  const text = new TextDecoder().decode(bytes);
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new CommandError(`${path} has no certificate, neither PEM nor DER: name a file with ${what}.`);
  }
  return text;
}

/** Passes when no private key is in the file. A key must not be sent to anybody. @throws CommandError */
export function refusePrivateKey(path: string, bytes: Uint8Array): void {
  const pem = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(new TextDecoder('latin1').decode(bytes));
  if (!pem && !isDerKey(bytes)) return;
  throw new CommandError(
    `${path} contains a private key, which must stay where it is used: export the certificate alone.`,
  );
}

/** Keys in DER and PKCS#12 begin with a version number; certificates and PKCS#7 do not. */
function isDerKey(bytes: Uint8Array): boolean {
  const [tag, length = 0] = bytes;
  const header = length < 0x80 ? 2 : 2 + (length & 0x7f);
  return tag === derSequence && bytes[header] === derInteger;
}

/** One DER certificate as PEM (RFC 7468). */
export function pemOf(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(new RegExp(`.{1,${pemLineCharacters}}`, 'g')) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
