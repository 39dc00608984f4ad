import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listAlerts } from './alerts.ts';
import { listAudit } from './audit.ts';
import { MAX_WRONG_CODES } from './claim-attempts.ts';
import { claimWithCode } from './claim-codes.ts';
import { addClaim, releaseClaim } from './claims.ts';
import { showDevice } from './devices.ts';
import { addManufacturer } from './manufacturers.ts';
import { addNetwork } from './networks.ts';
import { addOrganization } from './organizations.ts';
import { openManagementStore } from './store/management-store.ts';
import { admin, approverOf, type Fixture, openFixture, opensslCertificate } from './testing/management-fixture.ts';
import { claimBy, hashOfCode, importRows, memberOf, newPublicKey, tokenOf } from './testing/manifest-fixture.ts';

let fixture: Fixture;
const maker = opensslCertificate({ commonName: 'Maker' });
const second = opensslCertificate({ commonName: 'Second' });
const installer = memberOf('acme', 'installer');
const acme = approverOf('acme');
const rival = approverOf('rival');
const CODE = '7K3M-9QXT';
const HOUR_SECONDS = 3_600;

beforeEach(async () => {
  fixture = await openFixture();
  const { management } = fixture;
  for (const name of ['acme', 'rival']) await addOrganization(management, admin, { name });
  await addNetwork(management, acme, { organization: 'acme', name: 'plant' });
  await addManufacturer(management, admin, { name: 'maker', certificate: maker.pem });
  await importRows(fixture, [
    { serial: 'S-1', publicKey: newPublicKey(), claimCodeHash: hashOfCode(CODE) },
    { serial: 'S-2', publicKey: newPublicKey(), claimCodeHash: hashOfCode('2222-2222') },
    { serial: 'S-3', publicKey: newPublicKey() },
    { serial: 'S-4', publicKey: newPublicKey(), claimCodeHash: hashOfCode('4444-4444'), organization: 'rival' },
  ]);
});
afterEach(() => fixture.close());

const claim = (serial: string, code: string, actor = installer) => claimBy(fixture, actor, serial, code);
const refusalOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    ({ code, message }: { code: string; message: string }) => `${code}: ${message}`,
  );
const wrong = (index: number) => `0000${String(1000 + index)}`;

test('an installer claims with serial and code, for their organization, with network and name [M15]', async () => {
  const claimed = await claimBy(fixture, installer, 'S-1', '7k3m9qxt', { network: 'plant', name: 'Pump at gate 2' });
  expect(claimed).toMatchObject({ serial: 'S-1', organization: 'acme', network: 'plant', ownership: 1, generation: 1 });
  expect(await showDevice(fixture.management, acme, { serial: 'S-1' })).toMatchObject({ name: 'Pump at gate 2' });
  expect((await listAudit(fixture.management, { organization: 'acme', limit: 1 })).entries).toMatchObject([
    {
      act: 'claim.add',
      outcome: 'done',
      actor: installer.name,
      detail: {
        by: 'code',
        before: null,
        after: { organization: 'acme', network: 'plant', ownership: 1, generation: 1, name: 'Pump at gate 2' },
      },
    },
  ]);
});

test('whoever has no right code learns nothing: the refusal is one, whatever is wrong', async () => {
  await claim('S-2', '2222-2222', rival);
  const refusals = await Promise.all([
    refusalOf(claim('S-1', wrong(0))),
    refusalOf(claim('S-9', wrong(1))),
    refusalOf(claim('S-2', '2222-2222')),
    refusalOf(claim('S-2', wrong(2))),
    refusalOf(claim('S-3', wrong(3))),
    refusalOf(claim('S-4', '4444-4444')),
    refusalOf(claimBy(fixture, installer, 'S-1', CODE, { manufacturer: 'nobody' })),
  ]);
  expect(new Set(refusals)).toEqual(
    new Set([expect.stringMatching(/^claim-refused: This serial and this claim code/)]),
  );
});

