/** The `windlass` command: importing this file runs it. */
import { runProgram } from './program.ts';
import { processTerminal } from './terminal.ts';

// A reader that closes early (`windlass audit list | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
await runProgram(process.argv.slice(2), processTerminal(process.env));
