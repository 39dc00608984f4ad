/** What `windlass` alone says: what it is for, the commands grouped by who runs them, and the first steps. */
import type { Command } from 'commander';
import type { Terminal } from './terminal.ts';

const groups: readonly (readonly [who: string, commands: readonly string[]])[] = [
  [
    "The service's operator",
    [
      'init',
      'serve',
      'health',
      'signer issue',
      'signer install',
      'signer revoke',
      'manufacturer add',
      'manufacturer list',
      'manifest import',
      'manifest list',
      'organization add',
      'organization list',
      'claim add',
      'claim import',
      'claim order',
      'device register',
      'device list',
      'device show',
      'alert list',
      'token recover',
      'audit list',
      'audit verify',
      'audit export',
    ],
  ],
  [
    "An organization's security admin (the approver)",
    [
      'person add',
      'person list',
      'person show',
      'person disable',
      'person grant',
      'person revoke-role',
      'token add',
      'token list',
      'token revoke',
      'session list',
      'session revoke',
      'claim unproved',
      'claim prove',
      'claim release',
      'transfer offer',
      'transfer list',
      'transfer show',
      'transfer accept',
      'transfer revoke',
      'network add',
      'network set',
      'network list',
      'network show',
      'endpoint add',
      'endpoint list',
      'endpoint remove',
      'observation list',
      'observation link',
      'observation ask',
      'observation ignore',
      'observation hostile',
      'observation clear',
      'inspection-ca add',
      'inspection-ca approve',
      'inspection-ca list',
      'inspection-ca show',
      'inspection-ca retire',
      'inspection-ca revoke',
      'inspection-ca remove',
      'profile diff',
      'profile publish',
      'profile list',
      'publisher add',
      'publisher list',
      'publisher show',
      'publisher remove',
      'profile draft',
      'profile submit',
      'organization two-person',
      'approval list',
      'approval show',
      'approval approve',
      'approval reject',
      'organization kill-switch',
      'job list',
      'job show',
    ],
  ],
  ["An organization's people on the spot (operator, installer)", ['device place', 'device replace']],
  ['A device maker', ['factory manufacturer', 'factory device', 'factory code']],
  ['Anybody', ['login', 'carry', 'inspect']],
];

/** They end with a device that is `active`: HTTPS for the service, and the service among the permitted names. */
const firstSteps: readonly (readonly [comment: string, commands: readonly string[]])[] = [
  [
    'a service, which the second command leaves running. tls.pem: a certificate for its name, with its key, by web-ca.pem;',
    [],
  ],
  [
    'how to make one for a trial, and a proxy: docs/first-device.md',
    [
      'init --dir ./service --service bootstrap.example --http-port 28080 --https-port 28443 --tls-certificate ./tls.pem --tls-key ./tls.key --management-port 28444',
      'serve --config ./service/windlass.toml',
    ],
  ],
  [
    'a trial device and its maker; its traffic goes to the inspecting proxy, here on ports 28543 and 28580 of this machine',
    [
      'factory manufacturer --out ./maker',
      "factory device --manufacturer ./maker --serial SN-0001 --service bootstrap.example --service-anchor ./service/service-anchor.pem --tls-anchor ./web-ca.pem --connect-to '*:443=127.0.0.1:28543' --connect-to '*:80=127.0.0.1:28580' --out ./device",
      'manufacturer add trial-maker --certificate ./maker/manufacturer.pem --dir ./service',
    ],
  ],
  [
    'its owner',
    ['organization add acme --dir ./service', 'claim add --serial SN-0001 --organization acme --dir ./service'],
  ],
  [
    "what the owner trusts on a network: the proxy's CA, as the proxy exports it, for the service and the application",
    [
      'network add plant-1 --organization acme --dir ./service',
      'inspection-ca add ./proxy-ca.pem --permit bootstrap.example app.example --organization acme --network plant-1 --dir ./service',
      'inspection-ca approve --certificate ./proxy-ca.pem --organization acme --network plant-1 --dir ./service',
      'profile publish --organization acme --network plant-1 --dir ./service',
    ],
  ],
];

/** The first steps as arguments of the command, in order; a test goes through them. */
export const firstStepCommands: readonly string[] = firstSteps.flatMap(([, commands]) => commands);

/** The overview, ending with a line break. */
export function overviewText(program: Command, terminal: Terminal): string {
  const { paint, commandName } = terminal;
  const width = Math.max(...groups.flatMap(([, commands]) => commands).map((path) => path.length));
  const lines = groups.flatMap(([who, commands]) => [
    '',
    paint.bold(who),
    ...commands.map((path) => `  ${path.padEnd(width)}  ${paint.dim(summaryOf(program, path))}`),
  ]);
  return [
    `${paint.bold('Windlass')} ${program.version() ?? ''}: brings the inspection CAs of a network onto IoT devices.`,
    `Usage: ${commandName} NOUN VERB [options]     each command explains itself with --help, and takes --json`,
    ...lines,
    '',
    paint.bold('First steps'),
    ...firstSteps.flatMap(([comment, commands]) => [
      paint.dim(`  # ${comment}`),
      ...commands.map((command) => `  ${commandName} ${command}`),
    ]),
    paint.dim('  # the device gets it, over whatever connection it has, and ends with "active"'),
    `  ${commandName}-agent bootstrap --config ./device/agent.json`,
    '',
  ].join('\n');
}

function summaryOf(program: Command, path: string): string {
  let found: Command = program;
  for (const word of path.split(' ')) {
    const next = found.commands.find((command) => command.name() === word);
    if (next === undefined) throw new Error(`the overview names a command that does not exist: ${path}`);
    found = next;
  }
  return found.summary();
}

/** Every command that the overview names; a test compares it with the tree. */
export const overviewPaths: readonly string[] = groups.flatMap(([, commands]) => commands);
