/** `windlass profile submit`: what an organization signed itself is checked as a device would check it, and published. */
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, withConnection } from '../connection.ts';
import { CommandError } from '../errors.ts';
import { type IfMatchOptions, withIfMatch } from '../etag.ts';
import { readInputFile, readInputText } from '../files.ts';
import { facts, nextSteps, type OutputOptions, show, warningLines } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, IfMatchOptions {
  readonly payload: string;
  readonly signature: string;
  readonly reason?: string;
}

const derSequence = 0x30;

export function profileSubmit(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'submit',
    summary: "publish a profile that an organization's own publisher signed",
    description:
      "Sends a signed draft. The service checks all that a device would check, and that the draft still is what would be published; then devices get it. A draft that was overtaken is refused with what changed. Run with the approver's token.",
    examples: [
      'profile submit --payload ./plant-1.json --signature ./plant-1.json.sig --reason "new proxy in hall 2" --dir ./service',
    ],
  })
    .requiredOption('--payload <file>', 'the draft, as "profile draft" wrote it')
    .requiredOption('--signature <file>', 'what openssl made of it, in DER')
    .option('--reason <text>', 'why, for the audit');
  return withConnection(withIfMatch(command, 'network show')).action(async (options: Options) => {
    const payload = readInputText(options.payload, 'the draft');
    const { organization, network } = whereOf(payload, options.payload);
    const signature = readInputFile(options.signature, 'the signature in DER');
    if (signature[0] !== derSequence) {
      throw new CommandError(`${options.signature} is not DER: sign with -outform DER, as "profile draft" prints it.`);
    }
    const client = await connect({ ...options, organization }, terminal);
    const submitted = await client.submitProfile(
      {
        organization,
        network,
        payload,
        signature: Buffer.from(signature).toString('base64'),
        reason: options.reason,
      },
      { ifMatch: options.ifMatch },
    );
    show(terminal, options, submitted, (profile, paint) =>
      [
        `The profile of ${paint.bold(profile.network)} is published as it was signed: epoch ${profile.epoch}, sequence ${profile.sequence}, valid until ${profile.expires}.`,
        facts(paint, [
          ['digest', profile.digest],
          ['reason', profile.reason],
        ]),
        ...profile.changes.map((change) => `  ${change}`),
        ...warningLines(paint, profile.warnings),
        ...nextSteps(paint, [
          `${terminal.commandName} device list --organization ${organization}${sameService(options)}`,
        ]),
      ].join('\n'),
    );
  });
}

/** Which network the draft says that it is for; the service checks it. */
function whereOf(payload: string, file: string): { readonly organization: string; readonly network: string } {
  const wrong = new CommandError(`${file} is not a draft of a profile: name the file that "profile draft" wrote.`);
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    throw wrong;
  }
  if (typeof value !== 'object' || value === null || !('organization' in value) || !('network' in value)) throw wrong;
  const { organization, network } = value;
  if (typeof organization !== 'string' || typeof network !== 'string') throw wrong;
  return { organization, network };
}
