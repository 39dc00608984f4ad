// Certificate extensions, written: critical where RFC 5280 wants it, in a fixed order.

import { sha256 } from './bytes.ts';
import { derTypes as der } from './der-types.ts';
import { X509Error } from './errors.ts';
import { type BasicConstraints, KEY_USAGES, type KeyUsage } from './extension-values.ts';
import { type ExtensionName, extensionOid } from './extensions.ts';
import { parseIp, parseIpRange } from './ip.ts';
import type { PublicKey } from './public-key.ts';

/** A name to be written; an address as text, in constraints a range such as `10.0.0.0/8`. */
export interface GeneralNameField {
  readonly kind: 'dns' | 'ip' | 'uri' | 'email';
  readonly value: string;
}

/** Extensions to be written; absent ones are left out. */
export interface ExtensionFields {
  readonly basicConstraints?: BasicConstraints | undefined;
  readonly keyUsage?: readonly KeyUsage[] | undefined;
  /** Dotted OIDs. */
  readonly extendedKeyUsage?: readonly string[] | undefined;
  readonly subjectAltName?: readonly GeneralNameField[] | undefined;
  /** `from-key`: see keyIdentifierOf. */
  readonly subjectKeyIdentifier?: Uint8Array | 'from-key' | undefined;
  /** The subject key identifier of the issuer. */
  readonly authorityKeyIdentifier?: Uint8Array | undefined;
  readonly nameConstraints?:
    | { readonly permitted?: readonly GeneralNameField[]; readonly excluded?: readonly GeneralNameField[] }
    | undefined;
  /** Any other; `value` is the DER inside extnValue. */
  readonly others?: readonly {
    readonly oid: string;
    readonly critical: 'critical' | 'not-critical';
    readonly value: Uint8Array;
  }[];
}

type Criticality = 'critical' | 'not-critical';

/** The key identifier of a key: the first 160 bits of the SHA-256 of its BIT STRING. @see RFC 7093 §2 (1) */
export function keyIdentifierOf(publicKey: PublicKey): Uint8Array {
  return sha256(publicKey.keyBytes).slice(0, 20);
}

/** The Extensions SEQUENCE, or undefined when there are none. */
export function encodeExtensions(
  fields: ExtensionFields,
  about: { readonly publicKey: PublicKey; readonly subject: 'named' | 'empty' },
): Uint8Array | undefined {
  const { basicConstraints, keyUsage, extendedKeyUsage, subjectAltName, nameConstraints, authorityKeyIdentifier } =
    fields;
  const own =
    fields.subjectKeyIdentifier === 'from-key' ? keyIdentifierOf(about.publicKey) : fields.subjectKeyIdentifier;
  const sanCriticality = about.subject === 'empty' ? 'critical' : 'not-critical';
  const extensions = [
    basicConstraints && encode('basicConstraints', 'critical', encodeBasicConstraints(basicConstraints)),
    keyUsage && encode('keyUsage', 'critical', encodeKeyUsage(keyUsage)),
    extendedKeyUsage && encode('extendedKeyUsage', 'not-critical', der.sequence(...extendedKeyUsage.map(der.oid))),
    subjectAltName &&
      encode(
        'subjectAltName',
        sanCriticality,
        der.sequence(...subjectAltName.map((name) => encodeGeneralName(name, 'name'))),
      ),
    nameConstraints && encode('nameConstraints', 'critical', encodeNameConstraints(nameConstraints)),
    own && encode('subjectKeyIdentifier', 'not-critical', der.octetString(own)),
    authorityKeyIdentifier &&
      encode(
        'authorityKeyIdentifier',
        'not-critical',
        der.sequence(der.context(0, authorityKeyIdentifier, 'primitive')),
      ),
    ...(fields.others ?? []).map(({ oid, critical, value }) => encodeRaw(oid, critical, value)),
  ].filter((extension) => extension !== undefined);
  return extensions.length === 0 ? undefined : der.sequence(...extensions);
}

function encode(name: ExtensionName, critical: Criticality, value: Uint8Array): Uint8Array {
  return encodeRaw(extensionOid(name), critical, value);
}

function encodeRaw(oid: string, critical: Criticality, value: Uint8Array): Uint8Array {
  const flag = critical === 'critical' ? [der.boolean(true)] : [];
  return der.sequence(der.oid(oid), ...flag, der.octetString(value));
}

function encodeBasicConstraints({ ca, pathLength }: BasicConstraints): Uint8Array {
  return der.sequence(
    ...(ca ? [der.boolean(true)] : []),
    ...(pathLength === undefined ? [] : [der.integer(pathLength)]),
  );
}

function encodeKeyUsage(usages: readonly KeyUsage[]): Uint8Array {
  const bits = usages.map((usage) => KEY_USAGES.indexOf(usage));
  const last = Math.max(...bits);
  const bytes = new Uint8Array((last >> 3) + 1);
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return der.bitString(bytes, 7 - (last & 7));
}

function encodeNameConstraints({
  permitted = [],
  excluded = [],
}: NonNullable<ExtensionFields['nameConstraints']>): Uint8Array {
  const subtrees = (number: number, names: readonly GeneralNameField[]) => {
    const list = names.map((name) => der.sequence(encodeGeneralName(name, 'constraint')));
    return list.length === 0 ? [] : [der.element(0xa0 | number, ...list)];
  };
  return der.sequence(...subtrees(0, permitted), ...subtrees(1, excluded));
}

function encodeGeneralName({ kind, value }: GeneralNameField, place: 'name' | 'constraint'): Uint8Array {
  if (kind === 'ip') {
    const address = place === 'name' ? parseIp(value) : parseIpRange(value);
    if (address === undefined) throw new X509Error('certificate', 'An IP address to be certified is malformed.');
    return der.context(7, address, 'primitive');
  }
  if (!/^[!-~]*$/.test(value))
    throw new X509Error('certificate', 'A name to be certified is not ASCII without spaces.');
  return der.context({ email: 1, dns: 2, uri: 6 }[kind], new TextEncoder().encode(value), 'primitive');
}
