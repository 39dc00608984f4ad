// Devices that wait for a label proof: their claim has none, or one for other publishers than their owner has by now. Somebody with the label
// makes it; nobody else can. @see spec D21, S30
import type { ClaimEntry, LabelProof, UnprovedDevice } from '@windlass/management';
import { formatTime, type OrganizationId, parseClaim, type UnixSeconds } from '@windlass/protocol';
import { timeOf } from './certificates.ts';
import { MAX_COUNTED } from './claim-endings.ts';
import { BATCH_CLAIMS, canSignAnew, type Owner, othersFirst, signNext } from './claim-signing.ts';
import { doneOf, ownDevice } from './claims.ts';
import { givenProof, needsNone, ProofRefusal, termsOf } from './label-proofs.ts';
import { type Actor, type Management, perform } from './management.ts';
import { manufacturerNames } from './manufacturers.ts';
import { findOrganization } from './organizations.ts';
import { type Publishing, publishingOf } from './publishing.ts';
import type { ClaimRow, ManagementTables } from './store/management-ports.ts';

const MAX_LISTED = 1_000;

/**
 * The claim of the device is signed anew with the proof, for the publishers that its owner has now: at once, or, while a kill switch that changes
 * them is under way, for the epoch that it begins.
 * @throws Refusal `not-found`, `ambiguous-manufacturer`, `invalid-request` (it needs none); ProofRefusal without a proof, which says what it has to cover,
 * and as `givenProof`; SignerError
 */
export async function proveClaim(
  management: Management,
  actor: Actor,
  input: { readonly serial: string; readonly manufacturer?: string; readonly labelProof?: LabelProof },
): Promise<ClaimEntry> {
  const entry = await perform(management, actor, 'claim.prove', async (tables, now) => {
    const { device, claim: before } = await ownDevice(tables, actor, input);
    const publishing = await publishingOf(tables, before.organization);
    const owner = ownerIn(publishing);
    const terms = termsOf(management.service, { ...before, publishers: owner.publishers });
    const isDemanded = (await tables.manifests.find(before))?.labelProof ?? false;
    const { labelProof: given } = input;
    if (!isDemanded) throw needsNone(device.serial); // spec S30
    if (given === undefined) throw new ProofRefusal(ASK, terms); // spec S30
    const labelProof = givenProof(terms, given);
    const authority = await management.keys.claimAuthority(now);
    const signed = { authority, owner, labelProof };
    const row = await signNext({ service: management.service, now: () => now }, before, signed);
    if (publishing.killSwitch === null) await tables.claims.add(row);
    else await tables.nextEpoch.putClaim({ ...row, organization: before.organization });
    const done = doneOf(row, device.manufacturer.name, { organization: before.organization, before });
    return { ...done, detail: { ...done.detail, epoch: row.epoch, publishers: terms.publishers } };
  });
  management.jobs.wake();
  return entry;
}

const ASK = 'Make the label proof for these terms with the code of the label, and send it.';

/** What the organization's next claims say: of the epoch that a kill switch begins, while one is under way. */
function ownerIn({ epoch, anchors }: Publishing): Owner {
  return { epoch, publishers: anchors.map(({ anchor }) => anchor) };
}

/** The devices of the organization, or of all, that wait for a proof, by serial; at most 1000. @throws Refusal `not-found` */
export async function listUnproved(management: Management, name: string | null): Promise<{ items: UnprovedDevice[] }> {
  const { tables } = management.store;
  const owners = name === null ? await tables.organizations.all() : [await findOrganization(tables, name)];
  const nameOf = await manufacturerNames(tables, []);
  const items: UnprovedDevice[] = [];
  for (const { name: organization } of owners) {
    for await (const { row, why } of unprovedOf(management, organization)) {
      if (items.length === MAX_LISTED) return { items };
      const { serial, manufacturer, expires } = row;
      items.push({ serial, manufacturer: nameOf(manufacturer), organization, why, expires: formatTime(expires) });
    }
  }
  return { items };
}

/** How many devices of the organization wait, and when the first of their claims ends; null: none does. At most `MAX_COUNTED` are counted. */
export async function countUnproved(
  management: Management,
  organization: OrganizationId,
): Promise<{ readonly count: number; readonly ends: UnixSeconds } | null> {
  let [count, ends] = [0, Number.POSITIVE_INFINITY];
  for await (const { row } of unprovedOf(management, organization)) {
    count += 1;
    ends = Math.min(ends, row.expires);
    if (count === MAX_COUNTED) break;
  }
  return count === 0 ? null : { count, ends: timeOf(ends) };
}

/** Whether some claim of the organization that still holds cannot be signed anew with the publishers of now. */
export async function hasUnproved(management: Management, organization: OrganizationId): Promise<boolean> {
  for await (const { row, why } of unprovedOf(management, organization)) {
    if (why === 'publishers' && row.expires >= management.now()) return true;
  }
  return false;
}

interface Unproved {
  readonly row: ClaimRow;
  readonly why: UnprovedDevice['why'];
}

async function* unprovedOf(management: Management, organization: OrganizationId): AsyncGenerator<Unproved> {
  const { tables } = management.store;
  const owner = ownerIn(await publishingOf(tables, organization));
  const publishers = owner.publishers.map((der) => Buffer.from(der).toString('base64'));
  const proved = [`"publishers":${JSON.stringify(publishers)}`, '"labelProof":"'];
  let page: readonly ClaimRow[] = [];
  do {
    page = await tables.claims.page(page.at(-1) ?? null, BATCH_CLAIMS, { organization, needsProof: true });
    for (const row of page) {
      // To open a claim takes ten times as long as to see that it has what it needs; names in it cannot look like members.
      if (proved.every((text) => row.envelope.payload.includes(text))) continue;
      const why = await whyUnproved(management, tables, { row, owner });
      if (why !== null) yield { row, why };
    }
    await othersFirst();
  } while (page.length === BATCH_CLAIMS);
}

async function whyUnproved(
  { service }: Management,
  tables: ManagementTables,
  { row, owner }: { readonly row: ClaimRow; readonly owner: Owner },
): Promise<UnprovedDevice['why'] | null> {
  const isMissing = parseClaim(row.envelope.payload, service).labelProof === undefined;
  if (!isMissing && canSignAnew(service, row, owner)) return null;
  const staged = row.epoch === owner.epoch ? null : await tables.nextEpoch.claimAfter(row);
  if (staged !== null && parseClaim(staged.payload, service).labelProof !== undefined) return null;
  return isMissing ? 'missing' : 'publishers';
}
