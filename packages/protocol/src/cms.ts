// The profile of CMS SignedData: DER, detached, one signer named by issuer and serial, known signed attributes only. What is wrong here
// is `cms`, whatever it is. Elements that may have one value only are written as they are in DER, in hex. @see spec E1 to E4, RFC 5652
import {
  type Certificate,
  type DerNode,
  isInSetOrder,
  parseCertificate,
  readDer,
  readDerChildren,
} from '@windlass/x509';
import { bytesOf, hex } from './bytes.ts';
import { check } from './errors.ts';
import { MAX_ENVELOPE_CERTIFICATES } from './limits.ts';
import { refusedAs } from './x509-errors.ts';

/** A SignedData of the profile, in pieces; nothing is verified. All bytes are views into the input. */
export interface SignedData {
  /** 1 to 4, none twice. */
  readonly certificates: readonly Certificate[];
  /** AlgorithmIdentifiers of digests: the signer's, then those that the SignedData as a whole names. */
  readonly digests: readonly Uint8Array[];
  /** The AlgorithmIdentifier of the signature. */
  readonly algorithm: Uint8Array;
  /** The one of them that names the signer, by its issuer and serial number. */
  readonly signer: Certificate;
  /** What the signer says the digest of the content is. */
  readonly messageDigest: Uint8Array;
  /** The signed attributes as they are signed: with the tag SET OF. */
  readonly toBeSigned: Uint8Array;
  readonly signature: Uint8Array;
}

const INTEGER = 0x02;
const OCTETS = 0x04;
const OID = 0x06;
const SEQUENCE = 0x30;
const SET = 0x31;
const CONTEXT_0 = 0xa0;
const VERSION_1 = '020101';
/** The OIDs of PKCS as far as they agree, 1.2.840.113549.1, with two arcs to come. */
export const PKCS = '06092a864886f70d01';
const DATA = `${PKCS}0701`;
const SIGNED_DATA = `${PKCS}0702`;
/** The content, which is not inside. */
const DETACHED = `300b${DATA}`;
const CONTENT_TYPE = `${PKCS}0903`;
const MESSAGE_DIGEST = `${PKCS}0904`;
const SIGNING_TIME = `${PKCS}0905`;
const SMIME_CAPABILITIES = `${PKCS}090f`;
const ATTRIBUTES = [CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME, SMIME_CAPABILITIES];

/** The pieces of a detached SignedData. @throws ProtocolError `cms` */
export function readSignedData(bytes: Uint8Array): SignedData {
  return refusedAs('cms', () => {
    const [info] = fields([readDer(bytes)], SEQUENCE);
    const [, wrapped] = fields(readDerChildren(info), SIGNED_DATA, CONTEXT_0);
    const [data] = fields(readDerChildren(wrapped), SEQUENCE);
    return readContent(fields(readDerChildren(data), VERSION_1, SET, DETACHED, CONTEXT_0, SET));
  });
}

/** The signed attributes for a content with this digest, in DER with the tag SET OF: what a signer signs. */
export function encodeSignedAttributes(messageDigest: Uint8Array): Uint8Array {
  const digest = element(SEQUENCE, MESSAGE_DIGEST, element(SET, element(OCTETS, messageDigest)));
  return element(SET, `3018${CONTENT_TYPE}310b${DATA}`, digest);
}

/** The DER of a detached SignedData made of these pieces. */
export function writeSignedData(data: Omit<SignedData, 'messageDigest'>): Uint8Array {
  const { certificates, digests, algorithm, signer, toBeSigned, signature } = data;
  const [digest = '', ...named] = digests;
  const attributes = withTag(toBeSigned, CONTEXT_0);
  const info = element(SEQUENCE, VERSION_1, nameOf(signer), digest, attributes, algorithm, element(OCTETS, signature));
  const sorted = element(CONTEXT_0, ...certificates.map(({ der }) => der).sort(Buffer.compare));
  const content = element(SEQUENCE, VERSION_1, element(SET, ...named), DETACHED, sorted, element(SET, info));
  return element(SEQUENCE, SIGNED_DATA, element(CONTEXT_0, content));
}

