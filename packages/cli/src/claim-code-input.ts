/** Where a claim code comes from: a file, standard input, or the keyboard without echo. Never the command line, where every process sees it. */
import type { LabelKey } from '@windlass/protocol';
import type { Command } from 'commander';
import { CommandError, UsageError } from './errors.ts';
import { readInputText } from './files.ts';
import type { Terminal } from './terminal.ts';

export interface CodeOptions {
  readonly codeFile?: string;
  readonly askCode?: boolean;
}

/** What a code gives. The service is told the token, and proofs that are made with the key. */
export interface ReadLabel {
  readonly serial: string | null;
  readonly claimToken: string;
  /** null: the code is too short for proofs. */
  readonly labelKey: LabelKey | null;
}

export function withCode(command: Command): Command {
  return command
    .option('--code-file <file>', "a file with the code of the device's label, or with the text of its QR code")
    .option('--ask-code', 'ask for the code, without echo; from a pipe it is read as it comes');
}

/** The label that the options name; null: they name none. @throws UsageError, CommandError */
export async function readLabel(options: CodeOptions, terminal: Terminal): Promise<ReadLabel | null> {
  const { codeFile, askCode = false } = options;
  if (codeFile !== undefined && askCode) throw new UsageError('Give --code-file or --ask-code, not both.');
  if (codeFile !== undefined) return labelOf(readInputText(codeFile, 'a claim code'), codeFile);
  return askCode ? labelOf(await terminal.askSecret('Claim code: '), 'what was typed') : null;
}

/** The serial that was given, or that of the label's QR code, which must be the same; null: neither says one. @throws UsageError */
export function serialOf(given: string | undefined, label: ReadLabel | null): string | null {
  const named = label?.serial ?? null;
  if (given !== undefined && named !== null && named !== given) {
    throw new UsageError(`The QR code is that of device ${named}: give its serial, or leave the serial out.`);
  }
  return given ?? named;
}

/** What a code gives, as somebody wrote it. @throws CommandError */
export async function labelOf(text: string, where: string): Promise<ReadLabel> {
  const { claimTokenOf, labelKeyOf, MIN_CLAIM_CODE_CHARACTERS, parseLabel } = await import('@windlass/protocol');
  const label = parseLabel(text);
  if (label !== null) {
    const { serial, code } = label;
    return { serial, claimToken: claimTokenOf(code), labelKey: labelKeyOf(code) };
  }
  throw new CommandError(
    `No claim code is in ${where}: it has at least ${MIN_CLAIM_CODE_CHARACTERS} digits and letters, without U; case, spaces and hyphens do not count. Check the label.`,
  );
}
