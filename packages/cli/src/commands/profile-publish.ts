/** `windlass profile publish`: the network's inspection CAs and endpoints are signed, and devices get them from now on. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, withConnection } from '../connection.ts';
import { type IfMatchOptions, withIfMatch } from '../etag.ts';
import { facts, nextSteps, type OutputOptions, show, warningLines } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, IfMatchOptions {
  readonly organization: string;
  readonly network: string;
  readonly reason?: string;
  readonly expect?: string;
  readonly force?: boolean;
}

export function profilePublish(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'publish',
    summary: 'sign what a network has and give it to its devices',
    description:
      "Signs the security profile of a network: its inspection CAs, those to drop, its endpoints. From now on devices on the network get it and trust what it names. Run with the approver's token.",
    examples: ['profile publish --organization acme --network plant-1 --reason "new proxy in hall 2" --dir ./service'],
  })
    .requiredOption('--organization <name>', 'whose network')
    .requiredOption('--network <name>', 'which network')
    .option('--reason <text>', 'why, for the audit')
    .option('--expect <content>', 'publish only what "profile diff" showed; it prints this')
    .option('--force', 'publish although nothing changed: the profile gets a new end');
  return withConnection(withIfMatch(command, 'network show')).action(async (options: Options) => {
    const client = await connect(options, terminal);
    const { organization, network, reason, expect, force } = options;
    const published = await client.publishProfile(
      { organization, network, reason, expect, force },
      { ifMatch: options.ifMatch },
    );
    show(terminal, options, published, (profile, paint) =>
      [
        `The profile of ${paint.bold(profile.network)} is published: sequence ${profile.sequence}, valid until ${profile.expires}.`,
        facts(paint, [
          ['digest', profile.digest],
          ['reason', profile.reason],
        ]),
        ...profile.changes.map((change) => `  ${change}`),
        ...profile.inspectionCas.map(
          (ca) => `  ${paint.green('trusted')}  ${ca.subject} for ${ca.permittedNames.join(', ')} until ${ca.until}`,
        ),
        ...(profile.inspectionCas.length === 0 ? ['  no inspection CA is trusted on this network'] : []),
        ...(profile.retired.length === 0
          ? []
          : [`  ${paint.yellow('dropped')}  ${profile.retired.length} retired key(s)`]),
        ...warningLines(paint, profile.warnings),
        ...nextSteps(paint, [
          `${terminal.commandName} device list --organization ${organization}${sameService(options)}`,
        ]),
      ].join('\n'),
    );
  });
}
