import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseServiceName, unixSeconds } from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newServiceAnchor } from './forms.ts';
import { handOver } from './hand-over.ts';
import { seriesOf, writeSigners } from './issue.ts';
import { openManagementKeys } from './key-directory.ts';
import { openRevocations } from './revocations.ts';

const start = unixSeconds(1_800_000_000);
const days = (count: number) => unixSeconds(start + count * 86_400);
const service = parseServiceName('bootstrap.example');
const anchor = newServiceAnchor(service, start);
const revocations = openRevocations({ file: 'no such file', serviceAnchors: [anchor.certificate] });
const series = seriesOf('responder', anchor, 12, start);

let keys: string;
let here: string;
let later: string;
beforeEach(() => {
  keys = mkdtempSync(join(tmpdir(), 'windlass-hand-over-'));
  [here, later] = [join(keys, 'responders'), join(keys, 'responders-later')];
  writeSigners(later, series, 1);
});
afterEach(() => rmSync(keys, { recursive: true }));

const numbers = (directory: string) =>
  [...new Set(readdirSync(directory).map((name) => name.replace(/\.(key|pem)$/, '')))].sort();

test('day by day the device side has the one that is valid and the next, and never keys for more than 60 days', () => {
  for (let day = 0; day < 340; day++) {
    const now = days(day);
    handOver(keys, now);
    const there = series.filter((_, index) => numbers(here).includes(String(index + 1).padStart(3, '0')));
    const [starts, ends] = [
      there.map(({ certificate }) => certificate.notBefore),
      there.map(({ certificate }) => certificate.notAfter),
    ];
    expect(Math.min(...starts)).toBeLessThanOrEqual(now);
    expect(Math.min(...ends)).toBeGreaterThanOrEqual(now);
    expect(Math.max(...ends)).toBeLessThanOrEqual(days(day + 60));
    if (day < 320) expect(there.length).toBeGreaterThanOrEqual(2);
    expect(there.length).toBeLessThanOrEqual(3);
    expect([...numbers(here), ...numbers(later)].sort()).toEqual(
      [...new Set([...numbers(here), ...numbers(later)])].sort(),
    );
  }
});

test('who empties the directory of the device side is not given more', () => {
  handOver(keys, start);
  expect(numbers(here)).toEqual(['001', '002']);
  rmSync(here, { recursive: true });
  handOver(keys, start);
  expect(numbers(later)[0]).toBe('003');
});

test('keys stay 0600; as root, they belong to the owner of the directory, whose mode stays', () => {
  const root = process.getuid?.() === 0;
  mkdirSync(here);
  chmodSync(here, 0o750);
  if (root) chownSync(here, 1234, 1235);
  handOver(keys, start);
  const { uid, gid } = statSync(here);
  expect(statSync(here).mode & 0o777).toBe(0o750);
  for (const [name, mode] of [
    ['001.key', 0o600],
    ['001.pem', 0o640],
  ] as const) {
    const file = statSync(join(here, name));
    expect([file.mode & 0o777, file.uid, file.gid]).toEqual([mode, uid, gid]);
  }
  if (root) expect([uid, gid]).toEqual([1234, 1235]);
});

test("in another user's directory nothing is written, which that user could not read; one sentence says what to do", () => {
  mkdirSync(here);
  const another = statSync(here).uid + 4321;
  expect(() => handOver(keys, start, another)).toThrow(
    /belongs to another user: run "windlass signer install --dir DIRECTORY" as root each day/,
  );
  expect([numbers(here), numbers(later)[0]]).toEqual([[], '001']);
});

test('another responder under the same name is not overwritten; one that is there already is not doubled', () => {
  writeSigners(
    here,
    [series[1] ?? series[0]].filter((signer) => signer !== undefined),
    1,
  );
  handOver(keys, start);
  expect(numbers(here)).toEqual(['001', '002']);
  expect(numbers(later)[0]).toBe('003');
});

test('what ended is removed, but a clock that ran away costs no key', () => {
  handOver(keys, start);
  handOver(keys, days(100_000 / 86_400 + 5_000));
  expect(numbers(here)).toEqual(['001', '002']);
  expect(numbers(later)).toHaveLength(10);
  handOver(keys, days(40));
  expect(numbers(here)).toEqual(['002', '003']);
});

test('files that cannot be read do not keep the others from being handed over', () => {
  mkdirSync(here);
  writeFileSync(join(here, '001.pem'), 'no certificate');
  handOver(keys, start);
  expect(numbers(here)).toEqual(['001', '002', '003']);
});

test('a directory that cannot be written: one sentence, and health of the management side says what is late', async () => {
  writeFileSync(here, '');
  expect(() => handOver(keys, start)).toThrow(/cannot be moved to .*: check its owner and permissions/);
  const { lastEnd, warnings } = await openManagementKeys({ directory: keys, service, revocations }).state(
    'responder',
    start,
  );
  expect(lastEnd).toBe(series.at(-1)?.certificate.notAfter);
  expect(warnings).toEqual([
    expect.stringMatching(/^keys\/responders cannot be read/),
    expect.stringMatching(/^A responder that is due is not with the device side: run "windlass signer install/),
  ]);
});
