// Pages of lists. A cursor says after which item the next page begins, and of which list with which filters: it is of no use with another one.
// It gives nobody a right: what is listed is what whoever asks may see, wherever it begins.
import { createHash } from 'node:crypto';
import { DEFAULT_PAGE_ITEMS } from '@windlass/management';
import { canonicalJson } from './audit.ts';
import { Refusal } from './refusal.ts';

/** What a request says of the page that it wants. */
export interface PageInput {
  readonly limit?: number | undefined;
  /** The cursor of the page before. */
  readonly after?: string | undefined;
}

/** Where an item stands: the values that the list is ordered by. */
export type Position = readonly (string | number)[];

/** The types of those values. */
export type PositionForm = readonly ('string' | 'number')[];

/** A page that is wanted. */
export interface WantedPage {
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
export function wantedPage(list: string, which: object, form: PositionForm, input: PageInput): WantedPage {
  const mark = markOf({ list, which });
  const { limit = DEFAULT_PAGE_ITEMS, after } = input;
  const cursorAt = (position: Position) => Buffer.from(JSON.stringify([mark, ...position])).toString('base64url');
  return { limit, after: after === undefined ? null : positionOf(after, mark, form), cursorAt };
}

function positionOf(cursor: string, mark: string, form: PositionForm): Position {
  const [found, ...values] = parsed(cursor);
  const fits = values.length === form.length && values.every((value, index) => isOfForm(value, form[index]));
  if (found === mark && fits) return values as Position;
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
function isOfForm(value: unknown, form: PositionForm[number] | undefined): boolean {
  if (form === 'number') return Number.isSafeInteger(value);
  return typeof value === 'string' && !value.includes('\u0000');
}

/** The answer, made of one row more than the page has: that there is one says that there is a page after. */
export function pageOf<Row, Item>(
  { limit, cursorAt }: WantedPage,
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
  const page = wantedPage(list, which, ['string', 'number'], { limit, after });
  const rows = items.map((item, index) => ({ item, index }));
  const [mark, stood] = page.after ?? [];
  const found = page.after === null ? -1 : rows.findIndex(({ item }) => markOf(item) === mark);
  const begin = page.after === null ? 0 : found === -1 ? Number(stood) : found + 1;
  const some = rows.slice(begin, begin + page.limit + 1);
  return pageOf(
    page,
    some,
    ({ item, index }) => [markOf(item), index],
    ({ item }) => item,
  );
}

/** Of all that is told of an item. */
function markOf(item: unknown): string {
  return createHash('sha256').update(canonicalJson(item)).digest('base64url').slice(0, MARK_CHARACTERS);
}
