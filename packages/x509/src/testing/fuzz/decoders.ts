// Everything of this package that reads bytes or text that an attacker may have written, with seeds to mutate: the fuzz
// loop and the test in CI run the same list. A decoder also says here what must hold for what it accepts.

import { type KeyObject, sign } from 'node:crypto';
import { parseSignatureAlgorithm } from '../../algorithm.ts';
import { equalBytes } from '../../bytes.ts';
import { type Certificate, certificateDigest, parseCertificate } from '../../certificate.ts';
import { parseCrl } from '../../crl.ts';
import { type DerNode, readDer, readDerChildren } from '../../der.ts';
import { derTypes as der } from '../../der-types.ts';
import { refuse, X509Error } from '../../errors.ts';
import { parseExtensions } from '../../extensions.ts';
import { parseGeneralName } from '../../general-name.ts';
import { formatIp, parseIp, parseIpRange } from '../../ip.ts';
import { lintInspectionCa } from '../../lint.ts';
import { formatName, namesEqual, parseName } from '../../name.ts';
import { decodeOid, encodeOid } from '../../oid.ts';
import { validatePath } from '../../path.ts';
import { parsePem, toPem } from '../../pem.ts';
import { keyDigest, parsePublicKey } from '../../public-key.ts';
import { isNameInScope, isScopeEntry, matchServerName } from '../../server-name.ts';
import { decodeTime } from '../../time.ts';
import { trustAnchor } from '../../trust-anchor.ts';
import { NOW } from '../test-certificates.ts';
import { ca, leaf, root, SEEDS } from './seeds.ts';

