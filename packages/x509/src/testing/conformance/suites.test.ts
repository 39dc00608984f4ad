// That both forms of the data are read alike, and that what is not as described is refused with a sentence.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { toPem } from '../../index.ts';
import { makeCa, makeLeaf, NOW } from '../test-certificates.ts';
import { findData } from './data.ts';
import { countOf, securityRelevant } from './score.ts';
import { loadSuites } from './suites.ts';
import { runWindlass } from './windlass.ts';

const root = makeCa('root');
const leaf = makeLeaf(root);
const TIME = new Date(NOW * 1000).toISOString();
const CERTS = [root, leaf].map(({ certificate }) => Buffer.from(certificate.der).toString('base64'));
const NAMED = { id: 'webpki::san::good', expected: 'SUCCESS', time: TIME, peer: { dns: 'device.example.com' } };
const COMPACT = { ...NAMED, features: [], roots: [0], intermediates: [], leaf: 1 };
const UPSTREAM = {
  id: NAMED.id,
  features: null,
  conflicts_with: [],
  validation_kind: 'SERVER',
  expected_result: 'SUCCESS',
  validation_time: TIME,
  expected_peer_name: { kind: 'DNS', value: 'device.example.com' },
  expected_peer_names: null,
  trusted_certs: [toPem('CERTIFICATE', root.certificate.der)],
  untrusted_intermediates: [],
  peer_certificate: toPem('CERTIFICATE', leaf.certificate.der),
  peer_certificate_key: 'a key',
  extended_key_usage: ['serverAuth'],
  max_chain_depth: null,
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'windlass-suites-'));
  mkdirSync(`${folder}/wycheproof`);
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(file: string, value: unknown): void {
  writeFileSync(`${folder}/${file}`, JSON.stringify(value));
}

test('a folder without the data: a sentence that says how to get it', () => {
  expect(findData(folder)).toMatchObject({ kind: 'missing', sentence: expect.stringContaining('WINDLASS_X509_DATA') });
});

test('the compact file: a wrong acceptance is counted and classified', () => {
  write('limbo.public.json', {
    certs: CERTS,
    tests: [COMPACT, { ...COMPACT, id: 'pathlen::bad', expected: 'FAILURE' }],
  });
  expect(findData(folder)).toEqual({ kind: 'here', folder });
  const [score] = runWindlass(loadSuites(folder));
  expect(score).toMatchObject({ suite: 'limbo-core', run: 2, ok: 1 });
  expect(score && securityRelevant(score)).toMatchObject([{ id: 'pathlen::bad', concern: 'path length' }]);
});

test("upstream's limbo.json is read the same way", () => {
  write('limbo.json', {
    version: 1,
    testcases: [UPSTREAM, { ...UPSTREAM, id: 'webpki::bad', trusted_certs: ['no PEM'] }],
  });
  const suites = loadSuites(folder);
  expect(suites[0]?.cases[0]).toMatchObject({
    time: NOW,
    end: 'server',
    leafKey: 'a key',
    hosts: [NAMED.peer].map(({ dns: value }) => ({ kind: 'dns', value })),
  });
  const [score] = runWindlass(suites);
  expect(score?.deviations).toMatchObject([{ id: 'webpki::bad', kind: 'false reject' }]);
  expect(score && countOf(score, 'false reject')).toBe(1);
});

test('a pattern picks cases and suites', () => {
  write('limbo.public.json', { certs: CERTS, tests: [COMPACT, { ...COMPACT, id: 'crl::other' }] });
  expect(loadSuites(folder, /san::/).map(({ name }) => name)).toEqual(['limbo-core']);
  expect(loadSuites(folder, /limbo-crl/).map(({ name }) => name)).toEqual(['limbo-crl']);
  expect(loadSuites(folder, /nothing/)).toEqual([]);
});

test('data of another shape is refused with a sentence', () => {
  write('limbo.public.json', { certs: CERTS, tests: [{ ...COMPACT, leaf: 7 }] });
  expect(() => loadSuites(folder)).toThrow('names a certificate that is not there');
  write('limbo.public.json', { certs: CERTS, tests: [{ ...COMPACT, roots: 'all' }] });
  expect(() => loadSuites(folder)).toThrow('a list was expected');
});
