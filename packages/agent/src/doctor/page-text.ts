// Text from the network, made fit to be shown: one line, printable, short.
import type { PageSeen } from './ports.ts';
import { productHint } from './product-hint.ts';

const MAX_CHARACTERS = 120;

/** `HTTP 302 to http://portal.example/login "Log in", looks like FortiGate`. */
export function pageText({ status, headers, text, redirect }: PageSeen): string {
  const title = /<title[^>]*>([^<]{1,300})/i.exec(text)?.[1]?.trim();
  const hint = productHint([text, ...Object.values(headers)]);
  return `HTTP ${status}${redirect ? ` to ${redirect}` : ''}${title ? ` "${printable(title)}"` : ''}${hint ? `, looks like ${hint}` : ''}`;
}

/** Without what a terminal would obey, in one line, cut. */
export function printable(text: string): string {
  return text
    .replace(/[\p{Control}\p{Format}\p{Surrogate}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_CHARACTERS);
}
