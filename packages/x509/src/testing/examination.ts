// What an examination by the RFCs needs beyond a small PKI: certificates and lists whose every field is given as DER, chains
// in one call, and verdicts of both profiles as plain words. Not exported, not published.

import { type KeyObject, sign } from 'node:crypto';
import { type Certificate, parseCertificate } from '../certificate.ts';
import type { Profile } from '../checks.ts';
import { type Crl, parseCrl } from '../crl.ts';
import { readDer, readDerChildren } from '../der.ts';
import { derTypes as der } from '../der-types.ts';
import { X509Error, type X509ErrorCode } from '../errors.ts';
import { type ExtensionFields, keyIdentifierOf } from '../extension-encoding.ts';
import { parseIp, parseIpRange } from '../ip.ts';
import { encodeName } from '../issue.ts';
import { type Name, parseName } from '../name.ts';
import { validatePath } from '../path.ts';
import type { PathOptions } from '../path-step.ts';
import { type TrustAnchor, trustAnchor } from '../trust-anchor.ts';
import { makeCa, makeLeaf, NOW, type TestEntity, type TestFields } from './test-certificates.ts';

export const DAY = 86_400;
export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
export const ECDSA_SHA256 = der.sequence(der.oid('1.2.840.10045.4.3.2'));

/** What a validation says: that the path stands, or the code of the refusal. */
export type Verdict = 'accepted' | X509ErrorCode;

/** A question to the validator; the anchors are whole certificates or bare names with keys. */
export interface Chain extends Partial<Omit<PathOptions, 'anchors' | 'intermediates' | 'profile'>> {
  readonly end: TestEntity;
  readonly anchors: readonly (TestEntity | TrustAnchor)[];
  readonly intermediates?: readonly TestEntity[];
}

/** A row of a table: a sentence, what is asked, the verdict of `strict`, and that of `webpki-like` where it is another. */
export type Case = [sentence: string, build: () => Chain, strict: Verdict, lenient?: Verdict];

/** The verdict of `strict` and that of `webpki-like`; a certificate that cannot even be built counts as refused. */
export function verdicts(build: () => Chain): [Verdict, Verdict] {
  let chain: Chain;
  try {
    chain = build();
  } catch (error) {
    const code = codeOf(error);
    return [code, code];
  }
  return [verdict(chain, 'strict'), verdict(chain, 'webpki-like')];
}

/** The verdict of one profile. */
export function verdict({ end, anchors, intermediates = [], ...asked }: Chain, profile: Profile): Verdict {
  return outcome(() =>
    validatePath(end.certificate, {
      time: NOW,
      ...asked,
      profile,
      anchors: anchors.map((anchor) => ('key' in anchor ? trustAnchor(anchor.certificate) : anchor)),
      intermediates: intermediates.map(({ certificate }) => certificate),
    }),
  );
}

/** `accepted` when nothing is thrown, else the code; what is no X509Error comes through. */
export function outcome(attempt: () => unknown): Verdict {
  try {
    attempt();
    return 'accepted';
  } catch (error) {
    return codeOf(error);
  }
}

function codeOf(error: unknown): X509ErrorCode {
  if (error instanceof X509Error) return error.code;
  throw error;
}

/** A root, CAs below it in this order (named `ca 1`, `ca 2`, …; `self-issued` means named as the one above) and a leaf. */
export function makeChain(
  parts: {
    readonly root?: TestFields;
    readonly cas?: readonly (TestFields & { readonly name?: 'self-issued' })[];
    readonly leaf?: TestFields;
  } = {},
): Chain & { readonly intermediates: readonly TestEntity[] } {
  const root = makeCa('root', parts.root);
  let issuer = root;
  const intermediates = (parts.cas ?? [{}]).map(({ name, ...fields }, i) => {
    const subject = name === 'self-issued' ? issuer.certificate.subject : undefined;
    issuer = makeCa(`ca ${i + 1}`, { ...(subject && { subject }), ...fields }, issuer);
    return issuer;
  });
  return { end: makeLeaf(issuer, parts.leaf), anchors: [root], intermediates };
}

/** The key pair of an entity, to give it to another certificate. */
export function keyPairOf({ certificate, key }: TestEntity): { publicKey: KeyObject; privateKey: KeyObject } {
  return { publicKey: certificate.publicKey.keyObject(), privateKey: key };
}

