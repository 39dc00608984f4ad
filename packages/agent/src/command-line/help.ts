// The help: of all commands, and of each. The doctor's, with a code for each cause, is in its own file.
import type { CommandName } from './parse.ts';

export const HELP = `windlass-agent COMMAND --config FILE [--json]

  bootstrap  one exchange with the service: get, check and install what this network needs
  run        the same again and again, as the service says, until SIGTERM
  status     what is trusted now; asks nobody
  reset      drop all of it; what protects against replay stays
  doctor     why the device is offline, and what to do: walks from the link to each endpoint; may run beside "run"
  request    for a device without a way out: write its request to a file
  import     take the answer that was carried back

  --json     one JSON object on standard output (run: one for each change)
  --version  the version of the agent

Example: windlass-agent bootstrap --config /etc/windlass/agent.json

Ends with 0 active, 1 usage, 2 configuration, 10 unclaimed, 11 awaiting approval, 12 not inspected, 20 no answer,
30 answer not valid, 31 refused by the service, 40 reverted, 70 no room on the disk or a fault of ours; doctor with a code for each cause.
More about each: windlass-agent COMMAND --help.`;

export const HELP_OF: Readonly<Record<Exclude<CommandName, 'doctor'>, string>> = {
  bootstrap: `windlass-agent bootstrap --config FILE [--json]

One exchange with the service: asks what this network needs, checks the answer, tries it, keeps what works and reports. Says each
step. Asks at once, whatever wait the service asked for.

Example: windlass-agent bootstrap --config /etc/windlass/agent.json --json`,

  run: `windlass-agent run --config FILE [--json]

The same again and again, as the service says, when the network changes, and when something ends; until SIGTERM. Says a line, or with
--json an object, when something changes. Ends with 0 when it is told to, with 2 where it cannot work as it is configured.

Example: windlass-agent run --config /etc/windlass/agent.json`,

  status: `windlass-agent status --config FILE [--json]

What is trusted now, for whom the device belongs to, what was not reported yet. Asks nobody and writes nothing. Ends with 0 while an
inspection CA is trusted, else as the last valid answer did.

Example: windlass-agent status --config /etc/windlass/agent.json --json`,

  reset: `windlass-agent reset --config FILE [--json]

Drops claim, profiles and every inspection CA of ours from each trust store, reads each back and says what it found. What protects
against replay stays: do not delete the state directory. Ends with 0 when that is proved, else with 2. "run" has to be stopped.

Example: windlass-agent reset --config /etc/windlass/agent.json`,

  request: `windlass-agent request --out FILE --config FILE [--json]

For a device without a way out: writes its signed request, which is no secret, to a file to be carried to the service. The answer is
taken for 30 days; a newer request takes the place of this one. "run" has to be stopped.

  --out      the file, or - for standard output

Example: windlass-agent request --out /media/stick/request.json --config /etc/windlass/agent.json
There:   windlass carry request.json --out answer.json`,

  import: `windlass-agent import FILE --config FILE [--report FILE] [--json]

Takes the answer that was carried back, from a file, or - for standard input, with the same checks as if it had come over the network.
Ends as bootstrap does, with 30 where the file is no answer. "run" has to be stopped.

  --report   a file for the report, to be carried to the service

Example: windlass-agent import /media/stick/answer.json --report /media/stick/report.json --config /etc/windlass/agent.json
There:   windlass carry report.json`,
};
