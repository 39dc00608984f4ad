// Certificate extensions: every one whose form is judged here, as typed values; the rest only by OID.

import {
  contentOf,
  type DerNode,
  elementsOf,
  listOf,
  readBoolean,
  readDer,
  readFields,
  readSmallInteger,
} from './der.ts';
import { malformed, refuse } from './errors.ts';
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
  parsePolicyMappings,
} from './extension-values.ts';
import { type GeneralName, parseGeneralNames } from './general-name.ts';
import { readOid } from './oid.ts';

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
  /** Where the issuer's certificate and its OCSP responder are; nothing here fetches. */
  readonly authorityInfoAccess?: readonly GeneralName[];
  /** Where the lists are that could revoke it; nothing here fetches. */
  readonly distributionPoints?: readonly GeneralName[];
  /** Certificate policies as dotted OIDs. */
  readonly policies?: readonly string[];
  /** Pairs of policies as dotted OIDs: of the issuer's domain, of the subject's. */
  readonly policyMappings?: readonly (readonly string[])[];
  readonly policyConstraints?: PolicyConstraints;
  /** How many certificates may follow before any policy is none. */
  readonly inhibitAnyPolicy?: number;
  /** OIDs of all extensions that are marked critical. */
  readonly critical: readonly string[];
  /** OIDs of critical extensions that this package does not process, or that must not be critical. */
  readonly unknownCritical: readonly string[];
}

type Extensions = Readonly<Record<string, readonly [string, (value: DerNode) => unknown]>>;

/** OID and parser of those that must not be critical. @see RFC 5280 §4.2.1.1, §4.2.1.2, §4.2.2.1 */
const NEVER_CRITICAL = {
  subjectKeyIdentifier: ['2.5.29.14', (value: DerNode) => contentOf(value, 0x04)],
  authorityKeyIdentifier: ['2.5.29.35', parseAuthorityKeyIdentifier],
  authorityInfoAccess: ['1.3.6.1.5.5.7.1.1', parseAuthorityInfoAccess],
} as const satisfies Extensions;

const POLICIES = '2.5.29.32';

/** OID and parser of those that may be: their demands are met, or have no effect where no policy and no list is asked for. */
const MAY_BE_CRITICAL = {
  keyUsage: ['2.5.29.15', parseKeyUsage],
  subjectAltName: ['2.5.29.17', (value: DerNode) => parseGeneralNames(value)],
  basicConstraints: ['2.5.29.19', parseBasicConstraints],
  nameConstraints: ['2.5.29.30', parseNameConstraints],
  distributionPoints: ['2.5.29.31', parseDistributionPoints],
  policies: [POLICIES, parsePolicies],
  policyMappings: ['2.5.29.33', parsePolicyMappings],
  policyConstraints: ['2.5.29.36', parsePolicyConstraints],
  extendedKeyUsage: ['2.5.29.37', parseOids],
  inhibitAnyPolicy: ['2.5.29.54', (value: DerNode) => readSmallInteger(value)],
} as const satisfies Extensions;

const EXTENSIONS = { ...NEVER_CRITICAL, ...MAY_BE_CRITICAL };

/** An extension that has a name here. */
export type ExtensionName = keyof typeof EXTENSIONS;

/**
 * The extensions of a certificate; without any, the empty set.
 * @throws X509Error `der` or `certificate` (malformed, or one extension twice)
 * @see RFC 5280 §4.2
 */
export function parseExtensions(node: DerNode | undefined): CertificateExtensions {
  const extensions = readExtensions(node);
  const values: Record<string, unknown> = {};
  for (const [name, [known, parse]] of Object.entries(EXTENSIONS)) {
    const found = extensions.find(({ oid }) => oid === known);
    if (found) values[name] = parse(readDer(found.value));
  }
  const critical = extensions.filter(({ isCritical }) => isCritical);
  const unknownCritical = oidsOf(critical.filter(isUnknown));
  // The parser of each name returns the type that the interface gives it.
  return { ...values, critical: oidsOf(critical), unknownCritical } as CertificateExtensions;
}

/** Policies have no effect here, but what qualifies critical ones must be read, and is not (RFC 5280 §4.2.1.4). */
function isUnknown({ oid, value }: RawExtension): boolean {
  const isQualified = () => listOf(readDer(value)).some((policy) => elementsOf(policy).length > 1);
  return !Object.values(MAY_BE_CRITICAL).some(([known]) => known === oid) || (oid === POLICIES && isQualified());
}

/** True when the extension is there and critical. */
export function isCritical({ critical }: CertificateExtensions, name: ExtensionName): boolean {
  return critical.includes(extensionOid(name));
}

/** The OID of an extension that has a name here. */
export function extensionOid(name: ExtensionName): string {
  return EXTENSIONS[name][0];
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
  if (!node) return [];
  const extensions = listOf(node).map((extension) => {
    const [oid, critical, value] = readFields(extension, 0x06, 0x01, 0x04);
    if (critical && !readBoolean(critical)) refuse('der');
    return { oid: readOid(oid), isCritical: !!critical, value: contentOf(value, 0x04) };
  });
  if (new Set(extensions.map(({ oid }) => oid)).size < extensions.length) malformed();
  return extensions;
}

/** Their OIDs. */
export function oidsOf(extensions: readonly RawExtension[]): readonly string[] {
  return extensions.map(({ oid }) => oid);
}
