// The page at the end of a login for a command: only when the person follows its link the code leaves the browser, and only for this machine.
import type { FastifyReply } from 'fastify';
import type { OfferedLogin } from '../command-login.ts';

/** Which command asked: its port on the person's own machine, and the challenge of what only it has. */
export interface AskingCommand {
  readonly port: number;
  readonly challenge: string;
}

const LEAST_PORT = 1024;
const MOST_PORT = 65_535;

/** The command that the parameters `port` and `challenge` name; null: none is named. undefined: it cannot be one. */
export function askingCommand(port: unknown, challenge: unknown): AskingCommand | null | undefined {
  if (port === null && challenge === null) return null;
  const number = /^\d{4,5}$/.test(String(port)) ? Number(port) : 0;
  const isOne = number >= LEAST_PORT && number <= MOST_PORT && /^[A-Za-z0-9_-]{43}$/.test(String(challenge));
  return isOne ? { port: number, challenge: String(challenge) } : undefined;
}

/** Nothing of other sites is in the page, and no other site shows it. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The person is asked whether the command may act as them. */
export function sendCommandLoginPage(reply: FastifyReply, { scope, code }: OfferedLogin, { port }: AskingCommand) {
  const { person, role, organization } = scope;
  const whom = escapeHtml(`${person}, ${role} of ${organization ?? 'the service'}`);
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Log in with the windlass command</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 4rem auto; padding: 0 1rem; color-scheme: light dark }
  a { display: inline-block; padding: .5rem 1rem; border-radius: .3rem; background: #1a5fb4; color: #fff; text-decoration: none }
</style>
<h1>Log in with the windlass command</h1>
<p>The command that you started on this computer wants to act as <strong>${whom}</strong> for the next 12 hours.</p>
<p><a href="http://127.0.0.1:${port}/?code=${code}" rel="noreferrer">Let it</a></p>
<p>You did not start one? Then close this page: nobody can act as you.</p>
</html>
`;
  return reply.header('content-security-policy', POLICY).type('text/html; charset=utf-8').send(page);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
