/** `windlass inspection-ca approve`: an approver lets a CA in, with the fingerprint as somebody confirmed it to them. */
import { X509Certificate } from 'node:crypto';
import type { Command } from 'commander';
import { readCertificateText } from '../certificate-file.ts';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, withConnection } from '../connection.ts';
import { CommandError, UsageError } from '../errors.ts';
import { type IfMatchOptions, withIfMatch } from '../etag.ts';
import { scopeFacts } from '../inspection-ca-text.ts';
import { facts, nextSteps, type OutputOptions, show, warningLines } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, IfMatchOptions {
  readonly organization: string;
  readonly network: string;
  readonly words?: string;
  readonly sha256?: string;
  readonly certificate?: string;
  readonly expect?: string;
  readonly reason?: string;
}

export function inspectionCaApprove(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'approve',
    summary: 'let an inspection CA in, by its confirmed fingerprint',
    description:
      "Approves a draft, so that it goes with the next publication of its network. It takes the fingerprint as whoever runs the proxy confirmed it to you, by telephone or in person: its 24 words, its SHA-256, or the certificate as you got it from the proxy yourself. What this service shows is no confirmation: somebody may have added another CA under the same name. When it does not fit, nothing changes and the audit has it. Run with the approver's token.",
    examples: [
      'inspection-ca approve 5E:8A:...:0F --words "abandon ability ..." --organization acme --network plant-1 --dir ./service',
      'inspection-ca approve --certificate ./proxy-ca.pem --organization acme --network plant-1 --dir ./service',
    ],
  })
    .argument('[fingerprint]', 'the draft: SHA-256 of its certificate, with or without colons')
    .option('--words <words>', 'the fingerprint as 24 words, as they were read to you')
    .option('--sha256 <fingerprint>', 'the fingerprint as hexadecimal, as it was given to you')
    .option('--certificate <file>', 'the CA as you got it from the proxy, PEM or DER')
    .option('--expect <content>', 'approve only what you looked at: "content" of "inspection-ca list --json"')
    .requiredOption('--organization <name>', 'whose network')
    .requiredOption('--network <name>', 'which network')
    .option('--reason <text>', 'who confirmed it and how, for the audit');
  return withConnection(withIfMatch(command, 'inspection-ca show')).action(
    async (given: string | undefined, options: Options) => {
      const { organization, network, expect, reason } = options;
      const { fingerprint, ...confirmed } = confirmation(given, options);
      const client = await connect(options, terminal);
      const approved = await client.approveInspectionCa(
        {
          organization,
          network,
          fingerprint,
          ...confirmed,
          expect,
          reason,
        },
        { ifMatch: options.ifMatch },
      );
      show(terminal, options, approved, (ca, paint) =>
        [
          `The inspection CA is approved for ${paint.bold(network)}. It goes with the next publication.`,
          facts(paint, [['subject', ca.subject], ['fingerprint', ca.fingerprint], ...scopeFacts(ca)]),
          ...warningLines(paint, ca.warnings),
          ...nextSteps(paint, [
            `${terminal.commandName} profile publish --organization ${organization} --network ${network}${sameService(options)}`,
          ]),
        ].join('\n'),
      );
    },
  );
}

/** Which draft, and the one thing that confirms it. @throws UsageError, CommandError */
function confirmation(
  given: string | undefined,
  { words, sha256, certificate }: Options,
): { readonly fingerprint: string; readonly words?: string; readonly sha256?: string } {
  const ways = [words, sha256, certificate].filter((way) => way !== undefined);
  if (ways.length !== 1) {
    throw new UsageError('How was the fingerprint confirmed to you? Give one of --words, --sha256 and --certificate.');
  }
  const own = certificate === undefined ? undefined : fingerprintOf(certificate);
  const fingerprint = given ?? own;
  if (fingerprint === undefined) {
    throw new UsageError('Which draft? Give its fingerprint: "windlass inspection-ca list" has them.');
  }
  const confirmed = sha256 ?? own;
  return {
    fingerprint,
    ...(words === undefined ? {} : { words }),
    ...(confirmed === undefined ? {} : { sha256: confirmed }),
  };
}

/** SHA-256 of the only certificate of the file. @throws CommandError */
function fingerprintOf(file: string): string {
  const text = readCertificateText(file, 'the CA certificate of the inspecting proxy');
  const count = text.split('-----BEGIN CERTIFICATE-----').length - 1;
  if (count !== 1) {
    throw new CommandError(`${file} has ${count} certificates: name a file with the CA alone, or give --sha256.`);
  }
  try {
    return new X509Certificate(text).fingerprint256;
  } catch (cause) {
    throw new CommandError(`${file} has no certificate that can be read: export it again, or give --sha256.`, {
      cause,
    });
  }
}
