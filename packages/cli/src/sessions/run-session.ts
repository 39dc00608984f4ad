/** Runs a session in a private directory, on free ports, with the program as a process of its own for each command. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { matches, parseSession, type Step } from './session.ts';

const stepDeadlineMs = 60_000;
const program = fileURLToPath(new URL('../main.ts', import.meta.url));
const agent = fileURLToPath(new URL('../../../agent/src/main.ts', import.meta.url));
const makeCertificate = fileURLToPath(new URL('./make-certificate.ts', import.meta.url));
const makeManifest = fileURLToPath(new URL('./make-manifest.ts', import.meta.url));
const portNames = ['HTTP_PORT', 'HTTPS_PORT', 'MANAGEMENT_PORT', 'OTHER_PORT'] as const;

interface Shell {
  readonly directory: string;
  readonly variables: Record<string, string>;
  service: Service | null;
}

interface Service {
  readonly child: ChildProcess;
  readonly ended: Promise<number>;
  /** What it printed since it was last asked. */
  takeOutput(): string;
}

/** Every step of the session did what it says. @throws an Error that shows each step that did not */
export async function runSession(text: string): Promise<void> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'windlass-session-')));
  const shell: Shell = { directory, variables: await sessionVariables(directory), service: null };
  try {
    const failures: string[] = [];
    for (const step of parseSession(text)) failures.push(...(await runStep(shell, step)));
    if (failures.length > 0) throw new Error(failures.join('\n\n'));
  } finally {
    shell.service?.child.kill('SIGKILL');
    await shell.service?.ended;
    await rm(directory, { recursive: true, force: true });
  }
}

async function sessionVariables(directory: string): Promise<Record<string, string>> {
  const bin = join(directory, '.bin');
  await mkdir(bin);
  await writeScript(join(bin, 'windlass'), `exec "${process.execPath}" --conditions=source "${program}" "$@"`);
  await writeScript(join(bin, 'windlass-agent'), `exec "${process.execPath}" --conditions=source "${agent}" "$@"`);
  await writeScript(
    join(bin, 'make-certificate'),
    `exec "${process.execPath}" --conditions=source "${makeCertificate}" "$@"`,
  );
  await writeScript(join(bin, 'make-manifest'), `exec "${process.execPath}" "${makeManifest}" "$@"`);
  const pick =
    'let v = JSON.parse(require("fs").readFileSync(0)); for (const k of process.argv[1].split(".")) v = v[k]; console.log(v)';
  await writeScript(join(bin, 'pick'), `exec "${process.execPath}" -e '${pick}' "$1"`);
  const change =
    'const { DatabaseSync } = require("node:sqlite"); new DatabaseSync(process.argv[1]).exec(process.argv[2])';
  await writeScript(join(bin, 'sql'), `exec "${process.execPath}" --no-warnings -e '${change}' "$1" "$2"`);
  const ports = await freePorts(portNames.length);
  const variables: Record<string, string> = {
    PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
    HOME: directory,
    NODE_COMPILE_CACHE: join(directory, '.compile-cache'),
  };
  for (const [index, name] of portNames.entries()) variables[name] = String(ports[index]);
  return variables;
}

function writeScript(path: string, line: string): Promise<void> {
  return writeFile(path, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
}

/** Below the range from which systems take ports for outgoing connections, so that nothing takes them before the service does. */
const portRange = { from: 10_240, until: 32_768 } as const;

async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(portRange.from, portRange.until);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}

async function runStep(shell: Shell, step: Step): Promise<readonly string[]> {
  const result = await carryOut(shell, step.command);
  const expected = step.expected.map((line) =>
    line.replace(/\$([A-Z_]+)/g, (text, name: string) => shell.variables[name] ?? text),
  );
  if (result.exitCode === step.exitCode && matches(result.output, expected)) return [];
  return [
    `line ${step.line}: $ ${step.command}\n--- expected, exit code ${step.exitCode}\n${expected.join('\n')}\n--- got, exit code ${result.exitCode}\n${result.output}`,
  ];
}

interface StepResult {
  readonly output: string;
  readonly exitCode: number;
}

/** `COMMAND &` starts the service and waits for "ready"; `stop` ends it; `NAME=$(...)` keeps a value; all else is the shell's. */
async function carryOut(shell: Shell, command: string): Promise<StepResult> {
  if (command.endsWith(' &')) return startService(shell, command.slice(0, -2));
  if (command === 'stop') return stopService(shell);
  const assignment = /^([A-Z_]+)=\$\(.*\)$/.exec(command)?.[1];
  if (assignment === undefined) return runShell(shell, command);
  const result = await runShell(shell, `${command}; printf %s "$${assignment}"`);
  shell.variables[assignment] = result.output;
  return { output: '', exitCode: result.exitCode };
}

function spawnShell(shell: Shell, command: string): ChildProcess {
  return spawn('/bin/sh', ['-c', `exec 2>&1; ${command}`], {
    cwd: shell.directory,
    env: shell.variables,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

function runShell(shell: Shell, command: string): Promise<StepResult> {
  return new Promise((resolve, reject) => {
    const child = spawnShell(shell, command);
    const timer = setTimeout(() => child.kill('SIGKILL'), stepDeadlineMs);
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ output, exitCode: code ?? -1 });
    });
  });
}

async function startService(shell: Shell, command: string): Promise<StepResult> {
  if (shell.service !== null) throw new Error('a service is running already: "stop" it first');
  const child = spawnShell(shell, `exec ${command}`);
  let output = '';
  const ended = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)));
  const ready = new Promise<null>((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      if (/^(ready|.*"event":\s*"ready".*)$/m.test(output)) resolve(null);
    });
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), stepDeadlineMs);
  const exitCode = await Promise.race([ready, ended]);
  clearTimeout(timer);
  const takeOutput = (): string => {
    const taken = output;
    output = '';
    return taken;
  };
  if (exitCode === null) shell.service = { child, ended, takeOutput };
  return { output: takeOutput(), exitCode: exitCode ?? 0 };
}

async function stopService(shell: Shell): Promise<StepResult> {
  const { service } = shell;
  if (service === null) throw new Error('no service is running');
  service.child.kill('SIGTERM');
  const timer = setTimeout(() => service.child.kill('SIGKILL'), stepDeadlineMs);
  const exitCode = await service.ended;
  clearTimeout(timer);
  shell.service = null;
  return { output: service.takeOutput(), exitCode };
}
