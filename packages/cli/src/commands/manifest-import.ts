/** `windlass manifest import`: the service knows a manufacturer's devices, their keys and the hashes of their claim codes. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { escapeForTerminal, exitCodes } from '../errors.ts';
import { manifestColumns } from '../manifest-file.ts';
import { importManifestFile, type ManifestImport, maxFaults } from '../manifest-import.ts';
import { facts, type OutputOptions, show } from '../output.ts';
import { spaced, startProgress } from '../progress.ts';
import type { Paint, Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly dryRun?: boolean;
  readonly manufacturer?: string;
  readonly labelProof?: boolean;
}

export function manifestImport(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'import',
    summary: "import a manufacturer's list of devices",
    description: `Imports FILE.csv (the first line names the columns) or FILE.jsonl (an object per line). Columns: ${manifestColumns.join(', ')}; needed are serial, manufacturer (or --manufacturer), and public_key (base64 of the SubjectPublicKeyInfo) or certificate (PEM or base64). claim_code_hash is the SHA-256 of the claim token, in hexadecimal or base64. label_proof is yes where the device takes no claim without a proof by the code of its label, which it has from the factory. While any row is broken nothing is imported, and each fault is named by line and column. What is known is never overwritten. A second run changes nothing; one that was killed is run again.`,
    examples: [
      'manifest import ./devices.csv --dry-run --dir ./service',
      'manifest import ./devices.csv --manufacturer maker --dir ./service',
    ],
  })
    .argument('<file>', 'the manifest: .csv, .jsonl or .ndjson')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--manufacturer <name>', 'whose devices those rows are that name no manufacturer')
    .option('--label-proof', 'claims of the devices need a label proof, where a row does not say "no"');
  return withConnection(command).action(async (file: string, options: Options) => {
    const { dryRun = false, manufacturer, labelProof = false } = options;
    const client = await connect(options, terminal);
    const progress = startProgress(terminal);
    const job = { client, path: file, dryRun, progress, manufacturer, labelProof };
    const result = await importManifestFile(job).finally(() => progress.end());
    if (result.faultCount > 0) refuse(terminal, { options, result, file });
    else show(terminal, options, result, (done, paint) => storyOf(done, file, paint));
  });
}

/** Every fault that is listed is on a line of its own: the list is for whoever corrects the file. */
function refuse(
  terminal: Terminal,
  { options, result, file }: { readonly options: Options; readonly result: ManifestImport; readonly file: string },
): void {
  terminal.exitWith(exitCodes.failure);
  const sentence = `${file} has ${spaced(result.faultCount)} fault(s), and nothing was imported: correct them and run it again.`;
  if (options.json === true) {
    show(terminal, options, { ...result, error: { code: 'manifest-refused', message: sentence } }, () => '');
    return;
  }
  for (const { line, field, problem } of result.faults) {
    terminal.err(`${escapeForTerminal(`line ${line}: ${field} ${problem}`)}\n`);
  }
  if (result.faultCount > maxFaults) terminal.err(`and ${spaced(result.faultCount - maxFaults)} more\n`);
  terminal.err(`${terminal.errorPaint.red('windlass:')} ${escapeForTerminal(sentence)}\n`);
}

function storyOf(result: ManifestImport, file: string, paint: Paint): string {
  const { rows, added, renewed, unchanged, dryRun } = result;
  const changed = added + renewed;
  const first = dryRun
    ? `Dry run: ${spaced(changed)} of ${spaced(rows)} device(s) of ${file} would be imported. Nothing was changed.`
    : changed === 0
      ? `Nothing changed: all ${spaced(rows)} device(s) of ${file} were imported before.`
      : `${paint.bold(spaced(changed))} device(s) of ${file} are imported.`;
  return [
    first,
    facts(paint, [
      ['new', spaced(added)],
      ['new claim codes', renewed === 0 ? null : spaced(renewed)],
      ['unchanged', spaced(unchanged)],
      ['import', result.import.slice(0, 8)],
    ]),
  ].join('\n');
}