describe('a used code is dead [S15]', () => {
  test('after the claim, and after a release; an alert says that somebody has it', async () => {
    await claim('S-1', CODE);
    expect(await refusalOf(claim('S-1', CODE, rival))).toMatch(/^claim-refused/);
    await releaseClaim(fixture.management, acme, { serial: 'S-1' });
    expect(await refusalOf(claim('S-1', CODE, rival))).toMatch(/^claim-refused/);
    expect((await listAlerts(fixture.management, {})).items).toMatchObject([
      { kind: 'claimed-again', object: 'device maker/S-1', detail: { claimant: 'rival', reason: 'its code was used' } },
      { kind: 'claimed-again', object: 'device maker/S-1', detail: { claimant: 'rival', reason: 'it has an owner' } },
    ]);
    // What is known of a device is the operator's.
    expect((await listAlerts(fixture.management, { organization: 'rival' })).items).toEqual([]);
  });

  test('also when the operator claimed the device without it', async () => {
    await addClaim(fixture.management, admin, { serial: 'S-1', organization: 'rival' });
    await releaseClaim(fixture.management, rival, { serial: 'S-1' });
    expect(await refusalOf(claim('S-1', CODE))).toMatch(/^claim-refused/);
  });

  test('a claimed device that the operator claims again is refused, audited, and an alert', async () => {
    await claim('S-1', CODE);
    const again = addClaim(fixture.management, admin, { serial: 'S-1', organization: 'rival' });
    expect(await refusalOf(again)).toBe(
      'already-claimed: Device S-1 is claimed already by acme: ask them to release it, or to transfer it.',
    );
    expect((await listAlerts(fixture.management, {})).items).toMatchObject([
      { kind: 'claimed-again', detail: { owner: 'acme' } },
    ]);
  });
});

test('[S15] a device sold to an organization is claimed by nobody else with its code', async () => {
  expect(await refusalOf(claim('S-4', '4444-4444'))).toMatch(/^claim-refused/);
  expect(await claim('S-4', '4444-4444', rival)).toMatchObject({ organization: 'rival' });
});

test('the own device is said to be so, as often as one likes', async () => {
  await claim('S-1', CODE);
  for (let index = 0; index < 10; index++) {
    expect(await refusalOf(claim('S-1', CODE))).toBe(
      'already-claimed: Device S-1 belongs to acme already: nothing is to be done.',
    );
  }
});

test('of two devices with one serial the code says which', async () => {
  await addManufacturer(fixture.management, admin, { name: 'second', certificate: second.pem });
  const row = { serial: 'S-1', publicKey: newPublicKey(), manufacturer: 'second' };
  await importRows(fixture, [{ ...row, claimCodeHash: hashOfCode('5555-5555') }]);
  expect(await claim('S-1', '5555-5555')).toMatchObject({ manufacturer: 'second' });
  expect(await claim('S-1', CODE)).toMatchObject({ manufacturer: 'maker' });
});

