/** Changing only what is still as it was looked at: the ETag that a show command prints is given to the command that changes it. */
import type { Command } from 'commander';

export interface IfMatchOptions {
  readonly ifMatch?: string;
}

/** The command has the option `--if-match`; `shownBy` is the command that prints what it takes. */
export function withIfMatch(command: Command, shownBy: string): Command {
  const help = `only while it is what "${shownBy} --json" printed with this etag; else nothing is done`;
  return command.option('--if-match <etag>', help);
}

/** What is printed as JSON of something that can be changed: all that came, and its `etag`. */
export async function withEtag<Answer extends object>(answer: Answer): Promise<Answer & { readonly etag?: string }> {
  const { etagOf } = await import('@windlass/management');
  const etag = etagOf(answer);
  return etag === undefined ? answer : { ...answer, etag };
}
