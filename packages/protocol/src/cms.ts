// The profile of CMS SignedData: DER, detached, one signer named by issuer and serial, known signed attributes only. What is wrong here
// is `cms`, whatever it is. @see spec E1 to E4, RFC 5652
import { type DerNode, decodeOid, der, readDer, readDerChildren } from '@windlass/x509';
import { check } from './errors.ts';
import { MAX_ENVELOPE_CERTIFICATES } from './limits.ts';
import { refusedAs } from './x509-errors.ts';

/** A SignedData of the profile, in pieces; nothing is verified. All bytes are views into the input. */
export interface SignedData {
  /** AlgorithmIdentifiers in DER. */
  readonly digestAlgorithms: readonly Uint8Array[];
  /** Certificates in DER, 1 to 4, none twice. */
  readonly certificates: readonly Uint8Array[];
  /** The signer's certificate: its issuer Name in DER and the content of its serial number. */
  readonly issuer: Uint8Array;
  readonly serialNumber: Uint8Array;
  /** AlgorithmIdentifiers in DER. */
  readonly digestAlgorithm: Uint8Array;
  readonly signatureAlgorithm: Uint8Array;
  /** What the signer says the digest of the content is. */
  readonly messageDigest: Uint8Array;
  /** The signed attributes as they are signed: with the tag SET OF. */
  readonly toBeSigned: Uint8Array;
  readonly signature: Uint8Array;
}

const [INTEGER, OCTETS, OID, SEQUENCE, SET, CONTEXT_0] = [0x02, 0x04, 0x06, 0x30, 0x31, 0xa0];
const DATA = '1.2.840.113549.1.7.1';
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const SIGNING_TIME = '1.2.840.113549.1.9.5';
const SMIME_CAPABILITIES = '1.2.840.113549.1.9.15';
const ATTRIBUTES: readonly string[] = [CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME, SMIME_CAPABILITIES];

/** The pieces of a detached SignedData. @throws ProtocolError `cms` */
export function readSignedData(bytes: Uint8Array): SignedData {
  return refusedAs(
    () => 'cms',
    () => readContentInfo(readDer(bytes)),
  );
}

/** The signed attributes for a content with this digest, in DER with the tag SET OF: what a signer signs. */
export function encodeSignedAttributes(messageDigest: Uint8Array): Uint8Array {
  const attribute = (type: string, value: Uint8Array) => der.sequence(der.oid(type), der.set(value));
  return der.set(attribute(CONTENT_TYPE, der.oid(DATA)), attribute(MESSAGE_DIGEST, der.octetString(messageDigest)));
}

/** The DER of a detached SignedData made of these pieces. */
export function writeSignedData(data: Omit<SignedData, 'messageDigest'>): Uint8Array {
  const signer = der.sequence(
    der.integer(1),
    der.sequence(data.issuer, der.element(INTEGER, data.serialNumber)),
    data.digestAlgorithm,
    withTag(data.toBeSigned, CONTEXT_0),
    data.signatureAlgorithm,
    der.octetString(data.signature),
  );
  const signedData = der.sequence(
    der.integer(1),
    der.set(...data.digestAlgorithms),
    der.sequence(der.oid(DATA)),
    withTag(der.set(...data.certificates), CONTEXT_0),
    der.set(signer),
  );
  return der.sequence(der.oid(SIGNED_DATA), der.context(0, signedData));
}

function readContentInfo(node: DerNode): SignedData {
  const [type, wrapped] = fields(node, SEQUENCE, OID, CONTEXT_0);
  check(isOid(type, SIGNED_DATA), 'cms'); // spec E1
  const [inner] = fields(wrapped, CONTEXT_0, SEQUENCE);
  const [version, digests, content, certificates, signers] = fields(
    inner,
    SEQUENCE,
    INTEGER,
    SET,
    SEQUENCE,
    CONTEXT_0,
    SET,
  );
  check(isOne(version), 'cms'); // spec E1
  const [innerType] = fields(content, SEQUENCE, OID);
  check(isOid(innerType, DATA), 'cms'); // spec E1
  const infos = childrenOf(signers);
  check(infos.length === 1, 'cms'); // spec E2
  return {
    digestAlgorithms: childrenOf(digests).map(({ raw }) => raw),
    certificates: readCertificates(childrenOf(certificates)),
    ...readSignerInfo(infos[0]),
  };
}

