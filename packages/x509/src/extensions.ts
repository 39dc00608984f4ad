// Certificate extensions: every one that path validation judges, as typed values; the rest only by name.

import { contentOf, cursor, type DerNode, elementsOf, readBoolean, readDer } from './der.ts';
import { refuse } from './errors.ts';
import {
  type AuthorityKeyIdentifier,
  type BasicConstraints,
  type KeyUsage,
  type NameConstraints,
  type PolicyConstraints,
  parseAuthorityInfoAccess,
  parseAuthorityKeyIdentifier,
  parseBasicConstraints,
  parseDistributionPoints,
  parseKeyUsage,
  parseNameConstraints,
  parseOids,
  parsePolicies,
  parsePolicyConstraints,
} from './extension-values.ts';
import { type GeneralName, parseGeneralNames } from './general-name.ts';
import { decodeOid } from './oid.ts';

/** Extensions by name; absent ones are absent here too. */
export interface CertificateExtensions {
  readonly basicConstraints?: BasicConstraints;
  readonly keyUsage?: readonly KeyUsage[];
  /** Purposes as dotted OIDs. */
  readonly extendedKeyUsage?: readonly string[];
  readonly subjectAltName?: readonly GeneralName[];
  readonly nameConstraints?: NameConstraints;
  readonly authorityKeyIdentifier?: AuthorityKeyIdentifier;
  readonly subjectKeyIdentifier?: Uint8Array;
  /** The full names (mostly URIs) of all distribution points. */
  readonly crlDistributionPoints?: readonly GeneralName[];
  /** Where the issuer's certificate and its OCSP responder are; nothing here fetches. */
  readonly authorityInfoAccess?: readonly GeneralName[];
  readonly certificatePolicies?: readonly string[];
  readonly policyConstraints?: PolicyConstraints;
  /** OIDs of all extensions that are marked critical. */
  readonly critical: readonly string[];
  /** OIDs of critical extensions that this package does not process, or that must not be critical. */
  readonly unknownCritical: readonly string[];
}

/** The extensions that have a name here: OID and parser. */
export const EXTENSIONS = {
  subjectKeyIdentifier: ['2.5.29.14', (value: DerNode) => contentOf(value, 0x04)],
  keyUsage: ['2.5.29.15', parseKeyUsage],
  subjectAltName: ['2.5.29.17', (value: DerNode) => parseGeneralNames(value)],
  basicConstraints: ['2.5.29.19', parseBasicConstraints],
  nameConstraints: ['2.5.29.30', parseNameConstraints],
  crlDistributionPoints: ['2.5.29.31', parseDistributionPoints],
  certificatePolicies: ['2.5.29.32', parsePolicies],
  authorityKeyIdentifier: ['2.5.29.35', parseAuthorityKeyIdentifier],
  policyConstraints: ['2.5.29.36', parsePolicyConstraints],
  extendedKeyUsage: ['2.5.29.37', parseOids],
  authorityInfoAccess: ['1.3.6.1.5.5.7.1.1', parseAuthorityInfoAccess],
} as const satisfies Readonly<Record<string, readonly [string, (value: DerNode) => unknown]>>;

/** An extension that has a name here. */
export type ExtensionName = keyof typeof EXTENSIONS;

/** Parsed here, and not to be critical (RFC 5280 §4.2.1.1, §4.2.1.2, §4.2.2.1). */
const NEVER_CRITICAL: readonly string[] = ['subjectKeyIdentifier', 'authorityKeyIdentifier', 'authorityInfoAccess'];
/** policyMappings and inhibitAnyPolicy: without effect where no policy is asked for. */
const HARMLESS: readonly string[] = ['2.5.29.33', '2.5.29.54'];

/**
 * The extensions of a certificate; without any, the empty set.
 * @throws X509Error `der` or `certificate` (malformed, or one extension twice)
 * @see RFC 5280 §4.2
 */
export function parseExtensions(node: DerNode | undefined): CertificateExtensions {
  const values: Record<string, unknown> = {};
  const critical: string[] = [];
  const unknownCritical: string[] = [];
  for (const { oid, isCritical, value } of readExtensions(node)) {
    const [name, [, parse]] = Object.entries(EXTENSIONS).find(([, [known]]) => known === oid) ?? ['', []];
    if (parse !== undefined) values[name] = parse(readDer(value));
    if (!isCritical) continue;
    critical.push(oid);
    if (parse === undefined ? !HARMLESS.includes(oid) : NEVER_CRITICAL.includes(name)) unknownCritical.push(oid);
  }
  // The parser of each name returns the type that the interface gives it.
  return { ...values, critical, unknownCritical } as CertificateExtensions;
}

/** True when the extension is there and critical. */
export function isCritical({ critical }: CertificateExtensions, name: ExtensionName): boolean {
  return critical.includes(EXTENSIONS[name][0]);
}

/** One undecoded extension. */
export interface RawExtension {
  readonly oid: string;
  readonly isCritical: boolean;
  /** The content of extnValue. */
  readonly value: Uint8Array;
}

/** The elements of an Extensions SEQUENCE: not empty, none twice, `critical FALSE` never spelled out (X.690 §11.5). */
export function readExtensions(node: DerNode | undefined): readonly RawExtension[] {
  if (node === undefined) return [];
  const seen = new Set<string>();
  const extensions = elementsOf(node).map((extension) => {
    const fields = cursor(extension);
    const oid = decodeOid(contentOf(fields.next(), 0x06));
    const critical = fields.optional(0x01);
    const value = contentOf(fields.next(), 0x04);
    fields.end();
    if (critical !== undefined && !readBoolean(critical)) refuse('der', 'A default is spelled out in the DER.');
    if (seen.has(oid)) refuse('certificate', 'An extension is there twice.');
    seen.add(oid);
    return { oid, isCritical: critical !== undefined, value };
  });
  if (extensions.length === 0) refuse('certificate', 'The list of extensions is empty.');
  return extensions;
}
