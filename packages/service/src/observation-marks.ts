// What people do with an observation: find the inspection CA behind it, ask the approvers, put it aside for a while, or keep its key out. None
// of that lets anything in.
import type { Observation } from '@windlass/management';
import { formatTime, type UnixSeconds } from '@windlass/protocol';
import { alertWith } from './alerts.ts';
import { parseDer } from './certificates.ts';
import { parseDateOrTime } from './date-or-time.ts';
import { current, findByFingerprint, objectOf } from './inspection-ca-entry.ts';
import { type Actor, type Management, perform } from './management.ts';
import { findNetwork } from './networks.ts';
import { groupsOf, type ObservationGroup, rememberedGroup } from './observation-groups.ts';
import { observationOf, placesOf } from './observations.ts';
import { isBehind } from './observed-keys.ts';
import { findOrganization } from './organizations.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import type { ManagementTables, StoredOrganization } from './store/management-ports.ts';
import type { ObservationMark } from './store/management-ports-observations.ts';

/** Kept per organization. */
const MAX_MARKS = 1_000;
/** Each is looked at whenever a CA is added. */
const MAX_HOSTILE = 100;
/** Kept of one observation: a CA has one key, however many certificates. */
const MAX_CERTIFICATES = 8;
/** Tried when a CA is to be linked: those of one proxy are signed by one key. */
const MAX_LINK_CERTIFICATES = 256;
const MAX_IGNORED_SECONDS = 366 * 86_400;

interface About {
  readonly organization: string;
  readonly observation: string;
  readonly reason?: string;
}

/**
 * The observation names the registered inspection CA behind it.
 * @throws Refusal `not-found` (observation, network, CA), `not-yet` (it is hostile), `certificate-refused` (another key is behind it),
 * `limit-reached`
 */
export async function linkObservation(
  management: Management,
  actor: Actor,
  input: About & { readonly network: string; readonly fingerprint: string },
): Promise<Observation> {
  const change = async ({ tables, owner, group }: Marking) => {
    const key = await findNetwork(tables, owner.name, input.network);
    const { fingerprint, certificate } = findByFingerprint(await tables.inspectionCas.of(key), key, input.fingerprint);
    const ca = parseDer(certificate);
    refuseUnless(
      group.certificates.slice(0, MAX_LINK_CERTIFICATES).every((presented) => isBehind(ca, presented)),
      'certificate-refused',
      'This inspection CA is not behind this observation: what was presented has neither its key nor its signature, whatever name it has.',
    );
    return { link: { network: key.network, fingerprint } };
  };
  return mark(management, actor, { act: 'observation.link', input, change });
}

/** The approvers have an alert with the note. @throws Refusal `not-found`, `not-yet` (it is hostile), `limit-reached` */
export async function askAboutObservation(
  management: Management,
  actor: Actor,
  input: About & { readonly note: string },
): Promise<Observation> {
  const { note } = input;
  const change = async ({ now }: Marking) => ({ asked: now, note });
  const alert = { kind: 'observation-asked', detail: async () => ({ note }) } as const;
  return mark(management, actor, { act: 'observation.ask', input, change, alert });
}

/** Until then a list leaves it out. @throws Refusal `not-found`, `not-yet` (it is hostile), `time-refused`, `limit-reached` */
export async function ignoreObservation(
  management: Management,
  actor: Actor,
  input: About & { readonly until: string },
): Promise<Observation> {
  const change = async ({ now }: Marking) => ({ ignoredUntil: endOf(input.until, now) });
  return mark(management, actor, { act: 'observation.ignore', input, change });
}

/**
 * No CA with the key behind it is taken or approved, until an approver clears it; the approvers have an alert.
 * @throws Refusal `not-found`, `not-yet` (it is hostile already), `limit-reached`
 */
export async function markObservationHostile(management: Management, actor: Actor, input: About): Promise<Observation> {
  const change = async ({ tables, owner, now }: Marking) => {
    refuseUnless(
      (await tables.observationMarks.hostile(owner.name)).length < MAX_HOSTILE,
      'limit-reached',
      `${MAX_HOSTILE} observations are marked hostile already: an approver clears those that are over.`,
    );
    return { hostile: now };
  };
  const detail = async (marking: Marking) => ({ registered: await registeredBehind(marking) });
  const alert = { kind: 'observation-hostile', detail } as const;
  return mark(management, actor, { act: 'observation.hostile', input, change, alert });
}

/** Whatever was said of it is taken back. @throws Refusal `not-found` (nothing was said of it) */
export async function clearObservation(management: Management, actor: Actor, input: About): Promise<Observation> {
  return perform(management, actor, 'observation.clear', async (tables, now) => {
    const { owner, group, mark: before } = await find(management, tables, input);
    if (before === null)
      throw new Refusal('not-found', `Nothing was said of observation ${group.id}: list it with --all.`);
    await tables.observationMarks.remove(owner.name, group.id);
    const placed = await placesOf(tables, owner.name);
    return {
      result: await observationOf(tables, { group, mark: null, placed, now }),
      organization: owner.name,
      object: nameOf(group),
      detail: detailOf(group),
      change: { before: saidOf(before), after: saidOf(null) },
      reason: input.reason,
    };
  });
}

