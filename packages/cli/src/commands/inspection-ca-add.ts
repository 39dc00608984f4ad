/** `windlass inspection-ca add`: what an inspecting proxy signs with, with the scope it is given. It is a draft until an approver has let it in. */
import type { Command } from 'commander';
import { refusePrivateKey } from '../certificate-file.ts';
import { collect, newCommand } from '../command.ts';
import { type ConnectionOptions, connect, sameService, withConnection } from '../connection.ts';
import { type IfMatchOptions, withIfMatch } from '../etag.ts';
import { readInputFile } from '../files.ts';
import { kindFact, scopeFacts } from '../inspection-ca-text.ts';
import { facts, nextSteps, type OutputOptions, show, warningLines } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions, IfMatchOptions {
  readonly organization: string;
  readonly network: string;
  readonly permit: readonly string[];
  readonly exclude?: readonly string[];
  readonly from?: string;
  readonly until?: string;
  readonly replaces?: string;
}

export function inspectionCaAdd(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'add',
    summary: "add an inspecting proxy's CA to a network",
    description:
      "Adds the CA of an inspecting proxy to a network, for the names you permit and until a date. A name covers itself and every name below it; an IP prefix covers its addresses; '*' (quoted) permits every name and is warned about. It is a draft then: an approver approves it with the fingerprint as whoever runs the proxy confirms it, and publishes. No device trusts it before. Run with the token of a network admin or an approver.",
    examples: [
      'inspection-ca add ./proxy-ca.pem --permit app.example mqtt.example --organization acme --network plant-1 --dir ./service',
      "inspection-ca add ./proxy-ca.pem --permit '*' --until 2027-06-30 --organization acme --network plant-1 --dir ./service",
    ],
  })
    .argument('<file>', 'the CA as the proxy exports it: PEM, DER or PKCS#7')
    .requiredOption('--permit <name...>', 'names it may vouch for', collect)
    .option('--exclude <name...>', 'names below those that it may not vouch for', collect)
    .option('--from <date>', 'not trusted before: 2026-12-01 or 2026-12-01T08:00:00Z (default: now)')
    .option('--until <date>', "not trusted after (default: the CA's own end, one year at most)")
    .option('--replaces <fingerprint>', 'the inspection CA of this network that it follows')
    .requiredOption('--organization <name>', 'whose network')
    .requiredOption('--network <name>', 'which network');
  return withConnection(withIfMatch(command, 'network show')).action(async (file: string, options: Options) => {
    const { organization, network, from, until, exclude } = options;
    const { MAX_UPLOAD_BYTES } = await import('@windlass/management');
    const upload = readInputFile(file, 'the CA certificate of the inspecting proxy', MAX_UPLOAD_BYTES);
    refusePrivateKey(file, upload);
    const client = await connect(options, terminal);
    const added = await client.addInspectionCa(
      {
        organization,
        network,
        certificate: Buffer.from(upload).toString('base64'),
        permittedNames: [...options.permit],
        excludedNames: exclude && [...exclude],
        from,
        until,
        replaces: options.replaces,
      },
      { ifMatch: options.ifMatch },
    );
    const inNetwork = `--organization ${organization} --network ${network}`;
    show(terminal, options, added, (ca, paint) =>
      [
        `The inspection CA is a draft of ${paint.bold(network)}. No device trusts it before it is approved and published.`,
        facts(paint, [
          ['subject', ca.subject],
          kindFact(ca),
          ['replaces', ca.predecessor],
          ['fingerprint', ca.fingerprint],
          ['in words', ca.words],
          ...scopeFacts(ca),
          ["CA's own end", ca.notAfter],
        ]),
        ...warningLines(paint, ca.warnings),
        ...nextSteps(paint, [
          'an approver asks whoever runs the proxy for these words, or for the SHA-256, by telephone or in person, and approves:',
          `${terminal.commandName} inspection-ca approve ${ca.fingerprint} --words "..." ${inNetwork}${sameService(options)}`,
          'or with the CA as they got it from the proxy themselves:',
          `${terminal.commandName} inspection-ca approve --certificate ${file} ${inNetwork}${sameService(options)}`,
        ]),
      ].join('\n'),
    );
  });
}
