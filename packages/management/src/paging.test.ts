import { expect, test } from 'vitest';
import { itemsOf, type PageInput, pagesOf } from './paging.ts';

const pages = [
  { items: ['a', 'b'], next: 'after-b' },
  // Short, and yet not the last.
  { items: [], next: 'after-nothing' },
  { items: ['c'], next: null },
];

function listOf(asked: object[]) {
  return async (input: PageInput & { readonly organization?: string }) => {
    asked.push(input);
    const page = pages[asked.length - 1];
    if (page === undefined) throw new Error('Nothing more is to be asked for.');
    return page;
  };
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test('all items of a list come one after the other, each page with what was asked for first', async () => {
  const asked: object[] = [];
  expect(await all(itemsOf(listOf(asked), { organization: 'acme', limit: 2 }))).toEqual(['a', 'b', 'c']);
  const first = { organization: 'acme', limit: 2 };
  expect(asked).toEqual([first, { ...first, after: 'after-b' }, { ...first, after: 'after-nothing' }]);
});

test('who stops early asks for no more', async () => {
  const asked: object[] = [];
  for await (const item of itemsOf(listOf(asked), {})) if (item === 'b') break;
  expect(asked).toHaveLength(1);
  expect(await all(pagesOf(listOf([]), {}))).toEqual(pages);
});
