// Lists come in pages: what is asked for, what is answered, and how to have all of it.
import { type Static, type TObject, type TProperties, type TSchema, Type } from 'typebox';

/** Items of a page when nothing is said. */
export const DEFAULT_PAGE_ITEMS = 100;
/** Most items of a page. */
export const MAX_PAGE_ITEMS = 1_000;

const paging = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: MAX_PAGE_ITEMS, description: `a number from 1 to ${MAX_PAGE_ITEMS}` }),
  ),
  /** `next` of the page before; with the same filters. */
  after: Type.Optional(
    Type.String({ pattern: '^[A-Za-z0-9_-]{1,1024}$', description: 'what the page before has as "next"' }),
  ),
};

/** The query of a list with these filters. */
export const listQuery = <Filters extends TProperties>(filters: Filters): TObject<Filters & typeof paging> =>
  Type.Object({ ...filters, ...paging }, { additionalProperties: false });

/** A page of a list: `next` begins the one after it, null: there is none. A page may be short, and even empty, although there is one. */
export const items = <Item extends TSchema>(item: Item) =>
  Type.Object({ items: Type.Array(item), next: Type.Union([Type.String(), Type.Null()]) });

/** What was answered to a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** What every list takes beside its filters. */
export type PageInput = { -readonly [Name in keyof typeof paging]?: Static<(typeof paging)[Name]> | undefined };

/** The pages of a list from `input` on, one after the other, as `list` gives them: a method of the client. */
export async function* pagesOf<Item, Input extends PageInput | undefined>(
  list: (input: Input) => Promise<Page<Item>>,
  input: NoInfer<NonNullable<Input>>,
): AsyncGenerator<Page<Item>, void, undefined> {
  for (let asked: NonNullable<Input> = input; ; ) {
    const page = await list(asked);
    yield page;
    if (page.next === null) return;
    asked = { ...asked, after: page.next };
  }
}

/** Every item of a list from `input` on, a page at a time. */
export async function* itemsOf<Item, Input extends PageInput | undefined>(
  list: (input: Input) => Promise<Page<Item>>,
  input: NoInfer<NonNullable<Input>>,
): AsyncGenerator<Item, void, undefined> {
  for await (const page of pagesOf(list, input)) yield* page.items;
}
