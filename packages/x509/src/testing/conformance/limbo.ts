// The chains of x509-limbo and BetterTLS: the compact file (a pool of certificates, cases with indexes into it), or
// upstream's limbo.json, in which every case has its certificates as PEM.

import { existsSync } from 'node:fs';
import type { Host, PathCase, PathSuite } from './case.ts';
import { concernOf, unsupportedFeature } from './concern.ts';
import { asList, asNumber, asObject, asText, optional, readJsonFile } from './json.ts';
import { compactOf } from './limbo-upstream.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What is not here, as anyExtendedKeyUsage, is not asked for. */
const PURPOSES: Readonly<Record<string, string>> = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  OCSPSigning: '1.3.6.1.5.5.7.3.9',
};
const ORDER = ['limbo-core', 'limbo-crl', 'limbo-online', 'bettertls-pathbuilding', 'bettertls-nameconstraints'];
/** Cases about what Windlass does not do. */
export const UNSUPPORTED_SUITE = 'limbo-unsupported';

/** All chains of the folder in suites. @throws Error with a sentence when a file is not as described */
export function loadLimbo(folder: string): PathSuite[] {
  const isCompact = ['', '.gz'].some((end) => existsSync(`${folder}/limbo.public.json${end}`));
  const { certs, tests, keys } = isCompact ? readCompact(folder) : compactOf(readJsonFile(`${folder}/limbo.json`));
  const suites = new Map<string, PathCase[]>();
  for (const test of tests) {
    const one = parseCase(asObject(test), certs, keys);
    const name = suiteOf(one);
    suites.set(name, [...(suites.get(name) ?? []), one]);
  }
  const rank = (name: string): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  const names = [...suites.keys()].sort((a, b) => rank(a) - rank(b));
  return names.map((name) => ({ kind: 'paths', name, cases: suites.get(name) ?? [] }));
}

function readCompact(folder: string) {
  const { certs, tests } = asObject(readJsonFile(`${folder}/limbo.public.json`));
  const hasKeys = ['', '.gz'].some((end) => existsSync(`${folder}/limbo.public.leafkeys.json${end}`));
  const keys = hasKeys ? asObject(readJsonFile(`${folder}/limbo.public.leafkeys.json`)) : {};
  return { certs: asList(certs, fromBase64), tests: asList(tests, asObject), keys };
}

function suiteOf({ id, unsupported }: PathCase): string {
  if (id.startsWith('bettertls::')) return id.split('::').slice(0, 2).join('-');
  if (unsupported !== undefined) return UNSUPPORTED_SUITE;
  if (/(^|::)crl::/.test(id)) return 'limbo-crl';
  return /(^|::)online::/.test(id) ? 'limbo-online' : 'limbo-core';
}

function parseCase(test: Fields, certs: readonly Uint8Array[], keys: Fields): PathCase {
  const id = asText(test['id']);
  const features = asList(test['features'], asText);
  const isSoft = test['soft'] === true;
  const isContested = isSoft || asList(test['conflicts_with'], asText).length > 0;
  const peers = [test['peer'], ...asList(test['peers'], asObject)].map((peer) => optional(peer, asObject) ?? {});
  const certificate = (index: unknown): Uint8Array => certs[asNumber(index)] ?? missing(id);
  return {
    id,
    wanted: asText(test['expected']) === 'SUCCESS' ? 'accepted' : 'refused',
    concern: concernOf(id, { features, isContested }),
    isSoft,
    time: optional(test['time'], parseTime),
    end: test['kind'] === 'CLIENT' ? 'client' : 'server',
    hosts: peers.flatMap(hostsOf),
    emails: peers.flatMap(({ rfc822 }) => optional(rfc822, asText) ?? []),
    purpose: PURPOSES[asList(test['eku'], asText)[0] ?? ''],
    maxIntermediates: optional(test['max_chain_depth'], asNumber),
    roots: asList(test['roots'], certificate),
    intermediates: asList(test['intermediates'], certificate),
    leaf: certificate(test['leaf']),
    crls: asList(test['crls'], fromBase64),
    leafKey: optional(keys[id], asText),
    unsupported: unsupportedFeature(id, features),
  };
}

function hostsOf({ dns, ip }: Fields): Host[] {
  if (dns !== undefined) return [{ kind: 'dns', value: asText(dns) }];
  return ip === undefined ? [] : [{ kind: 'ip', value: asText(ip) }];
}

function parseTime(value: unknown): number {
  return Date.parse(asText(value)) / 1000;
}

function fromBase64(value: unknown): Uint8Array {
  return new Uint8Array(Buffer.from(asText(value), 'base64'));
}

function missing(id: string): never {
  throw new Error(`The conformance data is not as described: ${id} names a certificate that is not there.`);
}
