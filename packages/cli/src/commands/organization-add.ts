/** `windlass organization add`: an organization with its publisher; its approver's token is in a file, and nowhere else. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { approverTokenFile, type ConnectionOptions, connect, sameService, withConnection } from '../connection.ts';
import { UsageError } from '../errors.ts';
import { keepSecret } from '../files.ts';
import { facts, nextSteps, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly tokenFile?: string;
  readonly approver?: string;
}

export function organizationAdd(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'add',
    summary: 'make an organization, its publisher and the token of its approver',
    description:
      "Makes an organization with its own publisher. The approver's token is written once, to DIRECTORY/organizations/NAME/approver-token or --token-file, readable for you alone: hand it to the organization's security admin. The approver adds the organization's other people, and alone publishes inspection CAs. Run by the service's operator.",
    examples: [
      'organization add acme --dir ./service',
      'organization add acme --url https://windlass.example:8443 --token-file ./acme-approver-token',
    ],
  })
    .argument('<name>', 'the name of the organization')
    .option('--approver <name>', 'who the approver is, such as their e-mail address (default: NAME-approver)')
    .option('--token-file <file>', "where the approver's token goes; needed when --dir is not given");
  return withConnection(command).action(async (name: string, options: Options) => {
    const tokenFile = tokenFileOf(name, options);
    const client = await connect(options, terminal);
    const added = await keepSecret(tokenFile, 'approverToken', () =>
      client.addOrganization({ name, approver: options.approver }),
    );
    show(terminal, options, { ...added, approverTokenFile: tokenFile }, (organization, paint) =>
      [
        `Organization ${paint.bold(organization.name)} exists, with a publisher of its own.`,
        facts(paint, [
          ["approver's token", organization.approverTokenFile],
          ['publisher until', organization.publisherExpires],
        ]),
        ...nextSteps(paint, [
          "hand the approver's token to the organization's security admin; whoever has it decides which inspection CAs devices trust",
          `${terminal.commandName} network add NETWORK --organization ${organization.name}${sameService(options)}`,
        ]),
      ].join('\n'),
    );
  });
}

function tokenFileOf(name: string, options: Options): string {
  if (options.tokenFile !== undefined) return options.tokenFile;
  if (options.dir !== undefined) return approverTokenFile(options.dir, name);
  throw new UsageError(
    "Where shall the approver's token go? Give --token-file, or --dir with the service's directory.",
  );
}
