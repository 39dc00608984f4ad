// Two people have to agree: what waits, who can approve it, and that nobody is two people.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Approval, ROUTES, type Route, type RouteName } from '@windlass/management';
import { unixSeconds } from '@windlass/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listAudit } from './audit.ts';
import { fingerprintOf } from './certificates.ts';
import { handle } from './http/management-handlers.ts';
import type { Actor } from './management.ts';
import {
  admin,
  approverOf,
  type Fixture,
  openFixture,
  opensslCertificate,
  upload,
} from './testing/management-fixture.ts';
import { actorOf } from './tokens.ts';

let fixture: Fixture;
let ann: Actor;
let bob: Actor;
const inPlant = { organization: 'acme', network: 'plant' };
const ca = opensslCertificate();
const DAY_SECONDS = 86_400;

const as = async (actor: Actor, name: RouteName, input: object = {}) =>
  handle(fixture.management, actor, name, { ...input });
const done = async <Answer>(actor: Actor, name: RouteName, input: object = {}) => {
  const { status, body } = await as(actor, name, input);
  expect(status).not.toBe(202);
  return body as Answer;
};
const asked = async (actor: Actor, name: RouteName, input: object = {}) => {
  const { status, body } = await as(actor, name, input);
  expect(status).toBe(202);
  return body as Approval;
};
const lastEntry = async () => (await listAudit(fixture.management, { organization: 'acme', limit: 1 })).entries[0];
const sequence = async () => {
  const { items } = await done<{ items: { sequence: number }[] }>(ann, 'listNetworks', { organization: 'acme' });
  return items[0]?.sequence;
};
const publishers = async () => (await done<{ items: object[] }>(ann, 'listPublishers', { organization: 'acme' })).items;
const keysOnDisk = () => readdirSync(join(fixture.directory, 'keys', 'publishers'));
const refused = (code: string) => ({ code });
const tokenOf = async (text: string): Promise<Actor> => {
  const { store, now } = fixture.management;
  const found = await actorOf(store.tables, text, '127.0.0.1', now());
  if (found === null) throw new Error('Nobody has this token.');
  return found;
};

/** acme has two approvers, and one network whose inspection CA is not published. */
beforeEach(async () => {
  fixture = await openFixture();
  const { approverToken } = await done<{ approverToken: string }>(admin, 'addOrganization', {
    name: 'acme',
    approver: 'ann',
  });
  ann = await tokenOf(approverToken);
  await done(ann, 'addPerson', { person: 'bob', roles: ['approver'] });
  bob = await tokenOf((await done<{ token: string }>(ann, 'addToken', { name: 'first', person: 'bob' })).token);
  await done(ann, 'addNetwork', { organization: 'acme', name: 'plant' });
  await done(ann, 'addInspectionCa', { ...inPlant, certificate: upload(ca.pem), permittedNames: ['*'] });
  await done(ann, 'approveInspectionCa', { ...inPlant, fingerprint, sha256: fingerprint });
});
afterEach(() => fixture.close());

const fingerprint = fingerprintOf(ca.der);
const demandTwo = () => done(ann, 'setTwoPersonRule', { organization: 'acme', required: true, reason: 'policy 7' });

test('one person is enough until the organization demands two', async () => {
  await done(ann, 'publishProfile', inPlant);
  expect(await sequence()).toBe(1);
});

test('[S16] an act waits: nothing of it is done until another person approves it, and the audit names both', async () => {
  await demandTwo();
  const waiting = await asked(ann, 'publishProfile', { ...inPlant, reason: 'new proxy' });
  expect(waiting).toMatchObject({
    act: 'profile.publish',
    object: 'network acme/plant',
    reason: 'new proxy',
    requestedBy: 'ann',
    state: 'waiting',
    decidedBy: null,
  });
  expect(waiting.detail['changes']).toEqual(['first publication', expect.stringContaining('inspection CA')]);
  expect(await sequence()).toBe(0);
  expect(await lastEntry()).toMatchObject({
    act: 'approval.request',
    actor: ann.name,
    detail: { approval: waiting.id },
  });
  const { approval, result } = await done<{ approval: Approval; result: object }>(bob, 'approve', {
    id: waiting.id,
    reason: 'seen',
  });
  expect(approval).toMatchObject({ state: 'approved', decidedBy: 'bob', decisionReason: 'seen' });
  expect(result).toMatchObject({ sequence: 1, reason: 'new proxy' });
  expect(await sequence()).toBe(1);
  const { entries } = await listAudit(fixture.management, { organization: 'acme', act: 'profile.publish' });
  expect(entries).toHaveLength(1);
  expect(entries[0]).toMatchObject({
    actor: bob.name,
    detail: { approval: { id: waiting.id, requestedBy: ann.name, requested: waiting.requested } },
  });
  await expect(as(bob, 'approve', { id: waiting.id })).rejects.toMatchObject(refused('approval-ended'));
  expect(await sequence()).toBe(1);
});