/** The same entity, whose key says when it is about to verify something. */
export function counting({ certificate, key }: TestEntity, count: () => void): TestEntity {
  const { der: bytes, keyBytes, type, bits } = certificate.publicKey;
  const keyObject = () => {
    count();
    return certificate.publicKey.keyObject();
  };
  return { key, certificate: { ...certificate, publicKey: { der: bytes, keyBytes, type, bits, keyObject } } };
}

/** An anchor that is only a name and a key. */
export function bareAnchor({ certificate: { subject, publicKey } }: TestEntity): TrustAnchor {
  return { subject, publicKey };
}

const FIELDS = [
  'version',
  'serialNumber',
  'algorithm',
  'issuer',
  'validity',
  'subject',
  'publicKey',
  'issuerUniqueId',
  'subjectUniqueId',
  'extensions',
] as const;

/** Fields of a TBSCertificate as whole DER elements; undefined leaves one out. */
export interface Alteration extends Partial<Readonly<Record<(typeof FIELDS)[number], Uint8Array | undefined>>> {
  /** The algorithm beside the signature; that of the altered fields unless given. */
  readonly outerAlgorithm?: Uint8Array;
  /** Signs the altered fields; ECDSA or RSA with SHA-256 by the issuer's key unless given. */
  readonly signer?: (tbs: Uint8Array) => Uint8Array;
}

/** The DER of a certificate with some fields replaced, signed again by the issuer. */
export function alter({ certificate }: TestEntity, issuer: TestEntity, changes: Alteration): Uint8Array {
  const { outerAlgorithm, signer = (tbs) => sign('sha256', tbs, issuer.key), ...fields } = changes;
  const parts = { ...fieldsOf(certificate), ...fields };
  const tbs = der.sequence(...FIELDS.flatMap((name) => parts[name] ?? []));
  return der.sequence(tbs, outerAlgorithm ?? parts.algorithm ?? new Uint8Array(), der.bitString(signer(tbs)));
}

/** As `alter`, parsed. @throws X509Error */
export function altered(entity: TestEntity, issuer: TestEntity, changes: Alteration): TestEntity {
  return { certificate: parseCertificate(alter(entity, issuer, changes)), key: entity.key };
}

/** The fields of a version 3 certificate without unique identifiers, as our own issuing code writes it. */
function fieldsOf({ tbs }: Certificate): Partial<Record<(typeof FIELDS)[number], Uint8Array>> {
  const names = FIELDS.filter((name) => !name.endsWith('UniqueId'));
  return Object.fromEntries(readDerChildren(readDer(tbs)).map(({ raw }, i) => [names[i], raw]));
}

/** One Extension. */
export function extension(oid: string, value: Uint8Array, critical?: 'critical'): Uint8Array {
  return der.sequence(der.oid(oid), ...(critical ? [der.boolean(true)] : []), der.octetString(value));
}

/** The extensions of a certificate one by one, without those of these OIDs. */
export function extensionsWithout({ certificate }: TestEntity, ...oids: readonly string[]): readonly Uint8Array[] {
  const field = readDerChildren(readDer(certificate.tbs)).at(-1)?.content ?? new Uint8Array();
  const dropped = oids.map((oid) => Buffer.from(der.oid(oid)));
  return readDerChildren(readDer(field))
    .map(({ raw }) => raw)
    .filter((raw) => !dropped.some((oid) => Buffer.from(raw).includes(oid)));
}

/** The extensions field of a TBSCertificate. */
export function extensionsField(...extensions: readonly Uint8Array[]): Uint8Array {
  return der.context(3, der.sequence(...extensions));
}

/** A critical extension for `others` of the usual fields. */
export function critical(oid: string, value: Uint8Array) {
  return { oid, critical: 'critical', value } as const;
}

/** The bytes of a text. */
export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** GeneralNames, well-formed or not; `range` is that of a constraint. */
export const generalName = {
  email: (name: string) => der.context(1, ascii(name), 'primitive'),
  dns: (name: string) => der.context(2, ascii(name), 'primitive'),
  directory: (name: Name) => der.context(4, name.der),
  uri: (name: string) => der.context(6, ascii(name), 'primitive'),
  address: (text: string) => der.context(7, parseIp(text) ?? new Uint8Array(), 'primitive'),
  range: (text: string) => der.context(7, parseIpRange(text) ?? new Uint8Array(), 'primitive'),
  octets: (...bytes: number[]) => der.context(7, Uint8Array.from(bytes), 'primitive'),
} as const;

