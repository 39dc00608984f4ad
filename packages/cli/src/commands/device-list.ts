/** `windlass device list`: every device that is claimed, was seen or is registered, a line each. */
import type { Device } from '@windlass/management';
import { type Command, Option } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type ListOptions, showList, withPaging } from '../list-output.ts';
import { table } from '../output.ts';
import type { Terminal } from '../terminal.ts';

type Outcome = 'granted' | 'unclaimed' | 'awaiting-approval' | 'not-inspected' | 'refused' | 'never';
const outcomes: readonly Outcome[] = ['granted', 'unclaimed', 'awaiting-approval', 'not-inspected', 'refused', 'never'];

interface Options extends ConnectionOptions, ListOptions {
  readonly network?: string;
  readonly serial?: string;
  readonly outcome?: Outcome;
  readonly unplaced?: boolean;
  readonly organization?: string;
}

export function deviceList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: 'the devices that are claimed, were seen or are registered',
    description:
      'Lists devices with their owner, what they were last told and what they last reported. With --organization, those of one organization.',
    examples: ['device list --dir ./service', 'device list --organization acme --dir ./service --json'],
  })
    .option('--organization <name>', 'only its devices, seen as its approver')
    .option('--network <name>', 'only those that are placed on it')
    .option('--serial <prefix>', 'only those whose serial begins like this')
    .addOption(new Option('--outcome <outcome>', 'only those that were told this last').choices(outcomes))
    .option('--unplaced', 'only those that somebody owns and that are on no network');
  return withConnection(withPaging(command)).action(async (options: Options) => {
    const client = await connect(options, terminal);
    const { organization, network, serial: serialPrefix, outcome: lastOutcome, unplaced } = options;
    await showList(
      terminal,
      options,
      (page) => client.listDevices({ organization, network, serialPrefix, lastOutcome, unplaced, ...page }),
      (items, paint) =>
        table(
          paint,
          items,
          [
            { title: 'SERIAL', cell: ({ serial }) => serial },
            { title: 'MANUFACTURER', cell: ({ manufacturer }) => manufacturer },
            { title: 'ORGANIZATION', cell: ({ organization: owner }) => owner ?? '-' },
            { title: 'NETWORK', cell: ({ network }) => network ?? '-' },
            ...(items.some(({ name }) => name !== null)
              ? [{ title: 'NAME', cell: ({ name }: Device) => name ?? '-' }]
              : []),
            { title: 'LAST OUTCOME', cell: ({ lastOutcome }) => lastOutcome ?? 'never seen' },
            { title: 'LAST REPORT', cell: ({ lastReport }) => lastReport?.phases.at(-1) ?? '-' },
            { title: 'LAST SEEN', cell: ({ lastSeen }) => lastSeen ?? '-' },
          ],
          'No device is claimed, and none was seen yet.',
        ),
    );
  });
}
