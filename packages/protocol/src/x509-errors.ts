// X509Error becomes ProtocolError at this border, and nothing else does.
import { X509Error, type X509ErrorCode } from '@windlass/x509';
import { ProtocolError, type ProtocolErrorCode } from './errors.ts';

/** What `step` returns. @throws ProtocolError with `code`, or the one in `codes`, for what x509 refused; every other error as it is */
export function refusedAs<T>(
  code: ProtocolErrorCode,
  step: () => T,
  codes: Readonly<Partial<Record<X509ErrorCode, ProtocolErrorCode>>> = {},
): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    throw new ProtocolError(codes[error.code] ?? code, undefined, { cause: error });
  }
}
