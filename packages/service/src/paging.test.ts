import type { PageInput } from '@windlass/management';
import { expect, test } from 'vitest';
import { inPages, type PositionForm, pageOf, wantedPage } from './paging.ts';

const acme = { organization: 'acme' };
const form = { serial: 'string', generation: 'number' } as const;
const cursor = wantedPage('things', acme, form, {}).cursorAt({ serial: 'S-1', generation: 7 });
const refused = (list: string, which: object, input: PageInput, shape: PositionForm = form) => {
  try {
    wantedPage(list, which, shape, input);
    return null;
  } catch (cause) {
    return (cause as { code: string }).code;
  }
};

test('a cursor leads back to its position, in the same list with the same filters', () => {
  expect(wantedPage('things', { ...acme }, form, { after: cursor, limit: 5 })).toMatchObject({
    after: { serial: 'S-1', generation: 7 },
    limit: 5,
  });
  expect(wantedPage('things', acme, form, {})).toMatchObject({ after: null, limit: 100 });
});

test('a cursor of another list, another organization, another filter, or of another form is refused', () => {
  expect(refused('things', acme, { after: cursor })).toBeNull();
  expect(refused('others', acme, { after: cursor })).toBe('invalid-request');
  expect(refused('things', { organization: 'rival' }, { after: cursor })).toBe('invalid-request');
  expect(refused('things', { ...acme, network: 'plant' }, { after: cursor })).toBe('invalid-request');
  expect(refused('things', acme, { after: cursor }, { id: 'number' })).toBe('invalid-request');
});

test('what is no cursor is refused, whatever it is', () => {
  const [mark] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [string];
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const broken = [
    'x',
    cursor.slice(0, -3),
    encoded(null),
    encoded({ 0: mark, 1: 'S-1', 2: 7 }),
    encoded([mark]),
    encoded([mark, 'S-1', 7, 8]),
    encoded([mark, 'S-1', '7']),
    encoded([mark, 'S-1', 7.5]),
    encoded([mark, 'S-1', 1e300]),
    encoded([mark, 'S\u0000', 7]),
    encoded([mark, ['S-1'], 7]),
  ];
  expect(refused('things', acme, { after: encoded([mark, 'S-1', 7]) })).toBeNull();
  for (const after of broken) expect([after, refused('things', acme, { after })]).toEqual([after, 'invalid-request']);
});

test('one row more than the page has says that there is another page, and is not shown', () => {
  const page = wantedPage('things', acme, { id: 'number' }, { limit: 2 });
  const show = (rows: readonly number[]) =>
    pageOf(
      page,
      rows,
      (id) => ({ id }),
      (row) => `item ${row}`,
    );
  expect(show([1, 2, 3])).toEqual({ items: ['item 1', 'item 2'], next: page.cursorAt({ id: 2 }) });
  expect(show([1, 2])).toEqual({ items: ['item 1', 'item 2'], next: null });
  expect(show([])).toEqual({ items: [], next: null });
});

test('a short list that changes between two pages: nothing that stays is left out or shown twice', async () => {
  const page = (items: readonly string[], after?: string) =>
    inPages('things', Promise.resolve({ items }), { limit: 2, after });
  const { next } = await page(['a', 'b', 'c', 'd']);
  expect((await page(['a', 'b', 'c', 'd'], next ?? '')).items).toEqual(['c', 'd']);
  expect((await page(['b', 'c', 'd'], next ?? '')).items).toEqual(['c', 'd']);
  expect((await page(['0', 'a', 'b', 'c'], next ?? '')).items).toEqual(['c']);
  // The last that was shown is gone.
  expect((await page(['a', 'c', 'd'], next ?? '')).items).toEqual(['c', 'd']);
});
