// CMS SignedData for tests, made without the product's writer; each option is one way in which an envelope can be wrong.
import { constants, createHash, type SigningOptions } from 'node:crypto';
import { explicit, integer, none, octets, oid, sequence, set, sorted, time, tlv } from './der.ts';
import { type Bytes, signBytes, type TestCertificate, type TestKey } from './test-certificates.ts';

export interface Envelope {
  readonly payload: string;
  readonly signature: string;
}

export type Hash = 'sha1' | 'sha256' | 'sha384' | 'sha512';

export interface CmsOptions {
  readonly hash?: Hash;
  /** RSA-PSS with a salt of this many bytes. */
  readonly pssSalt?: number;
  /** The hash of MGF1, where it is to differ. */
  readonly pssMgfHash?: Hash;
  /** RSA by sha256WithRSAEncryption in place of rsaEncryption. */
  readonly rsaByHash?: true;
  readonly signatureOid?: string;
  readonly signWith?: TestKey;
  readonly digestedPayload?: string;
  readonly contentType?: string;
  readonly innerContentType?: string;
  readonly outerContentType?: string;
  readonly extraAttributes?: readonly Bytes[];
  readonly leaveOut?: 'contentType' | 'messageDigest' | 'attributes';
  readonly twice?: 'contentType' | 'messageDigest' | 'contentTypeValue' | 'messageDigestValue';
  readonly reverseAttributes?: true;
  /** Signs the attributes as they stand, not as a sorted SET. */
  readonly reverseSigned?: true;
  readonly embedContent?: true;
  readonly version?: number;
  readonly signerVersion?: number;
  readonly signers?: 0 | 2;
  readonly byKeyId?: true;
  readonly crls?: readonly Bytes[];
  readonly unsignedAttributes?: readonly Bytes[];
  readonly certificates?: readonly Bytes[];
  readonly digestAlgorithms?: readonly Hash[];
  readonly signerDigest?: Hash;
  readonly trailing?: Bytes;
}

const HASH_OIDS: Readonly<Record<Hash, string>> = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
};
const ECDSA_OIDS: Readonly<Record<Hash, string>> = {
  sha1: '1.2.840.10045.4.1',
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
};
const RSA_OIDS: Readonly<Record<Hash, string>> = {
  sha1: '1.2.840.113549.1.1.5',
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
};
const DATA = '1.2.840.113549.1.7.1';
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';

/** The envelope of `payload`, signed by the first of `chain`, right but for what `options` say. */
export function signEnvelope(payload: string, chain: readonly TestCertificate[], options: CmsOptions = {}): Envelope {
  return { payload, signature: Buffer.from(signedData(payload, chain, options)).toString('base64') };
}

/** One attribute with its values. */
export function attribute(type: string, ...values: readonly Bytes[]): Bytes {
  return sequence(oid(type), set(...values));
}

export const signingTime: Bytes = attribute('1.2.840.113549.1.9.5', time(1_772_366_400));
export const smimeCapabilities: Bytes = attribute('1.2.840.113549.1.9.15', sequence());

function signedData(payload: string, chain: readonly TestCertificate[], options: CmsOptions): Bytes {
  const [signer] = chain;
  if (!signer) throw new Error('a chain has a leaf');
  const hash = options.hash ?? (signer.key.kind === 'ed25519' ? 'sha512' : 'sha256');
  const info = signerInfo(payload, signer, hash, options);
  const infos =
    options.signers === 2
      ? sorted([info, signerInfo(payload, signer, hash, { ...options, extraAttributes: [signingTime] })])
      : [info];
  const certificates = options.certificates ?? sorted(chain.map((certificate) => certificate.der));
  const content = options.embedContent ? [explicit(0, octets(Buffer.from(payload)))] : [];
  const data = sequence(
    integer(options.version ?? 1),
    set(...(options.digestAlgorithms ?? [hash]).map((each) => sequence(oid(HASH_OIDS[each])))),
    sequence(oid(options.innerContentType ?? DATA), ...content),
    tlv(0xa0, ...certificates),
    ...(options.crls ? [tlv(0xa1, ...options.crls)] : []),
    set(...(options.signers === 0 ? [] : infos)),
  );
  return Buffer.concat([
    sequence(oid(options.outerContentType ?? SIGNED_DATA), explicit(0, data)),
    options.trailing ?? Buffer.alloc(0),
  ]);
}

