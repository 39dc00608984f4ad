/** The certificate of an organization's own publisher: judged here, before somebody signs with a key that devices would refuse. */
import { PURPOSE } from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';
import { CommandError } from './errors.ts';

/** The one certificate in the file, which has the purpose and the kind of name that a publisher needs. @throws CommandError */
export async function readPublisherCertificate(file: string, organization: string): Promise<Certificate> {
  const { readCertificates } = await import('./anchor-file.ts');
  const certificates = readCertificates(file, "the publisher's certificate");
  const [certificate, another] = certificates;
  if (certificate === undefined || another !== undefined) {
    throw new CommandError(`${file} has ${certificates.length} certificates: name the publisher's own, alone.`);
  }
  const { basicConstraints, extendedKeyUsage = [], subjectAltName = [] } = certificate.extensions;
  if (basicConstraints?.ca === true) {
    throw new CommandError(`${file} is a CA's certificate: name that of the publisher, which this CA issued.`);
  }
  if (extendedKeyUsage.join() !== PURPOSE.publisher) {
    throw new CommandError(`${file} needs the extended key usage ${PURPOSE.publisher}, and no other: issue it anew.`);
  }
  const [name, ...others] = subjectAltName;
  const ending = `/organizations/${organization}`;
  const isNamed = name?.kind === 'uri' && /^windlass:\/\//.test(name.value) && name.value.endsWith(ending);
  if (!isNamed || others.length > 0) {
    throw new CommandError(
      `${file} needs one subject alternative name, the URI windlass://SERVICE${ending}, and no other: issue it anew.`,
    );
  }
  return certificate;
}
