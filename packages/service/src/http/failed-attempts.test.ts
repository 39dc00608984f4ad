// Wrong tokens and failed logins are counted by all instances together: two listeners over one database.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listAudit } from '../audit.ts';
import { StoreError } from '../errors.ts';
import { countFailure, hasToWait, MAX_FAILED_ATTEMPTS } from '../failed-attempts.ts';
import type { Management } from '../management.ts';
import type { ManagementStore } from '../store/management-ports.ts';
import { openManagementStore } from '../store/management-store.ts';
import { describeEachEngine } from '../testing/each-engine.ts';
import { type Fixture, openFixture } from '../testing/management-fixture.ts';
import { addToken } from '../tokens.ts';
import { type ManagementListener, startManagementListener } from './management-listener.ts';

const LOGIN = {
  config: { issuer: 'https://nobody.example', clientId: 'c', clientSecretFile: '', redirectUrl: 'https://w.example/x' },
  secret: 'secret',
};
const WINDOW_SECONDS = 60;

describeEachEngine((newDatabase) => {
  let fixture: Fixture;
  let stores: readonly ManagementStore[];
  let instances: readonly Management[];
  let listeners: readonly ManagementListener[];
  let token: string;

  beforeEach(async () => {
    fixture = await openFixture();
    const { management } = fixture;
    const location = await newDatabase();
    stores = [await openManagementStore(location, 'create'), await openManagementStore(location, 'write')];
    instances = stores.map((store) => ({ ...management, store }));
    listeners = await Promise.all(instances.map(listen));
    token = await addToken(one().store.tables, { role: 'admin' }, management.now(), management.randomBytes);
  });
  afterEach(async () => {
    for (const listener of listeners) await listener.close();
    for (const store of stores) await store.close();
    await fixture.close();
  });

  const listen = (management: Management) =>
    startManagementListener({ management, address: '127.0.0.1', port: 0, login: LOGIN });
  const one = () => instances[0] ?? fixture.management;

  /** The code of the answer; null: none, it passed. */
  async function ask({ url }: ManagementListener, secret: string, path = '/v1/organizations'): Promise<string | null> {
    const response = await fetch(url + path, { headers: { authorization: `Bearer ${secret}` }, redirect: 'manual' });
    return response.ok ? null : ((await response.json()) as { code: string }).code;
  }
  const askEach = (secret: string) => Promise.all(listeners.map((listener) => ask(listener, secret)));
  const refusals = async () => (await listAudit(one(), { organization: null, outcome: 'refused' })).entries.length;

  test('ten wrong tokens at two instances together: both refuse to listen, but to a right one, for a minute [S20]', async () => {
    for (let index = 0; index < MAX_FAILED_ATTEMPTS / 2; index++) {
      expect(await askEach(`wrong-${index}`)).toEqual(['unauthenticated', 'unauthenticated']);
    }
    expect(await askEach('wrong')).toEqual(['rate-limited', 'rate-limited']);
    expect(await askEach(token)).toEqual([null, null]);
    expect(await refusals()).toBe(MAX_FAILED_ATTEMPTS);
    fixture.advance(WINDOW_SECONDS);
    expect(await askEach('wrong')).toEqual(['unauthenticated', 'unauthenticated']);
  });

  test('of forty wrong tokens at once, ten are looked at [S20]', async () => {
    const answers = (await Promise.all(Array.from({ length: 20 }, () => askEach('wrong')))).flat();
    expect(answers.filter((code) => code === 'unauthenticated')).toHaveLength(MAX_FAILED_ATTEMPTS);
    expect(answers.filter((code) => code === 'rate-limited')).toHaveLength(40 - MAX_FAILED_ATTEMPTS);
    expect(await refusals()).toBe(MAX_FAILED_ATTEMPTS);
  });

  test('failed logins count with wrong tokens [S20]', async () => {
    for (let index = 0; index < MAX_FAILED_ATTEMPTS; index++) {
      const listener = listeners[index % 2] as ManagementListener;
      expect(await ask(listener, '', '/login/callback?code=x&state=y')).toBe('unauthenticated');
    }
    for (const listener of listeners) {
      expect(await ask(listener, '', '/login/callback?code=x&state=y')).toBe('rate-limited');
    }
    expect(await askEach('wrong')).toEqual(['rate-limited', 'rate-limited']);
    expect(await refusals()).toBe(MAX_FAILED_ATTEMPTS);
  });

  test('what cannot be counted is refused as unavailable, and a right token passes', async () => {
    const { store } = one();
    const transaction = () => Promise.reject(new StoreError('busy', 'The database cannot be written.'));
    const listener = await listen({ ...one(), store: { ...store, transaction } });
    try {
      expect(await ask(listener, 'wrong')).toBe('unavailable');
      expect(await ask(listener, '', '/login/callback?code=x&state=y')).toBe('unavailable');
      expect(await ask(listener, token)).toBe(null);
    } finally {
      await listener.close();
    }
  });

  async function fail(address: string, times = 1): Promise<void> {
    for (let index = 0; index < times; index++) await countFailure(one(), address);
  }

  test('one client of IPv6 has many addresses and is counted once; others are others', async () => {
    for (let index = 0; index < MAX_FAILED_ATTEMPTS; index++) await fail(`2001:db8::${index}`);
    expect(await hasToWait(one(), '2001:db8::ffff')).toBe(true);
    expect(await hasToWait(one(), '2001:db8:0:1::1')).toBe(false);
    expect(await countFailure(one(), '2001:db8::ffff')).toBe(false);
  });

  test('the clock of one instance may be a little behind; one that is set back keeps nobody waiting', async () => {
    await fail('192.0.2.1', MAX_FAILED_ATTEMPTS);
    fixture.advance(-5);
    expect(await hasToWait(one(), '192.0.2.1')).toBe(true);
    fixture.advance(-WINDOW_SECONDS);
    expect(await hasToWait(one(), '192.0.2.1')).toBe(false);
  });

  test('old ones are forgotten when another client fails, and of many at once the newest are kept', async () => {
    const { failedAttempts } = one().store.tables;
    const known = async (clients: readonly string[]) => {
      const found = await Promise.all(clients.map((client) => failedAttempts.find(client)));
      return clients.filter((_, index) => found[index] !== null);
    };
    await fail('192.0.2.1');
    fixture.advance(WINDOW_SECONDS);
    await fail('192.0.2.2');
    expect(await known(['c0000201', 'c0000202'])).toEqual(['c0000202']);
    const since = one().now();
    for (const client of ['a', 'b', 'c', 'd']) await failedAttempts.put({ client, since, count: 1 });
    await failedAttempts.keep({ after: since - 1, before: since + 1, most: 3 });
    expect(await known(['a', 'b', 'c', 'd'])).toEqual(['a', 'b', 'c']);
  });
});
