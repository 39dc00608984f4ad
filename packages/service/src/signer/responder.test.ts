import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { openEnvelope, parseServiceName, type RevocationList, type UnixSeconds, unixSeconds } from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NewSigner } from './certify.ts';
import { newServiceAnchor, newServiceSigner } from './forms.ts';
import { seriesOf, writeSigners } from './issue.ts';
import { openResponder, RESPONDER_WARNING_SECONDS } from './responder.ts';
import { writeRevocationFile } from './revocation-file.ts';
import { nextList } from './revocation-list.ts';
import { openRevocations } from './revocations.ts';

const service = parseServiceName('bootstrap.example');
const start = unixSeconds(1_800_000_000);
const days = (count: number) => unixSeconds(start + count * 86_400);
const anchor = newServiceAnchor(service, start);

let directory = '';
let clock = 0;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'windlass-responder-'));
  clock = 0;
  list = null;
});
afterEach(() => {
  rmSync(directory, { recursive: true });
  rmSync(listFile(), { force: true });
});

const open = (name = service) => {
  const common = { serviceAnchors: [anchor.certificate], monotonic: () => clock };
  const revocations = openRevocations({ ...common, file: listFile() });
  return openResponder({ ...common, directory, service: name, revocations });
};
const listFile = () => join(directory, '..', `${basename(directory)}-revocations.pem`);
let list: RevocationList | null = null;
const revoke = (...signers: readonly NewSigner[]) => {
  const serials = signers.map(({ certificate }) => Buffer.from(certificate.serialNumber).toString('hex'));
  list = nextList(anchor, list, serials, start);
  writeRevocationFile(listFile(), [list.crl.der], 0o640);
};
const write = (signers: readonly NewSigner[], first = 1) => writeSigners(directory, signers, first);
const responderFrom = (from: UnixSeconds) => newServiceSigner('responder', anchor, service, from);
const signerOf = async (responder: ReturnType<typeof open>, now: UnixSeconds) =>
  openEnvelope(await responder.sign('{"type":"trial"}', now), 'responder').signer.notAfter;

test('of the responders that are valid now the one with the latest end signs', async () => {
  const series = [responderFrom(start), responderFrom(days(5)), responderFrom(days(25))];
  write(series);
  const responder = open();
  const ends = series.map(({ certificate }) => certificate.notAfter);
  expect(await signerOf(responder, start)).toBe(ends[0]);
  expect(await signerOf(responder, days(6))).toBe(ends[1]);
  expect(await signerOf(responder, days(26))).toBe(ends[2]);
});

test('a responder that is added is found without a restart, and one that is gone is no longer used', async () => {
  const [first, second] = [responderFrom(start), responderFrom(days(1))];
  write([first]);
  const responder = open();
  expect(await signerOf(responder, days(2))).toBe(first.certificate.notAfter);
  write([second], 2);
  expect(await signerOf(responder, days(2))).toBe(first.certificate.notAfter);
  clock += 5_000;
  expect(await signerOf(responder, days(2))).toBe(second.certificate.notAfter);
  rmSync(join(directory, '002.pem'));
  clock += 5_000;
  expect(await signerOf(responder, days(2))).toBe(first.certificate.notAfter);
});

test('no responder, or none that is valid now: one sentence that says what to do', async () => {
  await expect(open().sign('{}', start)).rejects.toThrow(
    /No responder in .* is valid now: issue more with "windlass signer issue/,
  );
  rmSync(directory, { recursive: true });
  await expect(open().sign('{}', start)).rejects.toMatchObject({ code: 'signer-missing' });
  mkdirSync(directory);
  write([responderFrom(start)]);
  await expect(open().sign('{}', days(40))).rejects.toMatchObject({ code: 'signer-expired' });
  await expect(open().sign('{}', unixSeconds(start - 86_400))).rejects.toMatchObject({ code: 'signer-expired' });
});

