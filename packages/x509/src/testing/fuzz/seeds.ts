// What the decoders are given to start from: real certificates, lists, names and extensions, as many kinds as there are.

import { encodeSignatureAlgorithm } from '../../algorithm-encoding.ts';
import { readDer, readDerChildren } from '../../der.ts';
import { derTypes as der } from '../../der-types.ts';
import { encodeName } from '../../issue.ts';
import { keyPairOf } from '../examination.ts';
import { makeCa, makeCrl, makeLeaf, NOW } from '../test-certificates.ts';

const text = (value: string) => new TextEncoder().encode(value);
const other = (oid: string, value: Uint8Array) => ({ oid, critical: 'not-critical', value }) as const;

/** A name with several kinds of text, a relative name of two attributes, and a value that is no text. */
const name = encodeName([
  { type: 'CN', value: 'Zürich' },
  { type: 'C', value: 'CH' },
  { type: 'DC', value: 'example' },
  { type: 'emailAddress', value: 'a@example.com' },
]);
const attribute = (oid: string, value: Uint8Array) => der.sequence(der.oid(oid), value);
const oddName = der.sequence(
  der.set(attribute('2.5.4.3', der.element(30, text('\0a\0b'))), attribute('2.5.4.10', der.element(20, text('T')))),
  der.set(attribute('2.5.4.45', der.bitString(Uint8Array.of(1, 2)))),
  der.set(attribute('2.5.4.5', der.element(18, text('12 34')))),
);
const generalNames = [
  der.element(0xa0, der.oid('1.3.6.1.5.5.7.8.9'), der.context(0, der.utf8String('ä@example.com'))),
  der.context(1, text('a@example.com'), 'primitive'),
  der.context(2, text('*.example.com'), 'primitive'),
  der.context(4, name),
  der.context(6, text('https://u@example.com:8443/a?b#c'), 'primitive'),
  der.context(7, Uint8Array.of(10, 0, 0, 1), 'primitive'),
  der.context(7, Uint8Array.of(10, 0, 0, 0, 255, 0, 0, 0), 'primitive'),
  der.context(7, new Uint8Array(16).fill(1), 'primitive'),
  der.context(8, Uint8Array.of(0x2a, 3), 'primitive'),
];
const subtrees = (...numbers: number[]) =>
  generalNames.filter((_, i) => numbers.includes(i)).map((one) => der.sequence(one));
const nameConstraints = der.sequence(
  der.element(0xa0, ...subtrees(2, 3, 6)),
  der.element(0xa1, ...subtrees(0, 1, 4, 8)),
);
const policies = [
  other('2.5.29.32', der.sequence(der.sequence(der.oid('2.5.29.32.0')))),
  other('2.5.29.36', der.sequence(der.context(1, Uint8Array.of(0), 'primitive'))),
  other('1.3.6.1.5.5.7.1.1', der.sequence(der.sequence(der.oid('1.3.6.1.5.5.7.48.1'), ...generalNames.slice(4, 5)))),
  other('2.5.29.31', der.sequence(der.sequence(der.context(0, der.element(0xa0, ...generalNames.slice(4, 5)))))),
];

/** A root that limits much, an intermediate, and a leaf with many names. */
export const root = makeCa('root', {
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
export const ca = makeCa('ca', { extensions: { basicConstraints: { ca: true, pathLength: 0 } } }, root);
export const leaf = makeLeaf(ca);
const manyNames = makeLeaf(ca, {
  subject: [
    { type: 'CN', value: 'Zürich, \u202e 1' },
    { type: 'emailAddress', value: 'b@example.com' },
  ],
  extensions: {
    subjectAltName: [
      { kind: 'dns', value: 'device.example.com' },
      { kind: 'dns', value: '*.example.com' },
      { kind: 'ip', value: '10.1.2.3' },
      { kind: 'email', value: 'c@example.com' },
      { kind: 'uri', value: 'https://example.com/' },
    ],
    others: policies,
  },
});
const wide = makeCa('wide', { extensions: { others: [other('2.5.29.30', nameConstraints), ...policies] } });

const keyOf = (spki: Uint8Array) => readDerChildren(readDer(spki));
const [p256Algorithm, p256Bits] = keyOf(leaf.certificate.publicKey.der);
const rsaKey = (oid: string, ...parameters: Uint8Array[]) => {
  const modulus = new Uint8Array(256).fill(0xc5);
  const key = der.sequence(der.integer(modulus), der.integer(65_537));
  return der.sequence(der.sequence(der.oid(oid), ...parameters), der.bitString(key));
};

/** Seeds by what they are. */
export const SEEDS = {
  certificates: [leaf, ca, root, manyNames, wide].map(({ certificate }) => certificate.der),
  /** What of a certificate is signed. */
  leafBodies: [leaf, manyNames].map(({ certificate }) => certificate.tbs),
  caBodies: [ca, makeCa('ca', { keyPair: keyPairOf(ca), extensions: { others: policies } }, root)].map(
    ({ certificate }) => certificate.tbs,
  ),
  crls: [
    makeCrl(root, { revoked: [{ serialNumber: Uint8Array.of(1), time: NOW }] }).der,
    makeCrl(root).der,
    makeCrl(ca, { revoked: [1, 2, 3].map((octet) => ({ serialNumber: Uint8Array.of(octet), time: NOW })) }).der,
  ],
  extensions: [leaf, root, manyNames, wide].map(({ certificate }) => extensionsOf(certificate.tbs)),
  names: [name, oddName, der.sequence()],
  generalNames,
  oids: ['2.25.329800735698586629295641978511506172918.1', '1.2.840.10045.4.3.2', '0.39', '2.5.29.17'].map(
    (dotted) => readDer(der.oid(dotted)).content,
  ),
  publicKeys: [
    leaf.certificate.publicKey.der,
    der.sequence(p256Algorithm?.raw ?? new Uint8Array(), p256Bits?.raw ?? new Uint8Array()),
    rsaKey('1.2.840.113549.1.1.1', der.null_()),
    rsaKey('1.2.840.113549.1.1.10'),
    der.sequence(der.sequence(der.oid('1.3.101.112')), der.bitString(new Uint8Array(32).fill(9))),
  ],
  algorithms: (['ecdsa-sha256', 'rsa-sha384', 'rsa-pss-sha256', 'rsa-pss-sha512', 'ed25519'] as const).map(
    encodeSignatureAlgorithm,
  ),
  times: [der.time(NOW), der.time(NOW + 40 * 365 * 86_400), der.time(-20 * 365 * 86_400)],
  texts: [
    ...['10.0.0.1', '10.0.0.0/8', '::', '::1', '2001:db8::/32', '::ffff:10.0.0.1', '1:2:3:4:5:6:7:8', '*', ''],
    ...[
      'device.example.com',
      'DEVICE.example.com.',
      '*.example.com',
      'a_b.example.com',
      'xn--zrich-kva.example',
      '1.2',
    ],
  ].map(text),
} as const satisfies Readonly<Record<string, readonly Uint8Array[]>>;

function extensionsOf(tbs: Uint8Array): Uint8Array {
  return readDerChildren(readDer(tbs)).at(-1)?.content ?? new Uint8Array();
}
