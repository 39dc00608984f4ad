// Certificate revocation lists: complete and direct ones (RFC 5280 §5).

import { parseSignatureAlgorithm, type SignatureAlgorithm } from './algorithm.ts';
import { equalBytes, toHex } from './bytes.ts';
import { readSigned } from './certificate.ts';
import { cursor, type DerNode, elementsOf, readDer, readInteger, readSmallInteger } from './der.ts';
import { refuse } from './errors.ts';
import { parseAuthorityKeyIdentifier } from './extension-values.ts';
import { type RawExtension, readExtensions } from './extensions.ts';
import { type Name, parseName } from './name.ts';
import { decodeTime } from './time.ts';

/** A parsed CRL; nothing about it is verified. */
export interface Crl {
  readonly der: Uint8Array;
  readonly tbs: Uint8Array;
  readonly issuer: Name;
  /** Unix seconds. */
  readonly thisUpdate: number;
  /** Unix seconds; after it the list says nothing about who is not on it. */
  readonly nextUpdate: number;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
  /** Hexadecimal serial numbers (content octets) with the time of revocation, Unix seconds. */
  readonly revoked: ReadonlyMap<string, number>;
  /** Content octets of the CRL number. */
  readonly number: Uint8Array;
  /** Key identifier of the issuer, where the list has one. */
  readonly keyIdentifier?: Uint8Array;
  /** OIDs of critical extensions, of the list or its entries, that make it partial, indirect or unknown here. */
  readonly unknownCritical: readonly string[];
}

const CRL_NUMBER = '2.5.29.20';
const AUTHORITY_KEY_IDENTIFIER = '2.5.29.35';
const REASON_CODE = '2.5.29.21';

/**
 * The CRL of exactly these bytes, which are copied. Version 2 with nextUpdate and CRL number, as RFC 5280 §5.1 demands.
 * @throws X509Error `der` or `certificate`
 */
export function parseCrl(bytes: Uint8Array): Crl {
  const { node, tbs, algorithm, signature } = readSigned(Uint8Array.from(bytes));
  const fields = cursor(tbs);
  if (readSmallInteger(fields.next()) !== 1) malformed('The CRL is not of version 2.');
  if (!equalBytes(fields.next()?.raw ?? new Uint8Array(), algorithm.raw)) {
    malformed('The signature algorithm of the CRL is another inside than outside.');
  }
  const issuer = parseName(fields.next());
  const thisUpdate = decodeTime(fields.next());
  const nextUpdate = decodeTime(fields.next());
  const entries = fields.optional(0x30);
  const extensions = fields.optional(0xa0);
  fields.end();
  const all = readExtensions(extensions === undefined ? undefined : readDer(extensions.content));
  const { revoked, unknownCritical } = parseEntries(entries);
  return {
    der: node.raw,
    tbs: tbs.raw,
    issuer,
    thisUpdate,
    nextUpdate,
    signatureAlgorithm: parseSignatureAlgorithm(algorithm),
    signature,
    revoked,
    ...parseListExtensions(all),
    unknownCritical: [...criticalOf(all), ...unknownCritical],
  };
}

function parseListExtensions(extensions: readonly RawExtension[]): Pick<Crl, 'number' | 'keyIdentifier'> {
  const number = extensions.find(({ oid }) => oid === CRL_NUMBER);
  if (number === undefined) malformed('The CRL has no number.');
  const authority = extensions.find(({ oid }) => oid === AUTHORITY_KEY_IDENTIFIER);
  const keyIdentifier = authority && parseAuthorityKeyIdentifier(readDer(authority.value)).keyIdentifier;
  return { number: readInteger(readDer(number.value)), ...(keyIdentifier === undefined ? {} : { keyIdentifier }) };
}

function parseEntries(list: DerNode | undefined): Pick<Crl, 'revoked' | 'unknownCritical'> {
  const revoked = new Map<string, number>();
  const unknownCritical: string[] = [];
  for (const entry of list === undefined ? [] : elementsOf(list)) {
    const fields = cursor(entry);
    const serial = readInteger(fields.next());
    revoked.set(toHex(serial), decodeTime(fields.next()));
    const extensions = readExtensions(fields.optional(0x30));
    fields.end();
    unknownCritical.push(...criticalOf(extensions).filter((oid) => oid !== REASON_CODE));
  }
  return { revoked, unknownCritical };
}

function criticalOf(extensions: readonly RawExtension[]): readonly string[] {
  return extensions.filter(({ isCritical }) => isCritical).map(({ oid }) => oid);
}

function malformed(message: string): never {
  refuse('certificate', message);
}
