import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEnvelope, parseServiceName, type UnixSeconds, unixSeconds } from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NewSigner } from './certify.ts';
import { newServiceAnchor, newServiceSigner } from './forms.ts';
import { seriesOf, writeSigners } from './issue.ts';
import { openResponder, RESPONDER_WARNING_SECONDS } from './responder.ts';

const service = parseServiceName('bootstrap.example');
const start = unixSeconds(1_800_000_000);
const days = (count: number) => unixSeconds(start + count * 86_400);
const anchor = newServiceAnchor(service, start);

let directory = '';
let clock = 0;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'windlass-responder-'));
  clock = 0;
});
afterEach(() => rmSync(directory, { recursive: true }));

const open = (name = service) =>
  openResponder({ directory, service: name, serviceAnchors: [anchor.certificate], monotonic: () => clock });
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
