import { describe, expect, test } from 'vitest';
import { type ListOptions, showList } from './list-output.ts';
import { recordingTerminal } from './recording-terminal.ts';

interface Thing {
  readonly n: number;
  readonly name: string;
}

/** A list of so many things, in pages of at most `most`; and what it was asked for. */
function listOf(count: number, most = 1_000) {
  const asked: { limit?: number | undefined; after?: string | undefined }[] = [];
  const list = async (page: { limit?: number | undefined; after?: string | undefined }) => {
    asked.push(page);
    const from = Number(page.after ?? 0);
    const to = Math.min(from + Math.min(page.limit ?? 100, most), count);
    const items = Array.from(
      { length: to - from },
      (_, index): Thing => ({ n: from + index, name: `thing\u001b[${from + index}` }),
    );
    return { items, next: to < count ? String(to) : null };
  };
  return { asked, list };
}

async function run({ list }: ReturnType<typeof listOf>, options: ListOptions = {}) {
  const terminal = recordingTerminal();
  const format = (items: readonly Thing[]) =>
    items.length === 0 ? 'nothing' : items.map(({ name }) => name).join('\n');
  await showList(terminal, options, list, format);
  return terminal.written;
}

const lines = (text: string) => text.trimEnd().split('\n');

describe('a list for people', () => {
  test('is printed up to a thousand, and who wants more is told how', async () => {
    const { out, err } = await run(listOf(2_500));
    expect(lines(out)).toHaveLength(1_000);
    expect(err).toBe('There is more: --all prints everything, --limit N as much as you say.\n');
    const whole = await run(listOf(1_000));
    expect([lines(whole.out).length, whole.err]).toEqual([1_000, '']);
  });

  test('is as long as was said, and no more is asked for than is printed', async () => {
    const things = listOf(5_000);
    expect(lines((await run(things, { limit: 1_234 })).out)).toHaveLength(1_234);
    expect(things.asked).toEqual([{ limit: 1_000 }, { limit: 234, after: '1000' }]);
    expect(lines((await run(listOf(5_000), { all: true })).out)).toHaveLength(5_000);
    expect(lines((await run(listOf(5_000), { limit: 2, after: '10' })).out).length).toBe(2);
  });

  test('short and empty pages are printed together; no text steers the terminal; an empty list says so', async () => {
    const { out, err } = await run(listOf(5, 2));
    expect([lines(out).length, err]).toEqual([5, '']);
    expect(out).not.toContain('\u001b');
    expect((await run(listOf(0))).out).toBe('nothing\n');
  });
});

describe('a list as JSON', () => {
  test.each([0, 1, 3])('of %d things is the text of the whole answer at once', async (count) => {
    const { out } = await run(listOf(count, 2), { json: true });
    const items = Array.from({ length: count }, (_, n) => ({ n, name: `thing\u001b[${n}` }));
    expect(JSON.parse(out)).toEqual({ items, next: null });
    expect(out).toBe(`${JSON.stringify({ items, next: null }, null, 2)}\n`);
  });

  test('says where the next page begins', async () => {
    const { out, err } = await run(listOf(10), { json: true, limit: 4 });
    expect(JSON.parse(out)).toMatchObject({ next: '4' });
    expect(err).toMatch(/^There is more/);
  });

  test('is written while it comes', async () => {
    const terminal = recordingTerminal();
    const { list } = listOf(4, 2);
    const seen: number[] = [];
    await showList(
      terminal,
      { json: true },
      async (page) => {
        seen.push(terminal.written.out.length);
        return list(page);
      },
      String,
    );
    expect(seen[0]).toBe(0);
    expect(seen[1]).toBeGreaterThan(0);
  });
});
