// The verdict of the machine's `openssl verify`, a process for each chain, without the system's stores.

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Profile } from '../../checks.ts';
import { parseIp } from '../../ip.ts';
import { toPem } from '../../pem.ts';
import type { BuiltChain } from './chain.ts';
import type { OpensslError, OpensslVerdict } from './verdict.ts';

/** Milliseconds after which a process is killed. */
const DEADLINE_MS = 20_000;
/** Keys and digests of 112 bits at least, as Debian's TLS asks and we do; by itself `verify` asks for none. */
const ALWAYS = ['-no-CApath', '-no-CAstore', '-purpose', 'sslserver', '-auth_level', '2'];

/** Files of a chain in that folder, which the arguments name. */
export function writeChain(chain: BuiltChain, folder: string, name: string): readonly string[] {
  const write = (kind: string, certificates: readonly Uint8Array[]): string => {
    const file = join(folder, `${name}.${kind}.pem`);
    writeFileSync(file, certificates.map((bytes) => toPem('CERTIFICATE', bytes)).join(''));
    return file;
  };
  const { anchors, intermediates, leaf, host, time } = chain;
  return [
    ...['-CAfile', write('roots', anchors)],
    ...(intermediates.length === 0 ? [] : ['-untrusted', write('intermediates', intermediates)]),
    ...['-attime', String(time)],
    ...[parseIp(host) ? '-verify_ip' : '-verify_hostname', host],
    write('leaf', [leaf]),
  ];
}

/** The whole command for files that writeChain wrote: `strict` is -x509_strict. */
export function verifyCommand(files: readonly string[], profile: Profile): readonly string[] {
  return ['verify', ...ALWAYS, ...(profile === 'strict' ? ['-x509_strict'] : []), ...files];
}

/** What openssl says. @throws Error when it says nothing that is understood */
export function opensslVerdict(command: readonly string[]): Promise<OpensslVerdict> {
  return new Promise((resolve, reject) => {
    const child = spawn('openssl', command, { timeout: DEADLINE_MS, killSignal: 'SIGKILL' });
    let output = '';
    const collect = (data: Buffer) => {
      output += data.toString('latin1');
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('close', (status) => {
      const verdict = parseOutput(status, output);
      if (verdict) resolve(verdict);
      else reject(new Error(`openssl ended with ${status} and said: ${output.slice(0, 500)}`));
    });
  });
}

/** `leaf.pem: OK`, or `error 20 at 0 depth lookup: …` one or several times, or that a file cannot be read. */
export function parseOutput(status: number | null, output: string): OpensslVerdict | undefined {
  if (status === 0) return /: OK\s*$/m.test(output) ? 'accepted' : undefined;
  const errors: OpensslError[] = [...output.matchAll(/^error (\d+) at \d+ depth lookup: ?(.*)$/gm)].map(
    ([, number, text = '']) => ({ number: Number(number), text: text.trim() }),
  );
  if (errors.length > 0) return errors;
  const isUnread = status !== null && /(Could not|Unable to|unable to|Error) (read|load|loading)/.test(output);
  return isUnread ? [{ number: 0, text: 'a file cannot be read' }] : undefined;
}
