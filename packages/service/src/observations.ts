// Observations: what claimed devices were presented and no inspection CA of their owner has signed, then or since; with where that was, and
// what people said of it (observation-marks.ts). Nothing here makes a CA trusted.
import type { Observation } from '@windlass/management';
import { type DeviceId, formatTime, type NetworkId, type OrganizationId, type UnixSeconds } from '@windlass/protocol';
import { parseDer, pemOf } from './certificates.ts';
import { findByFingerprint, stateOf } from './inspection-ca-entry.ts';
import type { Management } from './management.ts';
import { groupsOf, type ObservationGroup, rememberedGroup } from './observation-groups.ts';
import { isBehind } from './observed-keys.ts';
import { findOrganization } from './organizations.ts';
import type { ManagementTables, StoredInspectionCa } from './store/management-ports.ts';
import type { ObservationMark } from './store/management-ports-observations.ts';

const SERIALS_SHOWN = 10;

/**
 * Of the organization, or of all; last seen first. Without `all` what is ignored now is left out, and so is what is only remembered, unless it
 * is hostile. @throws Refusal `not-found`
 */
export async function listObservations(
  management: Management,
  { organization = null, all = false }: { readonly organization?: string | null; readonly all?: boolean },
): Promise<{ items: Observation[] }> {
  const { tables } = management.store;
  const now = management.now();
  const owner = organization === null ? null : await findOrganization(tables, organization);
  const groups = groupsOf(await management.devices.observations(owner === null ? {} : { organization: owner.name }));
  const marks = new Map((await tables.observationMarks.of(owner?.name ?? null)).map((mark) => [keyOf(mark), mark]));
  const placed = await placesOf(tables, owner?.name ?? null);
  const casOf = casByOrganization(tables);
  const items: Observation[] = [];
  for (const group of groups) {
    const mark = marks.get(`${group.organization} ${group.id}`) ?? null;
    marks.delete(`${group.organization} ${group.id}`);
    const state = markState(mark, now);
    if (state === 'ignored' && !all) continue;
    if (state !== 'hostile' && isLetIn(group, await casOf(group.organization), now)) continue;
    items.push(await observationOf(tables, { group, mark, placed, now }));
  }
  for (const mark of marks.values()) {
    if (!all && markState(mark, now) !== 'hostile') continue;
    for (const group of rememberedGroup(mark)) items.push(await observationOf(tables, { group, mark, placed, now }));
  }
  return { items };
}

const keyOf = ({ organization, observation }: ObservationMark) => `${organization} ${observation}`;

/** What holds now of what was said, the most serious first. */
export function markState(mark: ObservationMark | null, now: UnixSeconds): Observation['state'] {
  if (mark === null) return 'new';
  if (mark.hostile !== null) return 'hostile';
  if (mark.ignoredUntil !== null && mark.ignoredUntil > now) return 'ignored';
  if (mark.asked !== null) return 'asked';
  return mark.link === null ? 'new' : 'linked';
}

/** The network of each claimed device, of the organization or of all. */
export type Places = ReadonlyMap<
  string,
  { readonly organization: OrganizationId | null; readonly network: NetworkId | null }
>;

/** Where the devices of the organization are placed, or those of all. */
export async function placesOf(tables: ManagementTables, organization: OrganizationId | null): Promise<Places> {
  const claims = await tables.claims.currentOf(organization);
  return new Map(claims.map((claim) => [deviceKey(claim), claim]));
}

const deviceKey = ({ manufacturer, serial }: DeviceId) => `${manufacturer} ${serial}`;

interface Seen {
  readonly group: ObservationGroup;
  readonly mark: ObservationMark | null;
  readonly placed: Places;
  readonly now: UnixSeconds;
}

/** As people see it. */
export async function observationOf(
  tables: ManagementTables,
  { group, mark, placed, now }: Seen,
): Promise<Observation> {
  const { id, organization, shown, devices, firstSeen, lastSeen } = group;
  const networks = devices.flatMap((device) => {
    const place = placed.get(deviceKey(device));
    return place?.organization === organization && place.network !== null ? [place.network] : [];
  });
  return {
    id,
    organization,
    networks: [...new Set(networks)].sort(),
    issuer: shown.issuer,
    fingerprint: shown.fingerprint,
    issuerKeyId: shown.issuerKeyId,
    topIsCa: shown.topIsCa,
    devices: devices.length,
    serials: devices
      .map(({ serial }) => serial)
      .sort()
      .slice(0, SERIALS_SHOWN),
    firstSeen: formatTime(firstSeen),
    lastSeen: formatTime(lastSeen),
    certificate: pemOf(shown.certificate),
    state: markState(mark, now),
    link: mark === null ? null : await linkOf(tables, group, mark, now),
    note: mark?.note ?? null,
    ignoredUntil: mark === null || mark.ignoredUntil === null ? null : formatTime(mark.ignoredUntil),
  };
}

async function linkOf(
  tables: ManagementTables,
  { organization, certificates }: ObservationGroup,
  { link }: ObservationMark,
  now: UnixSeconds,
): Promise<Observation['link']> {
  if (link === null) return null;
  const key = { organization, network: link.network };
  const all = await tables.inspectionCas.of(key);
  // A draft may have been removed since.
  if (!all.some(({ fingerprint }) => fingerprint === link.fingerprint)) return null;
  const ca = findByFingerprint(all, key, link.fingerprint);
  const parsed = parseDer(ca.certificate);
  const whole = certificates.every((presented) => isBehind(parsed, presented));
  return { ...link, subject: ca.subject, state: stateOf(ca, now), whole };
}

/**
 * What was observed is, or was signed by, a CA that its organization has published since, and that was not seen after it was taken out again:
 * nothing is left to decide.
 */
function isLetIn({ shown, lastSeen }: ObservationGroup, cas: readonly StoredInspectionCa[], now: UnixSeconds): boolean {
  return cas.some((ca) => {
    const isOver = ca.publishedSequence !== null && ca.retired !== null && lastSeen < ca.retired;
    return (isOver || stateOf(ca, now) === 'active') && isBehind(parseDer(ca.certificate), shown.certificate);
  });
}

/** The inspection CAs of an organization, read once for all its observations. */
function casByOrganization(tables: ManagementTables) {
  const known = new Map<OrganizationId, readonly StoredInspectionCa[]>();
  return async (organization: OrganizationId) => {
    const cas = known.get(organization) ?? (await tables.inspectionCas.ofOrganization(organization));
    known.set(organization, cas);
    return cas;
  };
}
