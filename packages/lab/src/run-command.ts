/** Runs a program to its end and hands back what it said: the lab's only way to call `ip`, `nft`, `apt-get` and stock clients. */
import { spawn } from 'node:child_process';

export interface CommandResult {
  /** Exit code; 128 + signal number is not computed: a killed program has code undefined. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** True when the deadline passed and the program was killed. */
  readonly timedOut: boolean;
}

export interface CommandOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Milliseconds until SIGKILL; default 60 000. */
  readonly deadlineMs?: number;
}

/** The program has ended (or was killed at the deadline); a non-zero exit is a result, not an error. @throws when it cannot be started. */
export function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [command = '', ...rest] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(command, rest, {
      cwd: options.cwd,
      env: { ...process.env, LC_ALL: 'C', ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, options.deadlineMs ?? 60_000);
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    // A program that ends without reading its input is no fault of ours.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    child.on('error', (cause) => {
      clearTimeout(timer);
      reject(new Error(`${command} cannot be started: is it installed?`, { cause }));
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({
        code: code ?? undefined,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
        timedOut,
      });
    });
  });
}

/** Like runCommand, but any exit code other than 0 throws with the program's last words. Resolves with its standard output. */
export async function mustRun(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await runCommand(argv, options);
  if (result.code === 0) return result.stdout;
  const words = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-5).join('\n');
  throw new Error(
    `${argv.join(' ')} ${result.timedOut ? 'did not end in time' : `failed (exit ${result.code})`}: ${words}`,
  );
}
