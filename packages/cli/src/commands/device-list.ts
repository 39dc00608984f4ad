/** `windlass device list`: every device that is claimed, was seen or is registered, a line each. */
import type { Device } from '@windlass/management';
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type OutputOptions, show, table } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly organization?: string;
}

export function deviceList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: 'the devices that are claimed, were seen or are registered',
    description:
      'Lists devices with their owner, what they were last told and what they last reported. With --organization, those of one organization.',
    examples: ['device list --dir ./service', 'device list --organization acme --dir ./service --json'],
  }).option('--organization <name>', 'only its devices, seen as its approver');
  return withConnection(command).action(async (options: Options) => {
    const client = await connect(options, terminal);
    const { organization } = options;
    show(terminal, options, await client.listDevices({ organization }), ({ items }, paint) =>
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
