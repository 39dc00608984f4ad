/** How a command prints a list: a page at a time as it comes, so that a long one needs neither memory nor patience. */
import type { Page, PageInput } from '@windlass/management';
import type { Command } from 'commander';
import { parseWholeNumber } from './command.ts';
import { jsonText, type OutputOptions, readable } from './output.ts';
import type { Paint, Terminal } from './terminal.ts';

export interface ListOptions extends OutputOptions {
  readonly limit?: number;
  readonly all?: boolean;
  readonly after?: string;
}

/** What is printed when nothing is said, and the longest page that the service gives. */
const pageItems = 1_000;

/** The command has `--limit`, `--all` and `--after`. */
export function withPaging(command: Command): Command {
  return command
    .option('--limit <count>', `at most so many (default: ${pageItems})`, (text: string) =>
      parseWholeNumber(text, { from: 1, to: 999_999_999, what: 'a number' }),
    )
    .option('--all', 'all there are, however many')
    .option('--after <cursor>', '"next" of --json: go on after that page');
}

/**
 * The items that `list` gives are on standard output: as JSON, one object with `items` and `next`, else each page as `format` makes it. When
 * there are more than are printed, standard error says how to see them.
 */
export async function showList<Item>(
  terminal: Terminal,
  options: ListOptions,
  list: (page: PageInput) => Promise<Page<Item>>,
  format: (items: readonly Item[], paint: Paint) => string,
): Promise<void> {
  const writer = options.json === true ? jsonWriter<Item>(terminal) : textWriter(terminal, format);
  let left = options.all === true ? Number.POSITIVE_INFINITY : (options.limit ?? pageItems);
  let after: string | null = options.after ?? null;
  do {
    const { items, next }: Page<Item> = await list({
      limit: Math.min(left, pageItems),
      ...(after === null ? {} : { after }),
    });
    writer.add(items);
    left -= items.length;
    after = next;
  } while (after !== null && left > 0);
  writer.end(after);
  if (after !== null) terminal.err('There is more: --all prints everything, --limit N as much as you say.\n');
}

interface ListWriter<Item> {
  readonly add: (items: readonly Item[]) => void;
  readonly end: (next: string | null) => void;
}

/** Short pages are printed together; an empty list is one empty page. */
function textWriter<Item>(
  terminal: Terminal,
  format: (items: readonly Item[], paint: Paint) => string,
): ListWriter<Item> {
  let waiting: Item[] = [];
  let printed = false;
  const print = () => {
    terminal.out(`${format(readable(waiting), terminal.paint)}\n`);
    printed = true;
    waiting = [];
  };
  return {
    add: (items) => {
      waiting.push(...items);
      if (waiting.length >= pageItems) print();
    },
    end: () => {
      if (waiting.length > 0 || !printed) print();
    },
  };
}

/** The same text as of the whole object at once. */
function jsonWriter<Item>(terminal: Terminal): ListWriter<Item> {
  let begun = false;
  return {
    add: (items) => {
      for (const item of items) {
        const text = jsonText(item).replaceAll('\n', '\n    ');
        terminal.out(`${begun ? ',' : '{\n  "items": ['}\n    ${text}`);
        begun = true;
      }
    },
    end: (next) => {
      terminal.out(`${begun ? '\n  ]' : '{\n  "items": []'},\n  "next": ${jsonText(next)}\n}\n`);
    },
  };
}
