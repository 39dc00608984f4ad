/** Whether this machine can run the lab of real boxes, and the loud words when it cannot. */
import { ensureDebianPackages, isDebian } from './debian-packages.ts';
import { runCommand } from './run-command.ts';

export type LabVerdict = { readonly kind: 'yes' } | { readonly kind: 'no'; readonly reason: string };

/**
 * 'yes': we are root on Debian, and network namespaces can be made. 'no' carries one sentence that says what is missing.
 * @throws instead of 'no' when the environment says CI=true: there, a lab that does not run is a failure.
 */
export async function canRunLab(): Promise<LabVerdict> {
  return strictInCi(await probe(), process.env['CI']);
}

/**
 * True when the lab can run and `packages` are installed. Otherwise prints what is not run and why, and returns false.
 * Meant for `describe.runIf(await labIsReady(...))` at the top of a `*.lab.test.ts` (no hook timeout counts there).
 * @throws instead of false when CI=true.
 */
export async function labIsReady(what: string, packages: readonly string[]): Promise<boolean> {
  const verdict = await withPackages(packages);
  if (verdict.kind === 'yes') return true;
  process.stderr.write(`\n*** LAB NOT RUN: ${what}: ${verdict.reason}\n\n`);
  return false;
}

async function withPackages(packages: readonly string[]): Promise<LabVerdict> {
  const verdict = await canRunLab();
  if (verdict.kind === 'no') return verdict;
  const present = await ensureDebianPackages(packages);
  return present.kind === 'ready' ? verdict : strictInCi({ kind: 'no', reason: present.reason }, process.env['CI']);
}

async function probe(): Promise<LabVerdict> {
  if (process.getuid?.() !== 0) return no('the lab of real boxes needs root; run it with sudo.');
  if (!(await isDebian())) return no('the lab of real boxes needs Debian.');
  const packages = await ensureDebianPackages(['iproute2']);
  if (packages.kind === 'missing') return no(packages.reason);
  const name = `windlass-probe-${process.pid}-${process.hrtime.bigint()}`;
  const added = await runCommand(['ip', 'netns', 'add', name]);
  if (added.code !== 0) return no(`network namespaces cannot be made here: ${added.stderr.trim()}.`);
  await runCommand(['ip', 'netns', 'delete', name]);
  return { kind: 'yes' };
}

function no(reason: string): LabVerdict {
  return { kind: 'no', reason };
}

/** The verdict itself. @throws for 'no' when `ci` is 'true'. */
export function strictInCi(verdict: LabVerdict, ci: string | undefined): LabVerdict {
  if (verdict.kind === 'no' && ci === 'true') throw new Error(`CI=true, but the lab cannot run: ${verdict.reason}`);
  return verdict;
}
