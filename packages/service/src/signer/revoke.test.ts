// Revocation lists from the anchor's key to the service's directory: made, read by openssl, installed, and what is refused on the way.
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unixSeconds } from '@windlass/protocol';
import { parsePem } from '@windlass/x509';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { initialize } from '../initialize.ts';
import { openssl, opensslCertificate, SERVICE } from '../testing/management-fixture.ts';
import { readCertificateFile } from './file.ts';
import { installSigners } from './install.ts';
import { currentTime, issueSigners } from './issue.ts';
import { openManagementKeys } from './key-directory.ts';
import { openRevocations } from './revocations.ts';
import { type RevokeOptions, revokeSigners } from './revoke.ts';

let root: string;
let dir: string;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'windlass-revoke-'));
  dir = join(root, 'service');
  await initialize({ dir, service: SERVICE });
});
afterEach(() => rmSync(root, { recursive: true }));

const anchorKey = () => join(dir, 'offline', 'service-anchor.key');
const list = () => join(dir, 'offline', 'revocations.pem');
const installed = () => join(dir, 'revocations.pem');
const responder = (name: string) => join(dir, 'keys', 'responders', `${name}.pem`);
const revoke = (...certificates: readonly string[]) => revokeSigners({ anchorKey: anchorKey(), certificates });
const revokeWith = (options: Omit<RevokeOptions, 'anchorKey'>) => revokeSigners({ anchorKey: anchorKey(), ...options });
const install = (from = list()) => installSigners({ from, dir });
const issue = (role: 'responder' | 'claim-authority', name: string) =>
  issueSigners({ anchorKey: anchorKey(), role, out: join(root, name) });
const serialOf = (file: string) =>
  openssl(['x509', '-in', file, '-noout', '-serial']).toString().trim().replace('serial=', '');

test('a list is made, grows, and is read by openssl: number, serial numbers, and who made it', () => {
  const [first, second] = [serialOf(responder('001')), serialOf(responder('002'))];
  expect(revoke(responder('001'))).toEqual({ list: list(), number: 1, entries: 1, added: [first], before: [] });
  expect(revoke(responder('001'), responder('002'))).toMatchObject({ number: 2, added: [second], before: [first] });
  const verify = ['-CAfile', join(dir, 'service-anchor.pem'), '-noout'];
  openssl(['crl', '-in', list(), ...verify, '-verify']);
  const text = openssl(['crl', '-in', list(), '-noout', '-text']).toString();
  expect(text).toMatch(/X509v3 CRL Number:\s+2\s/);
  expect([...text.matchAll(/Serial Number: (\w+)/g)].map(([, serial]) => serial)).toEqual([first, second]);
  const trust = ['-CAfile', join(dir, 'service-anchor.pem'), '-purpose', 'any', '-crl_check', '-CRLfile', list()];
  expect(() => openssl(['verify', ...trust, responder('001')])).toThrow(/certificate revoked/);
  expect(openssl(['verify', ...trust, join(dir, 'keys', 'claim-authority', '001.pem')]).toString()).toMatch(/: OK$/m);
  expect(statSync(list()).mode & 0o777).toBe(0o644);
});

