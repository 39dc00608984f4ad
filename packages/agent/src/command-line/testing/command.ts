// A command as it is typed, in the test's own process.
import { runCommand } from '../commands.ts';
import { parseCommandLine } from '../parse.ts';
import type { Terminal } from '../terminal.ts';

/** The exit code of `windlass-agent ARGS`; `run` has processes of its own. */
export async function typed(args: readonly string[], terminal: Terminal): Promise<number> {
  const asked = parseCommandLine(args);
  if (asked.kind === 'run') throw new Error('run is not one command');
  return runCommand(asked, terminal);
}
