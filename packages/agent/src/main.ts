// The entry of windlass-agent on the device. It loads nothing but what the command needs: `run` waits for years in a process that has neither
// TLS nor certificates in its memory. @see decisions/0020
import { createRequire } from 'node:module';
import { uptime } from 'node:os';
import { parseCommandLine, type RunAsked } from './command-line/parse.ts';
import type { Terminal } from './command-line/terminal.ts';
import type { Shift, ShiftMemory, ShiftOrder } from './run/keep-running.ts';

// To `import` it reads all of its members and loads what those need: memory that waits for years.
const { fork }: typeof import('node:child_process') = createRequire(import.meta.url)('node:child_process');

const EXIT_CONFIGURATION = 2;
/** Not one of the documented codes: a fault of ours. */
const EXIT_INTERNAL = 70;
/** What `run` starts, with an order by a channel between the two; nobody else has a use for it. */
const SHIFT = 'shift';

interface SentOrder extends ShiftOrder {
  /** The process that waits, by its own word: the parent of one that lost it is another one, which may live as long as the machine. */
  readonly agent: number;
}

const terminal: Terminal = {
  out: (line) => console.log(line),
  err: (line) => console.error(line),
};

try {
  process.exitCode = await begin(process.argv.slice(2));
} catch (error) {
  console.error(error);
  process.exitCode = EXIT_INTERNAL;
}
// An exchange that was cut off by a signal still has its sockets; the state on the disk is whole at any moment.
process.exit();

async function begin(args: readonly string[]): Promise<number> {
  const asked = args[0] === SHIFT && process.send ? null : parseCommandLine(args);
  if (asked?.kind === 'run') return run(asked);
  const file = await beside('commands', import('./command-line/commands.ts'));
  if (!file) return EXIT_CONFIGURATION;
  const { runCommand, runShift } = file;
  if (asked) return runCommand(asked, terminal);
  // Without the process that waits there is nobody to work for.
  process.once('disconnect', () => process.exit());
  const { agent, ...order } = await new Promise<SentOrder>((resolve) =>
    process.once('message', resolve as (order: unknown) => void),
  );
  const { code, memory } = await runShift(order, agent, terminal);
  await new Promise((resolve) => process.send?.(memory, resolve));
  return code;
}

/** A file that belongs beside this one; null: it is not there, and that was said. */
async function beside<T>(name: string, file: Promise<T>): Promise<T | null> {
  try {
    return await file;
  } catch (error) {
    const reason = `${error instanceof Error ? error.message : error}`.split('\n')[0];
    terminal.err(`windlass-agent-${name}.mjs belongs beside the agent, from the same build: ${reason}`);
    return null;
  }
}

async function run({ config, json }: RunAsked): Promise<number> {
  // From here on neither signal kills it.
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => resolve());
  });
  const file = await beside('run', import('./run/run.ts'));
  if (!file) return EXIT_CONFIGURATION;
  const { createNetworkWatch, createSleep, keepRunning } = file;
  const look = createNetworkWatch();
  const options = { stopped, sleep: createSleep(stopped), chance: Math.random, look, uptime, start: startShift };
  return keepRunning({ config, json }, options);
}

function startShift(order: ShiftOrder): Shift {
  const child = fork(process.argv[1] ?? '', [SHIFT], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  let memory: ShiftMemory | null = null;
  child.on('message', (left) => {
    memory = left as ShiftMemory | null;
  });
  const done: Shift['done'] = new Promise((resolve) => {
    child.on('error', () => resolve({ code: EXIT_INTERNAL, memory: null }));
    child.on('close', (code) => resolve({ code: code ?? EXIT_INTERNAL, memory: code === 0 ? memory : null }));
  });
  const sent: SentOrder = { ...order, agent: process.pid };
  child.send(sent, () => {}); // a child that is gone already says so by its end
  return { done, stop: () => child.kill() };
}
