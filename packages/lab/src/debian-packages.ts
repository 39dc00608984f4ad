/**
 * The Debian packages that the lab's real boxes come from. Elsewhere, or without root, nothing is touched and the answer says
 * what is missing. No service is ever started by an installation: policy-rc.d says no for its duration and is put back.
 */
import { access, chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withFileLock } from './file-lock.ts';
import { type CommandResult, runCommand } from './run-command.ts';

/** Everything any box, origin or stock client of the lab needs; about 90 MB together. */
export const labPackages = [
  'iproute2',
  'nftables',
  'squid-openssl',
  'mitmproxy',
  'sslsplit',
  'tinyproxy',
  'mosquitto',
  'mosquitto-clients',
  'curl',
  'jq',
  'openssl',
  'ca-certificates',
  'faketime',
] as const;

/** A PKCS#11 token in files, and what lets openssl sign with a key in it: for tests of publishers that keep theirs in a token. */
export const tokenPackages = ['softhsm2', 'libengine-pkcs11-openssl'] as const;

/** PostgreSQL, for the tests that start a server of their own; about 60 MB. */
export const databasePackages = ['postgresql-15'] as const;

export type PackagesVerdict =
  | { readonly kind: 'ready' }
  | { readonly kind: 'missing'; readonly packages: readonly string[]; readonly reason: string };

const lockFile = '/tmp/windlass-lab-packages.lock';
const installDeadlineMs = 10 * 60_000;

/**
 * The named Debian packages are installed, or the verdict says in one sentence which are missing and why they stay so.
 * Safe to call from many processes at once: one installs, the others wait.
 */
export async function ensureDebianPackages(names: readonly string[]): Promise<PackagesVerdict> {
  if (!(await isDebian())) return missing(names, 'this is not Debian');
  if ((await missingPackages(names)).length === 0) return { kind: 'ready' };
  if (process.getuid?.() !== 0) return missing(await missingPackages(names), 'installing them needs root');
  return withFileLock(lockFile, installDeadlineMs, async () => {
    const absent = await missingPackages(names);
    if (absent.length === 0) return { kind: 'ready' };
    const failure = await withoutServiceStarts(async () => {
      if (absent.some((name) => name.startsWith('postgresql'))) await forbidMainCluster();
      return install(absent);
    });
    const still = await missingPackages(names);
    return still.length === 0 ? { kind: 'ready' } : missing(still, failure ?? 'apt-get did not install them');
  });
}

export async function isDebian(): Promise<boolean> {
  return access('/etc/debian_version').then(
    () => true,
    () => false,
  );
}

function missing(packages: readonly string[], why: string): PackagesVerdict {
  const reason = `missing Debian packages: ${packages.join(' ')} (${why}).`;
  return { kind: 'missing', packages, reason };
}

async function missingPackages(names: readonly string[]): Promise<readonly string[]> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders
  const { stdout } = await runCommand(['dpkg-query', '-W', '-f', '${Package} ${db:Status-Status}\n', ...names]);
  const installed = new Set(stdout.split('\n').filter((line) => line.endsWith(' installed')));
  return names.filter((name) => !installed.has(`${name} installed`));
}

async function install(names: readonly string[]): Promise<string | undefined> {
  process.stderr.write(`lab: installing Debian packages (once): ${names.join(' ')} ...\n`);
  const started = Date.now();
  let result = await aptInstall(names);
  if (result.code !== 0) {
    process.stderr.write('lab: refreshing the package lists (apt-get update) ...\n');
    await apt(['update']);
    result = await aptInstall(names);
  }
  process.stderr.write(`lab: apt-get ended with ${result.code} after ${Math.round((Date.now() - started) / 1000)} s\n`);
  return result.code === 0 ? undefined : `apt-get says: ${lastError(result)}`;
}

// --no-remove: squid-openssl conflicts with squid, and a squid that somebody else uses must not vanish.
function aptInstall(names: readonly string[]): Promise<CommandResult> {
  return apt(['install', '--yes', '--no-install-recommends', '--no-remove', ...names]);
}

function apt(argv: readonly string[]): Promise<CommandResult> {
  return runCommand(['apt-get', '-qq', '-o', 'DPkg::Lock::Timeout=300', ...argv], {
    env: { DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'l' },
    deadlineMs: installDeadlineMs,
  });
}

function lastError(result: CommandResult): string {
  const lines = result.stderr.split('\n').filter((line) => line.startsWith('E:'));
  return lines.at(-1) ?? (result.timedOut ? 'no end in sight' : 'nothing');
}

const policyFile = '/usr/sbin/policy-rc.d';
const policyBackup = `${policyFile}.before-windlass-lab`;
const policyText =
  '#!/bin/sh\n# Written by the Windlass lab while it installs packages: no service may start.\nexit 101\n';

async function withoutServiceStarts<T>(action: () => Promise<T>): Promise<T> {
  await restorePolicy();
  await rename(policyFile, policyBackup).catch(ignoreAbsence);
  await writeFile(policyFile, policyText);
  await chmod(policyFile, 0o755);
  try {
    return await action();
  } finally {
    await restorePolicy();
  }
}

// Also mends what an installation that was killed left behind.
async function restorePolicy(): Promise<void> {
  const text = await readFile(policyFile, 'utf8').catch(() => undefined);
  if (text === policyText) await rm(policyFile);
  await rename(policyBackup, policyFile).catch(ignoreAbsence);
}

const clusterFile = '/etc/postgresql-common/createcluster.conf';
const clusterText =
  '# Written by the Windlass lab: its tests make clusters of their own.\ncreate_main_cluster = false\n';

// Debian's PostgreSQL makes a cluster when it is installed, which the next start of the machine would run. Whoever has
// postgresql-common has decided on that already.
async function forbidMainCluster(): Promise<void> {
  const decided = await access(clusterFile).then(
    () => true,
    () => false,
  );
  if (decided) return;
  await mkdir(dirname(clusterFile), { recursive: true });
  await writeFile(clusterFile, clusterText);
}

function ignoreAbsence(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
