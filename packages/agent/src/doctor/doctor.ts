// The file `windlass-agent-doctor.mjs`, beside the core: why the device is offline. What it needs of the agent is handed to it.
import type { Trouble } from '@windlass/protocol';
import { describeDiagnosis } from './described.ts';
import { type Diagnosis, diagnose } from './diagnose.ts';
import { DOCTOR_EXITS, EXIT_FINE } from './exit-codes.ts';
import type { StepName } from './finding.ts';
import { forIt } from './for-it.ts';
import { thisMachine } from './machine.ts';
import type { DoctorPorts, Explain } from './ports.ts';
import { findingText, STEP_TEXT, verdictText } from './story.ts';

export { troubleIn } from './trouble.ts';

export interface DoctorOptions {
  readonly out: (line: string) => void;
  /** Where progress is told, and nothing else. */
  readonly err: (line: string) => void;
  readonly json: boolean;
  /** The text for the network team is wanted, and nothing else. */
  readonly forIt: boolean;
}

/** A step that takes longer than this is told of, in milliseconds. */
const PATIENCE_MS = 1_500;

/** What whoever loads this file hands to it. */
export type HandedPorts = Omit<DoctorPorts, 'machine'> & Partial<Pick<DoctorPorts, 'machine'>>;

/** The exit code; everything was said. */
export async function runDoctor(handed: HandedPorts, options: DoctorOptions): Promise<number> {
  const ports = { machine: thisMachine, ...handed };
  const { out, json } = options;
  const isStory = !json && !options.forIt;
  const progress = progressTo(options.err);
  const diagnosis = await diagnose(ports, {
    began: progress.began,
    found: (finding) => isStory && out(findingText(finding)),
  });
  progress.end();
  const text = options.forIt ? forIt(ports, diagnosis) : null;
  if (json) out(JSON.stringify(describeDiagnosis(ports, diagnosis, text)));
  else for (const line of text ?? storyEnd(diagnosis, ports.explain)) out(line);
  return diagnosis.cause ? DOCTOR_EXITS[diagnosis.cause.trouble] : EXIT_FINE;
}

function storyEnd(diagnosis: Diagnosis, explain: Explain): readonly string[] {
  const { cause } = diagnosis;
  const isForThem = cause && FOR_THEM.includes(explain(cause.trouble).who);
  const hint = isForThem ? ['A text to hand on: the same command with --for-it.'] : [];
  return [...verdictText(diagnosis, explain), ...hint];
}

/** Who gets that text. */
const FOR_THEM: readonly string[] = ['network team', 'security admin'];

/** Says which step is being waited for. */
function progressTo(err: (line: string) => void): { began(step: StepName): void; end(): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    began(step) {
      clearTimeout(timer);
      timer = setTimeout(() => err(`still looking: ${STEP_TEXT[step]} …`), PATIENCE_MS);
    },
    end: () => clearTimeout(timer),
  };
}

/** The help, with each exit code. */
export function helpLines(explain: Explain): readonly string[] {
  const troubles = Object.entries(DOCTOR_EXITS) as [Trouble, number][];
  const codes = troubles.map(([trouble, exit]) => `  ${exit}  ${trouble.padEnd(23)}  ${explain(trouble).says}`);
  return [...HELP.split('\n'), ...codes];
}

const HELP = `windlass-agent doctor --config FILE [--json | --for-it] [--offline]

Why the device is offline, and what to do. Walks from the link over address, DNS, time, proxy, TCP, TLS and the signature of
the service to each endpoint of the active profile. The first thing that is broken decides; what cannot be told after it says
so. Changes nothing, and may run beside "windlass-agent run". Sends one request to the service, like a bootstrap.

  --for-it   a text to hand to the network team: names, ports, what may be inspected and what must not; no secrets
  --json     one JSON object; with --for-it it has the text, too
  --offline  no request to the service

Example: windlass-agent doctor --config /etc/windlass/agent.json --for-it >for-it.txt

Ends with
  1   wrong command line
  2   wrong configuration
  0   fine: everything that could be tried works`;
