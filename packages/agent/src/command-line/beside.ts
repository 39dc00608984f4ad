// The files beside the agent's own, each loaded when it is needed: what is imported here is not in the file of the agent but a file next to
// it, `windlass-agent-NAME.mjs`. @see decisions/0020
import type { ProbesFile } from '../open-agent.ts';

/** Loads what tries endpoints. Rejects where it is not there, which the warning says. */
export async function loadProbes(warn: (text: string) => void): Promise<ProbesFile> {
  try {
    return await import('../probes/probes.ts');
  } catch (error) {
    warn(`endpoints cannot be tried, and no new profile that requires one is kept: ${reasonOf(error)}`);
    throw error;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
}
