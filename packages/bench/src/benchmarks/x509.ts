/** Validations of a path beside the bare signature checks in it: what parsing, names, times and extensions add. */
import { type KeyObject, verify } from 'node:crypto';
import { type Authority, createAuthority, createKeyPair, issueServerCertificate, type KeyType } from '@windlass/lab';
import { type Certificate, cachingParser, parseCertificate, trustAnchor, validatePath } from '@windlass/x509';
import { derOf } from '../certificates.ts';
import { type Measured, median, type Unit } from '../figure.ts';
import type { Bench } from '../run-benchmark.ts';

const name = 'app.bench.example';
const warmUpMs = 300;
const roundMs = 200;
const rounds = 7;
/** At least 70 % of the throughput of two bare calls. */
const MOST_WARM = 1 / 0.7;

interface Path {
  readonly leaf: Certificate;
  readonly issuing: Certificate;
  readonly root: Certificate;
}

/** Validations per second of a path of two certificates below an anchor, for P-256 and RSA-2048. */
export async function measureX509(bench: Bench): Promise<void> {
  for (const [label, keyType] of [
    ['P-256', 'ec-p256'],
    ['RSA-2048', 'rsa-2048'],
  ] as const) {
    bench.say(`a path of two ${label} certificates, over and over`);
    const path = await createPath(keyType);
    const works = [
      bareVerify(path),
      validate(path),
      validateFrom(path, cachingParser()),
      validateFrom(path, parseCertificate),
    ];
    const rates = await measureInTurn(works);
    const [bare = Number.NaN, validated = Number.NaN, cached = Number.NaN, parsed = Number.NaN] = rates;
    bench.report(figure(`${label}: two bare crypto.verify calls`, bare, 'per s'));
    bench.report(figure(`${label}: validations of parsed certificates`, validated, 'per s'));
    bench.report(figure(`${label}: time of a validation / two bare verify calls`, bare / validated, 'x'));
    const fromCache = figure(`${label}: the same from bytes, parsed ones kept by digest`, bare / cached, 'x');
    bench.report({ ...fromCache, limit: { kind: 'goal', most: MOST_WARM } });
    bench.report(figure(`${label}: the same with parsing, keys imported anew`, bare / parsed, 'x'));
  }
}

async function createPath(keyType: KeyType): Promise<Path> {
  const root = await createAuthority({ subject: 'CN=Bench Root', keyType });
  const issuing = await createAuthority({ subject: 'CN=Bench Issuing CA', keyType, issuer: root });
  const leaf = await issueServerCertificate(issuing, { names: [name], keyPair: await createKeyPair(keyType) });
  return { leaf: parse(leaf.certificatePem), issuing: parseAuthority(issuing), root: parseAuthority(root) };
}

function bareVerify({ leaf, issuing, root }: Path): () => void {
  const links: readonly (readonly [Certificate, KeyObject])[] = [
    [leaf, issuing.publicKey.keyObject()],
    [issuing, root.publicKey.keyObject()],
  ];
  return () => {
    for (const [{ tbs, signature }, key] of links) {
      if (!verify('sha256', tbs, key, signature)) throw new Error('a signature does not verify');
    }
  };
}

function validate({ leaf, issuing, root }: Path): () => void {
  const anchors = [trustAnchor(root)];
  const time = Math.floor(Date.now() / 1000);
  return () => {
    const { chain } = validatePath(leaf, {
      profile: 'webpki-like',
      anchors,
      intermediates: [issuing],
      time,
      serverName: name,
    });
    if (chain.length !== 2) throw new Error('this is not the path that was meant');
  };
}

/** From the bytes of all three. */
function validateFrom({ leaf, issuing, root }: Path, parse: (der: Uint8Array) => Certificate): () => void {
  return () => validate({ leaf: parse(leaf.der), issuing: parse(issuing.der), root: parse(root.der) })();
}

/** Calls per second of each: the median of several rounds in which they take turns, so that a busy moment hits all alike. */
async function measureInTurn(works: readonly (() => void)[]): Promise<readonly number[]> {
  for (const work of works) callsPerSecond(work, warmUpMs);
  const rates = works.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, work] of works.entries()) rates[index]?.push(callsPerSecond(work, roundMs));
    // Lets a deadline or Ctrl-C through.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return rates.map(median);
}

function callsPerSecond(work: () => void, forMs: number): number {
  const started = performance.now();
  let calls = 0;
  let passed = 0;
  for (; passed < forMs; calls++) {
    work();
    passed = performance.now() - started;
  }
  return (calls / passed) * 1000;
}

function parseAuthority({ certificatePem }: Authority): Certificate {
  return parse(certificatePem);
}

function parse(pem: string): Certificate {
  return parseCertificate(derOf(pem));
}

function figure(label: string, value: number, unit: Unit): Measured {
  return { kind: 'measured', name: label, value, unit };
}
