/** A file of devices that are to be claimed: row after row, each on its own, so that one that cannot be claimed stops no other. */
import type { ClaimEntry, ManagementClient } from '@windlass/management';
import { labelOf } from './claim-code-input.ts';
import { CommandError, escapeForTerminal, exitCodes, summarizeError } from './errors.ts';
import { withProof } from './label-proof.ts';
import type { OutputOptions } from './output.ts';
import { type Progress, spaced } from './progress.ts';
import { type FileRow, readRows } from './row-file.ts';
import type { Terminal } from './terminal.ts';

export const claimColumns: readonly string[] = ['serial', 'manufacturer', 'organization', 'network', 'name', 'code'];

export interface ClaimFault {
  readonly line: number;
  readonly serial: string | null;
  readonly code: string;
  readonly problem: string;
}

export interface ClaimImport {
  readonly rows: number;
  readonly claimed: readonly string[];
  /** They were the organization's before. */
  readonly unchanged: number;
  readonly faults: readonly ClaimFault[];
}

export interface ClaimJob {
  readonly client: ManagementClient;
  readonly path: string;
  /** For rows that name none. */
  readonly organization: string | undefined;
  /** A member claims with codes; with the operator's token they are only for label proofs. */
  readonly as: 'member' | 'operator';
  readonly terminal: Terminal;
  readonly publisher?: readonly string[] | undefined;
  readonly progress: Progress;
}

/** After these nothing else would go better. */
const endings = ['rate-limited', 'unauthenticated', 'unreachable', 'tls-untrusted', 'timeout', 'not-windlass'];

/** What is done with each row of a file. */
export interface RowWork {
  readonly path: string;
  readonly columns: readonly string[];
  /** What it is called. */
  readonly done: 'claimed' | 'proved';
  readonly progress: Progress;
  act(row: Row): Promise<ClaimEntry>;
  /** Whether what the service refused with this code was done before. */
  wasDone(row: Row, code: string): Promise<boolean>;
}

/** Every row was claimed, or it is said why not. @throws CommandError */
export function claimFile(job: ClaimJob): Promise<ClaimImport> {
  const { path, progress } = job;
  const wasDone = async (row: Row, code: string) => code === 'already-claimed' && (await isTheirs(job, row));
  return workThrough({
    path,
    progress,
    columns: claimColumns,
    done: 'claimed',
    act: (row) => claimOf(job, row),
    wasDone,
  });
}

/** Every row was tried, in order, until one that says that no other can succeed. @throws CommandError */
export async function workThrough(work: RowWork): Promise<ClaimImport> {
  const claimed: string[] = [];
  const faults: ClaimFault[] = [];
  let [rows, unchanged] = [0, 0];
  for await (const found of readRows(work.path, work.columns)) {
    rows += 1;
    const outcome = await workOn(work, found);
    if (outcome.kind === 'claimed') claimed.push(outcome.serial);
    else if (outcome.kind === 'unchanged') unchanged += 1;
    else faults.push(outcome.fault);
    work.progress.show(`${work.done}: ${spaced(claimed.length)}, not ${work.done}: ${spaced(faults.length)}`);
    if (outcome.kind === 'fault' && endings.includes(outcome.fault.code)) break;
  }
  if (rows === 0) throw new CommandError(`${work.path} has no rows: nothing is to be ${work.done}.`);
  return { rows, claimed, unchanged, faults };
}

type Outcome =
  | { readonly kind: 'claimed'; readonly serial: string }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'fault'; readonly fault: ClaimFault };

async function workOn(work: RowWork, found: FileRow): Promise<Outcome> {
  const { line } = found;
  if (found.kind === 'fault') return faultOf(line, null, `${found.field} ${found.problem}`);
  const row = filled(found.fields);
  try {
    const claim = await work.act(row);
    return { kind: 'claimed', serial: claim.serial };
  } catch (cause) {
    const { code, message } = summarizeError(cause);
    if (await work.wasDone(row, code)) return { kind: 'unchanged' };
    return faultOf(line, row['serial'] ?? null, message, code);
  }
}

function faultOf(line: number, serial: string | null, problem: string, code = 'row'): Outcome {
  return { kind: 'fault', fault: { line, serial, code, problem } };
}

/** Rows that could not be done are named, each on a line of its own, and the command has failed. */
export function tellFaults(terminal: Terminal, { json = false }: OutputOptions, faults: readonly ClaimFault[]): void {
  if (faults.length > 0) terminal.exitWith(exitCodes.failure);
  if (json) return;
  for (const { line, serial, problem } of faults) {
    terminal.err(`${escapeForTerminal(`line ${line}${serial === null ? '' : ` (${serial})`}: ${problem}`)}\n`);
  }
}

/** What stands in the columns, without spaces around it; a column that says nothing is left out. */
export type Row = Readonly<Record<string, string>>;

function filled(fields: Row): Row {
  const trimmed = Object.entries(fields).map(([column, text]) => [column, text.trim()] as const);
  return Object.fromEntries(trimmed.filter(([, text]) => text !== ''));
}

async function claimOf(job: ClaimJob, row: Row): Promise<ClaimEntry> {
  const { manufacturer, network, name, code, organization = job.organization } = row;
  const label = code === undefined ? null : await labelOf(code, 'the column code');
  const serial = row['serial'] ?? label?.serial ?? null;
  if (serial === null)
    throw new CommandError('The serial is missing: add it, or give the text of the QR code as the code.');
  if (label !== null && label.serial !== null && label.serial !== serial)
    throw new CommandError(`The QR code is that of device ${label.serial}: correct the serial, or the code.`);
  const proving = { label, wish: { serial, organization, publisher: job.publisher }, terminal: job.terminal };
  if (label === null || job.as === 'operator') {
    if (name !== undefined)
      throw new CommandError('A name goes with a code: leave it out; the owner gives names, with "device place".');
    if (organization === undefined)
      throw new CommandError('The organization is missing: add the column, or give --for.');
    const input = { serial, manufacturer, organization, network };
    return withProof(proving, (labelProof) => job.client.addClaim({ ...input, labelProof }));
  }
  const { claimToken } = label;
  const input = { serial, manufacturer, organization, network, name, claimToken };
  return withProof(proving, (labelProof) => job.client.claimWithCode({ ...input, labelProof }));
}

/** Whether a device that is claimed already is so by whom it was to be claimed for. */
async function isTheirs(job: ClaimJob, row: Row): Promise<boolean> {
  const { serial = '', manufacturer, code, organization = job.organization } = row;
  // Claimed with a code, only one's own device is said to be claimed.
  if (code !== undefined && job.as === 'member') return true;
  const device = await job.client.showDevice({ serial, manufacturer }).catch(() => null);
  return device !== null && device.organization === organization;
}
