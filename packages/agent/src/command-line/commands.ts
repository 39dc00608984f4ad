// The commands of the agent: what they print, and with which code they end.
import { parseArgs } from 'node:util';
import type { Agent, AgentEvent } from '../agent.ts';
import { bootstrap } from '../bootstrap.ts';
import { openAgent } from '../open-agent.ts';
import type { ShiftMemory, ShiftOrder } from '../run/keep-running.ts';
import { NewerStateError, OtherServiceError } from '../state/agent-state.ts';
import { fillStores } from '../stores.ts';
import { AGENT_VERSION } from '../version.ts';
import { standingNow } from '../visit.ts';
import { loadRun } from './beside.ts';
import { type Files, importCommand, requestCommand } from './carried.ts';
import { changesTo, type Say } from './changes.ts';
import { readConfig } from './config/config.ts';
import { ConfigError } from './config/members.ts';
import { describeResult, EXIT, exitCodeOf } from './described.ts';
import { diskFaultOf } from './disk-fault.ts';
import { examine, helpWithDoctor } from './doctor.ts';
import { formerPaths, purgeFormer } from './former-bundles.ts';
import { takeLocks } from './lock.ts';
import { openWithRoutes } from './open-with-routes.ts';
import { resetCommand } from './reset.ts';
import { harmless, storeDetail } from './sentences.ts';
import { clockSetter } from './set-clock.ts';
import { goOnFrom, RUN_CORE, work } from './shift.ts';
import { showStatus } from './status.ts';
import { linesOf } from './story.ts';

/** What a command may do to the world around it. */
export interface Terminal {
  out(line: string): void;
  err(line: string): void;
  /** Resolves when the process is told to end; from the call on, that does not kill it any more. */
  untilStopped(): Promise<void>;
}

export const HELP = `windlass-agent COMMAND --config FILE [--json]

  bootstrap  one exchange with the service: get, check and install what this network needs
  run        the same again and again, as the service says, until SIGTERM
  status     what is trusted now; asks nobody
  reset      drop all of it; what protects against replay stays
  doctor     why the device is offline, and what to do: walks from the link to each endpoint; may run beside "run"
  request    for a device without a way out: write its request to a file (--out FILE)
  import     take the answer that was carried back: import FILE

  --json     one JSON object on standard output (run: one for each change)
  --for-it   doctor: a text to hand to the network team
  --offline  doctor: send no request to the service
  --out      request: the file, or - for standard output
  --report   import: a file for the report, to be carried to the service
  --version  the version of the agent

Example: windlass-agent bootstrap --config /etc/windlass/agent.json

Ends with 0 active, 1 usage, 2 configuration, 10 unclaimed, 11 awaiting approval, 12 not inspected, 20 no answer,
30 answer not valid, 31 refused by the service, 40 reverted, 70 no room on the disk or a fault of ours; doctor with a code for each cause: windlass-agent doctor --help.`;

/** The exit code of the command line `args`; everything that is to be said was said. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const given = parseCommand(args);
  if (given === 'help') {
    terminal.out(HELP);
    return 0;
  }
  if (given === 'version') {
    terminal.out(AGENT_VERSION);
    return 0;
  }
  if (given === 'doctor-help') return helpWithDoctor(terminal.out);
  if (typeof given === 'string') {
    terminal.err(`${given} Try windlass-agent --help.`);
    return EXIT.usage;
  }
  return explained(terminal, () => perform(given, terminal));
}

/** The exit code of one shift of `run`, which is the process `agent`, and what it leaves to the next one. */
export async function runShift(
  order: ShiftOrder,
  agent: number,
  terminal: Terminal,
): Promise<{ readonly code: number; readonly memory: ShiftMemory | null }> {
  let memory: ShiftMemory | null = null;
  const { config, json } = order;
  const given = { name: 'run', config, json, forIt: false, offline: false, file: '', report: null } as const;
  const leave = (left: ShiftMemory | null): void => {
    memory = left;
  };
  return { code: await explained(terminal, () => perform(given, terminal, { ...order, agent, leave })), memory };
}

/** With a sentence for what the operator can put right. */
async function explained({ err }: Terminal, act: () => Promise<number>): Promise<number> {
  try {
    return await act();
  } catch (error) {
    const disk = diskFaultOf(error);
    const problem = disk?.text ?? problemOf(error);
    if (problem === null) throw error;
    err(problem);
    return disk?.passes ? EXIT.fault : EXIT.configuration;
  }
}

interface Given extends Files {
  readonly name: (typeof NAMES)[number];
  readonly json: boolean;
  /** Of the doctor. */
  readonly forIt: boolean;
  readonly offline: boolean;
}

const NAMES = ['bootstrap', 'run', 'status', 'reset', 'doctor', 'request', 'import'] as const;

