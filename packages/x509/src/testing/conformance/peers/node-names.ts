// Names as node:crypto matches them: for peers that leave this to their caller.

import type { X509Certificate } from 'node:crypto';
import type { PathCase } from '../case.ts';

/** True when the leaf has every name that is asked for. */
export function hasNames(leaf: X509Certificate, { hosts, emails }: Pick<PathCase, 'hosts' | 'emails'>): boolean {
  const isNamed = hosts.every(({ kind, value }) => (kind === 'dns' ? leaf.checkHost(value) : leaf.checkIP(value)));
  return isNamed && emails.every((email) => leaf.checkEmail(email) !== undefined);
}
