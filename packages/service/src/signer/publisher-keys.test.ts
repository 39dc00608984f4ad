// Publishers that the service keeps: which keys sign for which anchor, and when a certificate is made anew.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OrganizationId, unixSeconds } from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keyDigestOf, parseDer } from '../certificates.ts';
import { SERVICE } from '../testing/management-fixture.ts';
import type { HostedPublisher, Signer } from './ports.ts';
import { openPublishers } from './publisher-keys.ts';

const acme = 'acme' as OrganizationId;
const start = unixSeconds(1_800_000_000);
const years = (count: number) => unixSeconds(start + count * 365 * 86_400);

let keys: string;
beforeEach(() => {
  keys = mkdtempSync(join(tmpdir(), 'windlass-publishers-'));
});
afterEach(() => rmSync(keys, { recursive: true }));

const publishers = () => openPublishers(keys, SERVICE);
const anchorOf = ({ anchor }: HostedPublisher, organization = acme) => {
  return { organization, keyDigest: keyDigestOf(parseDer(anchor)) };
};
const keyOf = ({ chain: [leaf] }: Signer) => leaf && keyDigestOf(leaf);
const endOf = ({ chain: [leaf] }: Signer) => leaf?.notAfter;

test('each anchor has a publisher of its own, and who is set aside signs nothing', async () => {
  const { createPublisher, addPublisher, publisher, hasPublisher } = publishers();
  const left = await createPublisher(acme, start);
  const first = await createPublisher(acme, start);
  const second = await addPublisher(acme, start);
  const [one, two] = [await publisher(anchorOf(first), start), await publisher(anchorOf(second), start)];
  expect(keyOf(one)).not.toBe(keyOf(two));
  expect([endOf(one), endOf(two)]).toEqual([first.expires, second.expires]);
  expect([left, first, second].map((hosted) => hasPublisher(anchorOf(hosted)))).toEqual([false, true, true]);
  const missing = {
    code: 'signer-missing',
    message: expect.stringMatching(
      /^The publisher of .* is missing on this instance: put .* back, or mount the same keys\/publishers on all instances/,
    ),
  };
  await expect(publisher(anchorOf(left), start)).rejects.toMatchObject(missing);
  await expect(publisher(anchorOf(first, 'acm' as OrganizationId), start)).rejects.toMatchObject(missing);
  expect(readdirSync(join(keys, 'publishers')).filter((name) => name.endsWith('.new'))).toEqual([]);
});

test('a publisher that ends within 400 days has a new certificate for its key, until its anchor ends', async () => {
  const { createPublisher, publisher } = publishers();
  const hosted = await createPublisher(acme, start);
  const before = await publisher(anchorOf(hosted), start);
  const lastly = unixSeconds(hosted.expires - 400 * 86_400);
  expect(endOf(await publisher(anchorOf(hosted), lastly))).toBe(hosted.expires);
  const renewed = await publisher(anchorOf(hosted), unixSeconds(lastly + 1));
  expect(endOf(renewed)).toBe(lastly + 1 + 3 * 365 * 86_400);
  expect(keyOf(renewed)).toBe(keyOf(before));
  expect(endOf(await publisher(anchorOf(hosted), years(19)))).toBe(parseDer(hosted.anchor).notAfter);
  await expect(publisher(anchorOf(hosted), years(20))).rejects.toMatchObject({
    code: 'signer-expired',
    message: 'The publisher anchor of acme has ended: add another with "windlass publisher add".',
  });
});
