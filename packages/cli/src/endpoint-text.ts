/** What an endpoint says of itself beside host and port, as people give it and read it. */
import type { Endpoint } from '@windlass/management';
import { keyOf } from '@windlass/protocol';
import { parseCertificate } from '@windlass/x509';
import { readCertificateText } from './certificate-file.ts';
import { CommandError } from './errors.ts';

/** The details that are there, in words. */
export function detailsOf({ required, alpn, clientCertificate, pins }: Endpoint): readonly string[] {
  return [
    ...(required ? ['required'] : []),
    ...(alpn === undefined ? [] : [`ALPN ${alpn}`]),
    ...(clientCertificate === true ? ['with a client certificate'] : []),
    ...(pins === undefined ? [] : [`${pins.length} pinned key(s)`]),
  ];
}

/** The digest of a key: as it was given, with the `sha256//` of curl or without, or of the one certificate in a file. @throws CommandError */
export function pinOf(given: string): string {
  const digest = given.replace(/^sha256\/\//, '');
  if (/^[A-Za-z0-9+/]{43}=$/.test(digest)) return digest;
  const text = readCertificateText(given, 'the certificate whose key is pinned');
  const [der, ...others] = text.match(/(?<=-----BEGIN CERTIFICATE-----)[^-]+(?=-----END CERTIFICATE-----)/g) ?? [];
  if (der === undefined || others.length > 0)
    throw new CommandError(`${given} has several certificates: name a file with the one whose key is pinned.`);
  return keyOf(parseCertificate(Buffer.from(der, 'base64')));
}
