/** `windlass health`: whether the service can do its work, and what ends soon unless somebody acts. */
import type { Ending, Health } from '@windlass/management';
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { exitCodes } from '../errors.ts';
import { facts, type OutputOptions, show, warningLines } from '../output.ts';
import type { Paint, Terminal } from '../terminal.ts';

export function health(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'health',
    summary: 'whether the service can do its work, and what ends soon',
    description:
      'Shows the state of the service, and what ends within 60 days: profiles, publisher anchors and claims, each with who has to act. Exits with 1 when somebody has to.',
    examples: ['health --dir ./service', 'health --organization acme --dir ./service'],
  }).option('--organization <name>', "only what is this organization's, seen as its approver");
  return withConnection(command).action(async (options: ConnectionOptions & OutputOptions) => {
    const client = await connect(options, terminal);
    const { organization } = options;
    const state = await client.health();
    const { itemsOf } = await import('@windlass/management');
    const items: Ending[] = [];
    for await (const ending of itemsOf(client.listEndings, { organization })) items.push(ending);
    show(terminal, options, { ...state, endingSoon: items }, (shown, paint) => healthText(shown, items, paint));
    const isDue = items.some(({ who }) => who !== 'service');
    if (state.status !== 'ok' || isDue) terminal.exitWith(exitCodes.failure);
  });
}

function healthText(state: Health, endings: readonly Ending[], paint: Paint): string {
  const { responder, claimAuthority } = state;
  const warnings = [...responder.warnings, ...claimAuthority.warnings, ...state.endings];
  return [
    `${paint.bold(state.service)}: ${state.status === 'ok' ? paint.green('ok') : paint.yellow('warning')}, version ${state.version}`,
    facts(paint, [
      ['responders until', responder.expires],
      ['claim authority until', claimAuthority.expires],
    ]),
    ...warningLines(paint, warnings),
    ...(endings.length === 0
      ? ['Nothing ends within 60 days.']
      : endings.map(({ who, sentence }) => `${who === 'service' ? '  ' : paint.yellow('! ')}${sentence}`)),
  ].join('\n');
}
