// What keeps a command from its work and the operator can put right, as a sentence and an exit code.
import { NewerStateError, OtherServiceError } from '../state/agent-state.ts';
import { ConfigError } from './config/members.ts';
import { EXIT } from './described.ts';
import { diskFaultOf } from './disk-fault.ts';
import { harmless } from './sentences.ts';
import type { Terminal } from './terminal.ts';

/** The exit code of `act`, or of what it threw, which was said. A fault of ours is thrown on. */
export async function explained({ err }: Terminal, act: () => Promise<number>): Promise<number> {
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

/** Null: a fault of ours. */
function problemOf(error: unknown): string | null {
  if (error instanceof ConfigError) return error.message;
  if (error instanceof OtherServiceError)
    return `The state directory belongs to the service ${harmless(error.message)}: use another one.`;
  if (error instanceof NewerStateError)
    return `A newer agent wrote the state directory (version ${error.message}): start that one. Nothing was changed; do not delete it, or old messages can be replayed.`;
  return null;
}
