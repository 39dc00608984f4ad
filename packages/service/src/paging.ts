// Pages of lists. A cursor says after which item the next page begins, and of which list with which filters: it is of no use with another one.
// It gives nobody a right: what is listed is what whoever asks may see, wherever it begins.
import { createHash } from 'node:crypto';
import { DEFAULT_PAGE_ITEMS, type PageInput } from '@windlass/management';
import { canonicalJson } from './audit.ts';
import { Refusal } from './refusal.ts';

/** The types of the values that a list is ordered by, in that order. */
export type PositionForm = Readonly<Record<string, 'string' | 'number'>>;

/** Where an item stands: those values. */
export type PositionOf<Form extends PositionForm> = {
  readonly [Name in keyof Form]: Form[Name] extends 'number' ? number : string;
};

/** A page that is wanted. */
export interface WantedPage<Position> {
  readonly limit: number;
  /** null: from the first item on. */
  readonly after: Position | null;
  /** The cursor of the page that begins after this position. */
  readonly cursorAt: (position: Position) => string;
}

const MARK_CHARACTERS = 16;

/**
 * The page that `input` wants of the list, among the items that `which` says: organization and filters, as they are looked for.
 * @throws Refusal `invalid-request`: the cursor is none, or that of another list
 */
export function wantedPage<const Form extends PositionForm>(
  list: string,
  which: object,
  form: Form,
  input: PageInput,
): WantedPage<PositionOf<Form>> {
  const mark = markOf({ list, which });
  const { limit = DEFAULT_PAGE_ITEMS, after } = input;
  const cursorAt = (position: PositionOf<Form>) => {
    const values = Object.keys(form).map((name) => position[name]);
    return Buffer.from(JSON.stringify([mark, ...values])).toString('base64url');
  };
  return { limit, after: after === undefined ? null : positionOf(after, mark, form), cursorAt };
}

function positionOf<Form extends PositionForm>(cursor: string, mark: string, form: Form): PositionOf<Form> {
  const [found, ...values] = parsed(cursor);
  const names = Object.keys(form);
  const fits = values.length === names.length && names.every((name, index) => isOfForm(values[index], form[name]));
  if (found === mark && fits) {
    return Object.fromEntries(names.map((name, index) => [name, values[index]])) as PositionOf<Form>;
  }
  throw new Refusal(
    'invalid-request',
    'after must be what a page of this list has as "next", with the same organization and filters: begin again without it.',
  );
}

function parsed(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

/** What a database takes as text or as a whole number. */
function isOfForm(value: unknown, form: PositionForm[string] | undefined): boolean {
  if (form === 'number') return Number.isSafeInteger(value);
  return typeof value === 'string' && !value.includes('\u0000');
}

/** The answer, made of one row more than the page has: that there is one says that there is a page after. */
export function pageOf<Row, Position, Item>(
  { limit, cursorAt }: WantedPage<Position>,
  rows: readonly Row[],
  positionIn: (row: Row) => Position,
  itemOf: (row: Row) => Item,
): { items: Item[]; next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last !== undefined ? cursorAt(positionIn(last)) : null;
  return { items: shown.map(itemOf), next };
}

/**
 * A page of a list that is never long, and had whole. After an item that is gone, or is another one by now, the page begins where that stood.
 * @throws Refusal as `wantedPage`
 */
export async function inPages<Item>(
  list: string,
  whole: Promise<{ readonly items: readonly Item[] }>,
  { limit, after, ...which }: PageInput,
): Promise<{ items: Item[]; next: string | null }> {
  const { items } = await whole;
  const page = wantedPage(list, which, { mark: 'string', index: 'number' }, { limit, after });
  const rows = items.map((item, index) => ({ item, index }));
  const begin = page.after === null ? 0 : placeBehind(page.after, items);
  const some = rows.slice(begin, begin + page.limit + 1);
  return pageOf(
    page,
    some,
    ({ item, index }) => ({ mark: markOf(item), index }),
    ({ item }) => item,
  );
}

/** Behind the item of that mark, or, when there is none, where it stood. */
function placeBehind({ mark, index }: { readonly mark: string; readonly index: number }, items: readonly unknown[]) {
  const found = items.findIndex((item) => markOf(item) === mark);
  return found === -1 ? index : found + 1;
}

/** Of all that is told of an item. */
function markOf(item: unknown): string {
  return createHash('sha256').update(canonicalJson(item)).digest('base64url').slice(0, MARK_CHARACTERS);
}
