import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { firstStepCommands, overviewPaths } from './overview.ts';
import { createProgram, runProgram } from './program.ts';
import { type RecordingTerminal, recordingTerminal } from './recording-terminal.ts';

async function run(...argv: readonly string[]): Promise<RecordingTerminal['written']> {
  const terminal = recordingTerminal();
  await runProgram(argv, terminal);
  return terminal.written;
}

function leaves(command: Command, path = ''): readonly { path: string; command: Command }[] {
  return command.commands.flatMap((child) => {
    const at = `${path} ${child.name()}`.trim();
    return child.commands.length === 0 ? [{ path: at, command: child }] : leaves(child, at);
  });
}

const contract: Readonly<Record<string, readonly string[]>> = {
  init: ['--dir', '--service', '--http-port', '--https-port', '--tls-certificate', '--tls-key', '--management-port'],
  serve: ['--config', '--only'],
  'signer issue': ['--anchor-key', '--role', '--count', '--out'],
  'signer install': [],
  'factory manufacturer': ['--out'],
  'factory device': ['--manufacturer', '--serial', '--service', '--service-anchor', '--out'],
  'manufacturer add': ['--certificate', '--url', '--dir'],
  'organization add': ['--url', '--dir'],
  'network add': ['--organization', '--url', '--dir'],
  'endpoint add': ['--host', '--port', '--protocol', '--organization', '--network', '--url', '--dir'],
  'inspection-ca add': ['--organization', '--network', '--permit', '--until', '--url', '--dir'],
  'inspection-ca retire': ['--organization', '--network', '--url', '--dir'],
  'profile publish': ['--organization', '--network', '--url', '--dir'],
  'claim add': ['--serial', '--manufacturer', '--organization', '--network', '--url', '--dir'],
  'claim release': ['--serial', '--url', '--dir'],
  'device list': ['--url', '--dir'],
  'device show': ['--url', '--dir'],
  'observation list': ['--url', '--dir'],
  'audit list': ['--url', '--dir'],
  inspect: ['--anchor', '--service'],
};

describe('the command tree', () => {
  const found = new Map(leaves(createProgram(recordingTerminal())).map(({ path, command }) => [path, command]));

  test('has every command and option of the contract', () => {
    for (const [path, options] of Object.entries(contract)) {
      const flags = found.get(path)?.options.map(({ long }) => long) ?? [];
      expect(flags, path).toEqual(expect.arrayContaining([...options, '--json']));
    }
  });

  test('is named in the overview, each command once', () => {
    expect([...found.keys()].sort()).toEqual([...overviewPaths].sort());
  });

  test('has an option --json, a summary, a description and examples that the program itself understands', () => {
    for (const [path, command] of found) {
      expect(
        command.options.map(({ long }) => long),
        path,
      ).toContain('--json');
      expect(command.summary(), path).not.toBe('');
      expect(command.description(), path).toMatch(/\.$/);
      let help = '';
      command.configureOutput({
        ...command.configureOutput(),
        writeOut: (text) => {
          help += text;
        },
      });
      command.outputHelp();
      const examples = help.split('\n').filter((line) => line.startsWith(`  windlass ${path}`));
      expect(examples.length, path).toBeGreaterThan(0);
      for (const example of examples) {
        const named = [...example.matchAll(/ (--[a-z-]+)/g)].map(([, flag]) => flag);
        const mandatory = command.options.filter(({ mandatory: needed }) => needed).map(({ long }) => long);
        expect(
          command.options.map(({ long }) => long),
          example,
        ).toEqual(expect.arrayContaining(named));
        expect(named, example).toEqual(expect.arrayContaining(mandatory));
      }
    }
  });

  test('has no option that takes a token', () => {
    for (const [path, command] of found) {
      const tokens = command.options.filter(
        ({ long, flags }) => long?.includes('token') === true && !flags.endsWith('<file>'),
      );
      expect(tokens, path).toEqual([]);
    }
  });
});

describe('a command line', () => {
  test('without arguments prints the overview with the first steps', async () => {
    const { out, err, exitCode } = await run();
    expect(out).toContain('First steps');
    expect(out).toContain("An organization's security admin");
    expect({ err, exitCode }).toEqual({ err: '', exitCode: 0 });
  });

  test('the first steps are those that reach "active": HTTPS, a trusted TLS anchor, and the service permitted', () => {
    const step = (path: string) => firstStepCommands.find((command) => command.startsWith(path)) ?? '';
    const [, service] = / --service (\S+)/.exec(step('init')) ?? [];
    expect(step('init')).toMatch(/--https-port \d+ --tls-certificate \S+ --tls-key \S+/);
    expect(step('factory device')).toMatch(new RegExp(`--service ${service} .*--tls-anchor .*'\\*:443=.*'\\*:80=`));
    expect(step('inspection-ca add')).toMatch(new RegExp(`--permit ${service} app\\.example`));
    const order = [
      'init',
      'serve',
      'factory',
      'manufacturer',
      'organization',
      'claim',
      'network',
      'inspection-ca',
      'profile',
    ];
    expect([...new Set(firstStepCommands.map((command) => command.split(' ')[0]))]).toEqual(order);
  });

  test('with --help or --version succeeds', async () => {
    expect((await run('--help')).out).toBe((await run()).out);
    expect((await run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    const { out, exitCode } = await run('network', 'add', '--help');
    expect(out).toContain('Usage: windlass network add NAME --organization NAME [options]');
    expect(exitCode).toBe(0);
  });

  test.each([
    [['netwrk'], /^windlass: Unknown command 'netwrk'\. Did you mean network\? See "windlass --help"\.\n$/],
    [['network', 'ad'], /^windlass: Unknown command 'ad'\. Did you mean add\? See "windlass network --help"\.\n$/],
    [
      ['network'],
      /^windlass: A verb is missing after "network": add, set, list, show\. See "windlass network --help"\.\n$/,
    ],
    [
      ['device', 'list', '--jso'],
      /^windlass: Unknown option '--jso'\. Did you mean --json\? See "windlass device list --help"\.\n$/,
    ],
    [
      ['network', 'add', '--organization', 'o'],
      /^windlass: Missing required argument 'name'\. See "windlass network add --help"\.\n$/,
    ],
    [['network', 'add', 'n'], /^windlass: Required option '--organization <name>' not specified\./],
    [['network', 'add', 'n', 'm', '--organization', 'o'], /^windlass: Too many arguments/],
    [
      ['audit', 'list', '--limit', '0'],
      /^windlass: Option '--limit <number>' argument '0' is invalid\. Give a number from 1 to 1000\. See/,
    ],
    [['audit', 'list', '--limit', '1e2'], /invalid/],
    [['serve', '--config', 'c', '--only', 'both'], /Allowed choices are device, management\./],
    [
      [
        'endpoint',
        'add',
        'e',
        '--host',
        'h',
        '--port',
        '65536',
        '--protocol',
        'https',
        '--organization',
        'o',
        '--network',
        'n',
      ],
      /Give a port from 1 to 65535\./,
    ],
  ])('%j is refused with a sentence and exit code 2', async (argv, sentence) => {
    const { out, err, exitCode } = await run(...argv);
    expect(err).toMatch(sentence);
    expect(err.split('\n')).toHaveLength(2);
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 2 });
  });

  test('with --json reports errors as JSON', async () => {
    const { err, exitCode } = await run('device', 'list', '--json');
    expect(JSON.parse(err)).toEqual({ error: { code: 'usage', message: expect.stringContaining('Which service?') } });
    expect(exitCode).toBe(2);
  });
});
