/** `windlass device register`: the service knows a device that no manufacturer vouches for, by its own key. */
import type { Command } from 'commander';
import { readCertificateText } from '../certificate-file.ts';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, shellWord, withConnection } from '../connection.ts';
import { deviceName } from '../device-name.ts';
import { facts, nextSteps, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly certificate: string;
  readonly serial?: string;
}

export function deviceRegister(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'register',
    summary: 'know a self-signed device by its key',
    description:
      "The service accepts a device that has a self-signed certificate instead of a manufacturer's. It knows the key from now on, with the serial that the certificate says and no other. Run by the service's operator.",
    examples: [
      'device register --certificate ./device/device.pem --dir ./service',
      'device register --certificate ./device/device.pem --serial SN-0001 --dir ./service',
    ],
  })
    .requiredOption('--certificate <file>', "the device's self-signed certificate, PEM or DER")
    .option('--serial <serial>', 'the serial that the certificate must have, to be sure');
  return withConnection(command).action(async (options: Options) => {
    const certificate = readCertificateText(options.certificate, "the device's self-signed certificate");
    const client = await connect(options, terminal);
    const { serial } = options;
    const registered = await client.registerDevice({ certificate, serial });
    show(terminal, options, registered, (device, paint) =>
      [
        `Device ${paint.bold(deviceName(device))} is known by its key.`,
        facts(paint, [
          ['key', device.keyFingerprint],
          ['certificate', device.subject],
          ['fingerprint', device.fingerprint],
          ['ends', device.notAfter],
        ]),
        ...nextSteps(paint, [
          `${terminal.commandName} claim add --serial ${shellWord(device.serial)} --organization ORGANIZATION${sameService(options)}`,
        ]),
      ].join('\n'),
    );
  });
}