function signerInfo(payload: string, signer: TestCertificate, hash: Hash, options: CmsOptions): Bytes {
  const attributes = attributesOf(payload, hash, options);
  const isBare = options.leaveOut === 'attributes';
  const signed = isBare
    ? Buffer.from(payload)
    : set(...(options.reverseSigned ? [...attributes].reverse() : attributes));
  const key = options.signWith ?? signer.key;
  const written = options.reverseAttributes || options.reverseSigned ? [...attributes].reverse() : attributes;
  return sequence(
    integer(options.signerVersion ?? 1),
    options.byKeyId
      ? tlv(0x80, createHash('sha1').update(signer.key.spki).digest())
      : sequence(signer.issuerName, integer(signer.serial)),
    sequence(oid(HASH_OIDS[options.signerDigest ?? hash])),
    ...(isBare ? [] : [tlv(0xa0, ...written)]),
    signatureAlgorithm(signer.key, hash, options),
    octets(signBytes(key, signed, hash, pssOptions(options))),
    ...(options.unsignedAttributes ? [tlv(0xa1, ...options.unsignedAttributes)] : []),
  );
}

function attributesOf(payload: string, hash: Hash, options: CmsOptions): readonly Bytes[] {
  const digest = octets(
    createHash(hash)
      .update(options.digestedPayload ?? payload, 'utf8')
      .digest(),
  );
  const type = oid(options.contentType ?? DATA);
  const contentType = attribute(CONTENT_TYPE, type, ...(options.twice === 'contentTypeValue' ? [type] : []));
  const messageDigest = attribute(MESSAGE_DIGEST, digest, ...(options.twice === 'messageDigestValue' ? [digest] : []));
  return sorted([
    ...(options.leaveOut === 'contentType' ? [] : [contentType]),
    ...(options.leaveOut === 'messageDigest' ? [] : [messageDigest]),
    ...(options.twice === 'contentType' ? [contentType] : []),
    ...(options.twice === 'messageDigest' ? [messageDigest] : []),
    ...(options.extraAttributes ?? []),
  ]);
}

function signatureAlgorithm(key: TestKey, hash: Hash, options: CmsOptions): Bytes {
  if (options.signatureOid) return sequence(oid(options.signatureOid));
  if (options.pssSalt !== undefined) return pssAlgorithm(hash, options.pssMgfHash ?? hash, options.pssSalt);
  if (key.kind === 'ed25519') return sequence(oid('1.3.101.112'));
  if (key.kind.startsWith('rsa'))
    return sequence(oid(options.rsaByHash ? RSA_OIDS[hash] : '1.2.840.113549.1.1.1'), none);
  return sequence(oid(ECDSA_OIDS[hash]));
}

function pssAlgorithm(hash: Hash, mgfHash: Hash, salt: number): Bytes {
  const mgf = sequence(oid('1.2.840.113549.1.1.8'), sequence(oid(HASH_OIDS[mgfHash]), none));
  const parameters = sequence(
    explicit(0, sequence(oid(HASH_OIDS[hash]), none)),
    explicit(1, mgf),
    explicit(2, integer(salt)),
  );
  return sequence(oid('1.2.840.113549.1.1.10'), parameters);
}

/** node:crypto's MGF1 has the hash of the signature, so a differing `pssMgfHash` is in the parameters alone. */
function pssOptions(options: CmsOptions): SigningOptions {
  return options.pssSalt === undefined ? {} : { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: options.pssSalt };
}
