import { digestOf, parseNetworkId, parseOrganizationId, unixSeconds } from '@windlass/protocol';
import { expect, test } from 'vitest';
import type { ProfileRow } from './management-ports.ts';
import { cacheProfiles } from './profile-cache.ts';

const acme = parseOrganizationId('acme');
const other = parseOrganizationId('other');

function row(organization: typeof acme, network: string, sequence: number, payload = 'x'): ProfileRow {
  const key = { organization, network: parseNetworkId(network) };
  const numbers = { epoch: 1, sequence, issued: unixSeconds(1), expires: unixSeconds(2), digest: digestOf(payload) };
  const empty = { inspectionCas: [], endpoints: [], services: {}, retired: [], changes: [], reason: null };
  return { ...key, ...numbers, ...empty, envelope: { payload, signature: '' } };
}

function tableOf(rows: ProfileRow[]) {
  const reads: string[] = [];
  return {
    reads,
    currentSequences: async (organization: typeof acme) => {
      const own = rows.filter((one) => one.organization === organization);
      return own.filter((one) => !own.some((two) => two.network === one.network && two.sequence > one.sequence));
    },
    at: async ({ organization, network }: Pick<ProfileRow, 'organization' | 'network'>, sequence: number) => {
      reads.push(`${organization}/${network}/${sequence}`);
      const isIt = (one: ProfileRow) => one.organization === organization && one.network === network;
      return rows.find((one) => isIt(one) && one.sequence === sequence) ?? null;
    },
  };
}

test('a publication is read once, and the next one as soon as it is there', async () => {
  const rows = [row(acme, 'a', 1), row(acme, 'b', 1), row(other, 'a', 1)];
  const table = tableOf(rows);
  const profilesOf = cacheProfiles(table);
  const first = await profilesOf(acme);
  expect((await profilesOf(acme))[0]).toBe(first[0]);
  expect(table.reads).toEqual(['acme/a/1', 'acme/b/1']);
  rows.push(row(acme, 'b', 2));
  expect((await profilesOf(acme)).map(({ network, sequence }) => [network, sequence])).toEqual([
    ['a', 1],
    ['b', 2],
  ]);
  expect((await profilesOf(other)).map(({ organization }) => organization)).toEqual(['other']);
  expect(table.reads).toEqual(['acme/a/1', 'acme/b/1', 'acme/b/2', 'other/a/1']);
});

test('what is kept is bounded', async () => {
  const table = tableOf([row(acme, 'a', 1, 'x'.repeat(60)), row(acme, 'b', 1, 'x'.repeat(60))]);
  const profilesOf = cacheProfiles(table, 100);
  await profilesOf(acme);
  expect(await profilesOf(acme)).toHaveLength(2);
  expect(table.reads.length).toBeGreaterThan(2);
});
