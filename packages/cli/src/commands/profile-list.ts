/** `windlass profile list`: what was published for a network, newest first. */
import type { PublishedProfile } from '@windlass/management';
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { type ListOptions, showList, withPaging } from '../list-output.ts';

import type { Paint, Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, ListOptions {
  readonly organization: string;
  readonly network: string;
}

export function profileList(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'list',
    summary: 'what was published for a network',
    description: 'Lists every publication of a network, newest first, with what changed.',
    examples: ['profile list --organization acme --network plant-1 --dir ./service'],
  })
    .requiredOption('--organization <name>', 'whose network')
    .requiredOption('--network <name>', 'which network');
  return withConnection(withPaging(command)).action(async (options: Options) => {
    const client = await connect(options, terminal);
    const { organization, network } = options;
    await showList(
      terminal,
      options,
      (page) => client.listProfiles({ organization, network, ...page }),
      (items, paint) =>
        items.length === 0
          ? `Nothing was published for ${network} yet: publish with ${terminal.commandName} profile publish.`
          : items.map((profile) => publicationText(profile, paint)).join('\n\n'),
    );
  });
}

function publicationText(profile: PublishedProfile, paint: Paint): string {
  const cas = profile.inspectionCas.length;
  return [
    `${paint.bold(`sequence ${profile.sequence}`)}, epoch ${profile.epoch}, issued ${profile.issued}, until ${profile.expires}, ${cas} inspection CA${cas === 1 ? '' : 's'}`,
    ...(profile.reason === null ? [] : [`  reason: ${profile.reason}`]),
    ...profile.changes.map((change) => `  ${change}`),
  ].join('\n');
}
