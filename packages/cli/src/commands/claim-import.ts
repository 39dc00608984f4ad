/** `windlass claim import`: many devices are claimed, a row each. */
import type { Command } from 'commander';
import { type ClaimImport, claimColumns, claimFile } from '../claim-file.ts';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { escapeForTerminal, exitCodes, UsageError } from '../errors.ts';
import { facts, type OutputOptions, show } from '../output.ts';
import { spaced, startProgress } from '../progress.ts';
import type { Paint, Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly for?: string;
}

export function claimImport(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'import',
    summary: 'claim many devices, a row each',
    description: `Claims the devices of FILE.csv (the first line names the columns) or FILE.jsonl. Columns: ${claimColumns.join(', ')}. A row with a code (or the text of a QR code) is claimed with it, for the own organization; one without is claimed by the service's operator, for the organization that it names or --organization does. Codes stay here. Rows that cannot be claimed are named, and stop no other; a second run changes nothing. Keep a file with codes to yourself, and delete it afterwards.`,
    examples: [
      'claim import ./pallet.csv --organization acme --dir ./service',
      'claim import ./devices.csv --for acme --dir ./service',
    ],
  })
    .argument('<file>', 'the devices: .csv, .jsonl or .ndjson')
    .option('--organization <name>', "whose they become; with --dir, by its approver's token")
    .option('--for <organization>', "whose they become, claimed with the admin's token");
  return withConnection(command).action(async (path: string, options: Options) => {
    if (options.for !== undefined && options.organization !== undefined)
      throw new UsageError(
        "Give --organization for the organization's own token, or --for for the service's operator, not both.",
      );
    const client = await connect(options, terminal);
    const progress = startProgress(terminal);
    const organization = options.for ?? options.organization;
    const job = { client, path, progress, organization };
    const result = await claimFile(job).finally(() => progress.end());
    if (result.faults.length > 0) terminal.exitWith(exitCodes.failure);
    if (options.json !== true) {
      for (const { line, serial, problem } of result.faults) {
        terminal.err(`${escapeForTerminal(`line ${line}${serial === null ? '' : ` (${serial})`}: ${problem}`)}\n`);
      }
    }
    show(terminal, options, result, (done, paint) => storyOf(done, path, paint));
  });
}

function storyOf({ rows, claimed, unchanged, faults }: ClaimImport, path: string, paint: Paint): string {
  const first =
    claimed.length + faults.length === 0
      ? `Nothing changed: all ${spaced(rows)} device(s) of ${path} were claimed before.`
      : `${paint.bold(spaced(claimed.length))} device(s) of ${path} are claimed.`;
  return [
    first,
    facts(paint, [
      ['claimed before', spaced(unchanged)],
      ['not claimed', faults.length === 0 ? null : spaced(faults.length)],
    ]),
  ].join('\n');
}
