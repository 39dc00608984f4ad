/** `windlass manufacturer add`: the service accepts device identities that this manufacturer issued. */
import type { Command } from 'commander';
import { readCertificateText } from '../certificate-file.ts';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, withConnection } from '../connection.ts';
import { facts, nextSteps, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly certificate: string;
}

export function manufacturerAdd(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'add',
    summary: 'trust the device identities of a manufacturer',
    description:
      "The service accepts devices whose certificate leads to this manufacturer's CA. Run by the service's operator.",
    examples: ['manufacturer add trial-maker --certificate ./maker/manufacturer.pem --dir ./service'],
  })
    .argument('<name>', 'how the manufacturer is called here')
    .requiredOption('--certificate <file>', "the manufacturer's CA certificate, PEM or DER");
  return withConnection(command).action(async (name: string, options: Options) => {
    const certificate = readCertificateText(options.certificate, "the manufacturer's CA certificate");
    const client = await connect(options, terminal);
    const added = await client.addManufacturer({ name, certificate });
    show(terminal, options, added, (manufacturer, paint) =>
      [
        `Devices of manufacturer ${paint.bold(manufacturer.name)} are accepted.`,
        facts(paint, [
          ['CA', manufacturer.subject],
          ['fingerprint', manufacturer.fingerprint],
          ['ends', manufacturer.notAfter],
        ]),
        ...nextSteps(paint, [
          `${terminal.commandName} claim add --serial SERIAL --organization ORGANIZATION${sameService(options)}`,
        ]),
      ].join('\n'),
    );
  });
}
