import { formatTime } from '@windlass/protocol';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { appendAudit, canonicalJson, exportAudit, listAudit, verifyAudit, verifyAuditPiece } from './audit.ts';
import { addOrganization } from './organizations.ts';
import { admin, type Fixture, openFixture } from './testing/management-fixture.ts';

const NOTHING = { before: null, after: null };
let fixture: Fixture;

beforeEach(async () => {
  fixture = await openFixture();
});

afterEach(async () => {
  await fixture.close();
});

async function append(count: number): Promise<void> {
  const { store, now } = fixture.management;
  for (let index = 0; index < count; index++) {
    const event = { time: now(), actor: admin, act: 'x.y', outcome: 'done', organization: null } as const;
    await store.transaction(({ audit }) =>
      appendAudit(audit, { ...event, object: `thing ${index}`, detail: { index }, change: NOTHING }),
    );
  }
}

/** Somebody with the file, who takes the triggers away first. */
function tamper(statement: string): void {
  const file = new Sqlite(fixture.databaseFile);
  file.exec(`DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; ${statement}`);
  file.close();
}

const verify = () => verifyAudit(fixture.management.store.tables.audit);

test('a chain that nobody touched is intact, an empty one too', async () => {
  expect(await verify()).toBe('intact');
  await append(5);
  expect(await verify()).toBe('intact');
});

test.each([
  ['a changed object', "UPDATE audit SET object = 'other' WHERE id = 3", 3],
  ['a changed detail', "UPDATE audit SET detail = '{}' WHERE id = 2", 2],
  ['a changed time', 'UPDATE audit SET time = time + 1 WHERE id = 4', 4],
  ['a changed outcome', "UPDATE audit SET outcome = 'refused' WHERE id = 1", 1],
  ['an entry that is gone', 'DELETE FROM audit WHERE id = 3', 4],
  [
    'an entry that was renumbered over a gap',
    'DELETE FROM audit WHERE id = 3; UPDATE audit SET id = 3 WHERE id = 4',
    3,
  ],
  ['a first entry that is gone', 'DELETE FROM audit WHERE id = 1', 2],
])('%s is found', async (_, statement, brokenAt) => {
  await append(5);
  tamper(statement);
  expect(await verify()).toEqual({ brokenAt });
});

test('a row with text that is no JSON is shown and found, not a failure', async () => {
  await append(2);
  tamper("UPDATE audit SET detail = 'x' WHERE id = 2");
  const page = await listAudit(fixture.management, { organization: null });
  expect(page.chain).toEqual({ brokenAt: 2 });
  expect(page.entries[0]?.detail).toEqual({ text: 'x' });
});

test('an act and its audit entry are stored together, or neither is', async () => {
  await addOrganization(fixture.management, admin, { name: 'acme' });
  await expect(addOrganization(fixture.management, admin, { name: 'ACME' })).rejects.toThrow(/already/);
  const { entries } = await listAudit(fixture.management, { organization: null });
  expect(entries.map(({ act, object, organization }) => [act, object, organization])).toEqual([
    ['organization.add', 'organization acme', 'acme'],
  ]);
});

test('a page is of one organization and ends before an id', async () => {
  await addOrganization(fixture.management, admin, { name: 'acme' });
  await addOrganization(fixture.management, admin, { name: 'other' });
  await append(3);
  const ids = async (filter: Parameters<typeof listAudit>[1]) =>
    (await listAudit(fixture.management, filter)).entries.map(({ id }) => id);
  expect(await ids({ organization: 'acme' })).toEqual([1]);
  expect(await ids({ organization: null, limit: 2 })).toEqual([5, 4]);
  expect(await ids({ organization: null, limit: 2, before: 4 })).toEqual([3, 2]);
});

test('the audit is narrowed by act, actor, outcome and time', async () => {
  const { store, now } = fixture.management;
  const [ann, anna] = ['ann', 'ann@x'].map((person) => ({
    ...admin,
    person,
    name: `${person} token 0123456${person.length}`,
  }));
  const event = { act: 'x.y', outcome: 'done', organization: null, object: '', detail: {}, change: NOTHING } as const;
  const first = now();
  const write = async (change: object) =>
    store.transaction(({ audit }) => appendAudit(audit, { ...event, time: now(), actor: admin, ...change }));
  await write({ actor: ann });
  await write({ actor: anna, act: 'x.z' });
  fixture.advance(86_400);
  await write({ actor: ann, outcome: 'refused' });
  const ids = async (filter: object) => {
    const both = [
      await listAudit(fixture.management, { organization: null, ...filter }),
      await exportAudit(fixture.management, { organization: null, ...filter }),
    ];
    const [listed, exported] = both.map(({ entries }) => entries.map(({ id }) => id));
    expect(exported).toEqual(listed?.toReversed());
    return exported;
  };
  expect(await ids({ actor: 'ann' })).toEqual([1, 3]);
  expect(await ids({ actor: 'ANN@x' })).toEqual([2]);
  expect(await ids({ actor: '01234563' })).toEqual([1, 3]);
  expect(await ids({ act: 'x.z' })).toEqual([2]);
  expect(await ids({ outcome: 'refused' })).toEqual([3]);
  expect(await ids({ since: formatTime(now()) })).toEqual([3]);
  expect(await ids({ until: formatTime(now()), since: formatTime(first) })).toEqual([1, 2]);
  expect(await ids({ since: '2020-01-01' })).toEqual([1, 2, 3]);
});

test('the chain is verified piece by piece, and the first broken entry is named', async () => {
  await append(5);
  const piece = (after: number) => verifyAuditPiece(fixture.management, { after, limit: 2 });
  expect(await piece(0)).toMatchObject({ checked: 2, chain: 'intact', last: { id: 2 } });
  expect(await piece(4)).toMatchObject({ checked: 1, chain: 'intact', last: { id: 5 } });
  expect(await piece(5)).toEqual({ checked: 0, chain: 'intact', last: null });
  tamper("UPDATE audit SET object = 'other' WHERE id = 3");
  expect(await piece(0)).toMatchObject({ chain: 'intact' });
  expect(await piece(2)).toMatchObject({ chain: { brokenAt: 3 } });
  expect(await piece(9)).toMatchObject({ chain: { brokenAt: 9 } });
});

test('canonical JSON does not depend on the order in which members were written', () => {
  expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: undefined, A: true })).toBe(
    '{"A":true,"b":[1,{"c":"x","d":null}]}',
  );
});
