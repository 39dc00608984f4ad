// Decisions in the order in which they are summed up: by time, then by what names them. Read piece by piece.
import { type UnixSeconds, unixSeconds } from '@windlass/protocol';
import type { Kysely } from 'kysely';
import type { DeviceDatabase } from './device-schema.ts';
import type { DecisionCursor, StoredDecision } from './ports.ts';

/** When the first decision of all was made; null: there is none. */
export async function firstDecision(database: Kysely<DeviceDatabase>): Promise<UnixSeconds | null> {
  const query = database.selectFrom('decisions').select('time').orderBy('time').limit(1);
  const found = await query.executeTakeFirst();
  return found === undefined ? null : unixSeconds(Number(found.time));
}

/** Decisions from `after` on (not it), before `until`, at most `limit`. */
export async function decisionsAfter(
  database: Kysely<DeviceDatabase>,
  after: DecisionCursor,
  until: UnixSeconds,
  limit: number,
): Promise<readonly StoredDecision[]> {
  const { time, manufacturer, serial, nonce, reusedBy } = after;
  const rows = await database
    .selectFrom('decisions')
    .selectAll()
    // The first condition alone finds the place in the index.
    .where('time', '>=', time)
    .where('time', '<', until)
    .where(({ eb, refTuple, tuple }) =>
      eb(
        refTuple('time', 'manufacturer', 'serial', 'nonce', 'reused_by'),
        '>',
        tuple(time, manufacturer, serial, nonce, reusedBy),
      ),
    )
    .orderBy('time')
    .orderBy('manufacturer')
    .orderBy('serial')
    .orderBy('nonce')
    .orderBy('reused_by')
    .limit(limit)
    .execute();
  return rows.map(({ time: at, reused_by, ...same }) => ({
    ...same,
    time: unixSeconds(Number(at)),
    reusedBy: reused_by,
  }));
}
