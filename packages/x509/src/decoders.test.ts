// Every decoder against arbitrary and mutated bytes: nothing but X509Error comes out, quickly. 20 000 inputs each in CI.

import { sign } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSignatureAlgorithm } from './algorithm.ts';
import { parseCertificate } from './certificate.ts';
import { parseCrl } from './crl.ts';
import { type DerNode, readDer, readDerChildren } from './der.ts';
import { derTypes as der } from './der-types.ts';
import { X509Error } from './errors.ts';
import { parseGeneralName } from './general-name.ts';
import { parseIp, parseIpRange } from './ip.ts';
import { encodeName } from './issue.ts';
import { formatName, parseName } from './name.ts';
import { decodeOid } from './oid.ts';
import { validatePath } from './path.ts';
import { parsePem, toPem } from './pem.ts';
import { parsePublicKey } from './public-key.ts';
import { matchServerName } from './server-name.ts';
import { makeCa, makeCrl, makeLeaf, NOW } from './testing/test-certificates.ts';
import { trustAnchor } from './trust-anchor.ts';

const RUNS = process.env['CI'] === 'true' ? 20_000 : 3_000;
/** Milliseconds that one input may take, generous for a busy machine. */
const SLOWEST = 500;

const root = makeCa('root', {
  extensions: {
    basicConstraints: { ca: true, pathLength: 3 },
    nameConstraints: {
      permitted: [
        { kind: 'dns', value: 'example.com' },
        { kind: 'ip', value: '10.0.0.0/8' },
      ],
      excluded: [{ kind: 'email', value: 'a.test' }],
    },
  },
});
const leaf = makeLeaf(root);
const crl = makeCrl(root, { revoked: [{ serialNumber: Uint8Array.of(1), time: NOW }] });
const name = encodeName([
  { type: 'CN', value: 'Zürich' },
  { type: 'C', value: 'CH' },
]);
const algorithm = der.sequence(
  der.oid('1.2.840.113549.1.1.10'),
  der.sequence(der.context(0, der.sequence(der.oid('2.16.840.1.101.3.4.2.1')))),
);

/** Arbitrary bytes, and the seeds with a few bytes changed, cut out, doubled or moved, also with lengths kept whole. */
function mutated(...seeds: Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const position = fc.nat(100_000);
  const edit = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), at: position, value: fc.nat(255) }),
    fc.record({ kind: fc.constant('flip' as const), at: position, value: fc.nat(7) }),
    fc.record({ kind: fc.constant('cut' as const), at: position, value: fc.nat(20) }),
    fc.record({ kind: fc.constant('double' as const), at: position, value: fc.nat(20) }),
    fc.record({ kind: fc.constant('element' as const), at: position, value: fc.nat(4) }),
  );
  const edited = fc
    .tuple(fc.constantFrom(...seeds), fc.array(edit, { minLength: 1, maxLength: 6 }))
    .map(([seed, edits]) => {
      let bytes = seed;
      for (const { kind, at, value } of edits) {
        const i = bytes.length === 0 ? 0 : at % bytes.length;
        const [head, tail] = [bytes.subarray(0, i), bytes.subarray(i)];
        if (kind === 'set') bytes = Uint8Array.of(...head, value, ...tail.subarray(1));
        else if (kind === 'flip') bytes = Uint8Array.of(...head, (tail[0] ?? 0) ^ (1 << value), ...tail.subarray(1));
        else if (kind === 'cut') bytes = Uint8Array.of(...head, ...tail.subarray(value));
        else if (kind === 'double') bytes = Uint8Array.of(...head, ...tail.subarray(0, value), ...tail);
        else bytes = editElement(bytes, at, value);
      }
      return bytes;
    });
  return fc.oneof({ weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) }, { weight: 9, arbitrary: edited });
}

/** The element at some place removed, doubled, emptied, of another tag or swapped with its neighbour; lengths stay right. */
function editElement(bytes: Uint8Array, at: number, how: number): Uint8Array {
  let rest = at;
  const visit = (node: DerNode): Uint8Array[] => {
    if (rest-- === 0) {
      if (how === 0) return [];
      if (how === 1) return [node.raw, node.raw];
      if (how === 2) return [der.element(node.tag)];
      if (how === 3) return [der.element(((node.tag + 1) % 31) | (node.tag & 0xe0), node.content)];
    }
    if ((node.tag & 0x20) === 0 || (node.tag & 0x1f) === 0x1f) return [node.raw];
    const children = readDerChildren(node).flatMap(visit);
    return [der.element(node.tag, ...(rest === -1 && how === 4 ? children.reverse() : children))];
  };
  try {
    const count = countElements(readDer(bytes));
    rest = at % count;
    return visit(readDer(bytes))[0] ?? new Uint8Array();
  } catch {
    return bytes;
  }
}

