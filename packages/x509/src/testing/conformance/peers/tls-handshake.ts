// One TLS handshake on loopback: the leaf and the intermediates are presented, and the other end has the roots as `ca`.

import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect,
  createServer,
  type TLSSocket,
  type TlsOptions,
} from 'node:tls';
import { toPem } from '../../../index.ts';
import type { PathCase } from '../case.ts';
import type { Verdict } from '../score.ts';
import { hasNames } from './node-names.ts';

const DEADLINE_MS = 5_000;
const LOOPBACK = '127.0.0.1';
/** The presenting end has no opinion of its own on keys; the judging one has Node's defaults. */
const ANY_KEY = 'DEFAULT@SECLEVEL=0';

/** `refused` also when the chain cannot even be loaded or sent. */
export async function handshake(one: PathCase): Promise<Verdict> {
  const chain = [one.leaf, ...one.intermediates].map(certificate).join('');
  const own = { cert: chain, key: one.leafKey ?? '' };
  const crl = one.crls.map((list) => toPem('X509 CRL', list));
  const trust = { ca: one.roots.map(certificate), allowPartialTrustChain: true, ...(crl.length === 0 ? {} : { crl }) };
  try {
    return one.end === 'server'
      ? await judgeServer(one, { ...own, ciphers: ANY_KEY }, trust)
      : await judgeClient(one, { ...own, ...trust }, { ...own, ciphers: ANY_KEY });
  } catch {
    return 'refused';
  }
}

/** What the client thinks of the server. */
function judgeServer(one: PathCase, server: TlsOptions, trust: ConnectionOptions): Promise<Verdict> {
  const [first, ...others] = one.hosts;
  const client: ConnectionOptions = {
    ...trust,
    ...(first?.kind === 'dns' ? { servername: first.value } : {}),
    checkServerIdentity: (_, peer) => (first === undefined ? undefined : checkServerIdentity(first.value, peer)),
  };
  return meet(createServer(server), client, (_, socket, settle) => {
    socket.once('secureConnect', () => settle(isNamed(socket, { hosts: others, emails: one.emails })));
    socket.once('error', () => settle('refused'));
  });
}

/** What the server thinks of the client; the client takes any server. */
function judgeClient(one: PathCase, server: TlsOptions, own: ConnectionOptions): Promise<Verdict> {
  const strict = createServer({ ...server, requestCert: true, rejectUnauthorized: true });
  return meet(strict, { ...own, rejectUnauthorized: false }, (listening, socket, settle) => {
    listening.once('secureConnection', (peer: TLSSocket) => settle(isNamed(peer, one)));
    listening.once('tlsClientError', () => settle('refused'));
    socket.on('error', () => {});
  });
}

type Settle = (verdict: Verdict) => void;

/** One connection of the two; both are closed when there is a verdict or the time is up. */
async function meet(
  server: Server,
  client: ConnectionOptions,
  watch: (server: Server, socket: TLSSocket, settle: Settle) => void,
): Promise<Verdict> {
  const sockets: TLSSocket[] = [];
  server.on('tlsClientError', () => {});
  server.on('secureConnection', (peer: TLSSocket) => sockets.push(peer.on('error', () => {})));
  try {
    await once(server.listen(0, LOOPBACK), 'listening');
    const socket = connect({ ...client, host: LOOPBACK, port: portOf(server) });
    sockets.push(socket);
    return await firstVerdict((settle) => watch(server, socket, settle));
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

/** The first verdict that is settled, or `no-answer`. */
function firstVerdict(start: (settle: Settle) => void): Promise<Verdict> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('no-answer'), DEADLINE_MS);
    start((verdict) => {
      clearTimeout(timer);
      resolve(verdict);
    });
  });
}

function isNamed(peer: TLSSocket, names: Pick<PathCase, 'hosts' | 'emails'>): Verdict {
  const leaf = peer.getPeerX509Certificate();
  return leaf !== undefined && hasNames(leaf, names) ? 'accepted' : 'refused';
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function certificate(der: Uint8Array): string {
  return toPem('CERTIFICATE', der);
}
