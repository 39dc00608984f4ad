/** `windlass login`: a token for whoever logs in at the identity provider, with a browser on this machine. */
import { createHash, randomBytes } from 'node:crypto';
import type { Role } from '@windlass/management';
import type { Command } from 'commander';
import { newCommand } from '../command.ts';
import { type ConnectionOptions, serviceOf, withConnection } from '../connection.ts';
import { keepSecret } from '../files.ts';
import { listenForBrowser } from '../loopback.ts';
import { facts, nextSteps, type OutputOptions, show } from '../output.ts';
import { parseOneRole } from '../role.ts';
import type { Terminal } from '../terminal.ts';

interface Options extends ConnectionOptions, OutputOptions {
  readonly tokenFile: string;
  readonly role?: Role;
}

const VERIFIER_BYTES = 32;
const WAIT_SECONDS = 600;

export function login(terminal: Terminal): Command {
  const command = newCommand(terminal, {
    name: 'login',
    summary: 'log in with a browser, at the identity provider of the service',
    description:
      "Prints an address. Open it in a browser on this machine and log in: you are who the identity provider says, if somebody added you by your verified e-mail address. The page asks whether this command may act as you. Then a token is written to --token-file, readable for you alone; it ends after 12 hours. Needs [login] in the service's configuration. Give the address at which browsers find the service.",
    examples: ['login --url https://windlass.example:8443 --organization acme --token-file ./my-token'],
  })
    .requiredOption('--token-file <file>', 'where the token goes; it must not exist')
    .option('--organization <name>', 'in which you act; needed when you are in more than one')
    .option('--role <role>', 'as what you act (default: the most that you may)', parseOneRole);
  return withConnection(command).action(async ({ tokenFile, organization, role, ...options }: Options) => {
    const { commandLoginUrl, redeemCommandLogin } = await import('@windlass/management');
    const service = serviceOf(options, terminal.environment);
    const verifier = randomBytes(VERIFIER_BYTES).toString('base64url');
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const made = await keepSecret(tokenFile, 'token', async () => {
      const browser = await listenForBrowser(WAIT_SECONDS);
      try {
        const url = commandLoginUrl(service.url, { port: browser.port, challenge, organization, role });
        terminal.err(`Open this address in a browser on this machine, and log in:\n  ${url}\n`);
        return await redeemCommandLogin(service, { code: await browser.code(), verifier });
      } finally {
        browser.close();
      }
    });
    show(terminal, options, { ...made, tokenFile }, ({ person, role: as, organization: of, expires }, paint) =>
      [
        `You are ${paint.bold(person)}; your token is in ${tokenFile} (readable for you alone).`,
        facts(paint, [
          ['role', of === null ? as : `${as} of ${of}`],
          ['valid until', expires],
        ]),
        ...nextSteps(paint, [`export WINDLASS_URL=${service.url} WINDLASS_TOKEN="$(cat ${tokenFile})"`]),
      ].join('\n'),
    );
  });
}