function countElements(node: DerNode): number {
  if ((node.tag & 0x20) === 0) return 1;
  return readDerChildren(node).reduce((count, child) => count + countElements(child), 1);
}

function onlyX509Errors(decode: () => unknown): boolean {
  const start = performance.now();
  try {
    decode();
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    if (/[^ -~]/.test(error.message)) throw new Error('A message quotes its input.', { cause: error });
  }
  return performance.now() - start < SLOWEST;
}

const contents = (bytes: Uint8Array) => readDer(bytes).content;
const decoders: [string, (bytes: Uint8Array) => unknown, Uint8Array[]][] = [
  ['readDer', readDer, [leaf.certificate.der]],
  ['decodeOid', decodeOid, [contents(der.oid('2.25.329800735698586629295641978511506172918.1'))]],
  ['parseName', (bytes) => formatName(parseName(readDer(bytes))), [name]],
  [
    'parseGeneralName',
    (bytes) => parseGeneralName(readDer(bytes)),
    [der.context(4, name), der.context(7, Uint8Array.of(1, 2, 3, 4), 'primitive')],
  ],
  ['parsePublicKey', (bytes) => parsePublicKey(bytes).digest, [leaf.certificate.publicKey.der]],
  ['parseSignatureAlgorithm', (bytes) => parseSignatureAlgorithm(readDer(bytes)), [algorithm]],
  ['parseCertificate', parseCertificate, [leaf.certificate.der, root.certificate.der]],
  ['parseCrl', parseCrl, [crl.der]],
];

test.each(decoders)(
  '%s throws nothing but X509Error',
  (_, decode, seeds) => {
    fc.assert(
      fc.property(mutated(...seeds), (bytes) => onlyX509Errors(() => decode(bytes))),
      { numRuns: RUNS },
    );
  },
  300_000,
);

test('parsePem throws nothing but X509Error', () => {
  const pem = toPem('CERTIFICATE', leaf.certificate.der);
  const pieces = fc.array(
    fc.oneof(fc.constantFrom(...pem.split(/(?<=\n)/), '-----', 'BEGIN ', '\r', ' '), fc.string()),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(pieces, (parts) => onlyX509Errors(() => parsePem(parts.join('')))),
    { numRuns: RUNS },
  );
}, 300_000);

test('a mutated certificate, signed again by its issuer, gives a path or an X509Error; unsigned never a path', () => {
  const options = {
    anchors: [trustAnchor(root.certificate)],
    intermediates: [],
    time: NOW,
    profile: 'webpki-like',
    serverName: 'device.example.com',
  } as const;
  const property = fc.property(mutated(leaf.certificate.tbs), (tbs) => {
    const [, algorithmOf] = readDerChildren(readDer(leaf.certificate.der));
    const assemble = (signature: Uint8Array) => der.sequence(tbs, algorithmOf?.raw ?? tbs, der.bitString(signature));
    const resigned = onlyX509Errors(() =>
      validatePath(parseCertificate(assemble(sign('sha256', tbs, root.key))), options),
    );
    if (Buffer.compare(tbs, leaf.certificate.tbs) === 0) return resigned;
    expect(() => validatePath(parseCertificate(assemble(leaf.certificate.signature)), options)).toThrow(X509Error);
    return resigned;
  });
  fc.assert(property, { numRuns: RUNS });
}, 300_000);

test('names and addresses of any text give an answer', () => {
  const texts = fc.oneof(fc.string(), fc.domain(), fc.ipV4(), fc.ipV6());
  fc.assert(
    fc.property(texts, (text) => {
      parseIpRange(text);
      return (
        typeof matchServerName(leaf.certificate, text) === 'boolean' && [0, 4, 16].includes(parseIp(text)?.length ?? 0)
      );
    }),
    { numRuns: RUNS },
  );
});

test('what the writer writes, the reader reads', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(2n ** 300n), max: 2n ** 300n }),
      (value) =>
        BigInt.asIntN(
          8 * contents(der.integer(value)).length,
          BigInt(`0x${Buffer.from(contents(der.integer(value))).toString('hex')}`),
        ) === value,
    ),
  );
  const arcs = fc.tuple(fc.nat(47), fc.array(fc.bigInt({ min: 0n, max: 2n ** 130n }), { maxLength: 5 }));
  fc.assert(
    fc.property(
      arcs,
      ([second, rest]) =>
        decodeOid(contents(der.oid(['2', second, ...rest].join('.')))) === ['2', second, ...rest].join('.'),
    ),
  );
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      (bytes) => Buffer.compare(parsePem(toPem('X', bytes))[0]?.der ?? new Uint8Array(), bytes) === 0,
    ),
  );
});
