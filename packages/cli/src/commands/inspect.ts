/** `windlass inspect`: any signed message, offline: what it is, who signed it, whether it holds. */
import type { Inspection } from '@windlass/protocol';
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { CommandError, exitCodes, UsageError } from '../errors.ts';
import { readInputFile } from '../files.ts';
import { type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends OutputOptions {
  readonly anchor?: string;
  readonly service?: string;
  readonly time?: string;
}

export function inspect(terminal: Terminal): Command {
  return newCommand(terminal, {
    name: 'inspect',
    summary: 'read a signed message offline: what it is, who signed it, whether it holds',
    description:
      "Reads a saved message (an answer of the service, or one envelope: request, decision, claim, security profile, report, acknowledgement) and says what it is and who signed it. With --anchor and --service it verifies. Exits with 1 when something does not hold, else with 0. Without an anchor nobody's signature is verified, and it says so. What only the device knows (its nonce, what it accepted before) is not judged.",
    examples: [
      'inspect ./answer.json --anchor ./device/service-anchor.pem --service bootstrap.example',
      'inspect ./answer.json --json',
    ],
  })
    .argument('<file>', 'the message as it was on the wire')
    .option(
      '--anchor <file>',
      "what the signature must lead to, PEM: the service anchor; for requests and reports the manufacturer's; for a profile alone the publisher anchor",
    )
    .option('--service <name>', 'the DNS name of the service that it must be for; needed with --anchor')
    .option(
      '--time <time>',
      'when it must hold, for messages that do not say it themselves: 2026-12-01T08:00:00Z (default: now)',
    )
    .action(async (file: string, options: Options) => {
      const found = await inspectFile(file, options);
      const { inspectionText } = await import('../inspection-text.ts');
      show(terminal, options, found, (inspection, paint) => inspectionText(inspection, options.anchor ?? null, paint));
      if (!holds(found)) terminal.exitWith(exitCodes.failure);
    });
}

async function inspectFile(file: string, options: Options): Promise<Inspection> {
  if ((options.anchor === undefined) !== (options.service === undefined)) {
    throw new UsageError(
      'To verify, both are needed: --anchor with the file of the anchor, and --service with the name of the service.',
    );
  }
  const { inspectMessage } = await import('@windlass/protocol');
  const bytes = readInputFile(file, 'a message as it was on the wire');
  const found = inspectMessage(bytes, await trustOf(options));
  if (found.kind === 'unknown' && found.messages.length === 0) {
    throw new CommandError(
      `${file} is no message of this protocol: name a file with an answer or an envelope, as it was on the wire.`,
    );
  }
  return found;
}

async function trustOf({ anchor, service, time }: Options) {
  if (anchor === undefined || service === undefined) return undefined;
  const { parseServiceName, parseTime, unixSeconds } = await import('@windlass/protocol');
  const { readAnchors } = await import('../anchor-file.ts');
  const parsed = <T>(parse: () => T, sentence: string): T => {
    try {
      return parse();
    } catch (cause) {
      throw new UsageError(sentence, { cause });
    }
  };
  return {
    anchors: readAnchors(anchor, 'the anchor, PEM', { atMost: 4 }),
    service: parsed(
      () => parseServiceName(service),
      '--service takes the DNS name of the service in lower case, like bootstrap.example.',
    ),
    time:
      time === undefined
        ? unixSeconds(Math.floor(Date.now() / 1000))
        : parsed(() => parseTime(time), '--time takes a time like 2026-12-01T08:00:00Z.'),
  };
}

function holds({ ok, checks, messages }: Inspection): boolean {
  return ok ?? [...checks, ...messages.flatMap((message) => message.checks)].every((check) => check.ok);
}
