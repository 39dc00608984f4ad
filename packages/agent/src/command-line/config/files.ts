// Files that the configuration names.
import { readFileSync } from 'node:fs';
import { type Certificate, parseCertificate, parsePem } from '@windlass/x509';
import { ConfigError, type Members } from './members.ts';

/** Of the file that a member names, all of which must be read. @throws ConfigError */
export function readCertificates(members: Members, name: string): readonly Certificate[] {
  const found = readDer(members, name);
  try {
    return found.map((der) => parseCertificate(der));
  } catch (error) {
    throw new ConfigError(`${members.path(name)} ("${name}") has a certificate that cannot be read.`, { cause: error });
  }
}

/** @throws ConfigError */
export function readDer(members: Members, name: string): readonly Uint8Array[] {
  const file = members.path(name);
  const text = readText(file, name);
  try {
    return derOf(text);
  } catch (error) {
    throw new ConfigError(`${file} ("${name}") has no certificate in PEM.`, { cause: error });
  }
}

/** Of the certificates in a PEM text, at least one. */
export function derOf(pem: string): readonly Uint8Array[] {
  const found = parsePem(pem, { characters: pem.length, blocks: pem.length }).filter(
    ({ label }) => label === 'CERTIFICATE',
  );
  if (found.length === 0) throw new Error();
  return found.map(({ der }) => der);
}

/** @throws ConfigError */
export function readText(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`${file} ("${name}") cannot be read: ${reasonOf(error)}.`, { cause: error });
  }
}

/** Node's sentence: "ENOENT: no such file or directory, open '/x'". */
function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split(/[:,]/)[1]?.trim() ?? '') : '';
}
