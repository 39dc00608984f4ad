// A key that vouches for us must not also be an inspection CA's: devices refuse such a profile (spec D19), and so do we.
import type { Digest } from '@windlass/protocol';
import { keyDigestOf } from './certificates.ts';
import type { Management } from './management.ts';
import { refuseUnless } from './refusal.ts';
import type { ManagementTables } from './store/management-ports.ts';

/** `key` is neither a service anchor's nor a publisher anchor's, of whatever organization. @throws Refusal `certificate-refused` */
export async function refuseAnchorKey(
  { serviceAnchors }: Management,
  tables: ManagementTables,
  key: Digest,
): Promise<void> {
  const service = serviceAnchors.some((anchor) => keyDigestOf(anchor) === key);
  const publisher = (await tables.publishers.all()).some(({ keyDigest }) => keyDigest === key);
  refuseUnless(
    !service && !publisher,
    'certificate-refused',
    "This certificate has the key of a service anchor or publisher anchor, which must sign nothing else: give the other party's own CA.",
  ); // spec D19
}
