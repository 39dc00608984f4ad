// The oldest Node that the agent is for.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The first node of version 20 on the path; where there is none, the one that runs this. */
export function findNode20(): string {
  const candidates = (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, 'node'));
  const isNode20 = (path: string): boolean =>
    existsSync(path) && spawnSync(path, ['--version']).stdout.toString().startsWith('v20.');
  return candidates.find(isNode20) ?? process.execPath;
}
