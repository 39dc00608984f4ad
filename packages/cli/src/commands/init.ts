/** `windlass init`: a service's directory with its configuration, databases, keys and the admin's token. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { newCommand, parsePort } from '../command.ts';
import { shellWord } from '../connection.ts';
import { UsageError } from '../errors.ts';
import { facts, nextSteps, type OutputOptions, show } from '../output.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends OutputOptions {
  readonly dir: string;
  readonly service: string;
  readonly httpPort?: number;
  readonly httpsPort?: number;
  readonly tlsCertificate?: string;
  readonly tlsKey?: string;
  readonly managementPort?: number;
  readonly databaseUrl?: string;
  readonly databasePasswordFile?: string;
}

export function init(terminal: Terminal): Command {
  return newCommand(terminal, {
    name: 'init',
    summary: 'make a service: configuration, databases, keys, token',
    description:
      'Makes the directory of a new service: windlass.toml, the databases, service-anchor.pem (what devices trust from birth), offline/ with the key of that anchor, keys/ and admin-token (both readable for you alone). Nothing that exists is overwritten.',
    examples: [
      'init --dir ./service --service bootstrap.example --http-port 8080 --management-port 8443',
      'init --dir ./service --service bootstrap.example --https-port 443 --tls-certificate ./tls.pem --tls-key ./tls.key',
      'init --dir ./service --service bootstrap.example --database-url postgres://windlass@db.example/windlass --database-password-file ./password',
    ],
  })
    .requiredOption('--dir <directory>', 'the new directory of the service')
    .requiredOption(
      '--service <name>',
      'the DNS name under which devices find the service; it is in every signature and stays for ever',
    )
    .option('--http-port <number>', 'where devices connect without TLS (default: 80)', parsePort)
    .option('--https-port <number>', 'where devices connect with TLS; needs --tls-certificate and --tls-key', parsePort)
    .option('--tls-certificate <file>', 'PEM certificate chain for HTTPS')
    .option('--tls-key <file>', 'PEM key for HTTPS')
    .option('--management-port <number>', 'where operators connect, on 127.0.0.1 (default: 8443)', parsePort)
    .option(
      '--database-url <url>',
      'an empty PostgreSQL database for the tables, without a password (default: WINDLASS_DATABASE_URL, which may have one; else SQLite in the directory)',
    )
    .option('--database-password-file <file>', 'has the password for it, readable for you alone; it stays where it is')
    .action(async (options: Options) => {
      checkTls(options);
      const { initialize } = await import('@windlass/service');
      const { json: _json, ...wanted } = options;
      await initialize(wanted);
      show(terminal, options, whatWasMade(options), (made, paint) =>
        [
          `The service ${paint.bold(made.service)} is set up in ${made.dir}.`,
          facts(paint, [
            ['configuration', made.config],
            ['service anchor', `${made.serviceAnchor} (goes onto every device)`],
            ["admin's token", `${made.adminToken} (readable for you alone)`],
            ["anchor's key", made.offline],
          ]),
          `${paint.yellow('warning:')} move ${made.offline} away now, to a place that is offline: whoever has it can speak for the service to every device.`,
          ...nextSteps(paint, [
            `${terminal.commandName} serve --config ${shellWord(made.config)}`,
            `${terminal.commandName} organization add ORGANIZATION --dir ${shellWord(made.dir)}`,
            `${terminal.commandName} manufacturer add NAME --certificate FILE --dir ${shellWord(made.dir)}`,
          ]),
        ].join('\n'),
      );
    });
}

function checkTls({ httpsPort, tlsCertificate, tlsKey }: Options): void {
  const given = [httpsPort, tlsCertificate, tlsKey].filter((option) => option !== undefined);
  if (given.length === 0 || (tlsCertificate !== undefined && tlsKey !== undefined)) return;
  throw new UsageError('HTTPS needs --tls-certificate and --tls-key: give both, or leave out --https-port.');
}

function whatWasMade({ dir, service }: Options) {
  return {
    dir,
    service,
    config: join(dir, 'windlass.toml'),
    serviceAnchor: join(dir, 'service-anchor.pem'),
    adminToken: join(dir, 'admin-token'),
    offline: join(dir, 'offline'),
  };
}
