/** `windlass manifest list`: the devices that manufacturers announced. */
import type { Command } from 'commander';
import { newCommand, parseWholeNumber } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type OutputOptions, show, table } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly order?: string;
  readonly after?: string;
  readonly manufacturer?: string;
  readonly limit?: number;
}

export function manifestList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: 'the devices that manufacturers announced',
    description:
      'Lists devices of manifests by serial, a page at a time: --after with the last serial (and --manufacturer, where there are several) gives the next page. CODE is ready, used (dead), or none.',
    examples: ['manifest list --order PO-1234 --dir ./service'],
  })
    .option('--order <number>', 'only devices with this order number')
    .option('--after <serial>', 'the page after this serial')
    .option('--manufacturer <name>', 'whose that serial is')
    .option('--limit <count>', 'devices on a page, 1 to 1000', (text: string) =>
      parseWholeNumber(text, { from: 1, to: 1000, what: 'a number' }),
    );
  return withConnection(command).action(async (options: Options) => {
    const { order, after, manufacturer, limit } = options;
    const client = await connect(options, terminal);
    const page = await client.listManifest({ order, afterSerial: after, afterManufacturer: manufacturer, limit });
    show(terminal, options, page, ({ items }, paint) =>
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
