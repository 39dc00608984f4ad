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
  readonly organization?: string;
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
  const { serial = '' } = found.fields;
  try {
    const claim = await claimOf(job, found.fields);
    return { kind: 'claimed', serial: claim.serial };
  } catch (cause) {
    const { code, message } = summarizeError(cause);
    if (code === 'already-claimed' && (await isTheirs(job, found.fields))) return { kind: 'unchanged' };
    return faultOf(line, serial === '' ? null : serial, message, code);
  }
}

function faultOf(line: number, serial: string | null, problem: string, code = 'row'): Outcome {
  return { kind: 'fault', fault: { line, serial, code, problem } };
}

async function claimOf(job: ClaimJob, fields: Readonly<Record<string, string>>): Promise<ClaimEntry> {
  const label = filled(fields['code']) === undefined ? null : await labelOf(fields['code'] ?? '', 'the column code');
  const serial = filled(fields['serial']) ?? label?.serial ?? undefined;
  if (serial === undefined) throw new CommandError('The serial is missing.');
  if (label !== null && label.serial !== null && label.serial !== serial) {
    throw new CommandError('The QR code is that of another device than the serial.');
  }
  const { name, organization, ...rest } = wantedOf(job, fields);
  if (label !== null) {
    const mine = { ...(organization === undefined ? {} : { organization }), ...(name === undefined ? {} : { name }) };
    return job.client.claimWithCode({ ...rest, ...mine, serial, claimToken: label.claimToken });
  }
  if (name !== undefined) throw new CommandError('A name goes with a code: the owner gives names.');
  if (organization === undefined)
    throw new CommandError('The organization is missing: add the column, or give --organization.');
  return job.client.addClaim({ ...rest, organization, serial });
}

function wantedOf(job: ClaimJob, fields: Readonly<Record<string, string>>) {
  const [manufacturer, network, name] = ['manufacturer', 'network', 'name'].map((column) => filled(fields[column]));
  const organization = filled(fields['organization']) ?? job.organization;
  return {
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(network === undefined ? {} : { network }),
    name,
    organization,
  };
}

function filled(text: string | undefined): string | undefined {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? undefined : trimmed;
}

/** Whether a device that is claimed already is so by whom it was to be claimed for. */
async function isTheirs(job: ClaimJob, fields: Readonly<Record<string, string>>): Promise<boolean> {
  // Claimed with a code, only one's own device is said to be claimed.
  if (filled(fields['code']) !== undefined) return true;
  const { manufacturer, organization } = wantedOf(job, fields);
  const device = await job.client
    .showDevice({ serial: fields['serial'] ?? '', ...(manufacturer === undefined ? {} : { manufacturer }) })
    .catch(() => null);
  return device !== null && device.organization === organization;
}
