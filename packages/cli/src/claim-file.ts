/** A file of devices that are to be claimed: row after row, each on its own, so that one that cannot be claimed stops no other. */
import type { ClaimEntry, ManagementClient } from '@windlass/management';
import { labelOf } from './claim-code-input.ts';
import { CommandError, summarizeError } from './errors.ts';
import { type Progress, spaced } from './progress.ts';
import { type FileRow, readRows } from './row-file.ts';

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
  readonly progress: Progress;
}

/** After these nothing else would go better. */
const endings = ['rate-limited', 'unauthenticated', 'unreachable', 'tls-untrusted', 'timeout', 'not-windlass'];

/** Every row was tried, in order, until one that says that no other can succeed. @throws CommandError */
export async function claimFile(job: ClaimJob): Promise<ClaimImport> {
  const claimed: string[] = [];
  const faults: ClaimFault[] = [];
  let [rows, unchanged] = [0, 0];
  for await (const found of readRows(job.path, claimColumns)) {
    rows += 1;
    const outcome = await claimRow(job, found);
    if (outcome.kind === 'claimed') claimed.push(outcome.serial);
    else if (outcome.kind === 'unchanged') unchanged += 1;
    else faults.push(outcome.fault);
    job.progress.show(`claimed: ${spaced(claimed.length)}, not claimed: ${spaced(faults.length)}`);
    if (outcome.kind === 'fault' && endings.includes(outcome.fault.code)) break;
  }
  if (rows === 0) throw new CommandError(`${job.path} has no rows: nothing is to be claimed.`);
  return { rows, claimed, unchanged, faults };
}

type Outcome =
  | { readonly kind: 'claimed'; readonly serial: string }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'fault'; readonly fault: ClaimFault };

async function claimRow(job: ClaimJob, found: FileRow): Promise<Outcome> {
  const { line } = found;
  if (found.kind === 'fault') return faultOf(line, null, `${found.field} ${found.problem}`);
  const row = filled(found.fields);
  try {
    const claim = await claimOf(job, row);
    return { kind: 'claimed', serial: claim.serial };
  } catch (cause) {
    const { code, message } = summarizeError(cause);
    if (code === 'already-claimed' && (await isTheirs(job, row))) return { kind: 'unchanged' };
    return faultOf(line, row['serial'] ?? null, message, code);
  }
}

function faultOf(line: number, serial: string | null, problem: string, code = 'row'): Outcome {
  return { kind: 'fault', fault: { line, serial, code, problem } };
}

/** What stands in the columns, without spaces around it; a column that says nothing is left out. */
type Row = Readonly<Record<string, string>>;

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
  if (label === null) {
    if (name !== undefined)
      throw new CommandError('A name goes with a code: leave it out; the owner gives names, with "device place".');
    if (organization === undefined)
      throw new CommandError('The organization is missing: add the column, or give --for.');
    return job.client.addClaim({ serial, manufacturer, organization, network });
  }
  if (label.serial !== null && label.serial !== serial)
    throw new CommandError(`The QR code is that of device ${label.serial}: correct the serial, or the code.`);
  const { claimToken } = label;
  return job.client.claimWithCode({ serial, manufacturer, organization, network, name, claimToken });
}

/** Whether a device that is claimed already is so by whom it was to be claimed for. */
async function isTheirs(job: ClaimJob, row: Row): Promise<boolean> {
  const { serial = '', manufacturer, code, organization = job.organization } = row;
  // Claimed with a code, only one's own device is said to be claimed.
  if (code !== undefined) return true;
  const device = await job.client.showDevice({ serial, manufacturer }).catch(() => null);
  return device !== null && device.organization === organization;
}
