/** `windlass claim import`: many devices are claimed, a row each. */
import type { Command } from 'commander';
import { type ClaimImport, claimColumns, claimFile, tellFaults } from '../claim-file.ts';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { UsageError } from '../errors.ts';
import { type ProofOptions, withPublishers } from '../label-proof.ts';
import { facts, type OutputOptions, show } from '../output.ts';
import { spaced, startProgress } from '../progress.ts';
import type { Paint, Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, ProofOptions {
  readonly for?: string;
}

export function claimImport(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'import',
    summary: 'claim many devices, a row each',
    description: `Claims the devices of FILE.csv (the first line names the columns) or FILE.jsonl. Columns: ${claimColumns.join(', ')}. A row with a code (or the text of a QR code) is claimed with it, for the own organization; one without is claimed by the service's operator, for the organization that it names or --organization does; with --for codes are only for label proofs. Codes stay here, and label proofs are made here. Rows that cannot be claimed are named, and stop no other; a second run changes nothing. Keep a file with codes to yourself, and delete it afterwards.`,
    examples: [
      'claim import ./pallet.csv --organization acme --dir ./service',
      'claim import ./devices.csv --for acme --dir ./service',
    ],
  })
    .argument('<file>', 'the devices: .csv, .jsonl or .ndjson')
    .option('--organization <name>', "whose they become; with --dir, by its approver's token")
    .option('--for <organization>', "whose they become, claimed with the admin's token");
  return withConnection(withPublishers(command)).action(async (path: string, options: Options) => {
    if (options.for !== undefined && options.organization !== undefined)
      throw new UsageError(
        "Give --organization for the organization's own token, or --for for the service's operator, not both.",
      );
    const client = await connect(options, terminal);
    const progress = startProgress(terminal);
    const organization = options.for ?? options.organization;
    const as = options.for === undefined ? 'member' : 'operator';
    const job = { client, path, progress, organization, as, terminal, publisher: options.publisher } as const;
    const result = await claimFile(job).finally(() => progress.end());
    tellFaults(terminal, options, result.faults);
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
