// Node's own TLS, asked by handshakes on loopback. Its only time is now, so some cases cannot be run.

import { X509Certificate } from 'node:crypto';
import { parseCrl } from '../../../index.ts';
import type { PathCase } from '../case.ts';
import { type Peer, reasonOfDepth } from './peer.ts';
import { handshake } from './tls-handshake.ts';

/** The peer: the Node that runs this. */
export const nodeTlsPeer: Peer = {
  kind: 'peer',
  name: 'Node tls',
  version: `${process.version}, OpenSSL ${process.versions.openssl}`,
  lanes: 1,
  reasonNotToRun,
  prepare: async () => ({ ask: handshake, close: async () => {} }),
};

type Period = readonly [from: number, to: number];

function reasonNotToRun(one: PathCase): string | undefined {
  if (one.leafKey === undefined) return 'the data has no key of the leaf';
  if (!isAsCurrentNow(one)) return 'it takes no time, and the dates say another thing of now';
  return reasonOfDepth(one);
}

/** True when now each certificate and each list is as current, or as outdated, as at the time of the case. */
function isAsCurrentNow(one: PathCase): boolean {
  const now = Date.now() / 1000;
  // Dates are whole seconds.
  const then = Math.floor(one.time ?? now);
  return periodsOf(one).every(([from, to]) => (from <= then && then <= to) === (from <= now && now <= to));
}

/** Of what can be read: the rest has no dates that could matter. */
function periodsOf({ roots, intermediates, leaf, crls }: PathCase): Period[] {
  const ofCertificates = [...roots, ...intermediates, leaf].flatMap((der) =>
    readable(() => {
      const { validFromDate, validToDate } = new X509Certificate(der);
      return [validFromDate.getTime() / 1000, validToDate.getTime() / 1000];
    }),
  );
  const ofLists = crls.flatMap((der) =>
    readable(() => {
      const { thisUpdate, nextUpdate } = parseCrl(der);
      return [thisUpdate, nextUpdate];
    }),
  );
  return [...ofCertificates, ...ofLists];
}

function readable(parse: () => Period): Period[] {
  try {
    return [parse()];
  } catch {
    return [];
  }
}
