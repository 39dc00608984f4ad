/** `windlass organization kill-switch`: inspection CAs or publishers of an organization are off everywhere, now. */
import type { Job, ManagementClient } from '@windlass/management';
import type { Command } from 'commander';
import { readCertificateText } from '../certificate-file.ts';
import { collect, newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, withConnection } from '../connection.ts';
import { UsageError } from '../errors.ts';
import { jobText } from '../job-text.ts';
import { nextSteps, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly reason: string;
  readonly without?: readonly string[];
  readonly all?: boolean;
  readonly newPublisher?: boolean;
  readonly anchor?: string;
  readonly wait: boolean;
}

const pollMs = 1_000;

export function organizationKillSwitch(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'kill-switch',
    summary: 'take inspection CAs or publishers off every network of an organization, now',
    description:
      "Begins a new epoch of the organization: all its claims are signed anew, and every network's profile is published anew without the inspection CAs that you name. Until all of it is signed, devices get what they got before; then all of it at once. What was signed at an older epoch is refused by each device from its next answer on, whoever signed it. --new-publisher and --anchor replace publishers whose keys were stolen. An organization with a publisher of its own signs the new profiles itself: the command says so. Run with the approver's token.",
    examples: [
      'organization kill-switch acme --without 5E:8A:...:0F --reason "the proxy was broken into" --dir ./service',
      'organization kill-switch acme --new-publisher --reason "the publisher\'s key was stolen" --dir ./service',
    ],
  })
    .argument('<name>', 'the organization')
    .requiredOption('--reason <text>', 'why, for the audit')
    .option('--without <fingerprint...>', 'inspection CAs that no network keeps', collect)
    .option('--all', 'no network keeps any inspection CA')
    .option('--new-publisher', 'replace the publishers that the service hosts')
    .option('--anchor <file>', "a CA that replaces the organization's own publisher anchors, PEM or DER")
    .option('--no-wait', 'do not wait until it is done');
  return withConnection(command).action(async (organization: string, options: Options) => {
    const { reason, without, all, newPublisher, anchor } = options;
    if (without === undefined && all !== true && newPublisher !== true && anchor === undefined) {
      throw new UsageError('What is to be taken out? Give --without, --all, --new-publisher or --anchor.');
    }
    const certificate =
      anchor === undefined ? undefined : readCertificateText(anchor, 'the CA that issues the publisher');
    const client = await connect({ ...options, organization }, terminal);
    const asked = await client.killSwitch({
      organization,
      reason,
      without: without && [...without],
      all,
      newPublisher,
      certificate,
    });
    const job = options.wait ? await follow(client, asked, terminal) : asked;
    show(terminal, options, job, (shown, paint) =>
      [
        jobText(shown, paint),
        ...nextSteps(paint, [
          ...(shown.state === 'done'
            ? []
            : [`${terminal.commandName} job show ${shown.id} --organization ${organization}${sameService(options)}`]),
          `${terminal.commandName} device list --organization ${organization}${sameService(options)}`,
        ]),
      ].join('\n'),
    );
  });
}

/** The job when it is done or waits for people; its progress goes to standard error. */
async function follow(client: ManagementClient, asked: Job, terminal: Terminal): Promise<Job> {
  let told = '';
  for (;;) {
    const { items } = await client.listJobs({ organization: asked.organization, job: asked.id });
    const [job = asked] = items;
    if (job.state !== 'running') return job;
    const progress = `${job.done} of ${job.total} signed`;
    if (progress !== told && job.total > 0) terminal.err(`${progress}\n`);
    told = progress;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