/** The command, `help`, `version`, `doctor-help`, or the sentence for what is wrong. */
function parseCommand(args: readonly string[]): Given | string {
  const options = {
    config: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean' },
    'for-it': { type: 'boolean' },
    offline: { type: 'boolean' },
    out: { type: 'string' },
    report: { type: 'string' },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const {
      config,
      json = false,
      help,
      version,
      'for-it': forIt = false,
      offline = false,
      out,
      report = null,
    } = values;
    const [given, answer, ...others] = positionals;
    const name = NAMES.find((each) => each === given);
    if (help) return name === 'doctor' ? 'doctor-help' : 'help';
    if (version) return 'version';
    if (!name) return `One of the commands ${NAMES.join(', ')} is needed.`;
    if (others.length > 0 || (answer !== undefined && name !== 'import'))
      return `After ${name} there is more than it takes: ${name === 'import' ? 'it takes one file' : 'it takes options alone'}.`;
    if ((forIt || offline) && name !== 'doctor') return 'The options --for-it and --offline are those of doctor.';
    if ((out === undefined) !== (name !== 'request'))
      return 'The option --out FILE is needed for request, and is for it alone.';
    if (report && name !== 'import') return 'The option --report is for import alone.';
    if (name === 'import' && answer === undefined) return 'The file with the answer is needed: import FILE.';
    if (!config) return 'The option --config FILE is needed.';
    return { name, config, json, forIt, offline, file: out ?? answer ?? '', report };
  } catch (error) {
    return error instanceof Error ? `${error.message.split('.')[0]}.` : '';
  }
}

/** A shift, and who takes what it leaves. */
interface ShiftAtWork extends ShiftOrder {
  readonly agent: number;
  leave(memory: ShiftMemory | null): void;
}

/** How many warnings a shift remembers, so that the next one does not say them again. */
const MAX_WARNED = 32;

async function perform(given: Given, terminal: Terminal, shift?: ShiftAtWork): Promise<number> {
  const { name, json } = given;
  const { warnings, ...config } = readConfig(given.config);
  const { learned = { open: {}, bad: [] }, warned = [] } = shift?.before ?? {};
  const wasSaid = new Set(warned);
  const warn = (warning: string): void => {
    if (!shift || !wasSaid.has(warning)) terminal.err(`warning: ${warning}`);
    wasSaid.add(warning);
  };
  if (!shift?.before) warnings.forEach(warn);
  const { stateDirectory, identity } = config;
  const { service } = identity;
  if (name === 'status') return showStatus(openAgent(config, { tell: () => {}, change: 'none' }), terminal.out, json);
  if (name === 'doctor') {
    const { agent, routes } = openWithRoutes(config, { tell: () => {}, change: 'none' }, warn);
    return examine(agent, { ...config, routes }, given, terminal);
  }
  const locks = await takeLocks(stateDirectory, shift?.agent);
  const said = { state: shift?.before?.said ?? '' };
  let isOver = true;
  try {
    const story =
      name === 'run' ? changesTo(sayTo(terminal, json), service, said) : json ? () => {} : storyTo(terminal, service);
    const { setSystemClock: command } = config;
    const setClock = command && clockSetter({ command, fault: () => agent.clock.fault(), say: terminal.err });
    const tell = (event: AgentEvent): void => {
      setClock?.(event);
      story(event);
    };
    const { agent }: { agent: Agent } = openWithRoutes(config, { tell, change: 'allowed', learned }, warn);
    if (shift?.before) goOnFrom(agent.clock, shift.before.clock);
    if (name === 'reset') return await resetCommand(agent, config, terminal, json);
    fillStores(agent, standingNow(agent)); // whatever happened when they were written last
    for (const store of purgeFormer(formerPaths(agent.state, config.trustStores)))
      warn(`trust store ${store.name} ${storeDetail(store)}.`);
    if (name === 'request') return await requestCommand(agent, config, given, terminal, json);
    if (name === 'import') return await importCommand(agent, given, terminal, json);
    if (!shift) return await COMMANDS[name](agent, terminal, json);
    const left = await work(agent, shift, said);
    shift.leave(left && { ...left, learned, warned: [...wasSaid].slice(-MAX_WARNED) });
    isOver = shift.isLast;
    return 0;
  } finally {
    locks.release(isOver ? 'all' : 'work');
  }
}

function sayTo({ out }: Terminal, json: boolean): Say {
  return (said, more) => out(json ? JSON.stringify({ said, ...more }) : said);
}

/** All that happens, for people. */
function storyTo({ out }: Terminal, service: string): (event: AgentEvent) => void {
  return (event) => {
    for (const line of linesOf(event, service)) out(line);
  };
}

const COMMANDS = {
  async bootstrap(agent: Agent, { out }: Terminal, json: boolean): Promise<number> {
    const result = await bootstrap(agent);
    if (json) out(JSON.stringify(describeResult(result, agent.identity.service)));
    return exitCodeOf(result.outcome);
  },
  async run(agent: Agent, { untilStopped }: Terminal): Promise<number> {
    const stopped = untilStopped();
    const { createRun, createNetworkWatch, createSleep } = await loadRun();
    const run = createRun(RUN_CORE);
    await run(agent, { stopped, sleep: createSleep(stopped), chance: Math.random, look: createNetworkWatch() });
    return 0;
  },
};

/** The sentence for what the operator can put right, or null: a fault of ours. */
function problemOf(error: unknown): string | null {
  if (error instanceof ConfigError) return error.message;
  if (error instanceof OtherServiceError)
    return `The state directory belongs to the service ${harmless(error.message)}: use another one.`;
  if (error instanceof NewerStateError)
    return `A newer agent wrote the state directory (version ${error.message}): start that one. Nothing was changed; do not delete it, or old messages can be replayed.`;
  return null;
}
