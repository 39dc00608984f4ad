// What one writes over node:crypto in twenty lines: from the leaf to whoever issued it, dates, and the name.

import { X509Certificate } from 'node:crypto';
import type { Outcome, PathCase } from '../case.ts';
import { hasNames } from './node-names.ts';
import { type Peer, reasonOfDepth } from './peer.ts';

/** X509Certificate: checkIssued, verify, dates, checkHost. */
export const naivePeer: Peer = {
  kind: 'peer',
  name: 'node:crypto loop',
  version: process.version,
  lanes: 1,
  reasonNotToRun: (one) => (one.crls.length > 0 ? 'it knows no CRLs' : reasonOfDepth(one)),
  prepare: async () => ({ ask: async (one) => decide(one), close: async () => {} }),
};

/** What does not parse is refused. */
function decide(one: PathCase): Outcome {
  try {
    return isBelieved(one) ? 'accepted' : 'refused';
  } catch {
    return 'refused';
  }
}

function isBelieved(one: PathCase): boolean {
  const roots = one.roots.map((der) => new X509Certificate(der));
  const candidates = one.intermediates.map((der) => new X509Certificate(der));
  const leaf = new X509Certificate(one.leaf);
  const now = one.time === undefined ? new Date() : new Date(one.time * 1000);
  for (let current = leaf; ; ) {
    if (current.validFromDate > now || current.validToDate < now) return false;
    const isIssuer = (ca: X509Certificate): boolean => current.checkIssued(ca) && current.verify(ca.publicKey);
    const root = roots.find(isIssuer);
    if (root !== undefined) return root.validFromDate <= now && root.validToDate >= now && hasNames(leaf, one);
    const next = candidates.findIndex(isIssuer);
    const [ca] = next < 0 ? [] : candidates.splice(next, 1);
    if (ca === undefined) return false;
    current = ca;
  }
}