/** Alternative names that are not critical, instead of the usual ones. */
export function san(...names: Uint8Array[]): ExtensionFields {
  const value = der.sequence(...names);
  return { subjectAltName: undefined, others: [{ oid: '2.5.29.17', critical: 'not-critical', value }] };
}

/** Bases of name constraints, as GeneralNames. */
export interface Subtrees {
  readonly permitted?: readonly Uint8Array[];
  readonly excluded?: readonly Uint8Array[];
}

/** Critical name constraints. */
export function constraining({ permitted = [], excluded = [] }: Subtrees): ExtensionFields {
  const list = (number: number, bases: readonly Uint8Array[]) =>
    bases.length === 0 ? [] : [der.element(0xa0 | number, ...bases.map((base) => der.sequence(base)))];
  return { others: [critical('2.5.29.30', der.sequence(...list(0, permitted), ...list(1, excluded)))] };
}

/** A leaf below CAs of these constraints, the highest first. */
export function under(constraints: readonly Subtrees[], leaf: TestFields): () => Chain {
  return () => makeChain({ cas: constraints.map((one) => ({ extensions: constraining(one) })), leaf });
}

/** One attribute of a name: an OID and a whole element. */
export function attribute(oid: string, value: Uint8Array): Uint8Array {
  return der.sequence(der.oid(oid), value);
}

/** A name of relative names of several attributes each, sorted as DER wants. */
export function nameOf(...relatives: readonly (readonly Uint8Array[])[]): Name {
  return parseName(readDer(der.sequence(...relatives.map((attributes) => der.set(...attributes)))));
}

/** A name of single attributes: `[type, text]`. */
export function plainName(...fields: readonly (readonly [string, string])[]): Name {
  return parseName(readDer(encodeName(fields.map(([type, value]) => ({ type, value })))));
}

/** A CRL whose fields are DER; what is not given is that of a sound, empty list of the issuer, current for a day. */
export interface CrlParts {
  readonly issuer?: Uint8Array;
  readonly thisUpdate?: Uint8Array;
  readonly nextUpdate?: Uint8Array;
  readonly entries?: readonly Uint8Array[];
  /** Instead of the key identifier of the issuer and number 1. */
  readonly extensions?: readonly Uint8Array[];
  /** Besides those. */
  readonly more?: readonly Uint8Array[];
  readonly algorithm?: Uint8Array;
  readonly outerAlgorithm?: Uint8Array;
  readonly key?: KeyObject;
}

/** Extensions that every list must have: number 1, and the key identifier of the entity. */
export function usualCrlExtensions({ certificate }: TestEntity): readonly Uint8Array[] {
  const keyIdentifier = der.context(0, keyIdentifierOf(certificate.publicKey), 'primitive');
  return [extension('2.5.29.35', der.sequence(keyIdentifier)), extension('2.5.29.20', der.integer(1))];
}

/** @throws X509Error */
export function rawCrl(issuer: TestEntity, parts: CrlParts = {}): Crl {
  const { algorithm = ECDSA_SHA256, entries = [], extensions = usualCrlExtensions(issuer), more = [] } = parts;
  const tbs = der.sequence(
    der.integer(1),
    algorithm,
    parts.issuer ?? issuer.certificate.subject.der,
    parts.thisUpdate ?? der.time(NOW - DAY),
    parts.nextUpdate ?? der.time(NOW + DAY),
    ...(entries.length === 0 ? [] : [der.sequence(...entries)]),
    der.context(0, der.sequence(...extensions, ...more)),
  );
  const signature = sign('sha256', tbs, parts.key ?? issuer.key);
  return parseCrl(der.sequence(tbs, parts.outerAlgorithm ?? algorithm, der.bitString(signature)));
}

/** One entry of a list: a certificate or a serial number as a whole element, with entry extensions. */
export function crlEntry(of: TestEntity | Uint8Array, ...extensions: readonly Uint8Array[]): Uint8Array {
  const serial = of instanceof Uint8Array ? of : der.element(0x02, of.certificate.serialNumber);
  return der.sequence(serial, der.time(NOW - DAY), ...(extensions.length === 0 ? [] : [der.sequence(...extensions)]));
}
