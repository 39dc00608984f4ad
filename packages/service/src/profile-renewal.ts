// Profiles that end soon are signed anew as they were published: the same content under the next number, without what was revoked since, and
// nothing that an approver has not published. Where the publisher is the organization's own, only it can: endings.ts says so.
import { formatTime, MAX_RETIRED_KEYS } from '@windlass/protocol';
import { appendAudit } from './audit.ts';
import { othersFirst } from './claim-signing.ts';
import { standsIn } from './inspection-ca-approval.ts';
import { isOnDevices } from './inspection-ca-entry.ts';
import { type Management, SYSTEM } from './management.ts';
import {
  auditOf,
  changeOf,
  endOf,
  networkName,
  type ProfileContent,
  refuseTooLarge,
  signProfile,
} from './profile-content.ts';
import { RENEW_SECONDS } from './profile-draft.ts';
import { hostedAnchor, publishingOf } from './publishing.ts';
import { Refusal } from './refusal.ts';
import type { WorkLog } from './repeat.ts';
import { SignerError } from './signer/ports.ts';
import type { NetworkKey, ProfileRow, PublishedCa, StoredInspectionCa } from './store/management-ports.ts';

/** Every profile that ends within 30 days, and that the service may sign, is signed anew. Returns how many were. @throws StoreError */
export async function renewEndingProfiles(
  management: Management,
  log: Pick<WorkLog, 'warn'>,
  isEnded: () => boolean = () => false,
): Promise<number> {
  const { tables } = management.store;
  let renewed = 0;
  for (const { name } of await tables.organizations.all()) {
    const before = management.now() + RENEW_SECONDS;
    const ending = (await tables.profiles.currentOf(name)).filter(({ expires }) => expires < before);
    for (const network of ending) {
      if (isEnded()) return renewed;
      try {
        renewed += await renewProfile(management, network);
      } catch (cause) {
        if (!(cause instanceof Refusal || cause instanceof SignerError)) throw cause;
        log.warn({ err: cause, organization: name, network: network.network }, 'a profile could not be signed anew');
      }
      await othersFirst();
    }
  }
  return renewed;
}

/** 1, or 0: it was published meanwhile, or is not the service's to sign. */
async function renewProfile(
  { service, store, keys, now }: Management,
  { organization, network }: NetworkKey,
): Promise<number> {
  const key = { organization, network };
  const issued = now();
  return store.transaction(async (tables) => {
    const [last] = await tables.profiles.of(key, 1);
    const publishing = await publishingOf(tables, organization);
    if (last === undefined || publishing.killSwitch !== null || last.expires >= issued + RENEW_SECONDS) return 0;
    if (!publishing.anchors.some(({ kind }) => kind === 'hosted')) return 0;
    const anchor = hostedAnchor(publishing);
    const signer = await keys.publisher(anchor, issued);
    const changes = [`renewed: the profile before ends ${formatTime(last.expires)}`];
    const numbers = { ...key, epoch: publishing.epoch, sequence: last.sequence + 1, issued };
    const { content, gone, dropped } = stillApproved(last, await tables.inspectionCas.of(key));
    changes.push(...gone.map(({ fingerprint, subject }) => `- inspection CA ${fingerprint} (${subject}): revoked`));
    const row = await signProfile(service, signer, content, numbers, { changes, reason: null });
    // Under an anchor that ends itself nothing is gained.
    if (row.expires <= last.expires) return 0;
    await refuseTooLarge(tables, row);
    await tables.profiles.add(row);
    await tables.inspectionCas.published(row.sequence, [], dropped);
    await tables.publishers.renew(anchor, endOf(signer));
    const event = { time: issued, actor: SYSTEM, act: 'profile.renew', outcome: 'done', organization } as const;
    const change = changeOf(last, row);
    await appendAudit(tables.audit, { ...event, object: networkName(key), detail: auditOf(row), change });
    return 1;
  });
}

/** What was published, without the CAs that no approver stands behind any more, which devices then drop; and the ids of these. */
function stillApproved(last: ProfileRow, all: readonly StoredInspectionCa[]) {
  const stands = standsIn(all);
  const inspectionCas: PublishedCa[] = [];
  const gone: PublishedCa[] = [];
  for (const ca of last.inspectionCas) {
    if (!stands(ca)) {
      gone.push(ca);
      continue;
    } // spec S24
    inspectionCas.push(ca);
  }
  const retired = [...new Set([...gone.map(({ keyDigest }) => keyDigest), ...last.retired])].slice(0, MAX_RETIRED_KEYS);
  const { endpoints, services } = last;
  const content: ProfileContent = { inspectionCas, endpoints, services, retired };
  const fingerprints = new Set(gone.map(({ fingerprint }) => fingerprint));
  const dropped = all.filter((ca) => ca.retired !== null && isOnDevices(ca) && fingerprints.has(ca.fingerprint));
  return { content, gone, dropped: dropped.map(({ id }) => id) };
}