/** One decoder; `decode` throws X509Error, returns, or throws something else where it is wrong. */
export interface Decoder {
  readonly name: string;
  /** `signs`: each input costs a signature or the import of a key, so that fewer are asked of it. */
  readonly cost: 'cheap' | 'signs';
  readonly decode: (bytes: Uint8Array) => unknown;
  readonly seeds: readonly Uint8Array[];
  /** Pieces of text that the input may be made of. */
  readonly tokens?: readonly Uint8Array[];
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const tokens = (...texts: string[]) => texts.map((text) => new Uint8Array(Buffer.from(text, 'latin1')));
const PEM = toPem('CERTIFICATE', leaf.certificate.der);
const NAME_TOKENS = tokens('.', '*', '/', ':', '::', '%', '-', '256', '08', '0x', 'ffff', '/129', '@', '\0', '\u00df');

/** All decoders. */
export const DECODERS: readonly Decoder[] = [
  { name: 'readDer', cost: 'cheap', decode: readDeep, seeds: [...SEEDS.certificates, ...SEEDS.names] },
  { name: 'decodeOid', cost: 'cheap', decode: readOidBack, seeds: SEEDS.oids },
  { name: 'decodeTime', cost: 'cheap', decode: readTimeBack, seeds: SEEDS.times },
  { name: 'parseName', cost: 'cheap', decode: readName, seeds: SEEDS.names },
  {
    name: 'parseGeneralName',
    cost: 'cheap',
    decode: (bytes) => parseGeneralName(readDer(bytes)),
    seeds: SEEDS.generalNames,
  },
  {
    name: 'parseGeneralName (constraint)',
    cost: 'cheap',
    decode: (bytes) => parseGeneralName(readDer(bytes), 'constraint'),
    seeds: SEEDS.generalNames,
  },
  {
    name: 'parseSignatureAlgorithm',
    cost: 'cheap',
    decode: (bytes) => parseSignatureAlgorithm(readDer(bytes)),
    seeds: SEEDS.algorithms,
  },
  {
    name: 'parsePublicKey',
    cost: 'cheap',
    decode: (bytes) => keyDigest(parsePublicKey(bytes)),
    seeds: SEEDS.publicKeys,
  },
  { name: 'keyObject', cost: 'signs', decode: (bytes) => parsePublicKey(bytes).keyObject(), seeds: SEEDS.publicKeys },
  {
    name: 'parseExtensions',
    cost: 'cheap',
    decode: (bytes) => parseExtensions(readDer(bytes)),
    seeds: SEEDS.extensions,
  },
  { name: 'parseCertificate', cost: 'cheap', decode: readCertificate, seeds: SEEDS.certificates },
  { name: 'parseCrl', cost: 'cheap', decode: (bytes) => parseCrl(bytes), seeds: SEEDS.crls },
  {
    name: 'parsePem',
    cost: 'cheap',
    decode: (bytes) => parsePem(textOf(bytes)),
    seeds: [PEM, PEM + PEM, `text\n${PEM}text\n`].flatMap((text) => tokens(text)),
    tokens: tokens(
      '-----',
      '-----BEGIN ',
      '-----END ',
      'CERTIFICATE-----',
      '\r\n',
      '\n',
      ' ',
      '=',
      '==',
      ...PEM.split(/(?<=\n)/),
    ),
  },
  { name: 'parseIp', cost: 'cheap', decode: readIp, seeds: SEEDS.texts, tokens: NAME_TOKENS },
  {
    name: 'matchServerName',
    cost: 'cheap',
    decode: (bytes) => readHost(textOf(bytes)),
    seeds: SEEDS.texts,
    tokens: NAME_TOKENS,
  },
  { name: 'lintInspectionCa', cost: 'signs', decode: lint, seeds: SEEDS.certificates },
  { name: 'validatePath (leaf)', cost: 'signs', decode: validateLeaf, seeds: SEEDS.leafBodies },
  { name: 'validatePath (CA)', cost: 'signs', decode: validateCa, seeds: SEEDS.caBodies },
];

/** At every depth the length is written as short as can be. */
function readDeep(bytes: Uint8Array): number {
  const nodes: DerNode[] = [readDer(bytes)];
  for (const node of nodes) {
    const { tag, raw, content } = node;
    const lengthOctets = content.length < 0x80 ? 0 : Math.ceil(Math.log2(content.length + 1) / 8);
    if (raw[0] !== tag || raw.length !== 2 + lengthOctets + content.length) throw new Error('An element is not DER.');
    if (tag & 0x20) nodes.push(...readDerChildren(node));
  }
  return nodes.length;
}

function readOidBack(bytes: Uint8Array): string {
  const dotted = decodeOid(bytes);
  if (!equalBytes(encodeOid(dotted), bytes)) throw new Error('An object identifier has two encodings.');
  return dotted;
}

function readTimeBack(bytes: Uint8Array): number {
  const seconds = decodeTime(readDer(bytes));
  const back = new Date(seconds * 1000).toISOString().replace(/\.000|[-:T]/g, '');
  if (!back.endsWith(textOf(readDer(bytes).content))) throw new Error('A time is read as another one.');
  return seconds;
}

function readName(bytes: Uint8Array): string {
  const name = parseName(readDer(bytes));
  const shown = formatName(name);
  if (shown.length > 256 || /[\p{C}\p{Zl}\p{Zp}]/u.test(shown))
    throw new Error('A shown name is long or not printable.');
  if (!namesEqual(name, parseName(readDer(bytes.slice())))) throw new Error('A name does not equal itself.');
  return shown;
}

function readCertificate(bytes: Uint8Array): Certificate {
  const certificate = parseCertificate(bytes);
  if (!equalBytes(certificate.der, bytes) || certificateDigest(certificate).length !== 32) {
    throw new Error('A certificate is not the bytes it was read from.');
  }
  return certificate;
}

/** Refused as the rest is where it is no address and no range, so that the loop sees the difference. */
function readIp(bytes: Uint8Array): Uint8Array {
  const address = parseIp(textOf(bytes));
  const range = parseIpRange(textOf(bytes));
  const isRound = !address || equalBytes(parseIp(formatIp(address)) ?? new Uint8Array(), address);
  if (!isRound || ![0, 4, 16].includes(address?.length ?? 0) || ![0, 8, 32].includes(range?.length ?? 0)) {
    throw new Error('An address or a range has a wrong length, or is another one when it is shown.');
  }
  return address ?? range ?? refuse('certificate');
}

/** No entry permits and excludes the same name; refused where the text is no entry and no name of the leaf. */
function readHost(text: string): boolean {
  const permitted = isNameInScope('device.example.com', { permittedNames: [text] });
  if (permitted && isNameInScope('device.example.com', { excludedNames: [text] })) throw new Error('A scope is torn.');
  const isName = isNameInScope(text, { permittedNames: ['*'] });
  return matchServerName(leaf.certificate, text) || (isScopeEntry(text) && isName) || refuse('certificate');
}

function lint(bytes: Uint8Array): unknown {
  const certificate = parseCertificate(bytes);
  const findings = lintInspectionCa(certificate, {
    time: NOW,
    bundle: [root.certificate],
    registered: [ca.certificate],
  });
  if (findings.some(({ sentence }) => /[^ -~…]/.test(sentence))) throw new Error('A sentence quotes the certificate.');
  return findings;
}

function validateLeaf(body: Uint8Array): unknown {
  return validate(body, {
    issuer: ca.key,
    original: leaf.certificate,
    path: (end) => [end, ca.certificate],
  });
}

function validateCa(body: Uint8Array): unknown {
  return validate(body, {
    issuer: root.key,
    original: ca.certificate,
    path: (issuing) => [leaf.certificate, issuing],
  });
}

/** A path through the body, signed again by its issuer; with the signature of another body there must be none. */
function validate(
  body: Uint8Array,
  about: {
    readonly issuer: KeyObject;
    readonly original: Certificate;
    readonly path: (certificate: Certificate) => readonly [Certificate, Certificate];
  },
): unknown {
  const { issuer, original, path } = about;
  const [, algorithm] = readDerChildren(readDer(original.der));
  const assemble = (signature: Uint8Array) =>
    parseCertificate(der.sequence(body, algorithm?.raw ?? body, der.bitString(signature)));
  const run = (certificate: Certificate) => {
    const [end, intermediate] = path(certificate);
    const anchors = [trustAnchor(root.certificate)];
    const asked = { time: NOW, profile: 'webpki-like', serverName: 'device.example.com' } as const;
    return validatePath(end, { anchors, intermediates: [intermediate], ...asked });
  };
  if (!equalBytes(body, original.tbs) && isTaken(() => run(assemble(original.signature)))) {
    throw new Error('A certificate that nobody signed was accepted.');
  }
  return run(assemble(sign('sha256', body, issuer)));
}

function isTaken(decide: () => unknown): boolean {
  try {
    decide();
    return true;
  } catch (error) {
    if (error instanceof X509Error) return false;
    throw error;
  }
}
