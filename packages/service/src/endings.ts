// What ends soon, and who has to do something about it: so that no network goes dark because nobody renewed.
import type { Ending } from '@windlass/management';
import { formatTime, type UnixSeconds } from '@windlass/protocol';
import { parseDer, timeOf } from './certificates.ts';
import { countedText, countText, endingClaims } from './claim-endings.ts';
import type { Management } from './management.ts';
import { findOrganization } from './organizations.ts';
import { anchorsAt } from './publishing.ts';
import type { StoredOrganization } from './store/management-ports.ts';
import { countUnproved } from './unproved-claims.ts';

/** How long before its end something is told, in seconds: what the service signs anew by itself has been by then. */
const TELL_SECONDS = 60 * 86_400;
/** From when on health warns. */
const WARN_SECONDS = 30 * 86_400;
/** Before its end a hosted profile has been signed anew, unless something keeps the service from it. */
const LATE_SECONDS = 20 * 86_400;

/** What of the organization, or of all, ends within 60 days, or cannot be renewed without a label proof; the first to end first. @throws Refusal `not-found` */
export async function listEndings(management: Management, name: string | null): Promise<{ items: Ending[] }> {
  const { tables } = management.store;
  const organizations = name === null ? await tables.organizations.all() : [await findOrganization(tables, name)];
  const items: Ending[] = [];
  for (const organization of organizations) items.push(...(await endingsOf(management, organization)));
  return { items: items.sort((a, b) => (a.ends < b.ends ? -1 : 1)) };
}

/** A sentence for each thing that ends within 30 days because somebody has to act; without names: health is for everybody. */
export async function endingSentences(management: Management): Promise<readonly string[]> {
  const before = formatTime(timeOf(management.now() + WARN_SECONDS));
  const { items } = await listEndings(management, null);
  const due = items.filter(({ ends, who, what }) => ends < before && who !== 'service' && what !== 'proofs');
  const count = (what: keyof typeof NOUNS) =>
    due.filter((ending) => ending.what === what).reduce((sum, each) => sum + each.count, 0);
  const remedy = 'see "windlass health" for whose they are and who has to sign';
  const ending = (['profile', 'publisher', 'claims'] as const)
    .filter((what) => count(what) > 0)
    .map((what) => `${count(what)} ${NOUNS[what]} end within 30 days and nobody renewed them: ${remedy}.`);
  const unproved = items.filter(({ what }) => what === 'proofs').reduce((sum, each) => sum + each.count, 0);
  return unproved === 0
    ? ending
    : [...ending, `${unproved} device(s) wait for a label proof: see "windlass claim unproved" for whose they are.`];
}

const NOUNS: Readonly<Record<Exclude<Ending['what'], 'proofs'>, string>> = {
  profile: 'profile(s)',
  publisher: 'publisher anchor(s)',
  claims: 'claim(s)',
};

async function endingsOf(management: Management, organization: StoredOrganization): Promise<Ending[]> {
  const before = timeOf(management.now() + TELL_SECONDS);
  return [
    ...(await endingProfiles(management, organization, before)),
    ...(await endingAnchors(management, organization, before)),
    ...(await claimsOf(management, organization, before)),
    ...(await proofsOf(management, organization)),
  ];
}

async function endingProfiles(
  { store: { tables }, now }: Management,
  { name, epoch }: StoredOrganization,
  before: UnixSeconds,
): Promise<Ending[]> {
  const anchors = anchorsAt(epoch, await tables.publishers.of(name));
  const isHosted = anchors.some(({ kind }) => kind === 'hosted');
  const ending = (await tables.profiles.currentOf(name)).filter(({ expires }) => expires < before);
  return ending.map(({ network, expires }) => {
    const ends = formatTime(expires);
    const who = isHosted ? whoRenews(expires, now()) : 'organization';
    const sentence = `The profile of ${name}/${network} ends ${ends}: ${REMEDIES[who](name)}.`;
    return { organization: name, network, what: 'profile', count: 1, ends, who, sentence };
  });
}

/** What should long have been signed anew by itself is somebody's business. */
function whoRenews(expires: UnixSeconds, now: UnixSeconds): Ending['who'] {
  return expires - now < LATE_SECONDS ? 'operator' : 'service';
}

const REMEDIES: Readonly<Record<Ending['who'], (organization: string) => string>> = {
  service: () => 'it is signed anew by itself in its last 30 days',
  operator: () => 'it should have been signed anew by itself, and the log of the service says why it was not',
  organization: (name) => `${name} has to sign it: "windlass profile draft", sign, "windlass profile submit"`,
};

/** The service renews a publisher from its anchor, but no anchor. */
async function endingAnchors(
  { store: { tables } }: Management,
  { name, epoch }: StoredOrganization,
  before: UnixSeconds,
): Promise<Ending[]> {
  const anchors = anchorsAt(epoch, await tables.publishers.of(name));
  const ending = anchors.map(({ anchor }) => timeOf(parseDer(anchor).notAfter)).filter((end) => end < before);
  return ending.map((end) => {
    const ends = formatTime(end);
    const sentence = `A publisher anchor of ${name} ends ${ends}, and no profile outlives it: add what follows it with "windlass publisher add".`;
    return { organization: name, network: null, what: 'publisher', count: 1, ends, who: 'organization', sentence };
  });
}

async function claimsOf(management: Management, { name }: StoredOrganization, before: UnixSeconds): Promise<Ending[]> {
  const found = await endingClaims(management, { organization: name }, before);
  if (found === null) return [];
  const remedy = 'the claim authority ends no later: issue and install another, and they are signed anew by themselves';
  const sentence = `${countText(found)} (${name}): ${remedy}.`;
  const { count, ends } = found;
  return [
    { organization: name, network: null, what: 'claims', count, ends: formatTime(ends), who: 'operator', sentence },
  ];
}

async function proofsOf(management: Management, { name }: StoredOrganization): Promise<Ending[]> {
  const found = await countUnproved(management, name);
  if (found === null) return [];
  const { count, ends } = found;
  const remedy = '"windlass claim unproved" names them, and somebody with their labels runs "windlass claim prove"';
  const sentence = `${countedText(count)} device(s) of ${name} take no new claim without a label proof, and keep what they have until ${formatTime(ends)} at most: ${remedy}.`;
  const same = { organization: name, network: null, count, ends: formatTime(ends), sentence };
  return [{ ...same, what: 'proofs', who: 'organization' }];
}
