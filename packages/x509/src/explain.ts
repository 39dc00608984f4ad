// What the codes of X509Error mean to people: apart from what throws them, so that devices need not carry it.

import type { X509Error, X509ErrorCode } from './errors.ts';

const SENTENCES: Readonly<Record<X509ErrorCode, string>> = {
  der: 'The bytes are not DER: give the whole, unchanged certificate, key or list.',
  certificate: 'The certificate, name or list is not formed as RFC 5280 demands: have it issued anew.',
  'unknown-issuer': 'No trusted CA issued the certificate: add the missing intermediate, or trust its root.',
  signature: 'No issuer of this name made the signature: it is forged, or from another CA of the same name.',
  expired: 'The certificate has expired: renew it, or check the time.',
  'not-yet-valid': 'The certificate is not valid yet: check the time.',
  'not-a-ca': 'A certificate that is not a CA stands above another: give the chain of its true issuers.',
  'path-length': 'There are more CAs in the chain than one of them, or the caller, allows.',
  'key-usage': 'The key may not be used for this: have a certificate issued with the right key usage.',
  'extended-key-usage': 'The certificate, or a CA above it, is not for this purpose: have one issued for it.',
  'name-constraints': 'A CA above, or the scope it is trusted for, does not extend to one of the names.',
  'name-mismatch': 'The certificate is for other names than the one that was asked for.',
  'unknown-critical-extension':
    'The certificate has a critical extension that is unknown here: have one issued without.',
  'weak-key':
    'The key is too weak, malformed or of a kind that is not accepted: use P-256, or RSA of 2048 bits or more.',
  algorithm: 'The certificate is signed by an algorithm that is not accepted: have it signed with SHA-256 or better.',
  revoked: 'The issuer has revoked the certificate: have a new one issued.',
  'revocation-unknown': 'No current revocation list of the issuer can be used: fetch a new one.',
  'policy-required': 'A CA demands certificate policies, which are not processed here: use a CA that does not.',
  budget: 'Validating the chain would cost more than is allowed: send fewer certificates.',
};

/** One sentence for people: what is wrong, and what to do where that is known. It quotes nothing of the input. */
export function explainX509Error({ code, message }: X509Error): string {
  return message === code ? SENTENCES[code] : message;
}
