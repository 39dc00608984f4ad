/** Load on a server and what it costs the server: its CPU time before and after, the driver in another process. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun, nodeScript, writeSecret } from '@windlass/lab';
import { cpuSecondsOf } from '../process-figures.ts';

/** What the loading process reads from its file. */
export interface LoadPlan {
  readonly port: number;
  readonly concurrency: number;
  /** Text that every answer must contain, beside status 200. */
  readonly expect: string;
  /** One file for each request, whole as it goes onto the connection. */
  readonly requestFiles: readonly string[];
  readonly tls?: LoadTls;
}

export interface LoadTls {
  readonly caPem: string;
  readonly name: string;
  readonly clientCertificatePem?: string | undefined;
  readonly clientKeyPem?: string | undefined;
}

/** What the loading process prints. */
export interface LoadResult {
  readonly done: number;
  readonly failed: number;
  /** The beginning of the first answer that was not the expected one. */
  readonly firstFailure: string;
  readonly seconds: number;
}

export interface Load {
  /** For file names. */
  readonly name: string;
  /** Private directory. */
  readonly directory: string;
  /** The process that is loaded; its workers count too. */
  readonly pid: number;
  readonly port: number;
  readonly tls?: LoadTls;
  readonly expect: string;
  /** Each is sent once, in this order. */
  readonly requests: readonly string[];
  /** So many of them come first and are not counted. */
  readonly warmUp: number;
}

const concurrency = 4;
const deadlineMs = 40_000;

/** CPU milliseconds of the server for each request after the warm-up. @throws when one request did not get the expected answer */
export async function cpuMsPerRequest(load: Load): Promise<number> {
  await drive(load, 'warm-up', load.requests.slice(0, load.warmUp));
  const before = await cpuSecondsOf(load.pid);
  const measured = load.requests.slice(load.warmUp);
  await drive(load, 'measured', measured);
  return (((await cpuSecondsOf(load.pid)) - before) / measured.length) * 1000;
}

async function drive(load: Load, part: string, requests: readonly string[]): Promise<void> {
  const { port, expect, tls } = load;
  const directory = join(load.directory, `${load.name}-${part}`);
  await mkdir(directory, { mode: 0o700 });
  const requestFiles = requests.map((_, index) => join(directory, String(index)));
  await Promise.all(requests.map((request, index) => writeFile(requestFiles[index] ?? '', request)));
  const plan: LoadPlan = { port, concurrency, expect, requestFiles, ...(tls ? { tls } : {}) };
  const planFile = join(directory, 'plan.json');
  await writeSecret(planFile, JSON.stringify(plan));
  const output = await mustRun([...nodeScript(import.meta.url, './load-main'), planFile], { deadlineMs });
  const result: LoadResult = JSON.parse(output);
  if (result.failed > 0)
    throw new Error(
      `${load.name}: ${result.failed} of ${requests.length} requests failed, the first with: ${result.firstFailure}`,
    );
}
