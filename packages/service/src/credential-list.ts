// Tokens and sessions as lists, a page at a time.
import type { PageInput } from '@windlass/management';
import type { OrganizationId } from '@windlass/protocol';
import { timeOf } from './certificates.ts';
import type { Actor, Management } from './management.ts';
import { pageOf, wantedPage } from './paging.ts';
import { readScope } from './people.ts';
import type { CredentialFilter, CredentialTable, StoredCredential } from './store/management-ports-people.ts';
import { personId } from './tokens.ts';

/** Which of them are asked for. */
export interface CredentialQuery extends PageInput {
  readonly organization?: string;
  readonly person?: string;
  /** Those that somebody can act with now, or cannot. */
  readonly active?: boolean;
}

/** Of which the list is. */
export interface CredentialKind<Row extends StoredCredential> {
  readonly list: string;
  readonly table: CredentialTable<Row>;
  /** After which one that nobody uses has ended; null: it does not end by that. */
  readonly idleSeconds: number | null;
}

/** In the order they were made, those that have ended too. @throws Refusal `not-found`, `invalid-request` (the cursor) */
export async function listCredentials<Row extends StoredCredential, Item>(
  { store: { tables }, now }: Management,
  actor: Actor,
  { list, table, idleSeconds }: CredentialKind<Row>,
  { active, ...input }: CredentialQuery,
  itemOf: (row: Row) => Item,
): Promise<{ items: Item[]; next: string | null }> {
  const filter = filterOf(await readScope(tables, actor, input.organization), input.person);
  const page = wantedPage(list, { ...filter, active }, { created: 'number', id: 'string' }, input);
  const at = now();
  const idleSince = idleSeconds === null ? null : timeOf(Math.max(at - idleSeconds, 0));
  const rows = await table.page({
    ...filter,
    active: active === undefined ? undefined : { is: active, at, idleSince },
    after: page.after,
    limit: page.limit + 1,
  });
  return pageOf(page, rows, (row) => row, itemOf);
}

function filterOf(organization: OrganizationId | null, person: string | undefined): CredentialFilter {
  return person === undefined ? { organization } : { organization, person: personId(person) };
}
