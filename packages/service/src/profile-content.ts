// What a security profile says as text, and the row that a signed one becomes. Whoever signs, these are the bytes.
import type { PublishedProfile } from '@windlass/management';
import {
  type Digest,
  digestOf,
  type Endpoint,
  type Envelope,
  encodeEnvelope,
  encodeSecurityProfile,
  formatTime,
  type ServiceName,
  type UnixSeconds,
} from '@windlass/protocol';
import { type Change, canonicalJson } from './audit.ts';
import { timeOf } from './certificates.ts';
import { refuseUnless } from './refusal.ts';
import { type Signer, signEnvelope } from './signer/ports.ts';
import type {
  ManagementTables,
  NetworkKey,
  NetworkServices,
  ProfileRow,
  PublishedCa,
} from './store/management-ports.ts';

/** How long a profile lasts when nothing ends it sooner, in seconds. */
export const DEFAULT_PROFILE_SECONDS = 365 * 86_400;
/** Of the 65 536 bytes of an answer (spec F1), so that decision and claim fit beside it. */
const MAX_PROFILE_ENVELOPE_BYTES = 49_152;
/** Of all networks of an organization together, in characters: the device side looks through them for each request. */
export const MAX_PROFILES_CHARACTERS = 8_388_608;

/** What devices are to trust and know. */
export interface ProfileContent {
  readonly inspectionCas: readonly PublishedCa[];
  readonly endpoints: readonly Endpoint[];
  readonly services: NetworkServices;
  /** Keys that devices drop. */
  readonly retired: readonly Digest[];
}

/** Which publication it is, and how long it holds. */
export interface ProfileNumbers extends NetworkKey {
  readonly epoch: number;
  readonly sequence: number;
  readonly issued: UnixSeconds;
  readonly expires: UnixSeconds;
}

/** The text that is signed. */
export function payloadOf(service: ServiceName, content: ProfileContent, numbers: ProfileNumbers): string {
  const { organization, network, epoch, sequence, issued, expires } = numbers;
  return encodeSecurityProfile({
    service,
    organization,
    network,
    epoch,
    sequence,
    issued,
    expires,
    inspectionCas: content.inspectionCas.map(({ certificate, permittedNames, excludedNames, from, until }) => ({
      certificate,
      permittedNames,
      excludedNames,
      from,
      until,
    })),
    retire: content.retired,
    endpoints: content.endpoints,
    ...content.services,
    settings: {},
  });
}

/** Names what devices would trust, whatever the numbers: SHA-256. */
export function contentDigest(content: ProfileContent): Digest {
  const inspectionCas = content.inspectionCas.map(summaryOf);
  const { endpoints, retired, services } = content;
  return digestOf(canonicalJson({ inspectionCas, endpoints, retired, ...services }));
}

/** What is told beside the signature. */
export type Publication = Pick<ProfileRow, 'changes' | 'reason'>;

/** The profile, signed by a publisher that the service hosts. @throws SignerError */
export async function signProfile(
  service: ServiceName,
  signer: Signer,
  content: ProfileContent,
  numbers: Omit<ProfileNumbers, 'expires'>,
  publication: Publication,
): Promise<ProfileRow> {
  const expires = timeOf(Math.min(endOf(signer), numbers.issued + DEFAULT_PROFILE_SECONDS));
  const payload = payloadOf(service, content, { ...numbers, expires });
  return rowOf(await signEnvelope(signer, payload), content, { ...numbers, expires }, publication);
}

/** The row of a profile that is signed. */
export function rowOf(
  envelope: Envelope,
  { inspectionCas, endpoints, services, retired }: ProfileContent,
  numbers: ProfileNumbers,
  { changes, reason }: Publication,
): ProfileRow {
  const digest = digestOf(envelope.payload);
  return { ...numbers, digest, envelope, inspectionCas, endpoints, services, retired, changes, reason };
}

/** When the first of the signer's certificates ends. */
export function endOf({ chain }: Signer): UnixSeconds {
  return timeOf(Math.min(...chain.map(({ notAfter }) => notAfter)));
}

/** One answer has room for it, and a device side for all of the organization. @throws Refusal `limit-reached` */
export async function refuseTooLarge(tables: ManagementTables, row: ProfileRow): Promise<void> {
  refuseUnless(
    Buffer.byteLength(encodeEnvelope(row.envelope)) <= MAX_PROFILE_ENVELOPE_BYTES,
    'limit-reached',
    'The profile is too large for one answer to a device: retire inspection CAs, or give them fewer names.',
  );
  const size = row.envelope.payload.length + (await tables.profiles.sizeBeside(row));
  refuseUnless(
    size <= MAX_PROFILES_CHARACTERS,
    'limit-reached',
    'The profiles of all networks of this organization are too large together: retire inspection CAs, or give them fewer names.',
  );
}

/** An inspection CA as people read it. */
export function summaryOf(ca: PublishedCa): PublishedProfile['inspectionCas'][number] {
  const { fingerprint, subject, permittedNames, excludedNames, from, until } = ca;
  return {
    fingerprint,
    subject,
    permittedNames: [...permittedNames],
    excludedNames: [...excludedNames],
    from: formatTime(from),
    until: formatTime(until),
  };
}

/** A publication as people read it. */
export function publishedOf(row: ProfileRow): PublishedProfile {
  const { organization, network, epoch, sequence, digest, reason } = row;
  return {
    organization,
    network,
    epoch,
    sequence,
    digest,
    inspectionCas: row.inspectionCas.map(summaryOf),
    retired: [...row.retired],
    issued: formatTime(row.issued),
    expires: formatTime(row.expires),
    changes: [...row.changes],
    reason,
    warnings: [],
  };
}

/** What the audit keeps of a publication. */
export function auditOf({ epoch, sequence, digest, reason, changes, retired, inspectionCas }: ProfileRow) {
  return { epoch, sequence, digest, reason, changes, retired, inspectionCas: inspectionCas.map(summaryOf) };
}

/** Which publication followed which. */
export function changeOf(last: ProfileRow | null, row: ProfileRow): Change {
  const numbersOf = ({ epoch, sequence, digest, expires }: ProfileRow) => ({
    epoch,
    sequence,
    digest,
    expires: formatTime(expires),
  });
  return { before: last === null ? null : numbersOf(last), after: numbersOf(row) };
}

/** How the audit names a network. */
export function networkName({ organization, network }: NetworkKey): string {
  return `network ${organization}/${network}`;
}
