// What the next profile of a network says, and how that differs from the last one, in lines for the approver.
import {
  checkInspectionCa,
  type Endpoint,
  formatTime,
  MAX_INSPECTION_CAS,
  MAX_RETIRED_KEYS,
  ProtocolError,
  type UnixSeconds,
} from '@windlass/protocol';
import { refuseAnchorKey } from './anchor-keys.ts';
import { isApproved, pendingWarnings } from './inspection-ca-approval.ts';
import { current as currentOf } from './inspection-ca-entry.ts';
import { rootWarnings } from './inspection-ca-role.ts';
import { serviceOutOfScope } from './inspection-ca-scope.ts';
import type { Management } from './management.ts';
import { serviceTexts } from './network-services.ts';
import type { ProfileContent } from './profile-content.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import type {
  ManagementTables,
  NetworkKey,
  ProfileRow,
  PublishedCa,
  StoredInspectionCa,
} from './store/management-ports.ts';

/** The profile before it has a number, a time and a signature. */
export interface Draft extends ProfileContent {
  /** Ids of the CAs that have never been published before, and of those that are retired with this publication. */
  readonly firstPublished: readonly number[];
  readonly newlyRetired: readonly number[];
  /** CAs that nobody has approved. */
  readonly pending: readonly StoredInspectionCa[];
}

/** A profile that ends within this time is worth publishing again although nothing changed. */
export const RENEW_SECONDS = 30 * 86_400;

/**
 * What is to be published now: the network's inspection CAs that are approved and neither retired nor ended, its endpoints and services, and the
 * keys of the CAs that were published once and retired since, newest first.
 * @throws Refusal `limit-reached`, `certificate-refused`
 */
export async function draftOf(
  management: Management,
  tables: ManagementTables,
  key: NetworkKey,
  now: UnixSeconds,
): Promise<Draft> {
  const [all, endpoints] = [await tables.inspectionCas.of(key), await tables.endpoints.of(key)];
  const services = (await tables.networks.find(key.organization, key.network))?.services ?? {};
  return draftWith(management, tables, { all, endpoints, services }, now);
}

/**
 * The `last` publication without the inspection CAs that were retired or have ended since: what somebody only prepared is not part of it.
 * @throws Refusal `certificate-refused`
 */
export async function remainderOf(
  management: Management,
  tables: ManagementTables,
  last: ProfileRow,
  now: UnixSeconds,
): Promise<Draft> {
  const all = (await tables.inspectionCas.of(last)).filter(({ publishedSequence }) => publishedSequence !== null);
  return draftWith(management, tables, { all, endpoints: last.endpoints, services: last.services }, now);
}

async function draftWith(
  management: Management,
  tables: ManagementTables,
  {
    all,
    endpoints,
    services,
  }: Pick<ProfileContent, 'endpoints' | 'services'> & {
    readonly all: readonly StoredInspectionCa[];
  },
  now: UnixSeconds,
): Promise<Draft> {
  const { current, pending } = sorted(all, now);
  refuseUnless(
    current.length <= MAX_INSPECTION_CAS,
    'limit-reached',
    `A profile has at most ${MAX_INSPECTION_CAS} inspection CAs: retire some first.`,
  );
  for (const ca of current) await checkOnceMore(management, tables, ca);
  const keys = current.map(({ keyDigest }) => keyDigest);
  const gone = all.filter(({ retired, publishedSequence }) => retired !== null && publishedSequence !== null);
  const retired = without(gone.map(({ keyDigest }) => keyDigest).reverse(), keys);
  return {
    inspectionCas: current.map(publishedCaOf),
    endpoints,
    services,
    retired: retired.slice(0, MAX_RETIRED_KEYS),
    firstPublished: current.filter(({ publishedSequence }) => publishedSequence === null).map(({ id }) => id),
    newlyRetired: all.filter((ca) => ca.retired !== null && ca.retiredSequence === null).map(({ id }) => id),
    pending,
  };
}

/** Those that are neither retired nor ended: what an approver stands behind, and what nobody has approved. */
function sorted(all: readonly StoredInspectionCa[], now: UnixSeconds) {
  const current: StoredInspectionCa[] = [];
  const pending: StoredInspectionCa[] = [];
  for (const ca of currentOf(all, now)) {
    if (!isApproved(ca)) {
      pending.push(ca);
      continue;
    } // spec S24
    current.push(ca);
  }
  return { current, pending };
}

/** What an approver should know when it is published. */
export function draftWarnings({ service }: Management, { inspectionCas, pending }: Draft): readonly string[] {
  return [
    ...serviceOutOfScope(service, inspectionCas),
    ...rootWarnings(inspectionCas).values(),
    ...pendingWarnings(pending),
  ];
}

