// Whether a device said that it left its former owner: the first report of an exchange whose accepted answer named another owner, or none.
import { type DeviceId, type OrganizationId, type Report, type UnixSeconds, unixSeconds } from '@windlass/protocol';
import type { Kysely } from 'kysely';
import type { DeviceDatabase } from './device-schema.ts';
import type { ReportedPurge } from './ports.ts';

/** Reports that are looked through: the first that was accepted is the one. */
const MAX_REPORTS = 50;

/** Null: it has not reported since. A report counts by its nonce: one of an answer that was given before does not. */
export async function purgeOf(
  database: Kysely<DeviceDatabase>,
  { manufacturer, serial }: DeviceId,
  { former, since }: { readonly former: OrganizationId; readonly since: UnixSeconds },
): Promise<ReportedPurge | null> {
  const rows = await database
    .selectFrom('reports')
    .innerJoin('decisions', (join) =>
      join
        .onRef('decisions.manufacturer', '=', 'reports.manufacturer')
        .onRef('decisions.serial', '=', 'reports.serial')
        .onRef('decisions.nonce', '=', 'reports.nonce'),
    )
    .select(['reports.time', 'reports.payload'])
    .where('reports.manufacturer', '=', manufacturer)
    .where('reports.serial', '=', serial)
    .where('decisions.time', '>=', since)
    .where('decisions.claim', 'is not', null)
    .where(({ eb, or }) => or([eb('decisions.organization', 'is', null), eb('decisions.organization', '!=', former)]))
    .orderBy('reports.counter')
    .limit(MAX_REPORTS)
    .execute();
  for (const { time, payload } of rows) {
    // It was verified whole before it was stored.
    const report = JSON.parse(payload) as Report;
    if (report.phases.includes('accepted')) return { time: unixSeconds(Number(time)), removed: report.removed };
  }
  return null;
}
