// Scores on test data that nobody on the project wrote: x509-limbo, BetterTLS, Wycheproof. The data is not part of the
// project; where it is absent this says so, and fails in CI.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { SignatureAlgorithm } from './algorithm.ts';
import { type Certificate, parseCertificate } from './certificate.ts';
import { parseCrl } from './crl.ts';
import { X509Error } from './errors.ts';
import { validatePath } from './path.ts';
import { parsePublicKey } from './public-key.ts';
import { crlRevocation } from './revocation.ts';
import { verifySignature } from './signature.ts';
import { trustAnchor } from './trust-anchor.ts';

const DATA =
  process.env['WINDLASS_X509_DATA'] ?? fileURLToPath(new URL('../../../../shared/data/x509', import.meta.url));
const UPSTREAM =
  'Get x509-limbo (github.com/C2SP/x509-limbo) and Wycheproof (github.com/C2SP/wycheproof), and set WINDLASS_X509_DATA.';
const PURPOSES: Readonly<Record<string, string>> = { serverAuth: '1.3.6.1.5.5.7.3.1', clientAuth: '1.3.6.1.5.5.7.3.2' };
/** Slowest case that is let pass, in milliseconds. */
const SLOWEST = 1000;

type Outcome = 'accepted' | 'refused';

interface Score {
  readonly suite: string;
  run: number;
  ok: number;
  readonly falseAccepts: string[];
  readonly falseRejects: string[];
  slowest: { id: string; ms: number };
}

interface LimboCase {
  readonly id: string;
  readonly expected: 'SUCCESS' | 'FAILURE';
  readonly time?: string;
  readonly peer?: { readonly dns?: string; readonly ip?: string };
  readonly peers?: readonly { readonly rfc822?: string }[];
  readonly roots: readonly number[];
  readonly intermediates: readonly number[];
  readonly leaf: number;
  readonly crls?: readonly string[];
  readonly eku?: readonly string[];
  readonly max_chain_depth?: number;
}

interface WycheproofGroup {
  readonly sha?: string;
  readonly mgfSha?: string;
  readonly sLen?: number;
  readonly publicKeyDer: string;
  readonly tests: readonly {
    readonly tcId: number;
    readonly msg: string;
    readonly sig: string;
    readonly result: string;
  }[];
}

interface Expectation {
  readonly run: number;
  /** Case id -> why it is not chased. */
  readonly deviations: Readonly<Record<string, string>>;
}

const expected: Readonly<Record<string, Expectation>> = JSON.parse(
  readFileSync(new URL('./conformance.expected.json', import.meta.url), 'utf8'),
);
const isHere = existsSync(`${DATA}/limbo.public.json.gz`);
const readJson = (file: string) => JSON.parse(gunzipSync(readFileSync(`${DATA}/${file}`)).toString());
const fromHex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const fromBase64 = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

test('the conformance data is here', () => {
  if (isHere) return;
  print(`NOT RUN: limbo, BetterTLS and Wycheproof: no data in ${DATA}. ${UPSTREAM}`);
  expect(process.env['CI'], UPSTREAM).not.toBe('true');
});

if (isHere) {
  test('limbo and BetterTLS: no worse than expected', () => {
    const { certs, tests } = readJson('limbo.public.json.gz') as { certs: string[]; tests: LimboCase[] };
    const scores = new Map<string, Score>();
    for (const one of tests) {
      const suite = suiteOf(one.id);
      const score = scores.get(suite) ?? emptyScore(suite);
      scores.set(suite, score);
      count(score, one.id, one.expected === 'SUCCESS' ? 'accepted' : 'refused', () => runLimbo(one, certs));
    }
    for (const score of scores.values()) judge(score);
    expect([...scores.keys()].sort()).toEqual(
      Object.keys(expected)
        .filter((suite) => !suite.startsWith('wycheproof'))
        .sort(),
    );
  });

  const files = readdirSync(`${DATA}/wycheproof`).filter((file) => /^(ecdsa|ed25519|rsa).*json\.gz$/.test(file));
  test('there are Wycheproof signature vectors', () => expect(files.length).toBeGreaterThan(0));
  test.each(files)('wycheproof %s: no false accept, no false reject within the allow-list', (file) => {
    const { testGroups } = readJson(`wycheproof/${file}`) as { testGroups: WycheproofGroup[] };
    const score = emptyScore(`wycheproof/${file.replace('_test.json.gz', '')}`);
    let byPolicy = 0;
    for (const group of testGroups) {
      const algorithm = algorithmOf(group, file);
      for (const { tcId, msg, sig, result } of group.tests) {
        if (result === 'acceptable') continue;
        const isOffList = algorithm === 'unsupported';
        if (isOffList && result === 'valid') byPolicy++;
        count(score, `tc${tcId}`, result === 'valid' && !isOffList ? 'accepted' : 'refused', () => {
          const publicKey = parsePublicKey(fromHex(group.publicKeyDer));
          const verified = verifySignature({ algorithm, publicKey, data: fromHex(msg), signature: fromHex(sig) });
          return verified ? 'accepted' : 'refused';
        });
      }
    }
    judge(score, byPolicy === 0 ? '' : `, ${byPolicy} valid ones refused by policy`);
  });
}

