// What is known of the time, how far the system's clock is believed, and how it is set.
import { type JsonValue, parseTime } from '@windlass/protocol';
import type { AgentConfig } from '../../open-agent.ts';
import { AGENT_RELEASED } from '../../version.ts';
import type { ClockCommand } from '../set-clock.ts';
import type { Members } from './members.ts';

export interface ClockConfig extends Pick<AgentConfig, 'clock' | 'firmwareBuild'> {
  /** Null: the system's clock is left alone. */
  readonly setSystemClock: ClockCommand | null;
}

/** @throws ConfigError */
export function readClock(members: Members): ClockConfig {
  const clock = members.oneOf('clock', ['untrusted', 'trusted']);
  const form = 'like ["/usr/bin/date", "-u", "-s", "@{}"]: a program with its path, and where the time goes';
  const setSystemClock = members.parsed<ClockCommand | null>('setSystemClock', parseCommand, form, null);
  if (setSystemClock && clock === 'trusted')
    throw members.problem('"setSystemClock": a clock that is trusted is not set: leave out this, or "clock"');
  return {
    clock,
    firmwareBuild: members.parsed('firmwareBuild', parseTime, 'a time like 2026-01-31T08:00:00Z', AGENT_RELEASED),
    setSystemClock,
  };
}

const MAX_WORDS = 16;

function parseCommand(value: JsonValue): ClockCommand {
  const words = (Array.isArray(value) ? value : []).filter((word): word is string => typeof word === 'string');
  const [program = '', ...args] = words;
  const isWhole = Array.isArray(value) && words.length === value.length && words.length <= MAX_WORDS;
  if (!isWhole || !program.startsWith('/') || !args.some((word) => word.includes('{}'))) throw new Error();
  return [program, ...args];
}
