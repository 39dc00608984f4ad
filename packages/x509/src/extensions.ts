// Certificate extensions: every one that path validation judges, as typed values; the rest only by name.

import { contentOf, cursor, type DerNode, elementsOf, readBoolean, readDer } from './der.ts';
import { X509Error } from './errors.ts';
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
  readonly certificatePolicies?: readonly string[];
  readonly policyConstraints?: PolicyConstraints;
  /** OIDs of all extensions that are marked critical. */
  readonly critical: readonly string[];
  /** OIDs of critical extensions that this package does not process, or that must not be critical. */
  readonly unknownCritical: readonly string[];
}

/** OIDs of the extensions that have a name here. */
export const EXTENSION_OIDS = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
} as const;

const PARSERS: Readonly<Record<string, (value: DerNode) => Partial<CertificateExtensions>>> = {
  [EXTENSION_OIDS.subjectKeyIdentifier]: (value) => ({ subjectKeyIdentifier: contentOf(value, 0x04) }),
  [EXTENSION_OIDS.keyUsage]: (value) => ({ keyUsage: parseKeyUsage(value) }),
  [EXTENSION_OIDS.subjectAltName]: (value) => ({ subjectAltName: parseGeneralNames(value) }),
  [EXTENSION_OIDS.basicConstraints]: (value) => ({ basicConstraints: parseBasicConstraints(value) }),
  [EXTENSION_OIDS.nameConstraints]: (value) => ({ nameConstraints: parseNameConstraints(value) }),
  [EXTENSION_OIDS.crlDistributionPoints]: (value) => ({ crlDistributionPoints: parseDistributionPoints(value) }),
  [EXTENSION_OIDS.certificatePolicies]: (value) => ({ certificatePolicies: parsePolicies(value) }),
  [EXTENSION_OIDS.authorityKeyIdentifier]: (value) => ({ authorityKeyIdentifier: parseAuthorityKeyIdentifier(value) }),
  [EXTENSION_OIDS.policyConstraints]: (value) => ({ policyConstraints: parsePolicyConstraints(value) }),
  [EXTENSION_OIDS.extendedKeyUsage]: (value) => ({ extendedKeyUsage: parseOids(value) }),
  [EXTENSION_OIDS.authorityInfoAccess]: (value) => {
    parseAuthorityInfoAccess(value);
    return {};
  },
};

/**
 * What may be critical: processed here, or without effect when no policy is asked for (policyMappings,
 * inhibitAnyPolicy). Key identifiers and information access must not be (RFC 5280 §4.2.1.1, §4.2.1.2, §4.2.2.1).
 */
const MAY_BE_CRITICAL: readonly string[] = [
  EXTENSION_OIDS.keyUsage,
  EXTENSION_OIDS.subjectAltName,
  EXTENSION_OIDS.basicConstraints,
  EXTENSION_OIDS.nameConstraints,
  EXTENSION_OIDS.crlDistributionPoints,
  EXTENSION_OIDS.certificatePolicies,
  EXTENSION_OIDS.policyConstraints,
  EXTENSION_OIDS.extendedKeyUsage,
  '2.5.29.33',
  '2.5.29.54',
];

/**
 * The extensions of a certificate; without any, the empty set.
 * @throws X509Error `der` or `certificate` (malformed, or one extension twice)
 * @see RFC 5280 §4.2
 */
export function parseExtensions(node: DerNode | undefined): CertificateExtensions {
  const critical: string[] = [];
  let values: Partial<CertificateExtensions> = {};
  for (const { oid, isCritical, value } of readExtensions(node)) {
    if (isCritical) critical.push(oid);
    const parse = PARSERS[oid];
    if (parse !== undefined) values = { ...values, ...parse(readDer(value)) };
  }
  return { ...values, critical, unknownCritical: critical.filter((oid) => !MAY_BE_CRITICAL.includes(oid)) };
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
    if (critical !== undefined && !readBoolean(critical))
      throw new X509Error('der', 'A default is spelled out in the DER.');
    if (seen.has(oid)) throw new X509Error('certificate', 'An extension is there twice.');
    seen.add(oid);
    return { oid, isCritical: critical !== undefined, value };
  });
  if (extensions.length === 0) throw new X509Error('certificate', 'The list of extensions is empty.');
  return extensions;
}
