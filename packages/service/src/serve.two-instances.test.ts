// Two instances as processes of their own, on one PostgreSQL with the same keys: one is killed while both work on a kill switch, and the
// other finishes it.
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseSerial } from '@windlass/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exportAudit, verifyAudit } from './audit.ts';
import type { ManagementStore } from './store/management-ports.ts';
import { openManagementStore } from './store/management-store.ts';
import { describePostgres } from './testing/each-engine.ts';
import { addManufacturer, initializeService, letIn, manage, type ServiceFixture } from './testing/service-fixture.ts';
import { makeCa } from './testing/test-pki.ts';

const CLAIMS = 1_200;
const START_TIMEOUT_MILLISECONDS = 30_000;
const POLL_MILLISECONDS = 20;
/** In which both work. */
const BOTH_MILLISECONDS = 100;

describePostgres((cluster) => {
  let fixture: ServiceFixture;
  let store: ManagementStore;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    const server = await cluster().createDatabase();
    fixture = await initializeService(server);
    store = await openManagementStore(server, 'write');
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await store.close();
    fixture.remove();
  });

  /** The directory of an instance on another machine, with the same keys of claim authority and publishers mounted. */
  function otherMachine(): string {
    const directory = join(fixture.parent, 'other');
    cpSync(fixture.directory, directory, { recursive: true });
    const shared = ['keys/claim-authority', 'keys/publishers'];
    for (const name of ['offline', 'admin-token', ...shared]) rmSync(join(directory, name), { recursive: true });
    for (const name of shared) symlinkSync(join(fixture.directory, name), join(directory, name));
    return directory;
  }

  /** The management side of a directory as a process of its own, from the sources. */
  async function start(directory: string): Promise<{ readonly child: ChildProcess; readonly url: string }> {
    const script = `import { serve } from ${JSON.stringify(new URL('./serve.ts', import.meta.url).href)};
      const configFile = ${JSON.stringify(join(directory, 'windlass.toml'))};
      const { urls } = await serve({ configFile, only: 'management', log: 'silent' });
      console.log(urls.management);`;
    const child = spawn(process.execPath, ['--conditions=source', '--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const lines = createInterface({ input: child.stdout, signal: AbortSignal.timeout(START_TIMEOUT_MILLISECONDS) });
    for await (const url of lines) return { child, url };
    throw new Error('The service ended before it listened.');
  }

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }

  /** As many devices as take a while. */
  async function multiplyClaims(): Promise<void> {
    const [template] = await store.tables.claims.withSerial(parseSerial('SN-1'));
    if (template === undefined) throw new Error('There is no claim.');
    await store.transaction(async ({ claims }) => {
      for (let index = 2; index <= CLAIMS; index++) {
        await claims.add({ ...template, serial: parseSerial(`SN-${index}`) });
      }
    });
  }

  test('one is killed while both work on a kill switch: the other finishes it, and everything is done once [S12]', {
    timeout: 180_000,
  }, async () => {
    const first = await start(fixture.directory);
    await addManufacturer(fixture, first.url);
    const adminToken = readFileSync(join(fixture.directory, 'admin-token'), 'utf8').trim();
    const { approverToken = '' } = await manage(first.url, adminToken, '/v1/organizations', { name: 'acme' });
    const acme = (path: string, body: object) =>
      manage(first.url, approverToken, `/v1/organizations/acme${path}`, body);
    await acme('/networks', { name: 'plant' });
    await letIn(acme, 'plant', makeCa('Plant proxy'));
    await acme('/networks/plant/profiles', {});
    await manage(first.url, adminToken, '/v1/claims', { serial: 'SN-1', organization: 'acme' });
    await multiplyClaims();
    const other = otherMachine();

    await acme('/kill-switch', { reason: 'stolen', newPublisher: true });
    const job = async () => (await store.tables.jobs.page({ organization: null, before: null, limit: 1 }))[0];
    await until(async () => ((await job())?.done ?? 0) > 0);
    // It stands still until the other has started, which works on open jobs at once.
    first.child.kill('SIGSTOP');
    expect(await job()).toMatchObject({ state: 'running' });
    await start(other);
    first.child.kill('SIGCONT');
    await new Promise((resolve) => setTimeout(resolve, BOTH_MILLISECONDS));
    first.child.kill('SIGKILL');
    await until(async () => (await job())?.state === 'done');

    expect(await job()).toMatchObject({ done: CLAIMS + 1, total: CLAIMS + 1 });
    const claims = await store.tables.claims.currentOf(null);
    expect(claims.filter(({ generation, epoch }) => generation === 2 && epoch === 2)).toHaveLength(CLAIMS);
    const { entries } = await exportAudit({ store }, { organization: null, limit: 1000 });
    const acts = entries.map(({ act }) => act);
    expect(acts.filter((act) => act === 'profile.stage')).toHaveLength(1);
    expect(acts.filter((act) => act === 'organization.epoch')).toHaveLength(1);
    const renewed = entries.filter(({ act }) => act === 'claim.renew').map(({ detail }) => Number(detail['count']));
    expect(renewed.reduce((sum, count) => sum + count, 0)).toBe(CLAIMS);
    expect(await verifyAudit(store.tables.audit)).toBe('intact');
  });
});