function suiteOf(id: string): string {
  if (id.startsWith('bettertls::')) return id.split('::').slice(0, 2).join('-');
  return id.startsWith('online::') ? 'limbo-online' : 'limbo-core';
}

/** The strict profile; the role is the one the leaf claims; e-mail peers must be in the leaf. */
function runLimbo(one: LimboCase, certs: readonly string[]): Outcome {
  const parse = (index: number) => parseCertificate(fromBase64(certs[index] ?? ''));
  try {
    const leaf = parse(one.leaf);
    const eku = one.eku?.[0];
    validatePath(leaf, {
      anchors: one.roots.flatMap((index) => parsed(() => trustAnchor(parse(index)))),
      intermediates: one.intermediates.flatMap((index) => parsed(() => parse(index))),
      time: one.time === undefined ? Date.now() / 1000 : Date.parse(one.time) / 1000,
      profile: 'strict',
      role: leaf.extensions.basicConstraints?.ca === true ? 'ca' : 'end-entity',
      serverName: one.peer?.dns ?? one.peer?.ip,
      extendedKeyUsage: eku === undefined ? undefined : PURPOSES[eku],
      maxIntermediates: one.max_chain_depth,
      revocation: crlRevocation((one.crls ?? []).map((crl) => parseCrl(fromBase64(crl)))),
    });
    return (one.peers ?? []).every(({ rfc822 }) => hasEmail(leaf, rfc822)) ? 'accepted' : 'refused';
  } catch (error) {
    if (error instanceof X509Error) return 'refused';
    throw error;
  }
}

function hasEmail({ extensions }: Certificate, address: string | undefined): boolean {
  return (extensions.subjectAltName ?? []).some((name) => name.kind === 'email' && name.value === address);
}

/** Roots and intermediates that do not parse are as if they were not there. */
function parsed<T>(parse: () => T): T[] {
  try {
    return [parse()];
  } catch (error) {
    if (error instanceof X509Error) return [];
    throw error;
  }
}

function algorithmOf({ sha, mgfSha, sLen }: WycheproofGroup, file: string): SignatureAlgorithm {
  if (file.startsWith('ed25519')) return 'ed25519';
  const digest = ({ 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' } as const)[sha ?? ''];
  if (digest === undefined) return 'unsupported';
  if (file.startsWith('ecdsa')) return `ecdsa-${digest}`;
  if (mgfSha === undefined) return `rsa-${digest}`;
  return mgfSha === sha && sLen === Number(digest.slice(3)) / 8 ? `rsa-pss-${digest}` : 'unsupported';
}

function emptyScore(suite: string): Score {
  return { suite, run: 0, ok: 0, falseAccepts: [], falseRejects: [], slowest: { id: '', ms: 0 } };
}

function count(score: Score, id: string, wanted: Outcome, run: () => Outcome): void {
  const start = performance.now();
  const got = run();
  const ms = performance.now() - start;
  if (ms > score.slowest.ms) score.slowest = { id, ms };
  score.run++;
  if (got === wanted) score.ok++;
  else (got === 'accepted' ? score.falseAccepts : score.falseRejects).push(id);
}

/** Prints the score; fails on a deviation that is not expected, on fewer cases, and on a slow one. */
function judge(score: Score, note = ''): void {
  const { suite, run, ok, falseAccepts, falseRejects, slowest } = score;
  const deviations = [...falseAccepts, ...falseRejects];
  const known = expected[suite]?.deviations ?? {};
  const slow = `slowest ${slowest.ms.toFixed(0)} ms ${slowest.id}`;
  const figures = `${ok}/${run} ok, ${falseAccepts.length} false accepts, ${falseRejects.length} false rejects`;
  print(`${suite}: ${figures}, ${slow}${note}`);
  for (const id of deviations) print(`  ${id}: ${known[id] ?? 'NOT EXPECTED'}`);
  expect(deviations.filter((id) => known[id] === undefined)).toEqual([]);
  expect(run).toBeGreaterThanOrEqual(expected[suite]?.run ?? Number.POSITIVE_INFINITY);
  expect(slowest.ms).toBeLessThan(SLOWEST);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
