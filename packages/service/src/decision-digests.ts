// What was answered to devices is in `decisions`, append-only and not chained: nothing on their way waits for the audit. Each hour of
// it is summed up in the audit afterwards, so that it cannot be changed without a trace either.
import { createHash } from 'node:crypto';
import type { DecisionDigest } from '@windlass/management';
import { formatTime, parseTime, type UnixSeconds } from '@windlass/protocol';
import { appendAudit, canonicalJson } from './audit.ts';
import { type Actor, type Management, SYSTEM } from './management.ts';
import { refuseUnless } from './refusal.ts';
import { repeat, type WorkLog } from './repeat.ts';
import type { DecisionCursor, DeviceReader } from './store/ports.ts';

const HOUR_SECONDS = 3600;
/** A request is answered within seconds; clocks of two machines differ by less than this. */
const SETTLE_SECONDS = 300;
const CHUNK_DECISIONS = 1000;
const LOOK_MILLISECONDS = 300_000;

/** Every whole hour since the first decision, or since the last one that is in the audit, is in the audit. Returns how many were missing. */
export async function digestHours(management: Management): Promise<number> {
  let done = 0;
  for (;;) {
    const hour = await nextHour(management);
    if (hour === null || hour + HOUR_SECONDS + SETTLE_SECONDS > management.now()) return done;
    const digest = await digestOfHour(management.devices, hour);
    if (await record(management, hour, digest)) done += 1;
  }
}

/** What the device side's database says of that hour now, to be compared with the audit. @throws Refusal `invalid-request` */
export async function digestDecisions(
  management: Management,
  _: Actor,
  { hour }: { readonly hour: string },
): Promise<DecisionDigest> {
  const start = parseTime(hour);
  refuseUnless(start % HOUR_SECONDS === 0, 'invalid-request', 'hour must be a whole hour, like 2027-01-31T08:00:00Z.');
  return digestOfHour(management.devices, start);
}

/** Hours are summed up as they end. Returns how to stop, which resolves when nothing is under way. */
export function keepDigesting(management: Management, log: Pick<WorkLog, 'warn'>): () => Promise<void> {
  const failed = 'decisions could not be summed up in the audit';
  return repeat(() => digestHours(management), { everyMilliseconds: LOOK_MILLISECONDS, log, failed }).stop;
}

/** The hour after the last one that is in the audit; before the first, that of the first decision. */
async function nextHour({ store, devices }: Management): Promise<UnixSeconds | null> {
  const last = await store.tables.decisionDigests.last();
  if (last !== null) return (last + HOUR_SECONDS) as UnixSeconds;
  const first = await devices.firstDecision();
  return first === null ? null : ((first - (first % HOUR_SECONDS)) as UnixSeconds);
}

async function digestOfHour(devices: DeviceReader, hour: UnixSeconds): Promise<DecisionDigest> {
  const until = (hour + HOUR_SECONDS) as UnixSeconds;
  const hash = createHash('sha256');
  const outcomes: Record<string, number> = {};
  let decisions = 0;
  let after: DecisionCursor = { time: hour, manufacturer: '', serial: '', nonce: '', reusedBy: '' };
  for (;;) {
    const rows = await devices.decisions(after, until, CHUNK_DECISIONS);
    for (const row of rows) {
      hash.update(`${canonicalJson(row)}\n`);
      outcomes[row.outcome] = (outcomes[row.outcome] ?? 0) + 1;
      decisions += 1;
      after = row;
    }
    if (rows.length < CHUNK_DECISIONS) break;
  }
  return { hour: formatTime(hour), decisions, outcomes, sha256: hash.digest('hex') };
}

/** Whether no instance has summed the hour up yet. */
async function isNew({ store }: Management, hour: UnixSeconds): Promise<boolean> {
  const last = await store.tables.decisionDigests.last();
  return last === null || last < hour;
}

/** The hour is a key: of two instances that come at the same time the second one writes nothing. */
async function record(management: Management, hour: UnixSeconds, digest: DecisionDigest): Promise<boolean> {
  const now = management.now();
  try {
    await management.store.transaction(async ({ audit, decisionDigests }) => {
      const event = { time: now, actor: SYSTEM, act: 'decision.digest', outcome: 'done', organization: null } as const;
      const object = `decisions of the hour ${digest.hour}`;
      const change = { before: null, after: { decisions: digest.decisions } };
      const auditId = await appendAudit(audit, { ...event, object, detail: { ...digest }, change });
      await decisionDigests.add({ hour, auditId });
    });
    return true;
  } catch (cause) {
    if (await isNew(management, hour)) throw cause;
    return false;
  }
}