function readContent([, named, , bag, signers]: Five): SignedData {
  const [info] = fields(readDerChildren(signers), SEQUENCE);
  const tags = [SEQUENCE, SEQUENCE, CONTEXT_0, SEQUENCE, OCTETS] as const;
  const [, name, digest, attributes, algorithm, signature] = fields(readDerChildren(info), VERSION_1, ...tags);
  const certificates = readCertificates(readDerChildren(bag));
  const signer = certificates.find((certificate) => hex(nameOf(certificate)) === rawHex(name));
  check(signer, 'cms'); // spec E2
  return {
    certificates,
    signer,
    digests: [digest, ...readDerChildren(named)].map(({ raw }) => raw),
    algorithm: algorithm.raw,
    messageDigest: readSignedAttributes(readDerChildren(attributes)),
    toBeSigned: withTag(attributes.raw, SET),
    signature: signature.content,
  };
}

type Five = readonly [DerNode, DerNode, DerNode, DerNode, DerNode];

function readCertificates(nodes: readonly DerNode[]): readonly Certificate[] {
  const count = nodes.length;
  check(count > 0 && count <= MAX_ENVELOPE_CERTIFICATES, 'cms'); // spec E3
  check(isInSetOrder(nodes), 'cms'); // spec E1
  check(new Set(nodes.map(rawHex)).size === count, 'cms'); // spec E3
  return nodes.map(({ raw }) => parseCertificate(raw));
}

/** IssuerAndSerialNumber in DER. */
function nameOf({ issuer, serialNumber }: Certificate): Uint8Array {
  return element(SEQUENCE, issuer.der, element(INTEGER, serialNumber));
}

/** The value of messageDigest. */
function readSignedAttributes(nodes: readonly DerNode[]): Uint8Array {
  check(isInSetOrder(nodes), 'cms'); // spec E4
  const values = new Map<string, readonly DerNode[]>();
  for (const node of nodes) {
    const [attribute] = fields([node], SEQUENCE);
    const [typeNode, set] = fields(readDerChildren(attribute), OID, SET);
    const type = rawHex(typeNode);
    check(ATTRIBUTES.includes(type), 'cms'); // spec E4
    check(!values.has(type), 'cms'); // spec E4
    values.set(type, readDerChildren(set));
  }
  fields(values.get(CONTENT_TYPE), DATA);
  const [digest] = fields(values.get(MESSAGE_DIGEST), OCTETS);
  return digest.content;
}

/** The elements `nodes`, which are exactly those of the pattern: a number is a tag, a text is the whole element. */
function fields<const P extends readonly (number | string)[]>(
  nodes: readonly DerNode[] = [],
  ...pattern: P
): { readonly [K in keyof P]: DerNode } {
  const found = nodes.map((node, index) => (typeof pattern[index] === 'string' ? rawHex(node) : node.tag));
  check(found.join() === pattern.join(), 'cms'); // spec E1, E2, E3, E4
  return nodes as { readonly [K in keyof P]: DerNode };
}

function rawHex({ raw }: DerNode): string {
  return hex(raw);
}

/** One DER element around its parts; a text is bytes in hex. */
function element(tag: number, ...parts: readonly (Uint8Array | string)[]): Uint8Array {
  const content = Buffer.concat(parts.map((part) => (typeof part === 'string' ? bytesOf(part, 'hex') : part)));
  const length: number[] = [];
  let rest = content.length;
  do {
    length.unshift(rest & 0xff);
    rest >>= 8;
  } while (rest > 0);
  if (content.length > 0x7f) length.unshift(0x80 | length.length);
  return Buffer.concat([Uint8Array.of(tag, ...length), content]);
}

/** The same element with another identifier octet: an IMPLICIT tag, or the end of one. */
function withTag(element: Uint8Array, tag: number): Uint8Array {
  const copy = Uint8Array.from(element);
  copy[0] = tag;
  return copy;
}
