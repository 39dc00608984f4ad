// Acts that wait for a second person, and who demands one.
import { isRouteName } from '@windlass/management';
import { type Kysely, type Selectable, sql } from 'kysely';
import type {
  ApprovalDecision,
  ApprovalOutcome,
  ApprovalTable,
  StoredApproval,
  TwoPersonTable,
} from './management-ports-approvals.ts';
import * as row from './management-rows.ts';
import type { ManagementDatabase } from './management-schema.ts';

type Database = Kysely<ManagementDatabase>;

/** It may be large, and is not done any more. */
const NO_INPUT = '{}';

export function approvalTable(database: Database): ApprovalTable {
  const all = () => database.selectFrom('approvals').selectAll();
  const undecidedFirst = sql<number>`case when outcome is null then 0 else 1 end`;
  const list = () => all().orderBy(undecidedFirst).orderBy('requested', 'desc').orderBy('id', 'desc');
  return {
    async find(id) {
      const found = await all().where('id', '=', id).executeTakeFirst();
      return found === undefined ? null : approvalOf(found);
    },
    async page({ organization, after, limit }) {
      let query = list().limit(limit);
      if (organization !== null) query = query.where('organization', '=', organization);
      if (after !== null) {
        const place = after.isDecided ? 1 : 0;
        query = query.where(({ and, eb, or, refTuple, tuple }) =>
          or([
            eb(undecidedFirst, '>', place),
            and([
              eb(undecidedFirst, '=', place),
              eb(refTuple('requested', 'id'), '<', tuple(after.requested, after.id)),
            ]),
          ]),
        );
      }
      return (await query.execute()).map(approvalOf);
    },
    async waitingOf(organization, person, now) {
      const counted = database.selectFrom('approvals').select(({ fn }) => fn.countAll<number | string>().as('count'));
      const theirs = counted.where('organization', '=', organization).where('requested_by', '=', person);
      const some = theirs.where('outcome', 'is', null);
      const { count } = await some.where('expires', '>=', now).executeTakeFirstOrThrow();
      return row.numberColumn(count);
    },
    async add({ requestedBy, requestedRole, requestedAs, detail, decision: _, ...same }) {
      const asked = { requested_by: requestedBy, requested_role: requestedRole, requested_as: requestedAs };
      await database
        .insertInto('approvals')
        .values({ ...same, ...asked, detail: JSON.stringify(detail) })
        .execute();
    },
    async decide(id, { outcome, by, at, reason }) {
      const values = { outcome, decided_by: by, decided: at, decision_reason: reason, input: NO_INPUT };
      await database.updateTable('approvals').set(values).where('id', '=', id).execute();
    },
  };
}

function approvalOf(found: Selectable<ManagementDatabase['approvals']>): StoredApproval {
  const { id, route, input, object, reason } = found;
  if (!isRouteName(route)) throw new Error(`Approval ${id} is for ${route}, which is no route.`);
  return {
    id,
    organization: row.organizationColumn(found.organization),
    route,
    input,
    object,
    detail: JSON.parse(found.detail) as Record<string, unknown>,
    reason,
    requestedBy: found.requested_by,
    requestedRole: row.roleColumn(found.requested_role),
    requestedAs: found.requested_as,
    requested: row.timeColumn(found.requested),
    expires: row.timeColumn(found.expires),
    decision: decisionOf(found),
  };
}

function decisionOf(found: Selectable<ManagementDatabase['approvals']>): ApprovalDecision | null {
  const { outcome, decided_by: by, decided, decision_reason: reason } = found;
  if (outcome === null || by === null || decided === null) return null;
  return { outcome: outcome as ApprovalOutcome, by, at: row.timeColumn(decided), reason };
}

export function twoPersonTable(database: Database): TwoPersonTable {
  return {
    async since(organization) {
      const rules = database.selectFrom('two_person_rules').select('since').where('organization', '=', organization);
      const found = await rules.executeTakeFirst();
      return found === undefined ? null : row.timeColumn(found.since);
    },
    async set(organization, since) {
      await database.deleteFrom('two_person_rules').where('organization', '=', organization).execute();
      if (since !== null) await database.insertInto('two_person_rules').values({ organization, since }).execute();
    },
  };
}
