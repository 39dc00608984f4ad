/** `windlass profile draft`: the exact bytes that an organization's own publisher signs, and the command that signs them. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, shellWord, withConnection } from '../connection.ts';
import { CommandError } from '../errors.ts';
import { writeNewFile } from '../files.ts';
import { facts, nextSteps, type OutputOptions, show, warningLines } from '../output.ts';
import { readPublisherCertificate } from '../publisher-certificate.ts';
import { signingCommands, signingKinds } from '../signing-command.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly organization: string;
  readonly network: string;
  readonly out: string;
  readonly publisherCertificate?: string;
  readonly key?: string;
}

export function profileDraft(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'draft',
    summary: "write the profile that an organization's own publisher signs",
    description:
      "Writes the exact bytes that would be published for a network now, and prints the openssl command that signs them where the publisher's key is. Nothing changes on the service. With --publisher-certificate the profile ends no later than that certificate, and only the commands for its key are printed; with --key too, the whole command.",
    examples: [
      'profile draft --organization acme --network plant-1 --publisher-certificate ./publisher.pem --out ./plant-1.json --dir ./service',
      "profile draft --organization acme --network plant-1 --publisher-certificate ./publisher.pem --key 'pkcs11:token=acme;object=publisher;type=private' --out ./plant-1.json --dir ./service",
    ],
  })
    .requiredOption('--organization <name>', 'whose network')
    .requiredOption('--network <name>', 'which network')
    .requiredOption('--out <file>', 'where the bytes to be signed go')
    .option('--publisher-certificate <file>', 'the certificate that will sign, PEM or DER')
    .option('--key <key>', 'where its key is, for the printed command: a file or a pkcs11: URI');
  return withConnection(command).action(async (options: Options) => {
    const { organization, network, out, key = null } = options;
    const file = options.publisherCertificate ?? null;
    const certificate = file === null ? null : await readPublisherCertificate(file, organization);
    const kinds = signingKinds(certificate);
    if (kinds.length === 0) {
      throw new CommandError(`The key of ${file} is of a kind that signs no profiles: use RSA, ECDSA P-256 or P-384.`);
    }
    const client = await connect(options, terminal);
    const until = certificate === null ? undefined : timeText(certificate.notAfter);
    const draft = await client.draftProfile({ organization, network, until });
    writeNewFile(out, draft.payload, 0o644);
    const signature = `${out}.sig`;
    const commands = signingCommands(kinds, { payload: out, signature, certificate: file, key });
    show(terminal, options, { ...draft, out, commands }, (shown, paint) =>
      [
        `The draft of ${paint.bold(shown.network)} is in ${shown.out}: epoch ${shown.epoch}, sequence ${shown.sequence}, valid until ${shown.expires}.`,
        facts(paint, [['digest', shown.digest]]),
        ...changeLines(shown.changes),
        ...warningLines(paint, shown.warnings),
        '',
        paint.bold("Sign it where the publisher's key is"),
        ...shown.commands.map((line) => `  ${line.startsWith('#') ? paint.dim(line) : line}`),
        ...nextSteps(paint, [
          `${terminal.commandName} profile submit --payload ${shellWord(out)} --signature ${shellWord(signature)}${sameService(options)}`,
        ]),
      ].join('\n'),
    );
  });
}

/** Lines of a diff, or one that says that there is none. */
export function changeLines(changes: readonly string[]): readonly string[] {
  return changes.length === 0 ? ['  no change'] : changes.map((change) => `  ${change}`);
}

const lastSecond = 253_402_300_799;

function timeText(seconds: number): string {
  return new Date(Math.min(seconds, lastSecond) * 1_000).toISOString().replace('.000Z', 'Z');
}
