// What is signed for an epoch that has not begun. It lies apart from claims and profiles, so that nothing that reads those can serve it, and
// becomes theirs in one transaction.
import type { Kysely } from 'kysely';
import type { NextEpochTable } from './management-ports-publishers.ts';
import * as row from './management-rows.ts';
import type { ManagementDatabase } from './management-schema.ts';
import { claimOf, currentClaimsAfter, profileColumns, profileOf } from './management-signed-tables.ts';

type Database = Kysely<ManagementDatabase>;

export function nextEpochTable(database: Database): NextEpochTable {
  return {
    async putClaim({ manufacturer, serial, organization, generation, epoch, expires, digest, envelope }) {
      const { payload, signature } = envelope;
      const signed = { organization, generation, epoch, expires, digest, payload, signature };
      const put = await database
        .insertInto('staged_claims')
        .values({ manufacturer, serial, ...signed })
        .onConflict((conflict) =>
          conflict
            .columns(['manufacturer', 'serial'])
            .doUpdateSet(signed)
            .where(({ eb, or }) =>
              or([eb('staged_claims.generation', '!=', generation), eb('staged_claims.epoch', '!=', epoch)]),
            ),
        )
        .executeTakeFirst();
      return (put.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },
    async putProfile(profile) {
      const { organization, network, ...signed } = profileColumns(profile);
      await database
        .insertInto('staged_profiles')
        .values({ organization, network, ...signed })
        .onConflict((conflict) => conflict.columns(['organization', 'network']).doUpdateSet(signed))
        .execute();
    },
    async dropProfile({ organization, network }) {
      const staged = database.deleteFrom('staged_profiles').where('organization', '=', organization);
      await staged.where('network', '=', network).execute();
    },
    async profilesOf(organization) {
      const staged = database.selectFrom('staged_profiles').selectAll().where('organization', '=', organization);
      return (await staged.orderBy('network').execute()).map(profileOf);
    },
    async claimAfter({ manufacturer, serial, organization, generation }) {
      const found = await database
        .selectFrom('staged_claims')
        .select(['payload', 'signature'])
        .where('manufacturer', '=', manufacturer)
        .where('serial', '=', serial)
        .where('organization', '=', organization)
        .where('generation', '=', generation + 1)
        .executeTakeFirst();
      return found ?? null;
    },
    async claimCount(organization) {
      const counted = await database
        .selectFrom('staged_claims')
        .select(({ fn }) => fn.countAll<number | string>().as('count'))
        .where('organization', '=', organization)
        .executeTakeFirstOrThrow();
      return row.numberColumn(counted.count);
    },
    async unstaged({ organization, now, after, limit }) {
      const rows = await currentClaimsAfter(database, after, limit)
        .where('claims.organization', '=', organization)
        .where('claims.expires', '>=', now)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('staged_claims')
                .select('staged_claims.serial')
                .whereRef('staged_claims.manufacturer', '=', 'claims.manufacturer')
                .whereRef('staged_claims.serial', '=', 'claims.serial')
                .whereRef('staged_claims.organization', '=', 'claims.organization')
                .where(({ eb, ref }) => eb('staged_claims.generation', '=', eb(ref('claims.generation'), '+', 1))),
            ),
          ),
        )
        .execute();
      return rows.map(claimOf);
    },
    async begin(organization, epoch) {
      await beginClaims(database, organization);
      const profiles = database.selectFrom('staged_profiles').where('organization', '=', organization);
      await database
        .insertInto('profiles')
        .columns([...PROFILE_COLUMNS])
        .expression(profiles.select([...PROFILE_COLUMNS]))
        .execute();
      await database.deleteFrom('staged_profiles').where('organization', '=', organization).execute();
      await database.updateTable('organizations').set({ epoch }).where('name', '=', organization).execute();
    },
  };
}

const PROFILE_COLUMNS = [
  'organization',
  'network',
  'epoch',
  'sequence',
  'digest',
  'issued',
  'expires',
  'payload',
  'signature',
  'inspection_cas',
  'endpoints',
  'services',
  'retired',
  'changes',
  'reason',
] as const;

/** Claims that become the current ones before whoever else waits in this process gets a turn. */
const CHUNK_CLAIMS = 500;

/** Only what follows the current claim of the same owner: what changed hands meanwhile keeps what it was given then. */
async function beginClaims(database: Database, organization: string): Promise<void> {
  for (;;) {
    const last = await database
      .selectFrom('staged_claims')
      .select(['manufacturer', 'serial'])
      .where('organization', '=', organization)
      .orderBy('manufacturer')
      .orderBy('serial')
      .limit(CHUNK_CLAIMS)
      .execute()
      .then((rows) => rows.at(-1));
    if (last === undefined) return;
    await beginChunk(database, organization, last);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Those up to this one. */
async function beginChunk(
  database: Database,
  organization: string,
  last: { readonly manufacturer: string; readonly serial: string },
): Promise<void> {
  const chunk = database
    .selectFrom('staged_claims')
    .where('staged_claims.organization', '=', organization)
    .where(({ eb, refTuple, tuple }) =>
      eb(refTuple('staged_claims.manufacturer', 'staged_claims.serial'), '<=', tuple(last.manufacturer, last.serial)),
    )
    .innerJoin('claims', (join) =>
      join
        .onRef('claims.manufacturer', '=', 'staged_claims.manufacturer')
        .onRef('claims.serial', '=', 'staged_claims.serial')
        .onRef('claims.organization', '=', 'staged_claims.organization')
        .on(({ eb, ref }) => eb('claims.generation', '=', eb(ref('staged_claims.generation'), '-', 1))),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('claims as later')
            .select('later.generation')
            .whereRef('later.manufacturer', '=', 'claims.manufacturer')
            .whereRef('later.serial', '=', 'claims.serial')
            .whereRef('later.generation', '>', 'claims.generation'),
        ),
      ),
    )
    .select([
      'claims.manufacturer',
      'claims.serial',
      'staged_claims.generation',
      'claims.ownership',
      'claims.organization',
      'claims.network',
      'staged_claims.epoch',
      'staged_claims.expires',
      'staged_claims.digest',
      'claims.key_digest',
      'staged_claims.payload',
      'staged_claims.signature',
      'claims.created',
    ]);
  await database
    .insertInto('claims')
    .columns([
      'manufacturer',
      'serial',
      'generation',
      'ownership',
      'organization',
      'network',
      'epoch',
      'expires',
      'digest',
      'key_digest',
      'payload',
      'signature',
      'created',
    ])
    .expression(chunk)
    .execute();
  await database
    .deleteFrom('staged_claims')
    .where('organization', '=', organization)
    .where(({ eb, refTuple, tuple }) =>
      eb(refTuple('manufacturer', 'serial'), '<=', tuple(last.manufacturer, last.serial)),
    )
    .execute();
}
