// What the checks read: the files that git tracks or would track, so that no build output and no leftover counts.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

export const root = new URL('../', import.meta.url).pathname;

/** The project's files below `folder`, relative to the root, that end in one of `endings`. */
export function projectFiles(folder: string, endings: readonly string[]): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', folder], {
    cwd: root,
  });
  return [...new Set(listed.toString().split('\n'))].filter(
    (file) => endings.some((ending) => file.endsWith(ending)) && existsSync(root + file),
  );
}

/** The text of a project's file. */
export function textOf(file: string): string {
  return readFileSync(root + file, 'utf8');
}

/** Prints the findings of a check, and makes the process fail when there are any. */
export function conclude(check: string, findings: readonly string[], fine: string): void {
  for (const finding of findings) console.error(`${check}: ${finding}`);
  if (findings.length > 0) process.exitCode = 1;
  else console.log(`${check}: ${fine}`);
}
