/** `windlass claim prove`: the claim of a device has a new label proof, for the publishers of now. */
import type { ClaimEntry, ManagementClient } from '@windlass/management';
import type { Command } from 'commander';
import { type CodeOptions, labelOf, type ReadLabel, readLabel, serialOf, withCode } from '../claim-code-input.ts';
import { type Row, tellFaults, workThrough } from '../claim-file.ts';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { deviceName, manufacturerHelp } from '../device-name.ts';
import { CommandError, UsageError } from '../errors.ts';
import { type ProofOptions, type ProofWish, termsIn, withProof, withPublishers } from '../label-proof.ts';
import { facts, type OutputOptions, show } from '../output.ts';
import { spaced, startProgress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, CodeOptions, ProofOptions {
  readonly serial?: string;
  readonly manufacturer?: string;
}

const columns = ['serial', 'manufacturer', 'code', 'proof'];

export function claimProve(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'prove',
    summary: 'make a new label proof for a claim, with the code of the label',
    description: `A device with a label proof takes no new publishers without a new one ("claim unproved" names those that wait). Makes it for the organization's own devices: for one, with the code of its label, or for those of FILE.csv or FILE.jsonl. Columns: ${columns.join(', ')}; a row has the code (or the text of the QR code), or the proof that somebody with the label made for the terms of now. Codes stay here. By approver, operator or installer.`,
    examples: [
      'claim prove --serial SN-0001 --code-file ./label.txt --organization acme --dir ./service',
      'claim prove ./labels.csv --organization acme --dir ./service',
    ],
  })
    .argument('[file]', 'many devices: .csv, .jsonl or .ndjson')
    .option('--serial <serial>', "the device's serial; a QR code has it too")
    .option('--manufacturer <name>', manufacturerHelp)
    .option('--organization <name>', "act with this organization's approver's token");
  return withConnection(withPublishers(withCode(command))).action(
    async (path: string | undefined, options: Options) => {
      if (path === undefined) await proveOne(options, terminal);
      else await proveFile(path, options, terminal);
    },
  );
}

async function proveOne(options: Options, terminal: Terminal): Promise<void> {
  const label = await readLabel(options, terminal);
  if (label === null)
    throw new UsageError('A proof takes the code: give --code-file or --ask-code, or a file of devices.');
  const serial = serialOf(options.serial, label);
  if (serial === null) throw new UsageError('Which device? Give --serial: this code does not say it.');
  const client = await connect(options, terminal);
  const { manufacturer } = options;
  const proved = await prove({ client, label, terminal, manufacturer, wish: { ...options, serial } });
  show(terminal, options, proved, (claim, paint) =>
    [
      `The claim of device ${paint.bold(deviceName(claim))} has a new label proof.`,
      facts(paint, [
        ['claim', `generation ${claim.generation}, ownership ${claim.ownership}, valid until ${claim.expires}`],
      ]),
    ].join('\n'),
  );
}

interface Proving {
  readonly client: ManagementClient;
  readonly label: ReadLabel;
  readonly terminal: Terminal;
  readonly manufacturer: string | undefined;
  readonly wish: ProofWish & { readonly serial: string };
}

function prove({ client, label, terminal, manufacturer, wish }: Proving): Promise<ClaimEntry> {
  const { serial } = wish;
  return withProof({ label, wish, terminal }, (labelProof) => client.proveClaim({ serial, manufacturer, labelProof }));
}

async function proveFile(path: string, options: Options, terminal: Terminal): Promise<void> {
  if (options.serial !== undefined || options.codeFile !== undefined || options.askCode === true)
    throw new UsageError('Give a file of devices, or --serial and its code, not both.');
  const client = await connect(options, terminal);
  const progress = startProgress(terminal);
  const act = (row: Row) => proveRow(row, { client, terminal, options });
  const work = { path, columns, done: 'proved', progress, act, wasDone: async () => false } as const;
  const { rows, claimed: proved, faults } = await workThrough(work).finally(() => progress.end());
  tellFaults(terminal, options, faults);
  show(terminal, options, { rows, proved, faults }, (done, paint) =>
    [
      `The claims of ${paint.bold(spaced(done.proved.length))} device(s) of ${path} have a new label proof.`,
      facts(paint, [['without', done.faults.length === 0 ? null : spaced(done.faults.length)]]),
    ].join('\n'),
  );
}

interface RowContext {
  readonly client: ManagementClient;
  readonly terminal: Terminal;
  readonly options: Options;
}

async function proveRow(row: Row, { client, terminal, options }: RowContext): Promise<ClaimEntry> {
  const { code, proof, manufacturer = options.manufacturer } = row;
  if ((code === undefined) === (proof === undefined))
    throw new CommandError('Give the code or the proof: one of the two.');
  const label = code === undefined ? null : await labelOf(code, 'the column code');
  const serial = row['serial'] ?? label?.serial ?? null;
  if (serial === null)
    throw new CommandError('The serial is missing: add it, or give the text of the QR code as the code.');
  if (label !== null) return prove({ client, label, terminal, manufacturer, wish: { ...options, serial } });
  return client.proveClaim({ serial, manufacturer }).catch((cause: unknown) => {
    const terms = termsIn(cause);
    if (terms === null || proof === undefined) throw cause;
    const { ownership, publishers } = terms;
    return client.proveClaim({ serial, manufacturer, labelProof: { proof, ownership, publishers } });
  });
}