test('what is on the list already changes nothing, not a byte', () => {
  revoke(responder('001'));
  const before = readFileSync(list());
  const serial = serialOf(responder('001'));
  expect(revoke(responder('001'))).toMatchObject({ number: 1, entries: 1, added: [], before: [serial] });
  expect(readFileSync(list())).toEqual(before);
  expect(readdirSync(join(dir, 'offline')).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('a serial number is taken as openssl prints it, with colons, or in lower case, and is that of the certificate', () => {
  for (let certificate = 1; certificate <= 12; certificate++) {
    const name = String(certificate).padStart(3, '0');
    const file = [responder(name), join(dir, 'keys', 'responders-later', `${name}.pem`)].find((path) => {
      return statSync(path, { throwIfNoEntry: false }) !== undefined;
    });
    const serial = serialOf(file ?? '');
    const forms = [serial, serial.toLowerCase().replace(/(..)(?=.)/g, '$1:'), `00${serial}`];
    expect(revokeWith({ serials: forms }).added).toEqual([serial]);
    expect(revokeWith({ certificates: [file ?? ''] })).toMatchObject({ added: [], before: [serial] });
  }
  for (const wrong of ['', '0', 'xyz', '-1', 'ab'.repeat(21)]) {
    expect(() => revokeWith({ serials: [wrong] })).toThrow(/is not a serial number: give it in hexadecimal/);
  }
  expect(() => revokeWith({})).toThrow(/Name a certificate or a serial number/);
});

test("what is not this anchor's is refused, and the list stays as it is: another's certificate, list, key; no list at all", async () => {
  const elsewhere = join(root, 'elsewhere');
  await initialize({ dir: elsewhere, service: SERVICE });
  const foreign = join(elsewhere, 'keys', 'responders', '001.pem');
  revoke(responder('001'));
  const before = readFileSync(list());
  expect(() => revoke(foreign)).toThrow(/001.pem was not issued by this anchor: revoke it with the key of the anchor/);
  expect(() => revoke(join(dir, 'service-anchor.pem'))).toThrow(/was not issued by this anchor/);
  expect(() => revokeWith({ certificates: [responder('002')], anchor: join(elsewhere, 'service-anchor.pem') })).toThrow(
    /is not the certificate of the key/,
  );
  expect(readFileSync(list())).toEqual(before);
  const wrong = join(root, 'wrong.pem');
  const revokeOn = () => revokeWith({ certificates: [responder('002')], list: wrong });
  copyFileSync(responder('001'), wrong);
  expect(revokeOn).toThrow(expect.objectContaining({ code: 'signer-unreadable' }));
  writeFileSync(wrong, '');
  expect(revokeOn).toThrow(
    /wrong.pem is not a file of revocation lists in PEM: name the anchor's own list with --list/,
  );
  rmSync(wrong);
  revokeSigners({ anchorKey: join(elsewhere, 'offline', 'service-anchor.key'), certificates: [foreign], list: wrong });
  expect(revokeOn).toThrow(/wrong.pem has 0 revocation lists by this anchor/);
  expect(() => revokeWith({ certificates: [responder('002')], list: join(root, 'no', 'list.pem') })).toThrow(
    /list.pem cannot be written: name a file in a directory that can be/,
  );
});

test('an anchor that may not sign lists: devices would not take one, and none is written', () => {
  const usage = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign'];
  const rsa = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'];
  const [keyFile, file, made] = [join(root, 'a.key'), join(root, 'a.pem'), join(root, 'revocations.pem')];
  const attempt = ({ pem, keyPem }: { pem: string; keyPem: string }) => {
    writeFileSync(keyFile, keyPem, { mode: 0o600 });
    writeFileSync(file, pem);
    return () => revokeSigners({ anchorKey: keyFile, anchor: file, serials: ['01'] });
  };
  expect(attempt(opensslCertificate({ extensions: usage }))).toThrow(/key usage must have cRLSign/);
  expect(attempt(opensslCertificate({ key: rsa }))).toThrow(/key is none that makes revocation lists here/);
  expect(statSync(made, { throwIfNoEntry: false })).toBeUndefined();
  const p384 = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'];
  expect(attempt(opensslCertificate({ key: p384 }))()).toMatchObject({ list: made, number: 1, entries: 1 });
  expect(openssl(['crl', '-in', made, '-noout', '-text']).toString()).toContain('ecdsa-with-SHA384');
});

test('a list is installed for both sides to read; the next one takes its place; the same one again changes nothing', () => {
  const service = readCertificateFile(join(dir, 'service-anchor.pem'));
  const revocations = openRevocations({ file: installed(), serviceAnchors: service });
  expect(revocations.lists()).toEqual([]);
  issue('responder', 'new');
  install(join(root, 'new'));
  revoke(responder('001'));
  const first = install();
  expect(first).toMatchObject({ signers: [], revocations: [{ number: 1, entries: 1 }], warnings: [] });
  expect(statSync(installed()).mode & 0o777).toBe(0o640);
  expect(install()).toEqual(first);
  revoke(responder('002'));
  expect(install().revocations).toMatchObject([{ number: 2, entries: 2 }]);
  expect(parsePem(readFileSync(installed(), 'utf8'))).toHaveLength(1);
  const now = openRevocations({ file: installed(), serviceAnchors: service });
  expect(['001', '002', '013'].map((name) => now.names(readCertificateFile(responder(name))))).toEqual([
    true,
    true,
    false,
  ]);
});

test('[R2] a list that is older, another one with the same number, or one that leaves somebody out is not installed', () => {
  issue('responder', 'new');
  install(join(root, 'new'));
  const [alone, other] = [join(root, 'alone.pem'), join(root, 'other.pem')];
  revoke(responder('001'));
  revoke(responder('002'));
  install();
  const before = readFileSync(installed());
  const remedy = `copy ${installed()} to where the anchor's key is, revoke there again with --list, and install that file`;
  const revokeOn = (file: string, ...serials: readonly string[]) => revokeWith({ serials, list: file });
  const refused = (what: string) =>
    expect.objectContaining({ code: 'revocations-rollback', message: expect.stringContaining(what) });
  revokeOn(alone, 'a1');
  expect(() => install(alone)).toThrow(refused(`has list number 1, and number 2 is installed: ${remedy}`));
  revokeOn(alone, 'a2');
  expect(() => install(alone)).toThrow(refused(`has another list with the number 2 of the installed one: ${remedy}`));
  revokeOn(alone, 'a3');
  expect(() => install(alone)).toThrow(refused(`leaves out a certificate that the installed list has: ${remedy}`));
  expect(readFileSync(installed())).toEqual(before);
  copyFileSync(installed(), other);
  revokeOn(other, 'a1', 'a2', 'a3');
  expect(install(other).revocations).toMatchObject([{ number: 3, entries: 5 }]);
});

test("what is no list of this service's anchors, or is too long, is not installed", async () => {
  const elsewhere = join(root, 'elsewhere');
  await initialize({ dir: elsewhere, service: SERVICE });
  const foreign = join(root, 'foreign.pem');
  revokeSigners({ anchorKey: join(elsewhere, 'offline', 'service-anchor.key'), serials: ['01'], list: foreign });
  expect(() => install(foreign)).toThrow(
    /foreign.pem has what is not a revocation list that a service anchor made: name the file that "windlass signer revoke" wrote/,
  );
  expect(() => install(responder('001'))).toThrow(/is not a file of revocation lists in PEM/);
  revoke(responder('001'));
  const twice = join(root, 'twice.pem');
  writeFileSync(twice, readFileSync(list(), 'utf8').repeat(2));
  expect(() => install(twice)).toThrow(/has two revocation lists of one anchor/);
  const many = Array.from({ length: 500 }, (_, index) => `${index + 256}`.padEnd(32, 'a'));
  expect(() => revokeWith({ serials: many })).toThrow(/too long for an answer to a device/);
  expect(revokeWith({ serials: many.slice(0, 400) })).toMatchObject({ number: 2, entries: 401 });
});

test('with two anchors each has its list, in one file; a copy of it can be revoked on for either', async () => {
  const second = join(root, 'second');
  await initialize({ dir: second, service: SERVICE });
  writeFileSync(
    join(dir, 'service-anchor.pem'),
    [dir, second].map((each) => readFileSync(join(each, 'service-anchor.pem'), 'utf8')).join(''),
  );
  const anchor = join(dir, 'offline', 'service-anchor.pem');
  const [own, others] = [join(root, 'own.pem'), join(root, 'others.pem')];
  const secondKey = join(second, 'offline', 'service-anchor.key');
  revokeSigners({ anchorKey: secondKey, serials: ['02'], list: others });
  expect(install(others).revocations).toMatchObject([{ number: 1 }]);
  revokeWith({ anchor, serials: ['01'], list: own });
  expect(install(own).revocations).toMatchObject([{ number: 1 }]);
  expect(parsePem(readFileSync(installed(), 'utf8'))).toHaveLength(2);
  const copy = join(root, 'copy.pem');
  copyFileSync(installed(), copy);
  revokeSigners({ anchorKey: secondKey, serials: ['03'], list: copy });
  expect(
    install(copy)
      .revocations.map(({ number }) => number)
      .sort(),
  ).toEqual([1, 2]);
});

test('[S14] a signer on the list is not installed, and who installs a list that leaves nobody to sign is told so', () => {
  const [made] = issue('responder', 'stolen').signers;
  revoke(made?.file ?? '', join(dir, 'keys', 'claim-authority', '001.pem'), responder('001'));
  expect(install().warnings).toEqual([
    expect.stringMatching(
      /^Every responder that is valid now is revoked, and nothing is signed: make one with "windlass/,
    ),
    expect.stringMatching(/^Every claim-authority that is valid now is revoked, and nothing is signed: make one/),
  ]);
  expect(() => install(join(root, 'stolen'))).toThrow(
    expect.objectContaining({
      code: 'signer-revoked',
      message: expect.stringMatching(/001.pem is on the revocation list: issue a new one/),
    }),
  );
  issue('responder', 'new');
  expect(install(join(root, 'new')).warnings).toEqual([expect.stringMatching(/^Every claim-authority/)]);
  issue('claim-authority', 'authority');
  expect(install(join(root, 'authority')).warnings).toEqual([]);
});

test('[S14] a claim authority that is revoked signs nothing and is no store; another one does', async () => {
  const service = readCertificateFile(join(dir, 'service-anchor.pem'));
  const keys = () =>
    openManagementKeys({
      directory: join(dir, 'keys'),
      service: SERVICE,
      revocations: openRevocations({ file: installed(), serviceAnchors: service }),
    });
  const now = currentTime();
  const first = await keys().claimAuthority(now);
  revoke(join(dir, 'keys', 'claim-authority', '001.pem'));
  install();
  await expect(keys().claimAuthority(now)).rejects.toMatchObject({
    code: 'signer-revoked',
    message: expect.stringMatching(/^Every claim-authority that is valid now is revoked: make one with "windlass/),
  });
  expect(await keys().state('claim-authority', now)).toEqual({
    lastEnd: null,
    warnings: [expect.stringMatching(/^Every claim-authority that is valid now is revoked/)],
  });
  issueSigners({ anchorKey: anchorKey(), role: 'claim-authority', out: join(root, 'a'), from: unixSeconds(now - 60) });
  install(join(root, 'a'));
  expect((await keys().claimAuthority(now)).chain).not.toEqual(first.chain);
  expect(await keys().state('claim-authority', now)).toMatchObject({ warnings: [] });
});
