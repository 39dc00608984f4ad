// Files that people upload as their inspection CA: what they should, what they should not, and what chance makes of both.
import { rootCertificates } from 'node:tls';
import { MAX_UPLOAD_BYTES, type ProblemCode } from '@windlass/management';
import type { Certificate } from '@windlass/x509';
import { der, toPem } from '@windlass/x509';
import { opensslCertificate } from '../management-fixture.ts';
import { makeCa, makeLeaf } from '../test-pki.ts';
import { type KeyForm, keyForms } from './key-forms.ts';
import type { Random } from './random.ts';

/** What can come of an upload: the CA is taken, or one of these codes. */
export type UploadOutcome = 'taken' | ProblemCode;

/** One file, and what may come of it. */
export interface UploadCase {
  readonly name: string;
  readonly file: Buffer;
  readonly expected: readonly UploadOutcome[];
}

/** What files are made of; the key forms are secrets. */
export interface UploadParts {
  /** The one that is to be taken. */
  readonly ca: { readonly pem: string; readonly der: Uint8Array };
  /** One more CA, for files that have two. */
  readonly another: Certificate;
  readonly leafs: readonly Certificate[];
  readonly keys: readonly KeyForm[];
}

const REFUSED = ['certificate-refused'] as const;
const KEY = ['private-key-in-upload'] as const;
const TAKEN = ['taken'] as const;
/** What a file that chance made may be. */
const ANY = ['taken', 'certificate-refused', 'private-key-in-upload', 'too-large', 'invalid-request'] as const;
const MOST = 200;
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const DATA = '1.2.840.113549.1.7.1';
const CERTIFICATES = 0xa0;

/** A CA, leafs of it, and keys that are nobody's. */
export function uploadParts(): UploadParts {
  const ca = opensslCertificate();
  const issuer = makeCa('Proxy');
  const leafs = Array.from({ length: MOST }, () => makeLeaf(issuer).certificate);
  return { ca, another: makeCa('Another').certificate, leafs, keys: keyForms(ca.pem, ca.keyPem) };
}

/** Every kind of file, whatever the chance. */
export function usualCases(parts: UploadParts): readonly UploadCase[] {
  return [...wholeCases(parts), ...brokenCases(parts), ...keyCases(parts), ...largeCases(parts)];
}

function wholeCases({ ca, another, leafs }: UploadParts): readonly UploadCase[] {
  const pems = leafs.map((leaf) => toPem('CERTIFICATE', leaf.der));
  const ders = leafs.map((leaf) => leaf.der);
  const [leaf = '', leafDer = new Uint8Array()] = [pems[0], ders[0]];
  const utf16 = Buffer.from(`\ufeff${ca.pem}`, 'utf16le');
  const taken: readonly (readonly [name: string, file: string | Uint8Array])[] = [
    ['PEM', ca.pem],
    ['DER', ca.der],
    ['PEM with CR LF', ca.pem.replaceAll('\n', '\r\n')],
    ['PEM in UTF-16', utf16],
    ['PEM in UTF-16, big-endian', Buffer.from(utf16).swap16()],
    ['PEM with text around', `Bag Attributes\n${ca.pem}the end`],
    ['PKCS#7 DER', pkcs7([ca.der])],
    ['PKCS#7 PEM', toPem('PKCS7', pkcs7([ca.der]))],
    ['PKCS#7 with leafs', pkcs7([leafDer, ca.der])],
    [`${MOST} certificates, one of them a CA`, ca.pem + pems.slice(1).join('')],
    [`PKCS#7 of ${MOST} certificates`, pkcs7([ca.der, ...ders.slice(1)])],
    ['the same CA twice', ca.pem + ca.pem],
  ];
  const refused: readonly (readonly [name: string, file: string | Uint8Array])[] = [
    ['a leaf', leaf],
    ['a leaf in DER', leafDer],
    ['PKCS#7 of leafs', pkcs7(ders.slice(0, 3))],
    ['PKCS#7 without certificates', pkcs7([])],
    ['PKCS#7 of data', der.sequence(der.oid(DATA), der.element(CERTIFICATES, der.octetString(ca.der)))],
    ['PKCS#7 in PKCS#7', pkcs7([pkcs7([ca.der])])],
    ['PKCS#7 of an unknown kind', der.sequence(der.oid('1.2.3.4'), der.element(CERTIFICATES, pkcs7([ca.der])))],
    ['PKCS#7 without content', der.sequence(der.oid(SIGNED_DATA))],
    ['two CAs', ca.pem + toPem('CERTIFICATE', another.der)],
    [`${MOST + 1} certificates`, ca.pem + pems.join('')],
    [`PKCS#7 of ${MOST + 1} certificates`, pkcs7([ca.der, ...ders])],
    ['many PKCS#7 files of many', toPem('PKCS7', pkcs7(ders)).repeat(3)],
    ['a root of the public web', rootCertificates[0] ?? ''],
    ['another block', toPem('CERTIFICATE REQUEST', ca.der)],
  ];
  return [
    ...taken.map(([name, file]) => ({ name, file: Buffer.from(file), expected: TAKEN })),
    ...refused.map(([name, file]) => ({ name, file: Buffer.from(file), expected: REFUSED })),
  ];
}

