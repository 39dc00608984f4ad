// The commands of the agent that do one thing and end: what they print, and with which code they end. And the shifts of the one that runs.
import type { AgentEvent } from '../agent.ts';
import { bootstrap } from '../bootstrap.ts';
import { openAgent } from '../open-agent.ts';
import { AGENT_VERSION } from '../version.ts';
import { importCommand, requestCommand } from './carried.ts';
import { readConfig } from './config/config.ts';
import { describeResult, EXIT, exitCodeOf } from './described.ts';
import { examine, helpWithDoctor } from './doctor.ts';
import { explained } from './explained.ts';
import { HELP, HELP_OF } from './help.ts';
import { takeLocks } from './lock.ts';
import { openToChange, tidyStores } from './open-to-change.ts';
import { openWithRoutes } from './open-with-routes.ts';
import type { Asked, Command } from './parse.ts';
import { resetCommand } from './reset.ts';
import { showStatus } from './status.ts';
import { linesOf } from './story.ts';
import type { Terminal } from './terminal.ts';

export { runShift } from './shift.ts';

/** The exit code of what was asked for; everything that is to be said was said. */
export async function runCommand(asked: Asked, terminal: Terminal): Promise<number> {
  switch (asked.kind) {
    case 'help':
      if (asked.of === 'doctor') return explained(terminal, () => helpWithDoctor(terminal.out));
      terminal.out(asked.of ? HELP_OF[asked.of] : HELP);
      return 0;
    case 'version':
      terminal.out(AGENT_VERSION);
      return 0;
    case 'mistake':
      terminal.err(`${asked.says} Try windlass-agent --help.`);
      return EXIT.usage;
    case 'command':
      return explained(terminal, () => perform(asked, terminal));
  }
}

/** Without a lock, because `run` may be working. */
const LOOKING = { tell: () => {}, change: 'none' } as const;

async function perform(command: Command, terminal: Terminal): Promise<number> {
  const { warnings, ...config } = readConfig(command.config);
  const warn = (text: string): void => terminal.err(`warning: ${text}`);
  warnings.forEach(warn);
  const { name, json } = command;
  if (name === 'status') return showStatus(openAgent(config, LOOKING), terminal.out, json);
  if (name === 'doctor') {
    const { agent, routes } = openWithRoutes(config, LOOKING, warn);
    return examine(agent, { ...config, routes }, command, terminal);
  }
  const locks = await takeLocks(config.stateDirectory);
  try {
    const tell = json ? () => {} : storyTo(terminal, config.identity.service);
    const agent = openToChange(config, { tell, warn, say: terminal.err });
    if (name === 'reset') return await resetCommand(agent, config, terminal, json);
    tidyStores(agent, config, warn);
    if (name === 'request') return await requestCommand(agent, config, command, terminal, json);
    if (name === 'import') return await importCommand(agent, command, terminal, json);
    const result = await bootstrap(agent);
    if (json) terminal.out(JSON.stringify(describeResult(result, agent.identity.service)));
    return exitCodeOf(result.outcome);
  } finally {
    locks.release('all');
  }
}

/** All that happens, for people. */
function storyTo({ out }: Terminal, service: string): (event: AgentEvent) => void {
  return (event) => {
    for (const line of linesOf(event, service)) out(line);
  };
}
