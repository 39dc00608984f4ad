// The package's names.

export { DIGESTS, type Digest, parseSignatureAlgorithm, type SignatureAlgorithm } from './algorithm.ts';
export { encodeSignatureAlgorithm } from './algorithm-encoding.ts';
export { type Budget, createBudget } from './budget.ts';
export { toHex } from './bytes.ts';
export { type Certificate, certificateDigest, isSelfIssued, parseCertificate } from './certificate.ts';
export { cachingParser } from './certificate-cache.ts';
export type { LeafRequirements, Profile, Role } from './checks.ts';
export { type Crl, parseCrl } from './crl.ts';
export { type DerNode, isInSetOrder, readDer, readDerChildren } from './der.ts';
export { derTypes } from './der-types.ts';
export { der } from './der-writer.ts';
export { X509Error, type X509ErrorCode } from './errors.ts';
export { explainX509Error } from './explain.ts';
export { type ExtensionFields, type GeneralNameField, keyIdentifierOf } from './extension-encoding.ts';
export type {
  AuthorityKeyIdentifier,
  BasicConstraints,
  KeyUsage,
  NameConstraints,
  PolicyConstraints,
} from './extension-values.ts';
export type { CertificateExtensions } from './extensions.ts';
export type { GeneralName } from './general-name.ts';
export { formatIp, parseIp } from './ip.ts';
export {
  type CertificateFields,
  type CrlFields,
  encodeName,
  type NameField,
  type Prepared,
  prepareCertificate,
  prepareCrl,
} from './issue.ts';
export { EXPIRES_SOON, lintInspectionCa } from './lint.ts';
export type { LintCode, LintContext, LintFinding } from './lint-finding.ts';
export {
  ATTRIBUTE_OIDS,
  formatName,
  type Name,
  type NameAttribute,
  namesDistrust,
  namesEqual,
  parseName,
  subjectAttribute,
} from './name.ts';
export { decodeOid } from './oid.ts';
export { validatePath } from './path.ts';
export {
  DEFAULT_MAX_INTERMEDIATES,
  type Issuing,
  type PathOptions,
  type RevocationCheck,
  type ValidatedPath,
} from './path-step.ts';
export { type PemBlock, type PemLimits, parsePem, toPem } from './pem.ts';
export { isWeakKey, keyDigest, type PublicKey, type PublicKeyType, parsePublicKey } from './public-key.ts';
export { crlRevocation } from './revocation.ts';
export { isDnsName, isNameInScope, isScopeEntry, matchServerName, type NameScope } from './server-name.ts';
export { isSignedBy, RSA_PSS_OPTIONS, type Signed, verifySignature } from './signature.ts';
export { type Tolerance, type ToleranceCode, toleratedIn } from './tolerated.ts';
export { type AnchorConstraints, type TrustAnchor, trustAnchor } from './trust-anchor.ts';
