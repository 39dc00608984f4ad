// The protocol's names. Pure and synchronous: bytes, keys, nonces and times are arguments.
export { type AcceptContext, type AcceptedAnswer, acceptAnswer, reopenHeld } from './accept.ts';
export type { AcceptedClaim, ClaimContext } from './accept-claim.ts';
export type { DecisionContext, DeviceIdentity } from './accept-decision.ts';
export type { AcceptedInspectionCa, AcceptedProfile } from './accept-profile.ts';
export { type HashName, hashOf, type SignerRole, type SigningAlgorithm, signingAlgorithmFor } from './algorithms.ts';
export {
  type Answer,
  type BootstrapRequest,
  type Clock,
  type Decision,
  encodeAnswer,
  encodeDecision,
  encodeRequest,
  type Failure,
  isAnswer,
  type Outcome,
  parseAnswer,
  parseDecision,
  parseRequest,
  type Refusal,
  type Rung,
  type VerifiedRequest,
  verifyRequest,
} from './bootstrap.ts';
export { type Claim, encodeClaim, parseClaim } from './claim.ts';
export {
  CLAIM_CODE_ALPHABET,
  type ClaimCode,
  claimCodeOf,
  claimTokenHashOf,
  claimTokenOf,
  LABEL_PROOF_CODE_CHARACTERS,
  type Label,
  labelKeyOf,
  labelText,
  MIN_CLAIM_CODE_CHARACTERS,
  parseLabel,
} from './claim-code.ts';
export type { KnownDevices } from './device-message.ts';
export {
  type Envelope,
  encodeEnvelope,
  isEnvelope,
  type OpenedEnvelope,
  openEnvelope,
  type PreparedEnvelope,
  parseEnvelope,
  prepareEnvelope,
} from './envelope.ts';
export { explainError } from './error-sentences.ts';
export { PROTOCOL_ERROR_CODES, ProtocolError, type ProtocolErrorCode } from './errors.ts';
export { type Floors, type NetworkFloor, NO_FLOORS } from './floors.ts';
export {
  type DeviceId,
  type Digest,
  digestOf,
  formatTime,
  isSameDevice,
  type NetworkId,
  type Nonce,
  type OrganizationId,
  type ProxyAddress,
  parseDer,
  parseDigest,
  parseHost,
  parseId,
  parseNetworkId,
  parseNonce,
  parseOrganizationId,
  parseScope,
  parseSerial,
  parseServiceName,
  parseTime,
  parseUrlPath,
  type Serial,
  type ServiceName,
  type UnixSeconds,
  unixSeconds,
} from './forms.ts';
export {
  type InspectedMessage,
  type Inspection,
  type InspectionCheck,
  type InspectionTrust,
  inspectMessage,
  type MessageKind,
  type SignerSummary,
} from './inspect.ts';
export { checkInspectionCa } from './inspection-ca.ts';
export { type LabelKey, labelProofOf, type ProofTerms, proofTermsOf } from './label-proof.ts';
export * from './limits.ts';
export { PURPOSE, publisherUri } from './purposes.ts';
export {
  type Acknowledgement,
  type AcknowledgementContext,
  acceptAcknowledgement,
  type EndpointReport,
  encodeAcknowledgement,
  encodeReport,
  type Phase,
  parseAcknowledgement,
  parseReport,
  type Report,
  type StoreReceipt,
  type Verdict,
  type VerifiedReport,
  verifyReport,
} from './report.ts';
export {
  heldRevocations,
  isRevoked,
  openRevocationList,
  type RevocationList,
  type RevocationLists,
  refuseRevoked,
} from './revocations.ts';
export {
  type Endpoint,
  type EndpointProtocol,
  encodeSecurityProfile,
  type InspectionCa,
  parseSecurityProfile,
  type SecurityProfile,
} from './security-profile.ts';
export { type ExpectedSigner, keyOf, type VerifiedSigner, verifySigner } from './signer.ts';
export { type JsonObject, type JsonValue, parseBody, parseStrictJson } from './strict-json.ts';
export { type ExplainedTrouble, explainTrouble, isTrouble, TROUBLES, type Trouble } from './troubles.ts';