test('health warns from ten days before the last responder ends', async () => {
  write(seriesOf('responder', anchor, 2, start));
  const responder = open();
  const { expires, warnings } = await responder.health(start);
  expect(warnings).toEqual([]);
  const last = expires ?? start;
  expect(await responder.health(unixSeconds(last - RESPONDER_WARNING_SECONDS))).toMatchObject({ warnings: [] });
  expect((await responder.health(unixSeconds(last - RESPONDER_WARNING_SECONDS + 1))).warnings).toEqual([
    expect.stringMatching(/^The last responder ends 2027-/),
  ]);
  expect((await responder.health(days(90))).warnings).toEqual([expect.stringMatching(/^No responder is valid now/)]);
});

test('health says when there is none, and where a gap is', async () => {
  expect(await open().health(start)).toMatchObject({
    expires: null,
    warnings: [expect.stringMatching(/^There is no responder/)],
  });
  write([responderFrom(days(60))]);
  expect((await open().health(start)).warnings).toEqual([expect.stringMatching(/^No responder is valid now/)]);
});

test('what is no responder of this service is left out, and health says which file', async () => {
  const other = newServiceAnchor(service, start);
  write([
    responderFrom(start),
    newServiceSigner('claim-authority', anchor, service, start),
    newServiceSigner('responder', other, service, start),
    newServiceSigner('responder', anchor, 'other.example', start),
  ]);
  writeFileSync(join(directory, '005.pem'), 'no certificate');
  copyFileSync(join(directory, '001.pem'), join(directory, '006.pem'));
  copyFileSync(join(directory, '002.key'), join(directory, '006.key'));
  writeFileSync(join(directory, 'notes.txt'), 'not looked at');
  const responder = open();
  expect(await signerOf(responder, start)).toBeGreaterThan(start);
  const { warnings } = await responder.health(start);
  expect(warnings).toEqual([
    expect.stringMatching(/002\.pem is not a responder of bootstrap.example .*\(signer-purpose\)/),
    expect.stringMatching(/003\.pem is not a responder .*\(signer-untrusted\)/),
    expect.stringMatching(/004\.pem is not a responder .*\(signer-name\)/),
    expect.stringMatching(/005\.pem has no certificate that can be read/),
    expect.stringMatching(/The key .*006\.key is not that of the certificate/),
  ]);
  // Health is public: it does not tell where files are.
  expect(warnings.join()).not.toContain(tmpdir());
});

test('[S14] a responder that is revoked signs nothing any more: the next one does, without a restart', async () => {
  const [stolen, next] = [responderFrom(days(2)), responderFrom(days(1))];
  write([stolen, next]);
  const responder = open();
  expect(await signerOf(responder, days(3))).toBe(stolen.certificate.notAfter);
  revoke(stolen);
  clock += 5_000;
  expect(await signerOf(responder, days(3))).toBe(next.certificate.notAfter);
  // What lies there still is no reason to worry, and no store.
  expect(await responder.health(days(3))).toEqual({ expires: next.certificate.notAfter, warnings: [] });
});

test('[S14] every responder is revoked: nothing is signed, and one sentence says what to do', async () => {
  const [first, later] = [responderFrom(start), responderFrom(days(60))];
  write([first, later]);
  const responder = open();
  revoke(first);
  await expect(responder.sign('{}', days(1))).rejects.toMatchObject({
    code: 'signer-revoked',
    message: expect.stringMatching(
      /^The responder in .* that is valid now is revoked: issue more with "windlass signer/,
    ),
  });
  expect(await responder.health(days(1))).toEqual({
    expires: later.certificate.notAfter,
    warnings: [expect.stringMatching(/^The responder that is valid now is revoked: issue more/)],
  });
});

test('[S14] a list that cannot be used stops the responder: nobody knows who is on it; health says so, not where it is', async () => {
  write([responderFrom(start)]);
  const responder = open();
  await responder.sign('{}', days(1));
  for (const [text, code] of [
    ['', 'signer-unreadable'],
    ['-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n', 'revocations'],
  ] as const) {
    writeFileSync(listFile(), text);
    clock += 5_000;
    await expect(responder.sign('{}', days(1))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/: remove it, and install the list that is kept with the anchor's key: "windlass/),
    });
    const { warnings } = await responder.health(days(1));
    expect(warnings).toHaveLength(1);
    expect(warnings.join()).not.toContain(tmpdir());
  }
  rmSync(listFile());
  clock += 5_000;
  expect((await responder.health(days(1))).warnings).toEqual([]);
  await responder.sign('{}', days(1));
});
