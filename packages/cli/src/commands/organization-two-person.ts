/** `windlass organization two-person`: whether two people have to agree before trust changes. */
import type { Command } from 'commander';
import { Argument } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, withConnection } from '../connection.ts';
import { type IfMatchOptions, withEtag, withIfMatch } from '../etag.ts';
import { facts, nextSteps, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, IfMatchOptions {
  readonly reason?: string;
}

export function organizationTwoPerson(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'two-person',
    summary: 'demand that two people agree before trust changes, or not any more',
    description:
      'Says whether two people have to agree, or changes it. With the rule, what lets trust in or gives a device away waits until another approver approves it: publishing, retiring, publishers, the kill switch, transfers, new approvers and their tokens. One approver turns it on, where there are two; to turn it off takes both. Before you turn it on, look who the approvers are and whose tokens they have ("person list", "token list").',
    examples: [
      'organization two-person acme --dir ./service',
      'organization two-person acme on --reason "policy 7" --dir ./service',
    ],
  })
    .argument('<name>', 'the organization')
    .addArgument(new Argument('[rule]', 'what it is to be; left out, nothing changes').choices(['on', 'off']))
    .option('--reason <text>', 'why, for the audit');
  return withConnection(withIfMatch(command, 'organization two-person')).action(
    async (organization: string, wanted: 'on' | 'off' | undefined, options: Options) => {
      const { reason, ifMatch } = options;
      const client = await connect({ ...options, organization }, terminal);
      const rule =
        wanted === undefined
          ? await withEtag(await client.showTwoPersonRule({ organization }))
          : await client.setTwoPersonRule({ organization, required: wanted === 'on', reason }, { ifMatch });
      show(terminal, options, rule, ({ required, since, approvers }, paint) =>
        [
          required
            ? `In ${paint.bold(organization)} two people have to agree before trust changes.`
            : `In ${paint.bold(organization)} one approver is enough to change trust.`,
          facts(paint, [
            ['since', since],
            ['approvers', String(approvers)],
          ]),
          ...nextSteps(
            paint,
            required
              ? [`${terminal.commandName} approval list --organization ${organization}${sameService(options)}`]
              : [],
          ),
        ].join('\n'),
      );
    },
  );
}
