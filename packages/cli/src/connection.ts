/** Which service a command talks to, and as whom. The token comes from the environment or a file, never from the command line. */

import { randomUUID } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ManagementClient } from '@windlass/management';
import type { Command } from 'commander';
import { parse as parseToml } from 'smol-toml';
import { CommandError, UsageError } from './errors.ts';
import { readInputText } from './files.ts';
import type { Terminal } from './terminal.ts';

export interface ConnectionOptions {
  readonly url?: string;
  readonly dir?: string;
  readonly tlsAnchor?: string;
  readonly organization?: string;
}

/** The command has the options that say which service it talks to. Call it last: they come in a group of their own. */
export function withConnection(command: Command): Command {
  return command
    .optionsGroup('Which service, and as whom:')
    .option('--url <url>', 'the management listener, with the token in WINDLASS_TOKEN (or WINDLASS_URL)')
    .option(
      '--dir <directory>',
      "the service's directory: its address and the admin's token, with --organization the approver's",
    )
    .option('--tls-anchor <file>', 'certificates that vouch for the listener, when it is certified privately');
}

/** A client for the service that options and environment name. No request is made. @throws UsageError, CommandError */
export async function connect(options: ConnectionOptions, terminal: Terminal): Promise<ManagementClient> {
  const { url, token } = findService(options, terminal.environment);
  const anchor = anchorOf(url, options);
  const { createClient } = await import('@windlass/management');
  // Whoever loses the answer cannot know whether it was done: the client asks again, and it is done once.
  return createClient({ url, token, newIdempotencyKey: randomUUID, ...anchor });
}

/** Which service, for who has no token yet. @throws UsageError, CommandError */
export function serviceOf(
  options: ConnectionOptions,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly url: string; readonly certificateAuthority?: string } {
  const url = options.url ?? (options.dir === undefined ? environmentUrl(environment) : managementUrl(options.dir));
  return { url, ...anchorOf(url, options) };
}

function anchorOf(url: string, { tlsAnchor }: ConnectionOptions): { readonly certificateAuthority?: string } {
  refuseTokenInClear(url);
  return tlsAnchor === undefined ? {} : { certificateAuthority: readInputText(tlsAnchor, 'PEM certificates') };
}

function environmentUrl(environment: Readonly<Record<string, string | undefined>>): string {
  const url = environment['WINDLASS_URL'];
  if (url !== undefined && url !== '') return url;
  throw new UsageError('Which service? Give --dir with its directory, or --url (or WINDLASS_URL).');
}

/** ` --dir ./service`: how the command that is printed as the next step finds the same service. Empty when the environment says it. */
export function sameService(options: ConnectionOptions): string {
  const words = [
    ...(options.url === undefined ? [] : ['--url', options.url]),
    ...(options.dir === undefined ? [] : ['--dir', options.dir]),
    ...(options.tlsAnchor === undefined ? [] : ['--tls-anchor', options.tlsAnchor]),
  ];
  return words.map((word) => ` ${shellWord(word)}`).join('');
}

/** The text as one word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** URL and token: `--url` over `--dir` over WINDLASS_URL; the token of the directory when there is one, else WINDLASS_TOKEN. */
export function findService(
  options: ConnectionOptions,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly url: string; readonly token: string } {
  if (options.dir !== undefined) {
    return { url: options.url ?? managementUrl(options.dir), token: storedToken(options.dir, options.organization) };
  }
  const url = options.url ?? environmentUrl(environment);
  const token = environment['WINDLASS_TOKEN']?.trim();
  if (token === undefined || token === '') {
    throw new UsageError(
      `As whom? Put the token for ${url} into the environment as WINDLASS_TOKEN, or give --dir with the service's directory.`,
    );
  }
  return { url, token };
}

/** Where the management listener of the service in `dir` is, by its windlass.toml. @throws CommandError */
export function managementUrl(dir: string): string {
  requireDirectory(dir);
  const file = join(dir, 'windlass.toml');
  if (!existsSync(file))
    throw new CommandError(`There is no service in ${dir}: give the directory that "windlass init" made.`);
  const listener = section(parseConfig(file), 'management-listener');
  const port = listener['port'] ?? 8443;
  const address = listener['address'] ?? '127.0.0.1';
  if (typeof address !== 'string' || typeof port !== 'number') {
    throw new CommandError(
      `${file} has no usable [management-listener]: it needs an address (text) and a port (number).`,
    );
  }
  const scheme = listener['tls-certificate'] === undefined ? 'http' : 'https';
  return `${scheme}://${hostOf(address)}:${port}`;
}

function parseConfig(file: string): Readonly<Record<string, unknown>> {
  const text = readInputText(file, 'the configuration that "windlass init" writes');
  try {
    return parseToml(text);
  } catch (cause) {
    const line = cause instanceof Error && 'line' in cause ? ` (line ${String(cause.line)})` : '';
    throw new CommandError(`${file} is not valid TOML${line}: correct it.`, { cause });
  }
}

function section(config: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  const value = config[name];
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function hostOf(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  if (address === '::') return '[::1]';
  return address.includes(':') ? `[${address}]` : address;
}

function requireDirectory(dir: string): void {
  const found = statSync(dir, { throwIfNoEntry: false });
  if (found === undefined)
    throw new CommandError(`There is no directory ${dir}: give the one that "windlass init" made.`);
  if (!found.isDirectory()) throw new CommandError(`${dir} is a file: give the directory that "windlass init" made.`);
}

function storedToken(dir: string, organization: string | undefined): string {
  requireDirectory(dir);
  const file = organization === undefined ? join(dir, 'admin-token') : approverTokenFile(dir, organization);
  if (statSync(file, { throwIfNoEntry: false }) !== undefined) return readInputText(file, 'a token').trim();
  if (organization === undefined) {
    throw new CommandError(`There is no admin's token at ${file}: give the directory that "windlass init" made.`);
  }
  throw new CommandError(
    `There is no organization ${organization} here, or its approver's token was moved away (${file}): check the name, or use --url and WINDLASS_TOKEN.`,
  );
}

/** Where the approver's token of an organization is stored. @throws UsageError when the name cannot be an organization's */
export function approverTokenFile(dir: string, organization: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(organization)) {
    throw new UsageError(
      'The name of an organization is 1 to 63 letters, digits, ".", "_" or "-", and starts with a letter or digit.',
    );
  }
  return join(dir, 'organizations', organization, 'approver-token');
}

const loopback = /^(localhost|127(\.[0-9]{1,3}){3}|\[::1\])$/;

function refuseTokenInClear(url: string): void {
  if (!URL.canParse(url)) throw new UsageError(`"${url}" is not a URL: give one like http://127.0.0.1:8443.`);
  const { protocol, hostname, username } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') throw new UsageError(`"${url}" is not an http or https URL.`);
  if (username !== '') throw new UsageError('The URL must not carry a user: the token is in WINDLASS_TOKEN.');
  if (protocol === 'http:' && !loopback.test(hostname)) {
    throw new UsageError(`The token would cross the network in clear to ${hostname}: use an https URL.`);
  }
}
