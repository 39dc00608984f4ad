// Certificate revocation lists: complete and direct ones (RFC 5280 §5).

import type { SignatureAlgorithm } from './algorithm.ts';
import { toHex } from './bytes.ts';
import { readSigned } from './certificate.ts';
import { ANY, type DerNode, elementsOf, readDer, readFields, readInteger, readSmallInteger, SEQUENCE } from './der.ts';
import { malformed } from './errors.ts';
import { parseAuthorityKeyIdentifier } from './extension-values.ts';
import { extensionOid, oidsOf, type RawExtension, readExtensions } from './extensions.ts';
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
  /** OIDs of extensions, of the list or its entries, that are critical, or that make it partial or indirect. */
  readonly unknownCritical: readonly string[];
}

const CRL_NUMBER = '2.5.29.20';
/** Delta CRL indicator, issuing distribution point, certificate issuer: always critical, and counted so where they are not. */
const PARTIAL = ['2.5.29.27', '2.5.29.28', '2.5.29.29'];

/** Version, algorithm, issuer, this and next update, entries, extensions. */
const FIELDS = [0x02, SEQUENCE, SEQUENCE, ANY, ANY, SEQUENCE, 0xa0];

/**
 * The CRL of exactly these bytes, which are copied. Version 2 with nextUpdate and CRL number, as RFC 5280 §5.1 demands.
 * @throws X509Error `der` or `certificate`
 */
export function parseCrl(bytes: Uint8Array): Crl {
  const { signed, fields } = readSigned(bytes, FIELDS);
  const [version, , issuer, thisUpdate, nextUpdate, entries, extensions] = fields;
  if (readSmallInteger(version) !== 1) malformed();
  const all = readExtensions(extensions && readDer(extensions.content));
  const { revoked, unknownCritical } = parseEntries(entries);
  return {
    ...signed,
    issuer: parseName(issuer),
    thisUpdate: decodeTime(thisUpdate),
    nextUpdate: decodeTime(nextUpdate),
    revoked,
    ...parseListExtensions(all),
    unknownCritical: [...limiting(all), ...unknownCritical],
  };
}

function parseListExtensions(extensions: readonly RawExtension[]): Pick<Crl, 'number' | 'keyIdentifier'> {
  const number = extensions.find(({ oid }) => oid === CRL_NUMBER);
  if (!number) malformed();
  const authority = extensions.find(({ oid }) => oid === extensionOid('authorityKeyIdentifier'));
  return {
    number: readInteger(readDer(number.value)),
    ...(authority && parseAuthorityKeyIdentifier(readDer(authority.value))),
  };
}

function parseEntries(list: DerNode | undefined): Pick<Crl, 'revoked' | 'unknownCritical'> {
  const revoked = new Map<string, number>();
  const unknownCritical: string[] = [];
  for (const entry of list ? elementsOf(list) : []) {
    const [serial, time, extensions] = readFields(entry, 0x02, ANY, SEQUENCE);
    revoked.set(toHex(readInteger(serial)), decodeTime(time));
    unknownCritical.push(...limiting(readExtensions(extensions)));
  }
  return { revoked, unknownCritical };
}

/** The OIDs of extensions by which a list says less, or of somebody else, than it seems to. */
function limiting(extensions: readonly RawExtension[]): readonly string[] {
  return oidsOf(extensions.filter(({ oid, isCritical }) => isCritical || PARTIAL.includes(oid)));
}
