// Which key is behind what was observed: by the key itself, or by its signature. Names are no evidence.
import type { OrganizationId } from '@windlass/protocol';
import { type Certificate, isSignedBy } from '@windlass/x509';
import { keyDigestOf } from './certificates.ts';
import { parsePresented } from './presented-chain.ts';
import { refuseUnless } from './refusal.ts';
import type { ManagementTables } from './store/management-ports.ts';

/** Whether the CA's key is the key of what was presented, or signed it. What cannot be read nobody signed. */
export function isBehind(ca: Certificate, presented: Uint8Array): boolean {
  const [certificate = null] = parsePresented([presented]);
  if (certificate === null) return false;
  return keyDigestOf(ca) === keyDigestOf(certificate) || isSignedBy(certificate, ca.publicKey);
}

/** No observation of the organization that is marked hostile has this CA's key behind it. @throws Refusal `certificate-refused` */
export async function refuseHostileKey(
  tables: ManagementTables,
  organization: OrganizationId,
  ca: Certificate,
): Promise<void> {
  const marks = await tables.observationMarks.hostile(organization);
  const hostile = marks.find(({ certificates }) => certificates.some((presented) => isBehind(ca, presented)));
  refuseUnless(
    hostile === undefined,
    'certificate-refused',
    `The key of this CA inspected devices of ${organization} and is marked hostile (observation ${hostile?.observation}): when that was a mistake, an approver takes it back with "windlass observation clear".`,
  );
}
