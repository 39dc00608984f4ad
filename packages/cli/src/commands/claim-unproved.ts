/** `windlass claim unproved`: devices that wait for a label proof. */
import type { UnprovedDevice } from '@windlass/management';
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { deviceName } from '../device-name.ts';
import { type ListOptions, showList, withPaging } from '../list-output.ts';
import { table } from '../output.ts';
import type { Terminal } from '../terminal.ts';

const reasons: Readonly<Record<UnprovedDevice['why'], string>> = {
  missing: 'its claim has none',
  publishers: 'the publishers changed',
};

export function claimUnproved(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'unproved',
    summary: 'list the devices that wait for a label proof',
    description:
      'Lists devices that take no claim, or no new one, until somebody with the code of their label runs "claim prove": at most 1000. Until then a device keeps what it has, to the end of its claim at most.',
    examples: ['claim unproved --organization acme --dir ./service'],
  }).option('--organization <name>', "only what is this organization's, seen as its approver");
  return withConnection(withPaging(command)).action(async (options: ConnectionOptions & ListOptions) => {
    const client = await connect(options, terminal);
    const { organization } = options;
    await showList(
      terminal,
      options,
      (page) => client.listUnprovedClaims({ organization, ...page }),
      (items, paint) =>
        table(
          paint,
          items,
          [
            { title: 'DEVICE', cell: deviceName },
            { title: 'ORGANIZATION', cell: (device) => device.organization },
            { title: 'WHY', cell: ({ why }) => reasons[why] },
            { title: 'CLAIM ENDS', cell: ({ expires }) => expires },
          ],
          'No device waits for a label proof.',
        ),
    );
  });
}
