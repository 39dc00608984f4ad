/** `windlass device show`: the story of one device, as text that can be handed to whoever must act. */
import type { Device, DeviceReport } from '@windlass/management';
import { explainTrouble, isTrouble } from '@windlass/protocol';
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, shellWord, withConnection } from '../connection.ts';
import { deviceOrigin, manufacturerHelp } from '../device-name.ts';
import { withEtag } from '../etag.ts';
import { facts, nextSteps, type OutputOptions, show, table } from '../output.ts';
import type { Paint, Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly manufacturer?: string;
}

export function deviceShow(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'show',
    summary: 'the story of one device',
    description:
      'Shows whose a device is, what it was last told, what it reported: its trust stores, where a scope is not enforced, and its verdict per endpoint. The etag that --json prints is for --if-match of commands that change the device.',
    examples: ['device show SN-0001 --dir ./service', 'device show SN-0001 --organization acme --dir ./service --json'],
  })
    .argument('<serial>', "the device's serial")
    .option('--manufacturer <name>', manufacturerHelp)
    .option('--organization <name>', "act with this organization's approver's token");
  return withConnection(command).action(async (serial: string, options: Options) => {
    const client = await connect(options, terminal);
    const { manufacturer } = options;
    const found = await client.showDevice({ serial, manufacturer });
    show(terminal, options, await withEtag(found), (device, paint) =>
      deviceStory(device, paint, { commandName: terminal.commandName, service: sameService(options) }),
    );
  });
}

/** How the commands of the next steps are written. */
interface Here {
  readonly commandName: string;
  /** As sameService says it. */
  readonly service: string;
}

/** Owner, contact, report, stores, endpoints, and what to do next where something is missing. */
function deviceStory(device: Device, paint: Paint, here: Here): string {
  if (device.purge !== undefined && device.generation === 0) return formerStory(device, device.purge, paint);
  return [
    `${paint.bold(device.serial)}, ${deviceOrigin(device)}`,
    facts(paint, [
      ['owner', device.organization ?? 'nobody'],
      ['name', device.name],
      ['network', device.network ?? (device.organization === null ? null : 'none assigned')],
      [
        'claim',
        device.claimExpires === null
          ? null
          : `generation ${device.generation}, ownership ${device.ownership}, valid until ${device.claimExpires}`,
      ],
      ['device key', device.keyFingerprint ?? 'not seen yet'],
      ['first seen', device.firstSeen ?? 'never'],
      ['last seen', device.lastSeen],
      ['last outcome', device.lastOutcome === null ? null : `${device.lastOutcome}${meaningOf(device.lastOutcome)}`],
      ['purged', device.purge === undefined ? null : purgeText(device.purge)],
    ]),
    ...(device.lastTrouble === null ? [] : troubleStory(device.lastTrouble, paint)),
    ...(device.lastReport === null ? ['', 'It has not reported yet.'] : reportStory(device.lastReport, paint)),
    ...nextSteps(paint, stepsFor(device, here)),
  ].join('\n');
}

/** What a former owner is told: nothing of where the device is now. */
function formerStory(device: Device, purge: NonNullable<Device['purge']>, paint: Paint): string {
  const known = facts(paint, [
    ['owner', `no longer ${purge.former}`],
    ['purged', purgeText(purge)],
  ]);
  return `${paint.bold(device.serial)}, ${deviceOrigin(device)}\n${known}`;
}

/** Whether what a former owner gave it is known to be gone. */
function purgeText({ former, since, reported, removed }: NonNullable<Device['purge']>): string {
  const told = `it left ${former} at ${since}`;
  if (reported === null) return `not reported yet: ${told}, and is told so at its next contact`;
  return `reported at ${reported}: it dropped ${removed} anchor(s); ${told}`;
}

/** Why it was offline, and what keeps that from happening again. */
function troubleStory({ code, since, until }: NonNullable<Device['lastTrouble']>, paint: Paint): readonly string[] {
  const head = ['', `${paint.bold('Last trouble')} ${code}, since ${since} by its own clock; told at ${until}`];
  if (!isTrouble(code)) return head;
  const { says, todo, who } = explainTrouble(code);
  return [...head, `  ${says}`, `  for the ${who}: ${todo}`];
}

const meanings: Readonly<Record<string, string>> = {
  granted: ': it was given the profile of its network',
  unclaimed: ': it belongs to nobody',
  'awaiting-approval': ': no published inspection CA fits what it met',
  'not-inspected': ': no proxy is in its way',
  refused: ': the service refused it',
};

function meaningOf(outcome: string): string {
  return meanings[outcome] ?? '';
}

function reportStory(report: DeviceReport, paint: Paint): readonly string[] {
  const unscoped = report.stores.filter(({ scopeEnforced, anchors }) => !scopeEnforced && anchors.length > 0);
  return [
    '',
    `${paint.bold('Last report')} ${report.time}: ${report.phases.join(', ')}${report.code === null ? '' : ` (${paint.red(report.code)})`}`,
    ...(report.removed.length === 0 ? [] : [`  it removed ${report.removed.length} anchor(s)`]),
    ...(report.stores.length === 0 ? [] : ['', storesTable(report, paint)]),
    ...unscoped.map(
      ({ name }) =>
        `${paint.yellow('note:')} programs that read ${name} trust the CA for every name: that store cannot hold a scope`,
    ),
    ...(report.endpoints.length === 0 ? [] : ['', endpointsTable(report, paint)]),
  ];
}

function storesTable(report: DeviceReport, paint: Paint): string {
  return table(
    paint,
    report.stores,
    [
      { title: 'TRUST STORE', cell: ({ name }) => name },
      { title: 'KIND', cell: ({ kind }) => kind },
      { title: 'STATE', cell: ({ state }) => state },
      { title: 'ANCHORS', cell: ({ anchors }) => String(anchors.length) },
      { title: 'SCOPE', cell: ({ scopeEnforced }) => (scopeEnforced ? 'enforced' : 'not enforced') },
      { title: 'DETAIL', cell: ({ detail }) => detail ?? '' },
    ],
    '',
  );
}

function endpointsTable(report: DeviceReport, paint: Paint): string {
  return table(
    paint,
    report.endpoints,
    [
      { title: 'ENDPOINT', cell: ({ name }) => name },
      { title: 'VERDICT', cell: ({ verdict }) => verdict },
      { title: 'STAGE', cell: ({ stage }) => stage ?? '' },
      { title: 'DETAIL', cell: ({ detail }) => detail ?? '' },
    ],
    '',
  );
}

function stepsFor(device: Device, { commandName, service }: Here): readonly string[] {
  if (device.organization === null)
    return [`${commandName} claim add --serial ${shellWord(device.serial)} --organization ORGANIZATION${service}`];
  if (device.lastOutcome === 'awaiting-approval') {
    const unassigned =
      'when nothing waits there, it met no TLS at all: release it and claim it with the --network it is on';
    return [
      `${commandName} observation list --organization ${device.organization}${service}`,
      ...(device.network === null ? [unassigned] : []),
    ];
  }
  return [];
}