interface Marking {
  readonly tables: ManagementTables;
  readonly owner: StoredOrganization;
  readonly group: ObservationGroup;
  readonly now: UnixSeconds;
}

interface MarkAlert {
  readonly kind: 'observation-asked' | 'observation-hostile';
  readonly detail: (marking: Marking) => Promise<Readonly<Record<string, unknown>>>;
}

interface Act {
  readonly act: string;
  readonly input: About;
  readonly change: (marking: Marking) => Promise<Partial<ObservationMark>>;
  readonly alert?: MarkAlert;
}

async function mark(management: Management, actor: Actor, { act, input, change, alert }: Act): Promise<Observation> {
  return perform(management, actor, act, async (tables, now) => {
    const { owner, group, mark: before } = await find(management, tables, input);
    refuseUnless(
      before === null || before.hostile === null,
      'not-yet',
      `Observation ${group.id} is marked hostile: an approver clears that first ("windlass observation clear").`,
    );
    const marking = { tables, owner, group, now };
    const after = { ...(before ?? NOTHING), ...(await change(marking)), ...keptOf(group) };
    if (before === null) await refuseTooMany(tables, owner);
    await tables.observationMarks.put(after);
    const done = {
      organization: owner.name,
      object: nameOf(group),
      change: { before: saidOf(before), after: saidOf(after) },
    };
    const told = { ...detailOf(group), ...(await alert?.detail(marking)) };
    if (alert !== undefined) {
      const { change: changed, ...about } = done;
      await alertWith(tables, { actor, time: now, change: changed }, { kind: alert.kind, ...about, detail: told });
    }
    const placed = await placesOf(tables, owner.name);
    const result = await observationOf(tables, { group, mark: after, placed, now });
    return { result, ...done, detail: told, reason: input.reason };
  });
}

const NOTHING = { link: null, asked: null, note: null, ignoredUntil: null, hostile: null } as const;

/** The observation, as devices have it or as it is remembered, and what was said of it. @throws Refusal `not-found` */
async function find(management: Management, tables: ManagementTables, { organization, observation }: About) {
  const owner = await findOrganization(tables, organization);
  const said = await tables.observationMarks.find(owner.name, observation);
  const seen = groupsOf(await management.devices.observations({ organization: owner.name }));
  const remembered = said === null ? [] : rememberedGroup(said);
  const group = [...seen, ...remembered].find(({ id }) => id === observation);
  if (group !== undefined) return { owner, group, mark: said };
  throw new Refusal('not-found', `${owner.name} has no observation ${observation}: list them, and check it.`);
}

function keptOf({ id, organization, certificates, firstSeen, lastSeen }: ObservationGroup) {
  return { organization, observation: id, certificates: certificates.slice(0, MAX_CERTIFICATES), firstSeen, lastSeen };
}

async function refuseTooMany(tables: ManagementTables, { name }: StoredOrganization): Promise<void> {
  refuseUnless(
    (await tables.observationMarks.of(name)).length < MAX_MARKS,
    'limit-reached',
    `Something was said of ${MAX_MARKS} observations already: an approver clears those that are over ("windlass observation list --all").`,
  );
}

/** CAs of the organization that the mark does not take off: whoever looks at the alert decides. */
async function registeredBehind({ tables, owner, group, now }: Marking): Promise<readonly string[]> {
  const registered = current(await tables.inspectionCas.ofOrganization(owner.name), now);
  const kept = group.certificates.slice(0, MAX_CERTIFICATES);
  return registered
    .filter((ca) => kept.some((presented) => isBehind(parseDer(ca.certificate), presented)))
    .map(objectOf);
}

function endOf(text: string, now: UnixSeconds): UnixSeconds {
  const end = parseDateOrTime(text);
  refuseUnless(
    end > now && end <= now + MAX_IGNORED_SECONDS,
    'time-refused',
    `${formatTime(end)} has passed, or is more than a year ahead: give a date until which nobody has to look at it.`,
  );
  return end;
}

function nameOf({ organization, id }: ObservationGroup): string {
  return `observation ${organization}/${id}`;
}

function detailOf({ shown: { issuer, fingerprint, topIsCa }, devices }: ObservationGroup) {
  return { issuer, fingerprint, topIsCa, devices: devices.length };
}

function saidOf(said: ObservationMark | null) {
  if (said === null) return { ...NOTHING };
  const { link, note, ignoredUntil, hostile } = said;
  const time = (at: UnixSeconds | null) => (at === null ? null : formatTime(at));
  return { link, asked: time(said.asked), note, ignoredUntil: time(ignoredUntil), hostile: time(hostile) };
}
