/** `windlass factory manufacturer`: a manufacturer's CA for trials. A real one lives in a factory's key store. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { shellWord } from '../connection.ts';
import { writeNewDirectory } from '../files.ts';
import { facts, nextSteps, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends OutputOptions {
  readonly out: string;
  readonly name: string;
}

export function factoryManufacturer(terminal: Terminal): Command {
  return newCommand(terminal, {
    name: 'manufacturer',
    summary: "make a manufacturer's CA for trials",
    description:
      'Makes a directory with manufacturer.pem (which the service is told about) and manufacturer.key (which issues device identities, readable for you alone).',
    examples: ['factory manufacturer --out ./maker'],
  })
    .requiredOption('--out <directory>', 'the new directory')
    .option('--name <name>', 'the common name of the CA', 'Windlass trial manufacturer')
    .action(async (options: Options) => {
      const { makeManufacturer } = await import('../trial-certificates.ts');
      const { certificate, key, fingerprint } = makeManufacturer(options.name, new Date());
      writeNewDirectory(options.out, [
        { name: 'manufacturer.pem', content: certificate, mode: 0o644 },
        { name: 'manufacturer.key', content: key, mode: 0o600 },
      ]);
      const made = {
        certificate: join(options.out, 'manufacturer.pem'),
        key: join(options.out, 'manufacturer.key'),
        fingerprint,
      };
      show(terminal, options, made, (files, paint) =>
        [
          `A manufacturer's CA for trials is in ${options.out}.`,
          facts(paint, [
            ['certificate', files.certificate],
            ['key', `${files.key} (readable for you alone)`],
            ['fingerprint', files.fingerprint],
          ]),
          ...nextSteps(paint, [
            `${terminal.commandName} manufacturer add NAME --certificate ${shellWord(files.certificate)} --dir DIRECTORY`,
            `${terminal.commandName} factory device --manufacturer ${shellWord(options.out)} --serial SERIAL --service NAME --service-anchor FILE --out DEVICE`,
          ]),
        ].join('\n'),
      );
    });
}