describe('brute force is stopped [S15]', () => {
  test('five wrong codes for a device, by whomever, and nobody is listened to for an hour; the right code neither', async () => {
    for (let index = 0; index < MAX_WRONG_CODES.device; index++) {
      const actor = index % 2 === 0 ? installer : rival;
      expect(await refusalOf(claim('S-1', wrong(index), actor))).toMatch(/^claim-refused/);
    }
    for (const actor of [installer, rival]) expect(await refusalOf(claim('S-1', CODE, actor))).toMatch(/^rate-limited/);
    expect((await listAlerts(fixture.management, {})).items).toMatchObject([
      { kind: 'claim-attempts', object: 'device S-1', detail: { limits: ['device'] } },
    ]);
    fixture.advance(HOUR_SECONDS);
    expect(await claim('S-1', CODE)).toMatchObject({ organization: 'acme' });
  });

  test('it is the same for a device that does not exist', async () => {
    for (let index = 0; index < MAX_WRONG_CODES.device; index++) await refusalOf(claim('S-9', wrong(index)));
    expect(await refusalOf(claim('S-9', wrong(9)))).toMatch(/^rate-limited/);
  });

  test('twenty from one person, fifty from one organization, across devices', async () => {
    const people = ['one', 'two', 'three'].map((name) => memberOf('acme', 'installer', name));
    let tried = 0;
    const attempt = (actor = installer) => {
      tried += 1;
      return refusalOf(claim(`T-${tried}`, wrong(tried), actor));
    };
    for (let index = 0; index < MAX_WRONG_CODES.person; index++)
      expect(await attempt(people[0])).toMatch(/^claim-refused/);
    expect(await attempt(people[0])).toMatch(/^rate-limited/);
    for (let index = 0; index < MAX_WRONG_CODES.person; index++)
      expect(await attempt(people[1])).toMatch(/^claim-refused/);
    for (let index = 0; index < 10; index++) expect(await attempt(people[2])).toMatch(/^claim-refused/);
    expect(await attempt(people[2])).toMatch(/^rate-limited/);
    expect(await refusalOf(claim('S-1', CODE, rival))).toBe('done');
  });

  test('two tokens of one person are one person', async () => {
    for (let index = 0; index < MAX_WRONG_CODES.person; index++) await refusalOf(claim(`T-${index}`, wrong(index)));
    const otherToken = { ...installer, name: 'another token', role: 'operator' as const };
    expect(await refusalOf(claim('S-1', CODE, otherToken))).toMatch(/^rate-limited/);
  });

  test('two instances that share a database count together', async () => {
    const store = await openManagementStore(fixture.databaseFile, 'write');
    const instances = [fixture.management, { ...fixture.management, store }];
    const refusals: string[] = [];
    for (let index = 0; index < 8; index++) {
      const management = instances[index % 2] ?? fixture.management;
      const attempt = claimWithCode(management, installer, { serial: 'S-1', claimToken: tokenOf(wrong(index)) });
      refusals.push((await refusalOf(attempt)).replace(/:.*/, ''));
    }
    const [refused, limited] = ['claim-refused', 'rate-limited'];
    expect(refusals).toEqual([refused, refused, refused, refused, refused, limited, limited, limited]);
    await store.close();
  });

  test('processes that share a database let no attempt more through, at whatever moment they ask', async () => {
    const main = fileURLToPath(new URL('./testing/try-codes-main.ts', import.meta.url));
    const run = promisify(execFile);
    const tried = await Promise.all(
      [1, 2, 3].map(() => run(process.execPath, ['--conditions=source', main, fixture.databaseFile, '20'])),
    );
    const through = tried.map(({ stdout }) => Number(stdout));
    expect(through.reduce((sum, count) => sum + count)).toBe(MAX_WRONG_CODES.device);
  });

  test('one code from two people at the same moment claims once', async () => {
    const claims = [installer, rival, acme].map((actor) => refusalOf(claim('S-1', CODE, actor)));
    expect((await Promise.all(claims)).filter((one) => one === 'done')).toHaveLength(1);
  });
});

test('right codes count for nothing: a whole pallet can be claimed in an hour', async () => {
  const rows = Array.from({ length: 60 }, (_, index) => ({
    serial: `P-${index}`,
    publicKey: newPublicKey(),
    code: wrong(index),
  }));
  await importRows(
    fixture,
    rows.map(({ code, ...row }) => ({ ...row, claimCodeHash: hashOfCode(code) })),
  );
  for (const { serial, code } of rows) expect(await refusalOf(claim(serial, code))).toBe('done');
});

test('neither code nor token is in the database, whether it was right or wrong', async () => {
  await refusalOf(claim('S-1', '1234-ABCD'));
  await claim('S-1', CODE);
  const files = readdirSync(fixture.directory).filter((name) => name.startsWith('management.db'));
  expect(files.length).toBeGreaterThan(0);
  const kept = Buffer.concat(files.map((name) => readFileSync(join(fixture.directory, name))));
  for (const code of ['7K3M9QXT', CODE, '1234ABCD', '1234-ABCD']) {
    expect(kept.includes(code)).toBe(false);
    expect(kept.includes(tokenOf(code))).toBe(false);
    expect(kept.includes(Buffer.from(tokenOf(code), 'base64'))).toBe(false);
  }
  expect(kept.includes(hashOfCode(CODE))).toBe(true);
});
