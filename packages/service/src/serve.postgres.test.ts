// Several instances on one PostgreSQL: whichever a device or an operator talks to, it is one service.
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { initialize } from './initialize.ts';
import type { PostgresServer } from './postgres-server.ts';
import { type RunningService, serve } from './serve.ts';
import { describePostgres } from './testing/each-engine.ts';
import {
  acceptOver,
  addManufacturer,
  bootstrapOver,
  initializeService,
  letIn,
  manage,
  postOver,
  reportOver,
  type ServiceFixture,
  urlOf,
} from './testing/service-fixture.ts';
import { makeCa, makeDevice, makeLeaf } from './testing/test-pki.ts';

/** The statements of docs/operating.md for a role for each side: those before `windlass init`, and those after it. */
function documentedGrants(): readonly [before: readonly string[], after: readonly string[]] {
  const text = readFileSync(new URL('../../../docs/operating.md', import.meta.url), 'utf8');
  const [before = '', after = ''] = [...text.matchAll(/^```sql\n([^`]*)^```/gm)].map(([, block]) => block ?? '');
  const statements = (block: string) =>
    block
      .replace(/^\\.*$/gm, '')
      .split(';')
      .map((statement) => statement.trim())
      // The cluster of the tests makes the database.
      .filter((statement) => statement !== '' && !statement.startsWith('create database'));
  return [statements(before), statements(after)];
}

describePostgres((cluster) => {
  let server: PostgresServer;
  let fixture: ServiceFixture;
  let running: RunningService[] = [];
  beforeEach(async () => {
    server = await cluster().createDatabase();
    fixture = await initializeService(server);
  });
  afterEach(async () => {
    for (const service of running) await service.close();
    running = [];
    fixture.remove();
  });

  async function start(configFile: string, only?: 'device' | 'management'): Promise<RunningService> {
    const service = await serve({ configFile, log: 'silent', ...(only === undefined ? {} : { only }) });
    running.push(service);
    return service;
  }
  /** On another machine: what is in the directory, but for the operator's own. */
  function otherMachine(): string {
    const directory = join(fixture.parent, 'other');
    cpSync(fixture.directory, directory, { recursive: true });
    for (const name of ['offline', 'admin-token']) rmSync(join(directory, name), { recursive: true });
    return join(directory, 'windlass.toml');
  }
  const adminToken = () => readFileSync(join(fixture.directory, 'admin-token'), 'utf8').trim();

  test('init leaves no database file, and its second run finds the service that is there', async () => {
    for (const name of ['management.db', 'device.db']) expect(existsSync(join(fixture.directory, name))).toBe(false);
    const again = { dir: join(fixture.parent, 'again'), service: 'bootstrap.example', databaseUrl: urlOf(server) };
    await expect(initialize(again)).rejects.toThrow(/The database has a service already: name another one/);
    expect(existsSync(again.dir)).toBe(false);
  });

  test('two instances are one service: claimed through one, granted by the other, reported to either', async () => {
    const [first, second] = [await start(fixture.configFile), await start(otherMachine())];
    const [one, two] = [first, second].map(({ urls }) => urls['device-http'] ?? '') as [string, string];
    const [here, there] = [first, second].map(({ urls }) => urls['management'] ?? '') as [string, string];
    const device = makeDevice('pump-1', await addManufacturer(fixture, here));
    expect(acceptOver(fixture, device, await bootstrapOver(two, device, []))).toMatchObject({ kind: 'unclaimed' });
    const { approverToken = '' } = await manage(here, adminToken(), '/v1/organizations', { name: 'acme' });
    // The publisher's key is a file: where an organization is made, and wherever that file is copied to, it publishes.
    cpSync(join(fixture.directory, 'keys'), join(fixture.parent, 'other', 'keys'), { recursive: true });
    const acme = (at: string, path: string, body: object) =>
      manage(at, approverToken, `/v1/organizations/acme${path}`, body);
    const box = makeCa('Box CA');
    await acme(there, '/networks', { name: 'plant' });
    await letIn((path, body) => acme(here, path, body), 'plant', box);
    await acme(there, '/networks/plant/profiles', {});
    await manage(there, adminToken(), '/v1/claims', { serial: 'pump-1', organization: 'acme' });
    const asked = await bootstrapOver(one, device, [makeLeaf(box)]);
    expect(acceptOver(fixture, device, asked)).toMatchObject({
      kind: 'granted',
      profile: { profile: { network: 'plant' } },
    });
    // The same request, sent again to the other instance, gets the same decision.
    expect(JSON.parse(await postOver(two, 'bootstrap', device, asked.payload))).toEqual(JSON.parse(asked.body));
    const reported = await reportOver(two, device, 1);
    expect(await postOver(one, 'report', device, reported.payload)).toBe(reported.body);
    await expect(reportOver(one, device, 1)).rejects.toThrow(/^400/);
    const audit = await fetch(`${there}/v1/audit`, { headers: { authorization: `Bearer ${adminToken()}` } });
    expect(await audit.json()).toMatchObject({ chain: 'intact' });
  });

  test('many devices that ask and report at both instances at once are all answered', async () => {
    const [first, second] = [await start(fixture.configFile), await start(otherMachine(), 'device')];
    const maker = await addManufacturer(fixture, first.urls['management'] ?? '');
    const urls = [first, second].map(({ urls }) => urls['device-http'] ?? '');
    const talk = async (index: number) => {
      const device = makeDevice(`pump-${index % 8}`, maker);
      const url = urls[index % 2] ?? '';
      return acceptOver(fixture, device, await bootstrapOver(url, device, [])).kind;
    };
    // Of two keys with one serial the first is the device's: the others are refused, and answered.
    const kinds = await Promise.all(Array.from({ length: 32 }, (_, index) => talk(index)));
    expect(kinds.filter((kind) => kind === 'unclaimed').length).toBeGreaterThanOrEqual(8);
    expect(kinds).toHaveLength(32);
  });

  test('[S13] a role for each side, as documented: each answers, and neither writes what is the other side’s', async () => {
    const separate = await cluster().createDatabase();
    const [before, after] = documentedGrants();
    for (const statement of before) await cluster().execute(separate, statement);
    const dir = join(fixture.parent, 'roles');
    const urlAs = (user: string) => urlOf({ ...separate, user });
    const databaseUrl = urlAs('windlass_management');
    await initialize({ dir, service: 'bootstrap.example', httpPort: 0, managementPort: 0, databaseUrl });
    for (const statement of after) await cluster().execute(separate, statement);
    const configFile = join(dir, 'windlass.toml');
    const deviceConfig = join(dir, 'device.toml');
    writeFileSync(deviceConfig, readFileSync(configFile, 'utf8').replace(databaseUrl, urlAs('windlass_device')));
    await expect(start(configFile, 'management')).rejects.toThrow(/start "windlass serve --only device"/);
    const devices = await start(deviceConfig, 'device');
    const management = await start(configFile, 'management');
    const roles = { ...fixture, directory: dir };
    const device = makeDevice('pump-1', await addManufacturer(roles, management.urls['management'] ?? ''));
    const url = devices.urls['device-http'] ?? '';
    expect(acceptOver(roles, device, await bootstrapOver(url, device, []))).toMatchObject({ kind: 'unclaimed' });
    await reportOver(url, device, 1);
    for (const [role, schema] of [
      ['windlass_device', 'windlass_management'],
      ['windlass_management', 'windlass_device'],
    ] as const) {
      const as = { ...separate, user: role };
      for (const table of await tablesOf(separate, schema)) {
        for (const act of [
          `delete from ${table}`,
          `truncate ${table}`,
          `begin; lock table ${table} in share row exclusive mode`,
        ]) {
          await expect(cluster().execute(as, act)).rejects.toThrow(/permission denied/);
        }
      }
      await expect(cluster().execute(as, `create table ${schema}.mine (name text)`)).rejects.toThrow(
        /permission denied/,
      );
    }
    const secret = cluster().execute(
      { ...separate, user: 'windlass_device' },
      'select * from windlass_management.tokens',
    );
    await expect(secret).rejects.toThrow(/permission denied/);
  });

  async function tablesOf(at: PostgresServer, schema: string): Promise<readonly string[]> {
    const rows = await cluster().execute(at, `select tablename from pg_tables where schemaname = '${schema}'`);
    expect(rows.length).toBeGreaterThan(3);
    return rows.map(({ tablename }) => `${schema}.${tablename}`);
  }
});
