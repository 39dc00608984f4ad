import { parseOrganizationId, parseSerial, unixSeconds } from '@windlass/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listAudit } from './audit.ts';
import { claimWithCode } from './claim-codes.ts';
import { type Answer, answerOnce, keepForgettingAnswers, MAX_KEPT_ANSWERS } from './idempotency.ts';
import type { Management } from './management.ts';
import { addManufacturer } from './manufacturers.ts';
import { addNetwork, listNetworks } from './networks.ts';
import { addOrganization } from './organizations.ts';
import { addPublisher } from './publishers.ts';
import { admin, approverOf, type Fixture, openFixture, opensslCertificate } from './testing/management-fixture.ts';
import { hashOfCode, importRows, newPublicKey, tokenOf } from './testing/manifest-fixture.ts';

const DAY_SECONDS = 86_400;
const CODE = '7K3M-9QXT';
const acme = approverOf('acme');
let fixture: Fixture;
let management: Management;

beforeEach(async () => {
  fixture = await openFixture();
  management = fixture.management;
  for (const name of ['acme', 'rival']) await addOrganization(management, admin, { name });
});
afterEach(() => fixture.close());

const asked = (key: string, request = 'the request') => ({ actor: acme, key, request, remedy: null });
const addPlant =
  (name = 'plant') =>
  async (inside: Management): Promise<Answer> => ({
    status: 201,
    body: await addNetwork(inside, acme, { organization: 'acme', name }),
  });
const networks = async () => (await listNetworks(management, 'acme')).items.map(({ name }) => name).sort();
const codeOf = (work: Promise<unknown>) => work.then(() => 'done').catch(({ code }: { code: string }) => code);

test('the second time the answer is given again, with its status, and nothing is done', async () => {
  const first = await answerOnce(management, asked('k'), addPlant());
  const again = await answerOnce(management, asked('k'), addPlant());
  expect(again).toEqual(first);
  expect(first).toMatchObject({ status: 201, body: { name: 'plant' } });
  const { entries } = await listAudit(management, { organization: 'acme', act: 'network.add' });
  expect(entries).toHaveLength(1);
});

test('of many that come at once one does it, and all get its answer', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => answerOnce(management, asked('k'), addPlant())));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(await networks()).toEqual(['plant']);
});

test('the same key with another request is refused, and nothing is done', async () => {
  await answerOnce(management, asked('k'), addPlant());
  expect(await codeOf(answerOnce(management, asked('k', 'another'), addPlant('other')))).toBe('idempotency-key-reused');
  expect(await networks()).toEqual(['plant']);
});

test("a key is the actor's own: another person's, and the same person's elsewhere, are others", async () => {
  await answerOnce(management, asked('k'), addPlant());
  const colleague = { ...acme, person: 'colleague' };
  await answerOnce(management, { ...asked('k'), actor: colleague }, addPlant('colleague'));
  const elsewhere = { ...acme, organization: approverOf('rival').organization };
  await answerOnce(management, { ...asked('k'), actor: elsewhere }, addPlant('other'));
  expect(await networks()).toEqual(['colleague', 'other', 'plant']);
});

test('a refusal is not kept: the same request may succeed later', async () => {
  const refused = () => answerOnce(management, asked('k'), addPlant());
  await addNetwork(management, acme, { organization: 'acme', name: 'plant' });
  expect(await codeOf(refused())).toBe('exists');
  expect(await codeOf(refused())).toBe('exists');
  await answerOnce(management, asked('k', 'another'), addPlant('other'));
  expect(await networks()).toEqual(['other', 'plant']);
});

test('the act and its key are stored together, or neither is', async () => {
  const { tables } = management.store;
  const failing: Management = {
    ...management,
    store: {
      ...management.store,
      transaction: (work) =>
        management.store.transaction((inside) =>
          work({
            ...inside,
            keptAnswers: {
              ...inside.keptAnswers,
              add: () => {
                throw new Error('the disk is full');
              },
            },
          }),
        ),
    },
  };
  await expect(answerOnce(failing, asked('k'), addPlant())).rejects.toThrow('the disk is full');
  expect(await networks()).toEqual([]);
  expect(await tables.keptAnswers.find({ person: 'acme-approver', organization: 'acme' }, 'k')).toBeNull();
});

test('an answer with a secret is not kept: a repeat is told that it was done, and what to do', async () => {
  const secret = { ...asked('k'), remedy: 'revoke it, and make another' };
  const made = async () => ({ status: 201, body: { token: 'wl_secret' } });
  await answerOnce(management, secret, made);
  const kept = await management.store.tables.keptAnswers.find({ person: 'acme-approver', organization: 'acme' }, 'k');
  expect(kept).toMatchObject({ answer: null, status: 201 });
  await expect(answerOnce(management, secret, made)).rejects.toMatchObject({
    code: 'done-already',
    message: expect.stringMatching(/^This was done at .*Z; .*: revoke it, and make another\.$/),
  });
});

