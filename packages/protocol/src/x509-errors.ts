// X509Error becomes ProtocolError at this border, and nothing else does.
import { X509Error } from '@windlass/x509';
import { ProtocolError, type ProtocolErrorCode } from './errors.ts';

/** What `step` returns. @throws ProtocolError with the code that `codeOf` gives for what x509 refused; every other error as it is */
export function refusedAs<T>(codeOf: (error: X509Error) => ProtocolErrorCode, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    throw new ProtocolError(codeOf(error), undefined, { cause: error });
  }
}