describe('nobody is two people', () => {
  beforeEach(demandTwo);

  test('[S16] not with another token, another role, or a session of the same person', async () => {
    const { id } = await asked(ann, 'publishProfile', inPlant);
    const own = (await done<{ token: string }>(ann, 'addToken', { name: 'second' })).token;
    await done(bob, 'grantRole', { person: 'ann', role: 'operator' });
    const session: Actor = { ...ann, name: 'ann session 01234567' };
    for (const same of [ann, await tokenOf(own), session]) {
      await expect(as(same, 'approve', { id })).rejects.toMatchObject(refused('second-person-needed'));
    }
    expect(await sequence()).toBe(0);
  });

  test('[S16] not by a new approver, by making somebody one, or by the token of another approver', async () => {
    await done(ann, 'addPerson', { person: 'eve', roles: ['auditor'] });
    const makers: readonly [RouteName, object][] = [
      ['addPerson', { person: 'new', roles: ['auditor', 'approver'] }],
      ['grantRole', { person: 'eve', role: 'approver' }],
      ['addToken', { name: 'mine', person: 'Carl' }],
    ];
    const { id } = await asked(ann, 'addPerson', { person: 'carl', roles: ['approver'] });
    await done(bob, 'approve', { id });
    for (const [name, input] of makers) {
      expect(await asked(ann, name, input)).toMatchObject({ state: 'waiting' });
    }
    const { items } = await done<{ items: { person: string; roles: string[] }[] }>(ann, 'listPeople');
    expect(items.map(({ person, roles }) => [person, roles])).toEqual([
      ['ann', ['approver']],
      ['bob', ['approver']],
      ['carl', ['approver']],
      ['eve', ['auditor']],
    ]);
    expect((await done<{ items: object[] }>(ann, 'listTokens', { person: 'carl' })).items).toEqual([]);
  });

  test('[S16] not by a token that is asked for while its person is being made an approver', async () => {
    const { id } = await asked(ann, 'addPerson', { person: 'carl', roles: ['approver'] });
    const { management } = fixture;
    let approved = false;
    const transaction: typeof management.store.transaction = async (work) => {
      if (!approved) {
        approved = true;
        await done(bob, 'approve', { id });
      }
      return management.store.transaction(work);
    };
    const slow = { ...management, store: { ...management.store, transaction } };
    expect(await handle(slow, ann, 'addToken', { name: 'mine', person: 'carl' })).toMatchObject({ status: 202 });
    expect(approved).toBe(true);
  });

  test('what has nothing to do with trust does not wait', async () => {
    await done(ann, 'addPerson', { person: 'eve', roles: ['auditor', 'operator'] });
    await done(ann, 'grantRole', { person: 'eve', role: 'installer' });
    await done(ann, 'addToken', { name: 'eve', person: 'eve', role: 'operator' });
    await done(ann, 'addToken', { name: 'mine' });
    await done(ann, 'addNetwork', { organization: 'acme', name: 'office' });
  });

  test('[S16] the rule is made weaker by two only, and stricter by one', async () => {
    const { id } = await asked(ann, 'setTwoPersonRule', { organization: 'acme', required: false, reason: 'too slow' });
    await expect(as(ann, 'approve', { id })).rejects.toMatchObject(refused('second-person-needed'));
    await done(bob, 'approve', { id });
    expect(await done(ann, 'showTwoPersonRule', { organization: 'acme' })).toMatchObject({
      required: false,
      since: null,
    });
    expect(
      (await listAudit(fixture.management, { organization: 'acme', act: 'organization.two-person-rule' })).entries[0],
    ).toMatchObject({
      actor: bob.name,
      detail: {
        before: { twoPersonRule: true },
        after: { twoPersonRule: false },
        reason: 'too slow',
        approval: { requestedBy: ann.name },
      },
    });
    await demandTwo();
  });

  test('[S16] two approvers stay: the last but one can be neither disabled nor without the role', async () => {
    const ways: readonly [RouteName, object][] = [
      ['disablePerson', { person: 'bob' }],
      ['revokeRole', { person: 'bob', role: 'approver' }],
    ];
    for (const [name, input] of ways) await expect(as(ann, name, input)).rejects.toMatchObject(refused('last-of-role'));
  });

  test('[S16] who asked must still be an approver when it is approved', async () => {
    const { id } = await asked(ann, 'addPerson', { person: 'carl', roles: ['approver'] });
    await done(bob, 'approve', { id });
    const theirs = await asked(ann, 'publishProfile', inPlant);
    await done(bob, 'disablePerson', { person: 'ann' });
    await expect(as(bob, 'approve', { id: theirs.id })).rejects.toMatchObject(refused('approval-ended'));
    expect(await sequence()).toBe(0);
  });
});

