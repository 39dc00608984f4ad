// The four commands of the agent: what they print, and with which code they end.
import { parseArgs } from 'node:util';
import type { Agent } from './agent.ts';
import { bootstrap } from './bootstrap.ts';
import { type AgentConfig, readConfig } from './config.ts';
import { ConfigError } from './config-members.ts';
import { type OpenOptions, openAgent } from './open-agent.ts';
import { resetAgent } from './reset.ts';
import { EXIT, exitCodeOf, forPrograms } from './result.ts';
import { runAgent } from './run.ts';
import { OtherServiceError } from './state/agent-state.ts';
import { takeLock } from './state/lock.ts';
import { showStatus } from './status.ts';
import { fillStores } from './stores.ts';
import { droppedText, harmless } from './story.ts';
import { standingNow } from './visit.ts';

/** What a command may do to the world around it. */
export interface Terminal {
  out(line: string): void;
  err(line: string): void;
  /** Resolves when the process is told to end; from the call on, that does not kill it any more. */
  untilStopped(): Promise<void>;
}

export const HELP = `windlass-agent COMMAND --config FILE [--json]

  bootstrap  one exchange with the service: get the claim and the security profile, check them, install the inspection CAs
  run        the same again and again, as the service says, until SIGTERM
  status     what is trusted now; asks nobody
  reset      drop every inspection CA of ours from every trust store; what protects against replay stays

  --json     one JSON object on standard output (run: one for each change of state)

Example: windlass-agent bootstrap --config /etc/windlass/agent.json

Ends with 0 active, 1 usage, 2 configuration, 10 unclaimed, 11 awaiting approval, 12 not inspected, 20 no answer,
30 answer not valid, 31 refused by the service, 40 reverted.`;

type Command = (agent: Agent, io: Terminal, json: boolean) => Promise<number>;

/** The exit code of the command line `args`; everything that is to be said was said. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const given = parseCommand(args);
  if (given.kind === 'help') {
    terminal.out(HELP);
    return EXIT.ok;
  }
  if (given.kind === 'usage') {
    terminal.err(`${given.problem} Try windlass-agent --help.`);
    return EXIT.usage;
  }
  try {
    return await withConfig(readConfig(given.config), given, terminal);
  } catch (error) {
    const problem = problemOf(error);
    if (problem === null) throw error;
    terminal.err(problem);
    return EXIT.configuration;
  }
}

interface Given {
  readonly kind: 'command';
  readonly name: 'bootstrap' | 'run' | 'status' | 'reset';
  readonly config: string;
  readonly json: boolean;
}

function parseCommand(args: readonly string[]): Given | { kind: 'help' } | { kind: 'usage'; problem: string } {
  const options = {
    config: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (values.help || positionals[0] === 'help') return { kind: 'help' };
    const [name, ...more] = positionals;
    const known = (['bootstrap', 'run', 'status', 'reset'] as const).find((each) => each === name);
    if (!known || more.length > 0)
      return { kind: 'usage', problem: 'One of the commands bootstrap, run, status, reset is needed.' };
    if (values.config === undefined) return { kind: 'usage', problem: 'The option --config FILE is needed.' };
    return { kind: 'command', name: known, config: values.config, json: values.json ?? false };
  } catch (error) {
    return { kind: 'usage', problem: error instanceof Error ? `${error.message.split('.')[0]}.` : '' };
  }
}

async function withConfig(config: AgentConfig, { name, json }: Given, terminal: Terminal): Promise<number> {
  for (const warning of config.warnings) terminal.err(`warning: ${warning}`);
  const tell = json || name === 'run' ? () => undefined : terminal.out;
  const open = (change: OpenOptions['change']): Agent => openAgent(config, { tell, change });
  if (name === 'status') return showStatus(open('none'), terminal.out, json);
  const lock = takeLock(config.stateDirectory);
  if (lock.kind === 'busy')
    throw new ConfigError(`Another agent (process ${lock.pid}) works on ${config.stateDirectory}: stop it first.`);
  try {
    return await COMMANDS[name](open('allowed'), terminal, json);
  } finally {
    lock.release();
  }
}

const COMMANDS: Readonly<Record<'bootstrap' | 'run' | 'reset', Command>> = {
  async bootstrap(agent, terminal, json) {
    fillStores(agent, standingNow(agent)); // whatever happened when they were written last
    const result = await bootstrap(agent);
    if (json) terminal.out(JSON.stringify(forPrograms(result)));
    return exitCodeOf(result.outcome);
  },
  async run(agent, terminal, json) {
    fillStores(agent, standingNow(agent)); // whatever happened when they were written last
    const stopped = terminal.untilStopped();
    await runAgent(agent, {
      stopped,
      say: (line, result) =>
        terminal.out(json ? JSON.stringify({ said: line, ...(result ? forPrograms(result) : {}) }) : line),
      sleep: (seconds) => sleepUnless(stopped, seconds),
      chance: Math.random,
    });
    return EXIT.ok;
  },
  async reset(agent, terminal, json) {
    const { organization, removed, unwritten } = resetAgent(agent);
    if (json) terminal.out(JSON.stringify({ outcome: 'reset', organization, removed, unwritten }));
    for (const key of removed) agent.tell(droppedText(key));
    for (const store of unwritten) terminal.err(`trust store ${store.name} ${store.detail}.`);
    if (unwritten.length > 0) return EXIT.configuration;
    agent.tell(
      `reset: ${organization ? `claim and profiles of ${organization} are forgotten` : 'nothing was held'}, no anchor of ours is left`,
    );
    return EXIT.ok;
  },
};

/** The sentence for what the operator can put right, or null: a fault of ours. */
function problemOf(error: unknown): string | null {
  if (error instanceof ConfigError) return error.message;
  if (error instanceof OtherServiceError) {
    return `The state directory belongs to the service ${harmless(error.message)}: give this one another state directory.`;
  }
  if (error instanceof Error && 'syscall' in error && 'path' in error)
    return `${String(error.path)}: ${error.message.split(',')[0]}.`;
  return null;
}

async function sleepUnless(stopped: Promise<void>, seconds: number): Promise<void> {
  const timer: { id?: NodeJS.Timeout } = {};
  const slept = new Promise<void>((resolve) => {
    timer.id = setTimeout(resolve, seconds * 1000);
  });
  await Promise.race([slept, stopped]);
  clearTimeout(timer.id);
}
