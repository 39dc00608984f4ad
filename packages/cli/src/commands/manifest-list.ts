/** `windlass manifest list`: the devices that manufacturers announced. */
import { type Command, Option } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type ListOptions, showList, withPaging } from '../list-output.ts';
import { table } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, ListOptions {
  readonly order?: string;
  readonly claimed?: boolean;
  readonly unclaimed?: boolean;
}

export function manifestList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: 'the devices that manufacturers announced',
    description: 'Lists devices of manifests by serial. CODE is ready, used (dead), or none.',
    examples: ['manifest list --order PO-1234 --dir ./service'],
  })
    .option('--order <number>', 'only devices with this order number')
    .option('--claimed', 'only devices that somebody owns')
    .addOption(new Option('--unclaimed', 'only devices that nobody owns').conflicts('claimed'));
  return withConnection(withPaging(command)).action(async (options: Options) => {
    const { order } = options;
    const claimed = options.claimed === true ? true : options.unclaimed === true ? false : undefined;
    const client = await connect(options, terminal);
    await showList(
      terminal,
      options,
      (page) => client.listManifest({ order, claimed, ...page }),
      (items, paint) =>
        table(
          paint,
          items,
          [
            { title: 'SERIAL', cell: ({ serial }) => serial },
            { title: 'MANUFACTURER', cell: (item) => item.manufacturer },
            { title: 'MODEL', cell: ({ model }) => model ?? '-' },
            { title: 'CODE', cell: ({ code }) => code },
            { title: 'ORGANIZATION', cell: ({ organization }) => organization ?? '-' },
            { title: 'ORDER', cell: ({ orderNumber }) => orderNumber ?? '-' },
            { title: 'IMPORTED', cell: ({ imported }) => imported },
          ],
          'No manifest has such a device.',
        ),
    );
  });
}
