/** `windlass-agent run` as a process of its own, seen from outside: when it connects, by its relay, and when it says how an exchange ended. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { agentArgv } from '../windlass/commands.ts';
import type { Seen } from './arrivals.ts';

/** A line of the program, and when it came here. */
export interface Line {
  readonly at: number;
  readonly text: string;
}

export interface Program {
  readonly lines: readonly Line[];
  /** The process has ended. */
  readonly stop: () => Promise<void>;
}

/** The program is being started. */
export function startProgram(configFile: string): Program {
  const [command = '', ...rest] = agentArgv(['run', '--config', configFile, '--json']);
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  const lines: Line[] = [];
  createInterface(child.stdout).on('line', (text) => {
    lines.push({ at: performance.timeOrigin + performance.now(), text });
  });
  return {
    lines,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/**
 * What connections and lines show. An exchange ends with the connection of its report, and waits count from its end: so an answer is dated
 * to the last connection before the line about it, and what is measured from there is no shorter than the wait.
 */
export function seenOf(serial: string, connections: readonly number[], lines: readonly Line[]): readonly Seen[] {
  return [
    ...connections.map((at): Seen => ({ kind: 'asked', serial, at })),
    ...lines.flatMap(({ at, text }): readonly Seen[] => {
      const { outcome } = text.startsWith('{') ? (JSON.parse(text) as { outcome?: string }) : {};
      const last = connections.findLast((connection) => connection <= at);
      return outcome === undefined || last === undefined ? [] : [{ kind: 'told', serial, at: last, outcome }];
    }),
  ];
}