/** @see RFC 5652 section 5.1 */
function pkcs7(certificates: readonly Uint8Array[]): Uint8Array {
  const version = der.integer(1);
  const content = der.sequence(der.oid(DATA));
  const empty = der.set();
  const signed = der.sequence(version, empty, content, der.element(CERTIFICATES, ...certificates), empty);
  return der.sequence(der.oid(SIGNED_DATA), der.element(CERTIFICATES, signed));
}

function brokenCases({ ca }: UploadParts): readonly UploadCase[] {
  const garbage: readonly (readonly [name: string, file: string | Uint8Array])[] = [
    ['text', 'hello'],
    ['a page', '<!doctype html><html></html>'],
    ['an edge alone', '-----BEGIN CERTIFICATE-----\n'],
    ['PEM without an end', ca.pem.slice(0, -30)],
    ['PEM of another end', ca.pem.replace('END CERTIFICATE', 'END TRUST')],
    ['PEM that is no base64', ca.pem.replace('\nM', '\n!')],
    ['an empty block', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n'],
    ['DER, cut off', ca.der.subarray(0, -1)],
    ['DER with more behind', Buffer.concat([ca.der, Buffer.of(0)])],
    ['zeros', Buffer.alloc(1000)],
    ['a length of four octets', Buffer.from('3084ffffffff', 'hex')],
    ['an indefinite length', Buffer.from('308006092a864886f70d010702a0800000', 'hex')],
  ];
  return garbage.map(([name, file]) => ({ name, file: Buffer.from(file), expected: REFUSED }));
}

function keyCases({ ca, leafs, keys }: UploadParts): readonly UploadCase[] {
  const pem = Buffer.from(`\n${ca.pem}`);
  const bundle = Buffer.from(
    leafs
      .slice(0, 50)
      .map((leaf) => toPem('CERTIFICATE', leaf.der))
      .join(''),
  );
  return keys.flatMap(({ name, file, kind }) => {
    const beside = [
      { name: `${name}, after the CA`, file: Buffer.concat([pem, file]) },
      { name: `${name}, before the CA`, file: Buffer.concat([file, pem]) },
      { name: `${name}, in a bundle`, file: Buffer.concat([bundle, file, Buffer.of(0x0a), bundle, pem]) },
    ];
    const behind = [{ name: `${name}, behind DER of the CA`, file: Buffer.concat([ca.der, file]) }];
    return [{ name, file }, ...(kind === 'text' ? beside : behind)].map((each) => ({ ...each, expected: KEY }));
  });
}

/** At the limit, above it, and what would cost most if the work were not bounded. */
function largeCases({ ca }: UploadParts): readonly UploadCase[] {
  const filled = (text: string, size = MAX_UPLOAD_BYTES) => Buffer.alloc(size, text);
  const around = (size: number) => Buffer.concat([Buffer.from(ca.pem), Buffer.alloc(size - ca.pem.length, '\n')]);
  const costly = [
    '-----BEGIN CERTIFICATE-----\n',
    '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n',
    `${toPem('CERTIFICATE', Buffer.of(0x30, 0))}`,
    '-----BEGIN A-----          ',
    'BEGIN ',
    'BEGIN                      PRIVATE',
    'MIICAQAwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-\n',
    'M',
    'M\n',
    'MIICAQDAAAAAAAAAAAA\n',
    '"kty" "d"      ',
    '<RSAKeyValue>',
    '\r',
    ' ',
    '-',
  ];
  const elements = ['3000', '0500', '30840000', '300302017f', '3080'].map((hex) => Buffer.from(hex, 'hex'));
  return [
    { name: 'exactly 1 MiB', file: around(MAX_UPLOAD_BYTES), expected: TAKEN },
    { name: '1 MiB and 1', file: around(MAX_UPLOAD_BYTES + 1), expected: ['too-large'] },
    { name: 'nothing', file: Buffer.alloc(0), expected: ['invalid-request'] },
    ...costly.map((text) => ({ name: `1 MiB of ${JSON.stringify(text)}`, file: filled(text), expected: ANY })),
    ...elements.map((element) => ({
      name: `1 MiB of ${element.toString('hex')}`,
      file: Buffer.alloc(MAX_UPLOAD_BYTES, element),
      expected: ANY,
    })),
  ];
}

/** What chance makes of a usual file; where a whole private key was put into it, that must be noticed. */
export function chanceCase(parts: UploadParts, usual: readonly UploadCase[], random: Random): UploadCase {
  const { name, file } = random.pick(usual);
  const small = file.subarray(0, 16_384);
  const edited = random.pick(EDITS)(small, random);
  if (random.below(4) > 0) return { name: `${name}, edited`, file: edited, expected: ANY };
  const key = random.pick(parts.keys.filter(({ kind }) => kind === 'text'));
  const parted = [edited, Buffer.of(0x0a), key.file, Buffer.of(0x0a)];
  // An odd number of octets before it would make other characters of it than were meant.
  const isWide = edited.includes(0);
  return { name: `${name}, edited, and ${key.name}`, file: Buffer.concat(parted), expected: isWide ? ANY : KEY };
}

type Edit = (file: Buffer, random: Random) => Buffer;

const EDITS: readonly Edit[] = [
  (file, { below }) => file.subarray(0, below(file.length + 1)),
  (file, { below }) => file.subarray(below(file.length + 1)),
  (file, { below }) => {
    const copy = Buffer.from(file);
    for (let left = below(8) + 1; left > 0; left--) if (copy.length > 0) copy[below(copy.length)] = below(256);
    return copy;
  },
  (file, { below, bytes }) => inserted(file, below(file.length + 1), bytes(below(40))),
  (file, { below }) => {
    const [from, to] = [below(file.length + 1), below(file.length + 1)].sort((a, b) => a - b) as [number, number];
    return Buffer.concat([file.subarray(0, from), file.subarray(to)]);
  },
  (file, { below }) => {
    const from = below(file.length + 1);
    return inserted(file, below(file.length + 1), file.subarray(from, from + below(200)));
  },
  (file, { pick }) =>
    Buffer.from(file.toString('latin1').replaceAll('\n', pick(['\r\n', '\r', '', ' \n', '\n\n'])), 'latin1'),
  (file, { pick }) => inserted(file, 0, Buffer.from(pick(['efbbbf', 'fffe', 'feff', '00', '3082']), 'hex')),
  (file) => Buffer.from(file.toString('base64')),
  (file) => Buffer.from(file.toString('latin1'), 'utf16le'),
  (file, { bytes, below }) => Buffer.concat([file, bytes(below(100))]),
  (_, { bytes, below }) => bytes(below(600)),
];

function inserted(file: Buffer, at: number, more: Uint8Array): Buffer {
  return Buffer.concat([file.subarray(0, at), more, file.subarray(at)]);
}
