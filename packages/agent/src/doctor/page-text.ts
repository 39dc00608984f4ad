// Text from the network, made fit to be shown: one line, printable, short.
import type { PageSeen } from './ports.ts';

const MAX_CHARACTERS = 120;

/** ` "Access denied"`, or nothing where the page has no title. */
export function titleOf({ text }: Pick<PageSeen, 'text'>): string {
  const title = /<title[^>]*>([^<]{1,300})/i.exec(text)?.[1]?.trim();
  return title ? ` "${printable(title)}"` : '';
}

/** Without what a terminal would obey, in one line, cut. */
export function printable(text: string): string {
  return text
    .replace(/[\p{Control}\p{Format}\p{Surrogate}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_CHARACTERS);
}
