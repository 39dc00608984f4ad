/** The whole command: every noun and verb, and what happens when a line of arguments comes in. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { bareCommand, HelpShown, nounCommand } from './command.ts';
import { alertList } from './commands/alert-list.ts';
import { approvalApprove } from './commands/approval-approve.ts';
import { approvalList } from './commands/approval-list.ts';
import { approvalReject } from './commands/approval-reject.ts';
import { approvalShow } from './commands/approval-show.ts';
import { auditExport } from './commands/audit-export.ts';
import { auditList } from './commands/audit-list.ts';
import { auditVerify } from './commands/audit-verify.ts';
import { carry } from './commands/carry.ts';
import { claimAdd } from './commands/claim-add.ts';
import { claimImport } from './commands/claim-import.ts';
import { claimOrder } from './commands/claim-order.ts';
import { claimProve } from './commands/claim-prove.ts';
import { claimRelease } from './commands/claim-release.ts';
import { claimUnproved } from './commands/claim-unproved.ts';
import { deviceList } from './commands/device-list.ts';
import { devicePlace } from './commands/device-place.ts';
import { deviceRegister } from './commands/device-register.ts';
import { deviceReplace } from './commands/device-replace.ts';
import { deviceShow } from './commands/device-show.ts';
import { endpointAdd } from './commands/endpoint-add.ts';
import { endpointList } from './commands/endpoint-list.ts';
import { endpointRemove } from './commands/endpoint-remove.ts';
import { factoryCode } from './commands/factory-code.ts';
import { factoryDevice } from './commands/factory-device.ts';
import { factoryManufacturer } from './commands/factory-manufacturer.ts';
import { health } from './commands/health.ts';
import { init } from './commands/init.ts';
import { inspect } from './commands/inspect.ts';
import { inspectionCaAdd } from './commands/inspection-ca-add.ts';
import { inspectionCaApprove } from './commands/inspection-ca-approve.ts';
import { inspectionCaList } from './commands/inspection-ca-list.ts';
import { inspectionCaRemove } from './commands/inspection-ca-remove.ts';
import { inspectionCaRetire } from './commands/inspection-ca-retire.ts';
import { inspectionCaRevoke } from './commands/inspection-ca-revoke.ts';
import { inspectionCaShow } from './commands/inspection-ca-show.ts';
import { jobList } from './commands/job-list.ts';
import { jobShow } from './commands/job-show.ts';
import { login } from './commands/login.ts';
import { manifestImport } from './commands/manifest-import.ts';
import { manifestList } from './commands/manifest-list.ts';
import { manufacturerAdd } from './commands/manufacturer-add.ts';
import { manufacturerList } from './commands/manufacturer-list.ts';
import { networkAdd } from './commands/network-add.ts';
import { networkList } from './commands/network-list.ts';
import { networkSet } from './commands/network-set.ts';
import { networkShow } from './commands/network-show.ts';
import { observationAsk } from './commands/observation-ask.ts';
import { observationClear } from './commands/observation-clear.ts';
import { observationHostile } from './commands/observation-hostile.ts';
import { observationIgnore } from './commands/observation-ignore.ts';
import { observationLink } from './commands/observation-link.ts';
import { observationList } from './commands/observation-list.ts';
import { organizationAdd } from './commands/organization-add.ts';
import { organizationKillSwitch } from './commands/organization-kill-switch.ts';
import { organizationList } from './commands/organization-list.ts';
import { organizationTwoPerson } from './commands/organization-two-person.ts';
import { personAdd } from './commands/person-add.ts';
import { personDisable } from './commands/person-disable.ts';
import { personGrant } from './commands/person-grant.ts';
import { personList } from './commands/person-list.ts';
import { personRevokeRole } from './commands/person-revoke-role.ts';
import { personShow } from './commands/person-show.ts';
import { profileDiff } from './commands/profile-diff.ts';
import { profileDraft } from './commands/profile-draft.ts';
import { profileList } from './commands/profile-list.ts';
import { profilePublish } from './commands/profile-publish.ts';
import { profileSubmit } from './commands/profile-submit.ts';
import { publisherAdd } from './commands/publisher-add.ts';
import { publisherList } from './commands/publisher-list.ts';
import { publisherRemove } from './commands/publisher-remove.ts';
import { publisherShow } from './commands/publisher-show.ts';
import { serve } from './commands/serve.ts';
import { sessionList } from './commands/session-list.ts';
import { sessionRevoke } from './commands/session-revoke.ts';
import { signerInstall } from './commands/signer-install.ts';
import { signerIssue } from './commands/signer-issue.ts';
import { signerRevoke } from './commands/signer-revoke.ts';
import { tokenAdd } from './commands/token-add.ts';
import { tokenList } from './commands/token-list.ts';
import { tokenRecover } from './commands/token-recover.ts';
import { tokenRevoke } from './commands/token-revoke.ts';
import { transferAccept } from './commands/transfer-accept.ts';
import { transferList } from './commands/transfer-list.ts';
import { transferOffer } from './commands/transfer-offer.ts';
import { transferRevoke } from './commands/transfer-revoke.ts';
import { transferShow } from './commands/transfer-show.ts';
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
  for (const command of [init, serve, health, login]
    .map((make) => make(terminal))
    .concat(nouns(terminal), carry(terminal), inspect(terminal)))
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
    noun('factory', 'What a factory puts on devices, for trials', factoryManufacturer, factoryDevice, factoryCode),
    noun('manufacturer', 'Whose device identities the service accepts', manufacturerAdd, manufacturerList),
    noun('manifest', 'The devices that manufacturers announce', manifestImport, manifestList),
    noun(
      'organization',
      'Who owns devices and networks',
      organizationAdd,
      organizationList,
      organizationTwoPerson,
      organizationKillSwitch,
    ),
    noun('person', 'Who may do what', personAdd, personList, personShow, personDisable, personGrant, personRevokeRole),
    noun('token', 'What a person shows to the service', tokenAdd, tokenList, tokenRevoke, tokenRecover),
    noun('session', 'Who is logged in', sessionList, sessionRevoke),
    noun('network', 'Places with inspecting proxies', networkAdd, networkSet, networkList, networkShow),
    noun('endpoint', 'Destinations that devices must reach', endpointAdd, endpointList, endpointRemove),
    noun(
      'inspection-ca',
      'The CAs of inspecting proxies',
      inspectionCaAdd,
      inspectionCaApprove,
      inspectionCaList,
      inspectionCaShow,
      inspectionCaRetire,
      inspectionCaRevoke,
      inspectionCaRemove,
    ),
    noun(
      'publisher',
      "Under whose CA an organization's profiles are signed",
      publisherAdd,
      publisherList,
      publisherShow,
      publisherRemove,
    ),
    noun(
      'profile',
      'What devices on a network trust',
      profileDiff,
      profilePublish,
      profileList,
      profileDraft,
      profileSubmit,
    ),
    noun('approval', 'What waits for a second person', approvalList, approvalShow, approvalApprove, approvalReject),
    noun('job', 'Work that goes on after its command', jobList, jobShow),
    noun(
      'claim',
      'Which organization a device belongs to',
      claimAdd,
      claimImport,
      claimOrder,
      claimProve,
      claimUnproved,
      claimRelease,
    ),
    noun(
      'transfer',
      'Devices that go to another organization',
      transferOffer,
      transferList,
      transferShow,
      transferAccept,
      transferRevoke,
    ),
    noun('device', 'Devices and what they report', deviceRegister, deviceList, deviceShow, devicePlace, deviceReplace),
    noun(
      'observation',
      'Proxies that devices met and nobody approved',
      observationList,
      observationLink,
      observationAsk,
      observationIgnore,
      observationHostile,
      observationClear,
    ),
    noun('alert', 'What somebody should look at', alertList),
    noun('audit', 'Who changed what', auditList, auditVerify, auditExport),
  ];
}

/** The version of this package. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return /"version": "([^"]+)"/.exec(text)?.[1] ?? 'unknown';
}