test('an answer is kept for a day', async () => {
  await answerOnce(management, asked('k'), addPlant());
  fixture.advance(DAY_SECONDS - 1);
  await answerOnce(management, asked('k'), addPlant());
  fixture.advance(1);
  expect(await codeOf(answerOnce(management, asked('k'), addPlant()))).toBe('exists');
});

test('what is too old goes although nobody asks for anything', async () => {
  await answerOnce(management, asked('k'), addPlant());
  fixture.advance(DAY_SECONDS);
  const stop = keepForgettingAnswers(management, { warn: (_, text) => expect.fail(text) });
  await stop();
  const owner = { person: 'acme-approver', organization: 'acme' };
  expect(await management.store.tables.keptAnswers.find(owner, 'k')).toBeNull();
});

test('of one person a bounded number is kept, the newest; those of others stay', async () => {
  const nothing = async () => ({ status: 200, body: {} });
  const others = [
    { ...acme, person: 'colleague' },
    { ...acme, organization: approverOf('rival').organization },
  ];
  for (const actor of others) await answerOnce(management, { ...asked('k 0'), actor }, nothing);
  const keys = Array.from({ length: MAX_KEPT_ANSWERS + 2 }, (_, index) => `k ${index}`);
  await management.store.transaction(async (tables) => {
    const owner = { person: 'acme-approver', organization: 'acme' };
    const kept = { request: 'the request', status: 200, answer: '{}', time: management.now() };
    for (const key of keys.slice(0, MAX_KEPT_ANSWERS)) await tables.keptAnswers.add(owner, key, kept);
  });
  for (const key of keys.slice(MAX_KEPT_ANSWERS)) await answerOnce(management, asked(key), nothing);
  const known = async (key: string, actor = acme) =>
    (await management.store.tables.keptAnswers.find(
      { person: actor.person ?? '', organization: actor.organization },
      key,
    )) !== null;
  expect(await Promise.all(['k 0', 'k 1', 'k 2', keys.at(-1) ?? ''].map((key) => known(key)))).toEqual([
    false,
    false,
    true,
    true,
  ]);
  for (const actor of others) expect(await known('k 0', actor)).toBe(true);
});

test('a job is begun when the act is stored, not before', async () => {
  let seen: readonly string[] = [];
  management.jobs.wake = () => {
    seen = [...seen, 'woken'];
  };
  const addAnchor = async (inside: Management) => {
    const body = await addPublisher(inside, acme, { organization: 'acme' });
    seen = [...seen, 'done'];
    return { status: 201, body };
  };
  await answerOnce(management, asked('k'), addAnchor);
  expect(seen).toEqual(['done', 'woken']);
  await answerOnce(management, asked('k'), addAnchor);
  expect(seen).toEqual(['done', 'woken']);
});

describe('a claim with the code of a label', () => {
  const claim = (code: string) => async (inside: Management) => ({
    status: 201,
    body: await claimWithCode(inside, acme, { serial: 'S-1', claimToken: tokenOf(code) }),
  });
  const counted = async () => {
    const attempts = await management.store.tables.claimAttempts.since(unixSeconds(management.now() - 3_600), {
      serial: parseSerial('S-1'),
      organization: parseOrganizationId('acme'),
    });
    return attempts.length;
  };
  beforeEach(async () => {
    const maker = opensslCertificate({ commonName: 'Maker' });
    await addManufacturer(management, admin, { name: 'maker', certificate: maker.pem });
    await importRows(fixture, [{ serial: 'S-1', publicKey: newPublicKey(), claimCodeHash: hashOfCode(CODE) }]);
  });

  test('a wrong code counts each time, also under one key, until nobody is listened to, with an alert', async () => {
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      expect(await codeOf(answerOnce(management, asked('k'), claim('0000-1000')))).toBe('claim-refused');
      expect(await counted()).toBe(attempt);
    }
    expect(await codeOf(answerOnce(management, asked('k'), claim(CODE)))).toBe('rate-limited');
    const { entries } = await listAudit(management, { organization: 'acme', act: 'alert.claim-attempts' });
    expect(entries).toHaveLength(1);
  });

  test('a right code is taken back from the count, and its answer given again without another attempt', async () => {
    const first = await answerOnce(management, asked('k'), claim(CODE));
    expect(await answerOnce(management, asked('k'), claim(CODE))).toEqual(first);
    expect(await counted()).toBe(0);
  });
});
