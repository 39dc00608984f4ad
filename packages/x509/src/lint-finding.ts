// What a lint says: code, severity, one sentence for the person who registers a CA.

import type { Certificate } from './certificate.ts';

/** What a finding is about. */
export type LintCode =
  | 'leaf-certificate'
  | 'not-a-ca'
  | 'public-web-root'
  | 'version'
  | 'no-subject'
  | 'key-usage'
  | 'extended-key-usage'
  | 'unknown-critical-extension'
  | 'policy-required'
  | 'weak-key'
  | 'weak-signature'
  | 'self-signature'
  | 'expired'
  | 'not-yet-valid'
  | 'expires-soon'
  | 'basic-constraints-not-critical'
  | 'no-key-usage'
  | 'no-subject-key-identifier'
  | 'no-authority-key-identifier'
  | 'name-constraints'
  | 'issuing-ca-without-root'
  | 'serial-number'
  | 'path-length'
  | 'key-identifier-mismatch'
  | 'distrusted-origins'
  | 'same-subject'
  | 'same-key';

/** `error`: devices would refuse it, do not register it. `warning`: some runtimes fail. `info`: good to know. */
export interface LintFinding {
  readonly severity: 'error' | 'warning' | 'info';
  readonly code: LintCode;
  /** One sentence for the person who registers it, with what to do. */
  readonly sentence: string;
}

/** What surrounds the certificate. */
export interface LintContext {
  /** Unix seconds. */
  readonly time: number;
  /** The other certificates of the same upload. */
  readonly bundle?: readonly Certificate[];
  /** Inspection CAs that are registered already. */
  readonly registered?: readonly Certificate[];
  /** Keys, as SubjectPublicKeyInfo, that browsers and systems trust for every name; nobody's proxy has one of them. */
  readonly publicRootKeys?: readonly Uint8Array[];
}

/** Devices would refuse it. */
export function error(code: LintCode, sentence: string): LintFinding {
  return { severity: 'error', code, sentence };
}

/** Some runtimes fail. */
export function warning(code: LintCode, sentence: string): LintFinding {
  return { severity: 'warning', code, sentence };
}

/** Good to know. */
export function info(code: LintCode, sentence: string): LintFinding {
  return { severity: 'info', code, sentence };
}