describe('what was asked for is what is done', () => {
  beforeEach(demandTwo);

  test('[S16] a network that changed since is not published: who approves saw something else', async () => {
    const { id } = await asked(ann, 'publishProfile', inPlant);
    const other = opensslCertificate({ commonName: 'Another proxy' });
    await done(ann, 'addInspectionCa', { ...inPlant, certificate: upload(other.pem), permittedNames: ['*'] });
    const endpoint = { name: 'cloud', host: 'app.example', port: 443, protocol: 'https', required: true };
    await done(ann, 'addEndpoint', { ...inPlant, ...endpoint });
    await expect(as(bob, 'approve', { id })).rejects.toMatchObject(refused('stale-draft'));
    expect(await sequence()).toBe(0);
    expect(await done(bob, 'showApproval', { id })).toMatchObject({ state: 'waiting' });
  });

  test('[S24] an inspection CA is approved in the scope that was asked for, not in that of a draft in its place', async () => {
    const other = opensslCertificate({ commonName: 'Another proxy' });
    const draft = { ...inPlant, certificate: upload(other.pem) };
    const named = { ...inPlant, fingerprint: fingerprintOf(other.der) };
    await done(ann, 'addInspectionCa', { ...draft, permittedNames: ['plc.example'] });
    const { id, detail } = await asked(ann, 'approveInspectionCa', { ...named, sha256: named.fingerprint });
    expect(detail).toMatchObject({ permittedNames: ['plc.example'], confirmed: 'sha256' });
    await done(ann, 'removeInspectionCa', named);
    await done(ann, 'addInspectionCa', { ...draft, permittedNames: ['*'] });
    await expect(as(bob, 'approve', { id })).rejects.toMatchObject(refused('stale-draft'));
    const { items } = await done<{ items: { state: string }[] }>(ann, 'listInspectionCas', inPlant);
    expect(items.map(({ state }) => state)).toEqual(['approved', 'draft']);
    const again = await asked(ann, 'approveInspectionCa', { ...named, sha256: named.fingerprint });
    await done(bob, 'approve', { id: again.id });
  });

  test('what would be refused is refused when it is asked for, and nothing waits', async () => {
    const { id } = await asked(ann, 'publishProfile', inPlant);
    await done(bob, 'approve', { id });
    await expect(as(ann, 'publishProfile', inPlant)).rejects.toMatchObject(refused('nothing-changed'));
    const { items } = await done<{ items: Approval[] }>(ann, 'listApprovals');
    expect(items.map(({ state }) => state)).toEqual(['approved']);
  });

  test('a hosted publisher is made only when it is approved: its keys cannot be undone', async () => {
    const { id, object, detail } = await asked(ann, 'addPublisher', { organization: 'acme' });
    expect(object).toBe('publisher acme/new keys');
    expect(detail).toMatchObject({ before: null, after: { kind: 'hosted', keyDigest: 'new keys' } });
    expect(await publishers()).toHaveLength(1);
    expect(keysOnDisk()).toEqual(['acme']);
    await done(bob, 'approve', { id });
    expect(await publishers()).toHaveLength(2);
    expect(keysOnDisk()).toHaveLength(2);
  });

  test('[S16] who approves reads all of it, also where new keys are made with it', async () => {
    const own = opensslCertificate({ commonName: 'Publisher of nobody else' });
    const killSwitch = { organization: 'acme', reason: 'stolen', all: true, newPublisher: true };
    const { id, detail } = await asked(ann, 'killSwitch', { ...killSwitch, certificate: own.pem });
    expect(detail).toMatchObject({
      all: true,
      without: [expect.any(String)],
      after: {
        publishers: [
          { kind: 'hosted', keyDigest: 'new keys' },
          { kind: 'own', subject: 'CN=Publisher of nobody else' },
        ],
      },
    });
    expect(keysOnDisk()).toEqual(['acme']);
    await done(bob, 'approve', { id });
    expect(keysOnDisk()).toHaveLength(2);
  });

  test('a private key is refused when it is asked for, and kept nowhere', async () => {
    const { pem, keyPem } = opensslCertificate();
    const killSwitch = { organization: 'acme', reason: 'stolen', newPublisher: true, certificate: pem + keyPem };
    await expect(as(ann, 'killSwitch', killSwitch)).rejects.toMatchObject(refused('private-key-in-upload'));
    expect((await done<{ items: Approval[] }>(ann, 'listApprovals')).items).toEqual([]);
  });

  test('it ends by itself, can be rejected by another, and withdrawn by who asked', async () => {
    const [first, second, third] = [
      await asked(ann, 'publishProfile', inPlant),
      await asked(ann, 'publishProfile', inPlant),
      await asked(ann, 'publishProfile', inPlant),
    ];
    expect(await done(bob, 'reject', { id: first.id, reason: 'unknown box' })).toMatchObject({
      state: 'rejected',
      decidedBy: 'bob',
      decisionReason: 'unknown box',
    });
    expect(await done(ann, 'reject', { id: second.id })).toMatchObject({ state: 'withdrawn', decidedBy: 'ann' });
    expect((await fixture.management.store.tables.approvals.find(second.id))?.input).toBe('{}');
    fixture.advance(7 * DAY_SECONDS);
    expect(await done(bob, 'showApproval', { id: third.id })).toMatchObject({ state: 'waiting' });
    fixture.advance(1);
    expect(await done(bob, 'showApproval', { id: third.id })).toMatchObject({ state: 'expired' });
    for (const { id } of [first, second, third]) {
      await expect(as(bob, 'approve', { id })).rejects.toMatchObject(refused('approval-ended'));
      await expect(as(bob, 'reject', { id })).rejects.toMatchObject(refused('approval-ended'));
    }
    expect(await sequence()).toBe(0);
  });

  test('[S16] one person cannot keep others from asking, nor what they asked for from being seen', async () => {
    const theirs = await asked(bob, 'publishProfile', inPlant);
    await fixture.management.store.transaction(async ({ approvals }) => {
      const stored = await approvals.find(theirs.id);
      if (stored === null) throw new Error('Nothing waits.');
      const requested = unixSeconds(stored.requested + 1);
      for (let count = 0; count < 1_100; count += 1) {
        const id = count.toString(16).padStart(32, '0');
        await approvals.add({ ...stored, id, requestedBy: 'ann', requested });
        const withdrawn = { outcome: 'withdrawn', by: 'ann', at: requested, reason: null } as const;
        if (count >= 100) await approvals.decide(id, withdrawn);
      }
    });
    await expect(as(ann, 'publishProfile', inPlant)).rejects.toMatchObject(refused('limit-reached'));
    await asked(bob, 'publishProfile', inPlant);
    const { items } = await done<{ items: Approval[] }>(ann, 'listApprovals', { limit: 1000 });
    expect(items.filter(({ state }) => state === 'waiting')).toHaveLength(102);
    expect(items.slice(0, 102).map(({ id }) => id)).toContain(theirs.id);
  });
});

test('[S16] an organization with one approver cannot demand two people', async () => {
  await done(admin, 'addOrganization', { name: 'other' });
  const demand = as(approverOf('other'), 'setTwoPersonRule', { organization: 'other', required: true });
  await expect(demand).rejects.toMatchObject(refused('not-yet'));
});

test('every act that an approver alone can do waits, but for those that let nothing in', () => {
  const alone = Object.values<Route>(ROUTES).filter(
    ({ method, roles, secondPerson }) =>
      method !== 'GET' && roles.length === 1 && roles[0] === 'approver' && secondPerson === undefined,
  );
  expect(alone.map(({ act }) => act)).toEqual([
    'network.set', // in no profile before one is published, which waits [S31]
    'observation.clear',
    'transfer.revoke',
    'approval.approve',
    'approval.reject',
  ]);
});
