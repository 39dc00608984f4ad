// Upstream's limbo.json in the shape of the compact file, so that one parser reads both.

import { asList, asObject, asText, optional } from './json.ts';

/** A pool of certificates (DER), cases with indexes into it, and the keys of leaves (PEM) by the id of their case. */
export interface CompactLimbo {
  readonly certs: readonly Uint8Array[];
  readonly tests: readonly Readonly<Record<string, unknown>>[];
  readonly keys: Readonly<Record<string, unknown>>;
}

/** @throws Error with a sentence when the file is not as described */
export function compactOf(file: unknown): CompactLimbo {
  const certs: Uint8Array[] = [];
  const keys: Record<string, unknown> = {};
  const indexOf = (pem: unknown): number => certs.push(new Uint8Array(derOf(pem))) - 1;
  const tests = asList(asObject(file)['testcases'], (value) => {
    const test = asObject(value);
    keys[asText(test['id'])] = test['peer_certificate_key'];
    return {
      ...test,
      expected: test['expected_result'],
      kind: test['validation_kind'],
      time: test['validation_time'],
      eku: test['extended_key_usage'],
      peer: optional(test['expected_peer_name'], peerOf),
      peers: asList(test['expected_peer_names'], peerOf),
      roots: asList(test['trusted_certs'], indexOf),
      intermediates: asList(test['untrusted_intermediates'], indexOf),
      leaf: indexOf(test['peer_certificate']),
      crls: asList(test['crls'], (crl) => derOf(crl).toString('base64')),
    };
  });
  return { certs, tests, keys };
}

function peerOf(value: unknown): Readonly<Record<string, unknown>> {
  const peer = asObject(value);
  return { [asText(peer['kind']).toLowerCase()]: peer['value'] };
}

/** The bytes of the first block; what is no PEM becomes no bytes, which no parser takes. */
function derOf(pem: unknown): Buffer {
  return Buffer.from(/-----BEGIN [^-]+-----([^-]*)-----END/.exec(asText(pem))?.[1] ?? '', 'base64');
}