function readCertificates(nodes: readonly DerNode[]): readonly Uint8Array[] {
  const count = nodes.length;
  check(count > 0 && count <= MAX_ENVELOPE_CERTIFICATES, 'cms'); // spec E3
  check(isInSetOrder(nodes), 'cms'); // spec E1
  const distinct = nodes.every(({ raw }, index) => index === 0 || compare(raw, nodes[index - 1]?.raw) !== 0);
  check(distinct, 'cms'); // spec E3
  return nodes.map(({ raw }) => raw);
}

function readSignerInfo(info: DerNode | undefined): Omit<SignedData, 'digestAlgorithms' | 'certificates'> {
  const tags = [INTEGER, SEQUENCE, SEQUENCE, CONTEXT_0, SEQUENCE, OCTETS];
  const [version, name, digestAlgorithm, attributes, signatureAlgorithm, signature] = fields(info, SEQUENCE, ...tags);
  check(isOne(version), 'cms'); // spec E2
  const [issuer, serialNumber] = fields(name, SEQUENCE, SEQUENCE, INTEGER);
  return {
    issuer: bytesOf(issuer, 'raw'),
    serialNumber: bytesOf(serialNumber, 'content'),
    digestAlgorithm: bytesOf(digestAlgorithm, 'raw'),
    signatureAlgorithm: bytesOf(signatureAlgorithm, 'raw'),
    messageDigest: readSignedAttributes(childrenOf(attributes)),
    toBeSigned: withTag(bytesOf(attributes, 'raw'), SET),
    signature: bytesOf(signature, 'content'),
  };
}

/** The value of messageDigest. */
function readSignedAttributes(nodes: readonly DerNode[]): Uint8Array {
  check(isInSetOrder(nodes), 'cms'); // spec E4
  const values = new Map<string, readonly DerNode[]>();
  for (const node of nodes) {
    const [typeNode, set] = fields(node, SEQUENCE, OID, SET);
    const type = decodeOid(bytesOf(typeNode, 'content'));
    check(ATTRIBUTES.includes(type), 'cms'); // spec E4
    check(!values.has(type), 'cms'); // spec E4
    values.set(type, childrenOf(set));
  }
  const [contentType, ...otherTypes] = values.get(CONTENT_TYPE) ?? [];
  check(isOid(contentType, DATA) && otherTypes.length === 0, 'cms'); // spec E4
  const [digest, ...otherDigests] = values.get(MESSAGE_DIGEST) ?? [];
  check(digest?.tag === OCTETS && otherDigests.length === 0, 'cms'); // spec E4
  return digest.content;
}

/** The elements inside `node`, which has `tag` and they exactly `tags`: nothing optional is there, nothing is missing. */
function fields(node: DerNode | undefined, tag: number, ...tags: readonly number[]): readonly DerNode[] {
  const nodes = childrenOf(node);
  check([node, ...nodes].map((each) => each?.tag).join() === [tag, ...tags].join(), 'cms'); // spec E1, E2, E3, E4
  return nodes;
}

function childrenOf(node: DerNode | undefined): readonly DerNode[] {
  return node ? readDerChildren(node) : [];
}

function bytesOf(node: DerNode | undefined, part: 'raw' | 'content'): Uint8Array {
  return node ? node[part] : new Uint8Array();
}

function isOid(node: DerNode | undefined, oid: string): boolean {
  return node?.tag === OID && decodeOid(node.content) === oid;
}

function isOne(node: DerNode | undefined): boolean {
  return node?.content.length === 1 && node.content[0] === 1;
}

function isInSetOrder(nodes: readonly DerNode[]): boolean {
  return nodes.every(({ raw }, index) => index === 0 || compare(nodes[index - 1]?.raw, raw) <= 0);
}

function compare(a: Uint8Array | undefined, b: Uint8Array | undefined): number {
  return a && b ? Buffer.compare(a, b) : 0;
}

/** The same element with another identifier octet: an IMPLICIT tag, or the end of one. */
function withTag(element: Uint8Array, tag: number): Uint8Array {
  const copy = Uint8Array.from(element);
  copy[0] = tag;
  return copy;
}
