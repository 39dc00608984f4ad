/** The whole command: every noun and verb, and what happens when a line of arguments comes in. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { bareCommand, HelpShown, nounCommand } from './command.ts';
import { auditList } from './commands/audit-list.ts';
import { claimAdd } from './commands/claim-add.ts';
import { claimRelease } from './commands/claim-release.ts';
import { deviceList } from './commands/device-list.ts';
import { deviceRegister } from './commands/device-register.ts';
import { deviceShow } from './commands/device-show.ts';
import { endpointAdd } from './commands/endpoint-add.ts';
import { endpointList } from './commands/endpoint-list.ts';
import { endpointRemove } from './commands/endpoint-remove.ts';
import { factoryDevice } from './commands/factory-device.ts';
import { factoryManufacturer } from './commands/factory-manufacturer.ts';
import { init } from './commands/init.ts';
import { inspect } from './commands/inspect.ts';
import { inspectionCaAdd } from './commands/inspection-ca-add.ts';
import { inspectionCaList } from './commands/inspection-ca-list.ts';
import { inspectionCaRetire } from './commands/inspection-ca-retire.ts';
import { manufacturerAdd } from './commands/manufacturer-add.ts';
import { manufacturerList } from './commands/manufacturer-list.ts';
import { networkAdd } from './commands/network-add.ts';
import { networkList } from './commands/network-list.ts';
import { observationList } from './commands/observation-list.ts';
import { organizationAdd } from './commands/organization-add.ts';
import { organizationList } from './commands/organization-list.ts';
import { profileList } from './commands/profile-list.ts';
import { profilePublish } from './commands/profile-publish.ts';
import { serve } from './commands/serve.ts';
import { signerInstall } from './commands/signer-install.ts';
import { signerIssue } from './commands/signer-issue.ts';
import { signerRevoke } from './commands/signer-revoke.ts';
import { reportError } from './errors.ts';
import { overviewText } from './overview.ts';
import type { Terminal } from './terminal.ts';

/** The arguments are carried out; the terminal knows the exit code. Never throws for what a user did. */
export async function runProgram(argv: readonly string[], terminal: Terminal): Promise<void> {
  const program = createProgram(terminal);
  try {
    if (argv.length === 0) terminal.out(overviewText(program, terminal));
    else await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof HelpShown) return;
    terminal.exitWith(reportError(error, terminal, argv.includes('--json') ? 'json' : 'text'));
  }
}

/** The command tree, not yet run. */
export function createProgram(terminal: Terminal): Command {
  const program = bareCommand(terminal, 'windlass').version(packageVersion(), '-V, --version', 'print the version');
  program.configureHelp({ ...program.configureHelp(), formatHelp: () => overviewText(program, terminal) });
  for (const command of [init(terminal), serve(terminal), ...nouns(terminal), inspect(terminal)])
    program.addCommand(command);
  return program;
}

function nouns(terminal: Terminal): readonly Command[] {
  const noun = (name: string, summary: string, ...verbs: readonly ((terminal: Terminal) => Command)[]): Command =>
    nounCommand(
      terminal,
      name,
      summary,
      verbs.map((verb) => verb(terminal)),
    );
  return [
    noun('signer', "The service's signing certificates", signerIssue, signerInstall, signerRevoke),
    noun('factory', 'What a factory puts on devices, for trials', factoryManufacturer, factoryDevice),
    noun('manufacturer', 'Whose device identities the service accepts', manufacturerAdd, manufacturerList),
    noun('organization', 'Who owns devices and networks', organizationAdd, organizationList),
    noun('network', 'Places with inspecting proxies', networkAdd, networkList),
    noun('endpoint', 'Destinations that devices must reach', endpointAdd, endpointList, endpointRemove),
    noun('inspection-ca', 'The CAs of inspecting proxies', inspectionCaAdd, inspectionCaList, inspectionCaRetire),
    noun('profile', 'What devices on a network trust', profilePublish, profileList),
    noun('claim', 'Which organization a device belongs to', claimAdd, claimRelease),
    noun('device', 'Devices and what they report', deviceRegister, deviceList, deviceShow),
    noun('observation', 'Proxies that devices met and nobody approved', observationList),
    noun('audit', 'Who changed what', auditList),
  ];
}

/** The version of this package. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return /"version": "([^"]+)"/.exec(text)?.[1] ?? 'unknown';
}