/** The rules may have become stricter since the CA was added, and an anchor may have come since. */
async function checkOnceMore(management: Management, tables: ManagementTables, ca: StoredInspectionCa): Promise<void> {
  try {
    checkInspectionCa(ca);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    const detail = `Devices would refuse inspection CA ${ca.fingerprint} (${cause.code}): retire it, then publish.`;
    throw new Refusal('certificate-refused', detail, { cause });
  }
  await refuseAnchorKey(management, tables, ca.keyDigest);
}

function publishedCaOf(ca: StoredInspectionCa): PublishedCa {
  const { certificate, subjectName, subject, fingerprint, keyDigest, permittedNames, excludedNames, from, until } = ca;
  return { certificate, subjectName, subject, fingerprint, keyDigest, permittedNames, excludedNames, from, until };
}

/** How `draft` differs from the `last` publication, a line each; none when a device would see no difference. */
export function changesBetween(
  last: (ProfileContent & Pick<ProfileRow, 'expires'>) | null,
  draft: ProfileContent,
  now: UnixSeconds,
): string[] {
  if (last === null) return ['first publication', ...additions([], draft), ...otherChanges(NOTHING, draft)];
  const fresh = without(draft.retired, last.retired);
  const forgotten = without(last.retired, draft.retired);
  const gone = last.inspectionCas.filter((ca) => !draft.inspectionCas.some(sameCertificate(ca)));
  const lines = [
    ...additions(last.inspectionCas, draft),
    ...gone.map(
      (ca) =>
        `- inspection CA ${ca.fingerprint} (${ca.subject}): ${fresh.includes(ca.keyDigest) ? 'retired' : 'left out'}`,
    ),
    ...fresh
      .filter((digest) => !gone.some(({ keyDigest }) => keyDigest === digest))
      .map((digest) => `- key ${digest}: retired`),
    ...forgotten.map((digest) => `+ key ${digest}: no longer retired`),
    ...otherChanges(last, draft),
  ];
  if (last.expires - now < RENEW_SECONDS) lines.push(`renewed: the profile before ends ${formatTime(last.expires)}`);
  return lines;
}

const sameCertificate = (ca: PublishedCa) => (other: PublishedCa) => other.fingerprint === ca.fingerprint;

function additions(before: readonly PublishedCa[], { inspectionCas }: ProfileContent): string[] {
  return inspectionCas.flatMap((ca) => {
    const known = before.find(sameCertificate(ca));
    const scope = scopeOf(ca);
    if (known === undefined) return [`+ inspection CA ${ca.fingerprint} (${ca.subject}): ${scope}`];
    const was = scopeOf(known);
    return was === scope ? [] : [`~ inspection CA ${ca.fingerprint} (${ca.subject}): ${scope}; before ${was}`];
  });
}

function scopeOf({ permittedNames, excludedNames, from, until }: PublishedCa): string {
  const except = excludedNames.length === 0 ? '' : ` except ${excludedNames.join(', ')}`;
  return `for ${permittedNames.join(', ')}${except} from ${formatTime(from)} until ${formatTime(until)}`;
}

const NOTHING = { endpoints: [], services: {} };

/** What devices are told beside inspection CAs. */
type Others = Pick<ProfileContent, 'endpoints' | 'services'>;

function otherChanges(before: Others, after: Others): string[] {
  const [was, is] = [before, after].map(({ endpoints, services }) => [
    ...endpoints.map((endpoint) => `endpoint ${endpointText(endpoint)}`),
    ...serviceTexts(services),
  ]) as [string[], string[]];
  return [...without(is, was).map((text) => `+ ${text}`), ...without(was, is).map((text) => `- ${text}`)];
}

function endpointText({ name, host, port, protocol, required, path, alpn, clientCertificate, pins }: Endpoint): string {
  const more = [
    ...(required ? ['required'] : []),
    ...(alpn === undefined ? [] : [`ALPN ${alpn}`]),
    ...(clientCertificate === true ? ['wants a client certificate'] : []),
    ...(pins === undefined ? [] : [`pinned to ${pins.join(' or ')}`]),
  ];
  return [`${name}: ${protocol} ${host}:${port}${path ?? ''}`, ...more].join(', ');
}

/** What is in `items` and not in `others`, each once, in order. */
function without<Item>(items: readonly Item[], others: readonly Item[]): Item[] {
  return [...new Set(items)].filter((item) => !others.includes(item));
}
