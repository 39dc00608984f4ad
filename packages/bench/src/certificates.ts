/** Certificates of the sizes that inspecting proxies really have. */
import {
  type Authority,
  type AuthorityOptions,
  createAuthority,
  issueServerCertificate,
  splitPem,
} from '@windlass/lab';
import { parsePem } from '@windlass/x509';
import { serviceName } from './installation.ts';

/** Of the name attributes that lengthen a subject, none is longer than X.520 allows. */
const attributes = ['OU', 'OU', 'OU', 'L', 'ST', 'OU', 'OU', 'OU'];
const filling = 'Department-of-Network-Security-and-Compliance-Central-Europe';

/**
 * An RSA-2048 CA whose certificate has at most `bytes` bytes and at most a dozen less. Its subject says who it is at length, as those of
 * enterprises do. `bytes`: 850 to 1 500.
 */
export async function createAuthorityOfSize(
  name: string,
  bytes: number,
  more: Pick<AuthorityOptions, 'issuer'> = {},
): Promise<Authority> {
  let characters = 0;
  // A self-signed certificate has its name twice, others once; attributes have a frame too: try, and add what is missing.
  for (let attempt = 0; attempt < 8; attempt++) {
    const authority = await createAuthority({ subject: subjectOf(name, characters), ...more });
    const missing = bytes - derOf(authority.certificatePem).length;
    if (missing >= 0 && missing <= 12) return authority;
    const step = Math.trunc(missing / (more.issuer ? 1.2 : 2.4));
    characters = Math.max(0, characters + (step === 0 ? Math.sign(missing) : step));
  }
  throw new Error(`no certificate of ${bytes} bytes could be made`);
}

/** RFC 4514 text with a common name and about so many more characters. */
export function subjectOf(name: string, characters: number): string {
  const parts = [`CN=${name}`, 'O=Example Manufacturing Holding'];
  for (let rest = characters, index = 0; rest > 0 && index < attributes.length; rest -= filling.length, index++) {
    parts.push(`${attributes[index]}=${filling.slice(0, rest)}`);
  }
  return parts.join(',');
}

/** What a device sees through a box with an issuing CA: leaf for the service, issuing CA, root; each RSA-2048, together about 3 900 bytes. */
export async function createPresentedChain(root: Authority): Promise<readonly Uint8Array[]> {
  const issuing = await createAuthorityOfSize('Example Inspection Issuing CA 01', 1_300, { issuer: root });
  const names = [serviceName, ...Array.from({ length: 8 }, (_, index) => `edge-${index + 1}.bench.example`)];
  const leaf = await issueServerCertificate(issuing, { names });
  return [leaf.certificatePem, issuing.certificatePem, root.certificatePem].map(derOf);
}

/** The DER of the first certificate of a PEM text. */
export function derOf(pem: string): Uint8Array {
  return parsePem(splitPem(pem)[0] ?? '')[0]?.der ?? new Uint8Array();
}
