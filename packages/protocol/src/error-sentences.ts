// What each code means, for people: logs of the service, the command, status of the agent where it has room. Not part of the device's core.
import type { ProtocolErrorCode } from './errors.ts';

const SENTENCES: Readonly<Record<ProtocolErrorCode, string>> = {
  'too-large': 'The body is longer than 65536 bytes.',
  json: 'It is not strict JSON: a repeated member, a number that is no integer from 0 to 2^53-1, half a character, a line break, or more than 16 levels.',
  type: 'It is another kind of message than the one expected here.',
  version: 'It is of another version than 1.',
  service: 'It is for, or from, another service.',
  schema: 'It has a member too many or too few, or a value in another form than the specification gives it.',
  revocations: 'A revocation list is not one that a service anchor made, or has what is not understood here.',
  'revocations-rollback': 'A revocation list is older than the one that is held, or leaves out what that one names.',
  cms: 'The signature is not CMS as the profile wants it: DER, detached, one signer, 1 to 4 certificates, known attributes only.',
  algorithm: 'The key or the algorithm is not one that this signer may use.',
  'digest-mismatch': 'The payload is not the one that was signed.',
  signature: 'The signature does not verify with the key of the signer.',
  'signer-untrusted': 'The certificate of the signer does not lead to an anchor of its role.',
  'signer-path': 'The certificate of the signer, or one above it, breaks a rule of X.509.',
  'signer-expired': 'The certificate of the signer, or one above it, had expired when it signed.',
  'signer-not-yet-valid': 'The certificate of the signer, or one above it, was not valid yet when it signed.',
  'signer-revoked': 'The certificate of the signer is revoked.',
  'signer-purpose': 'The certificate of the signer is for another purpose than its role.',
  'signer-name': 'The certificate of the signer has another name than its role, or more than one.',
  'signer-lifetime': 'The certificate of the responder is valid for more than 31 days.',
  'device-certificate': 'The certificate of the device does not have exactly one serial number in its subject.',
  'time-before-floor': 'It was signed before something that was accepted already.',
  'clock-mismatch': 'It was signed more than 24 hours from what the trusted clock says.',
  'device-mismatch': 'It is for, or from, another device.',
  'nonce-mismatch': 'It answers another exchange: an old answer, or one for somebody else.',
  'nonce-used': 'This answer was committed before.',
  'request-mismatch': 'It answers another request of this exchange.',
  'request-stale': 'The answer came too late.',
  'claim-missing': 'The claim that the decision names is neither in the answer nor held.',
  'claim-digest': 'The claim is not the one that the decision names.',
  'profile-missing': 'The security profile that the decision names is neither in the answer nor held.',
  'profile-digest': 'The security profile is not the one that the decision names.',
  'claim-device': 'The claim is for another device, or for another key of it.',
  'claim-expired': 'The claim has expired: the service has to sign it again.',
  'ownership-rollback': 'The claim is of an earlier owner of the device.',
  'generation-rollback': 'The claim is older than one that was accepted.',
  'generation-conflict': 'The claim is another one of a generation that was accepted.',
  'ownership-mismatch': 'The organization changed without a transfer.',
  'step-too-large': 'A number rises by more than one message may raise it.',
  'organization-mismatch': 'Decision, claim and profile are not of one organization.',
  'label-proof':
    'The claim does not prove that whoever had it made has the code of the label, for this owner and these publishers.',
  'network-mismatch': 'Decision and profile are not of one network.',
  'epoch-mismatch': 'Decision, claim and profile are not of one epoch.',
  'epoch-rollback': 'The epoch is before one that was accepted.',
  'sequence-rollback': 'The security profile is older than one that was accepted.',
  'sequence-conflict': 'The security profile is another one of a sequence that was accepted.',
  'profile-expired': 'The security profile has expired: the organization has to publish again.',
  'profile-outlives-publisher': 'The security profile ends after the certificate of its publisher.',
  'profile-not-yet-valid': 'The security profile was issued more than 24 hours in the future.',
  'inspection-ca':
    'An inspection CA is not one that may be trusted: no CA, a weak key, wrong dates, there twice, or retired.',
  'inspection-ca-key': 'An inspection CA has the key of a service anchor or a publisher anchor.',
  unsupported:
    'It uses a part of the protocol that is not implemented here: revocations, sealed settings, or a label proof without the code to verify it.',
  'sealed-key': 'The sealed key does not open the sealed settings.',
  'report-mismatch': 'It acknowledges another report, counter or device.',
};

/** A sentence that says what the code means. @see spec section 11 */
export function explainError(code: ProtocolErrorCode): string {
  return SENTENCES[code];
}
