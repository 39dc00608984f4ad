// The entry of windlass-agent on the device.
import { runCommand } from './command-line/commands.ts';

/** Not one of the documented codes: a fault of ours. */
const EXIT_INTERNAL = 70;

try {
  process.exitCode = await runCommand(process.argv.slice(2), {
    out: (line) => console.log(line),
    err: (line) => console.error(line),
    untilStopped: () => new Promise((resolve) => process.once('SIGTERM', resolve).once('SIGINT', resolve)),
  });
} catch (error) {
  console.error(error);
  process.exitCode = EXIT_INTERNAL;
}
// An exchange that was cut off by a signal still has its sockets; the state on the disk is whole at any moment.
process.exit();
