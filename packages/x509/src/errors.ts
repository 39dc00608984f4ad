// The one error this package throws: a closed list of codes, and the certificate it is about.

import type { Certificate } from './certificate.ts';

/**
 * Why something was refused. `der`: not DER. `certificate`: DER, but not what RFC 5280 (or the chosen profile) calls a
 * certificate, name or CRL. `unknown-issuer`: no path to an anchor. `signature`: an issuer of the right name exists, its
 * key did not make this signature. `algorithm`: signed by an algorithm outside the allow-list. `budget`: the input would
 * cost more than the bound. The others say what they name; `explainX509Error` has a sentence for each.
 */
export type X509ErrorCode =
  | 'der'
  | 'certificate'
  | 'unknown-issuer'
  | 'signature'
  | 'expired'
  | 'not-yet-valid'
  | 'not-a-ca'
  | 'path-length'
  | 'key-usage'
  | 'extended-key-usage'
  | 'name-constraints'
  | 'name-mismatch'
  | 'unknown-critical-extension'
  | 'weak-key'
  | 'algorithm'
  | 'revoked'
  | 'revocation-unknown'
  | 'policy-required'
  | 'budget';

/**
 * The only error that parsing or validating throws; its message never quotes bytes of the input, and where no other is
 * given only repeats the code: `explainX509Error` has a sentence then.
 */
export class X509Error extends Error {
  override readonly name = 'X509Error';
  readonly code: X509ErrorCode;
  /** The certificate that was refused, where one is to blame. */
  readonly certificate?: Certificate;

  constructor(code: X509ErrorCode, message: string = code, certificate?: Certificate, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    if (certificate) this.certificate = certificate;
  }
}

/** Throws the X509Error. Devices carry every call of it: sentences for people are in explain.ts. */
export function refuse(code: X509ErrorCode, certificate?: Certificate): never {
  throw new X509Error(code, undefined, certificate);
}

/** Refuses what is DER, but not in the form that RFC 5280 or the profile demands. @throws X509Error `certificate`, always */
export function malformed(certificate?: Certificate): never {
  refuse('certificate', certificate);
}
