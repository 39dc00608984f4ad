import type { UnixSeconds } from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';

export function lintUpload(_certificate: Certificate, _now: UnixSeconds): readonly string[] {
  return [];
}
