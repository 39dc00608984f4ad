/** The built products, run as a person would run them: `windlass` and `windlass-agent`, each call a process of its own. */
import { fileURLToPath } from 'node:url';
import { type CommandOptions, type CommandResult, runCommand } from '../run-command.ts';

const program = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** The argv of the `windlass` command with these arguments. */
export function windlassArgv(...args: readonly string[]): readonly string[] {
  return [process.execPath, program('cli/bin/windlass.js'), ...args];
}

/** The argv of the agent with these arguments; `node` is the Node to run it on. */
export function agentArgv(args: readonly string[], node: string = process.execPath): readonly string[] {
  return [node, program('agent/bin/windlass-agent.js'), ...args];
}

/** What `windlass ... --json` answered. @throws with the command's own words when it failed. */
export async function windlass(args: readonly string[], options: CommandOptions = {}): Promise<unknown> {
  const result = await runCommand(windlassArgv(...args, '--json'), options);
  if (result.code !== 0) throw new Error(`windlass ${args.join(' ')} ended with ${result.code}: ${wordsOf(result)}`);
  return JSON.parse(result.stdout);
}

/** The last words of a program, wherever it said them. */
export function wordsOf({ stdout, stderr }: CommandResult): string {
  return `${stderr}\n${stdout}`.trim();
}
