/** `windlass inspection-ca list`: which proxies' CAs devices on a network trust, for what, until when. */
import type { InspectionCaEntry, InspectionCaState } from '@windlass/management';
import { type Command, Option } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type ListOptions, showList, withPaging } from '../list-output.ts';
import { table } from '../output.ts';
import type { Paint, Terminal } from '../terminal.ts';

const states: readonly InspectionCaState[] = [
  'draft',
  'approved',
  'active',
  'retiring',
  'retired',
  'revoked',
  'expired',
];

interface Options extends ConnectionOptions, ListOptions {
  readonly state?: InspectionCaState;
  readonly organization: string;
  readonly network: string;
}

export function inspectionCaList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: 'the inspection CAs of a network',
    description:
      'Lists the inspection CAs of a network: draft (nobody approved it), approved (comes with the next publication), active, retiring (goes with the next publication), retired, revoked (for good), expired. For drafts it says the words of the fingerprint, which an approver has confirmed by whoever runs the proxy.',
    examples: ['inspection-ca list --organization acme --network plant-1 --dir ./service'],
  })
    .requiredOption('--organization <name>', 'whose network')
    .requiredOption('--network <name>', 'which network')
    .addOption(new Option('--state <state>', 'only those in this state').choices(states));
  return withConnection(withPaging(command)).action(async (options: Options) => {
    const client = await connect(options, terminal);
    const { organization, network, state: only } = options;
    await showList(
      terminal,
      options,
      (page) => client.listInspectionCas({ organization, network, state: only, ...page }),
      (items, paint) =>
        [
          table(
            paint,
            items,
            [
              { title: 'STATE', cell: ({ state }) => state },
              { title: 'KIND', cell: ({ role }) => role },
              { title: 'UNTIL', cell: ({ until }) => until },
              { title: 'SUBJECT', cell: ({ subject }) => subject },
              { title: 'PERMITTED', cell: ({ permittedNames }) => permittedNames.join(',') },
              { title: 'FINGERPRINT', cell: ({ fingerprint }) => fingerprint },
            ],
            `${network} has no inspection CA yet: add one with ${terminal.commandName} inspection-ca add.`,
          ),
          ...items.flatMap((ca) => story(ca, paint)),
        ].join('\n'),
    );
  });
}

/** What a line of the table has no room for: what waits for an approver, and what follows what. */
function story({ state, fingerprint, words, predecessor }: InspectionCaEntry, paint: Paint): readonly string[] {
  return [
    ...(state === 'draft' ? ['', `${paint.yellow('not approved')}  ${fingerprint}`, `  in words  ${words}`] : []),
    ...(predecessor === null ? [] : ['', `${fingerprint}`, `  replaces  ${predecessor}`]),
  ];
}
