// Endpoints that cannot be inspected: they demand a client certificate, or their clients pin keys.
import type { TlsOptions } from 'node:tls';
import { type Digest, digestOf } from '@windlass/protocol';
import { parseCertificate } from '@windlass/x509';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { endpointText } from '../command-line/sentences.ts';
import { type Holder, makeLeaf } from '../transport/testing/pki.ts';
import { answer, type Peer, SILENT, startPlainPeer, startTlsPeer } from '../transport/testing/servers.ts';
import { trusting } from '../transport/testing/trust.ts';
import { createProber, fine, html, type Prober } from './testing/probing.ts';

let root: Prober['root'];
let box: Prober['box'];
let leaf: Prober['leaf'];
let boxLeaf: Prober['boxLeaf'];
let direct: Prober['direct'];
let inspected: Prober['inspected'];
let probe: Prober['probe'];
let verdict: Prober['verdict'];
let close: Prober['close'];
beforeAll(async () => {
  ({ root, box, leaf, boxLeaf, direct, inspected, probe, verdict, close } = await createProber());
});

afterEach(() => close());

describe('an endpoint that demands a client certificate', () => {
  const connack = Buffer.from([0x20, 0x02, 0x00, 0x00]);
  const demanding = (holder: Holder, options: TlsOptions = {}): Promise<Peer> =>
    startTlsPeer(holder, SILENT, { requestCert: true, rejectUnauthorized: true, ca: [root.pem], ...options });

  test.each(['https', 'mqtts', 'wss', 'amqps', 'tls'] as const)(
    '[M6] %s, by TLS 1.2 and 1.3: direct; inspected: needs bypass, and nothing is sent',
    async (protocol) => {
      const endpoint = { protocol, clientCertificate: true };
      for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
        const { result } = await probe(demanding(leaf, { maxVersion }), { endpoint });
        expect(result).toMatchObject({ verdict: 'direct', stage: 'done' });
        expect(endpointText(result)).toBe('TLS is valid, a client certificate is demanded, nobody inspects');
      }
      const { result, peer } = await probe(inspected(SILENT), { endpoint });
      expect(result).toMatchObject({ verdict: 'needs-bypass', stage: 'tls', reason: 'client-certificate' });
      expect(endpointText(result)).toContain('signed by "CN=Box CA, O=Plant A", and it wants a client certificate');
      expect(await verdict(demanding(boxLeaf, { maxVersion: 'TLSv1.2' }), { endpoint })).toBe('needs-bypass false tls');
      expect(await verdict(inspected(SILENT), { endpoint, trust: trusting([root]) })).toBe('needs-bypass false tls');
      expect(peer.received.join('')).toBe('');
    },
  );

  test('cut before there is a certificate: needs bypass where a box is known, blocked where not', async () => {
    const endpoint = { protocol: 'tls', clientCertificate: true } as const;
    const cut = (): Promise<Peer> => startPlainPeer((socket) => socket.destroy());
    expect(await verdict(cut(), { endpoint })).toBe('needs-bypass false tls');
    expect(await verdict(cut(), { endpoint, trust: trusting([root]) })).toBe('blocked false tls');
    expect(await verdict(cut(), { endpoint: { protocol: 'tls' } })).toBe('blocked false tls');
  });

  test('[M6] who answers without one does not demand it', async () => {
    const endpoint = { protocol: 'mqtts', clientCertificate: true } as const;
    const { result } = await probe(direct(connack), { endpoint });
    expect(result).toMatchObject({ verdict: 'direct', stage: 'first-byte', reason: 'client-certificate' });
    expect(endpointText(result)).toContain('it demands no client certificate');
    expect(await verdict(direct(fine), { endpoint: { clientCertificate: true } })).toBe('direct false first-byte');
  });

  test('[M6] a demand by HTTP counts', async () => {
    const nginx = answer('400 Bad Request', html, '<html>No required SSL certificate was sent</html>');
    expect(await verdict(direct(nginx), { endpoint: { clientCertificate: true } })).toBe('direct true done');
  });

  test('[L6] a demand by somebody with another name proves nothing, nor does one before there is a certificate', async () => {
    const endpoint = { protocol: 'tls', clientCertificate: true } as const;
    const other = await makeLeaf(['other.example'], { issuer: root });
    expect(await verdict(demanding(other, { maxVersion: 'TLSv1.2' }), { endpoint })).toBe('name-rewritten false tls');
    const handshakeFailure = Buffer.from('15030300020228', 'hex');
    const nobody = startPlainPeer(handshakeFailure, 'connection');
    expect(await verdict(nobody, { endpoint, trust: trusting([root]) })).toBe('blocked false tls');
  });

  test('one that the profile does not know of: direct, by TLS 1.2 too; through a box: needs bypass', async () => {
    const endpoint = { protocol: 'mqtts' } as const;
    const maxVersion = 'TLSv1.2';
    expect(await verdict(demanding(leaf, { maxVersion }), { endpoint })).toBe('direct true done');
    expect(await verdict(demanding(boxLeaf, { maxVersion }), { endpoint })).toBe('needs-bypass false tls');
  });
});

describe('an endpoint with pins', () => {
  const keyOfHolder = ({ der }: Holder): Digest => digestOf(parseCertificate(der).publicKey.der);

  test('[M6] the key of the leaf, or of the anchor above it, is one of them: direct', async () => {
    for (const pinned of [leaf, root]) {
      const pins = [keyOfHolder(boxLeaf), keyOfHolder(pinned)];
      expect(await verdict(direct(fine), { endpoint: { pins } })).toBe('direct true done');
    }
  });

  test('[M6] none of them: needs bypass, whoever signed, and nothing is sent', async () => {
    const pins = [keyOfHolder(leaf), keyOfHolder(root)];
    const { result, peer } = await probe(inspected(fine), { endpoint: { pins } });
    expect(result).toMatchObject({ verdict: 'needs-bypass', stage: 'tls', reason: 'pins' });
    expect(endpointText(result)).toContain(
      'signed by "CN=Box CA, O=Plant A" has none of the keys that its clients pin',
    );
    expect(peer.received.join('')).toBe('');
    expect(await verdict(direct(fine), { endpoint: { pins: [keyOfHolder(box)] } })).toBe('needs-bypass false tls');
    expect(await verdict(inspected(fine), { endpoint: { pins }, trust: trusting([root]) })).toBe(
      'needs-bypass false tls',
    );
  });

  test('[L6] a pinned key lets nothing in: a path that does not hold does not hold', async () => {
    const pins = [keyOfHolder(leaf)];
    expect(await verdict(direct(fine), { endpoint: { pins }, trust: trusting([box]) })).toBe('needs-bypass false tls');
    expect(await verdict(direct(fine), { endpoint: { pins, host: 'other.example' } })).toBe('name-rewritten false tls');
  });
});
