// Setting the system's clock, where the configuration has a command for it: other programs judge certificates by that clock. Only forwards,
// to a time that was signed or to the floor, and never a clock that the configuration trusts.
import { spawnSync } from 'node:child_process';
import { formatTime, type UnixSeconds } from '@windlass/protocol';
import type { AgentEvent } from '../agent.ts';
import type { ClockFault } from '../result.ts';

/** A program and its arguments; `{}` in these stands for the seconds since 1970. No shell looks at them. */
export type ClockCommand = readonly [string, ...string[]];

export interface ClockSetter {
  readonly command: ClockCommand;
  /** What is wrong with the system's clock by now. */
  fault(): ClockFault | null;
  say(line: string): void;
  /** How long it may take, in milliseconds; then it is killed, whatever it does about other signals: the agent waits for it. */
  readonly longest?: number;
}

const DEADLINE_MILLISECONDS = 10_000;

/**
 * Takes the events of an agent: once per exchange, at the accepted answer, so that what is proved afterwards is proved with the right
 * clock, or else at the end, a clock that is behind is set, and how that went is said.
 */
export function clockSetter({
  command,
  fault,
  say,
  longest = DEADLINE_MILLISECONDS,
}: ClockSetter): (event: AgentEvent) => void {
  let wasTried = false;
  return ({ kind }) => {
    if (kind !== 'accepted' && kind !== 'ended') return;
    const wrong = wasTried ? null : fault();
    wasTried = kind === 'accepted';
    if (wrong && wrong.known > wrong.system) say(setTo(command, wrong.known, { fault, longest }));
  };
}

function setTo(
  [program, ...args]: ClockCommand,
  time: UnixSeconds,
  { fault, longest }: Required<Pick<ClockSetter, 'fault' | 'longest'>>,
): string {
  const given = args.map((arg) => arg.replaceAll('{}', `${time}`));
  const options = { stdio: 'ignore', timeout: longest, killSignal: 'SIGKILL' } as const;
  const { status, signal, error } = spawnSync(program, given, options);
  const failed = error && 'code' in error ? `${error.code}` : status === 0 ? null : `exit ${status ?? signal}`;
  if (failed !== null) return `the system clock was not set to ${formatTime(time)}: ${program}: ${failed}`;
  return fault() === null
    ? `system clock set to ${formatTime(time)}`
    : `${program} ended well, and the system clock is still wrong`;
}
