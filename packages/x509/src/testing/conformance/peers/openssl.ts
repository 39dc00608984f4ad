// The machine's `openssl verify`, a process for each case, as strict as its options make it. It never sees a store of the
// system. As upstream's own harness does, anchors need not be self-signed, and keys need 112 bits of strength.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toPem } from '../../../index.ts';
import type { PathCase } from '../case.ts';
import type { Verdict } from '../score.ts';
import type { AbsentPeer, Peer, Session } from './peer.ts';

/** Processes at a time. */
const LANES = 2;
const DEADLINE_MS = 10_000;
const ALWAYS = ['-no-CApath', '-no-CAstore', '-x509_strict', '-partial_chain', '-auth_level', '2'];

/** The version, or undefined when there is no openssl on PATH. */
export function opensslVersion(): string | undefined {
  const { status, stdout } = spawnSync('openssl', ['version'], { timeout: DEADLINE_MS });
  return status === 0 ? stdout.toString().split(' ')[1] : undefined;
}

/** The peer, when `openssl` is on PATH. */
export function findOpenssl(): Peer | AbsentPeer {
  const version = opensslVersion();
  const name = 'openssl verify';
  if (version === undefined) return { kind: 'absent', name, reason: 'there is no openssl on PATH' };
  return { kind: 'peer', name, version, lanes: LANES, reasonNotToRun: () => undefined, prepare };
}

/** All files are written before the first process starts, and removed whatever happens. */
async function prepare(cases: readonly PathCase[]): Promise<Session> {
  const folder = mkdtempSync(join(tmpdir(), 'windlass-conformance-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const questions = new Map(cases.map((one, i) => [one, writeQuestions(one, join(folder, String(i)))]));
  return {
    ask: async (one) => decide(questions.get(one) ?? notPrepared(one)),
    close: async () => {
      process.off('exit', remove);
      remove();
    },
  };
}

/** The arguments of each process that has to accept the case: one for each name, as openssl takes one. */
function writeQuestions(one: PathCase, file: string): string[][] {
  const write = (kind: string, label: string, ders: readonly Uint8Array[]): string => {
    writeFileSync(`${file}.${kind}.pem`, ders.map((der) => toPem(label, der)).join(''));
    return `${file}.${kind}.pem`;
  };
  const { time, maxIntermediates, intermediates, crls } = one;
  const common = [
    ...ALWAYS,
    ...['-purpose', one.end === 'server' ? 'sslserver' : 'sslclient'],
    ...(time === undefined ? [] : ['-attime', String(Math.floor(time))]),
    ...(maxIntermediates === undefined ? [] : ['-verify_depth', String(maxIntermediates)]),
    ...['-CAfile', write('roots', 'CERTIFICATE', one.roots)],
    ...(intermediates.length === 0 ? [] : ['-untrusted', write('intermediates', 'CERTIFICATE', intermediates)]),
    ...(crls.length === 0 ? [] : ['-crl_check', '-CRLfile', write('crls', 'X509 CRL', crls)]),
  ];
  const hosts = one.hosts.map(({ kind, value }) => [kind === 'dns' ? '-verify_hostname' : '-verify_ip', value]);
  const names = [...hosts, ...one.emails.map((email) => ['-verify_email', email])];
  const leaf = write('leaf', 'CERTIFICATE', [one.leaf]);
  return (names.length === 0 ? [[]] : names).map((name) => ['verify', ...common, ...name, leaf]);
}

async function decide(commands: readonly string[][]): Promise<Verdict> {
  for (const command of commands) {
    const verdict = await verify(command);
    if (verdict !== 'accepted') return verdict;
  }
  return 'accepted';
}

function verify(args: readonly string[]): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    const child = spawn('openssl', args, { stdio: 'ignore', timeout: DEADLINE_MS, killSignal: 'SIGKILL' });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code === null ? 'no-answer' : code === 0 ? 'accepted' : 'refused'));
  });
}

function notPrepared({ id }: PathCase): never {
  throw new Error(`${id} was not prepared for openssl.`);
}
