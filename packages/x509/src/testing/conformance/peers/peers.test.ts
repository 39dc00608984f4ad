// That each peer can say yes and no: a harness that refuses everything would look strict.

import { expect, test } from 'vitest';
import { makeCa, makeLeaf } from '../../test-certificates.ts';
import type { PathCase } from '../case.ts';
import { scoreOf } from '../score.ts';
import { naivePeer } from './naive.ts';
import { nodeTlsPeer } from './node-tls.ts';
import { findOpenssl } from './openssl.ts';
import { type Peer, runPeer } from './peer.ts';
import { findPkijs } from './pkijs.ts';

// Node's TLS has no other time than now.
const NOW = Math.floor(Date.now() / 1000);
const CURRENT = { notBefore: NOW - 3600, notAfter: NOW + 3600 };
const root = makeCa('root', CURRENT);
const issuing = makeCa('issuing', CURRENT, root);
const leaf = makeLeaf(issuing, CURRENT);

const GOOD: PathCase = {
  id: 'good',
  wanted: 'accepted',
  concern: 'not classified',
  isSoft: false,
  time: NOW,
  end: 'server',
  hosts: [{ kind: 'dns', value: 'device.example.com' }],
  emails: [],
  purpose: undefined,
  maxIntermediates: undefined,
  roots: [root.certificate.der],
  intermediates: [issuing.certificate.der],
  leaf: leaf.certificate.der,
  crls: [],
  leafKey: leaf.key.export({ format: 'pem', type: 'pkcs8' }).toString(),
  unsupported: undefined,
};
const CASES: readonly PathCase[] = [
  GOOD,
  { ...GOOD, id: 'other name', wanted: 'refused', hosts: [{ kind: 'dns', value: 'other.example.com' }] },
  { ...GOOD, id: 'other root', wanted: 'refused', roots: [makeCa('root', CURRENT).certificate.der] },
  { ...GOOD, id: 'no intermediate', wanted: 'refused', intermediates: [] },
  { ...GOOD, id: 'no certificate', wanted: 'refused', leaf: Uint8Array.of(1, 2, 3) },
];

test.each([
  ['Node tls', nodeTlsPeer],
  ['pkijs', findPkijs()],
  ['node:crypto', naivePeer],
  ['openssl', findOpenssl()],
] as const)('%s believes the good chain and no other', async (_, peer) => {
  if (peer.kind === 'absent') return expect(process.env['CI'], peer.reason).not.toBe('true');
  const { scores } = await runPeer(peer, [{ kind: 'paths', name: 'chains', cases: CASES }], () => {});
  expect(scores[0]).toMatchObject({ run: CASES.length, ok: CASES.length, deviations: [], notRun: {} });
});

test('a case of another time is not run by Node, whose dates say another thing then', () => {
  expect(nodeTlsPeer.reasonNotToRun({ ...GOOD, time: NOW + 7200 })).toContain('it takes no time');
  expect(nodeTlsPeer.reasonNotToRun({ ...GOOD, time: NOW + 1800 })).toBeUndefined();
});

test('cases that a peer is not asked, and those it has no answer to, are counted apart', async () => {
  const silent: Peer = {
    ...naivePeer,
    reasonNotToRun: ({ id }) => (id === 'good' ? 'no reason' : undefined),
    prepare: async () => ({ ask: async () => 'no-answer', close: async () => {} }),
  };
  const { scores } = await runPeer(silent, [{ kind: 'paths', name: 'chains', cases: CASES.slice(0, 2) }], () => {});
  expect(scores[0]).toMatchObject({ run: 1, ok: 0, notRun: { 'no reason': 1 } });
  expect(scores[0]?.deviations).toMatchObject([{ id: 'other name', kind: 'no answer' }]);
});

test('a suite without a result for each case has no score', () => {
  expect(() => scoreOf({ kind: 'paths', name: 'chains', cases: CASES }, [])).toThrow('not every case');
});
