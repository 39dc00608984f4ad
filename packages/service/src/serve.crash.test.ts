// kill -9 at arbitrary moments: what was answered or acknowledged is there after the restart.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Answer, digestOf, type Envelope, parseAnswer } from '@windlass/protocol';
import { afterEach, expect, test } from 'vitest';
import { serve } from './serve.ts';
import type { DatabaseLocation } from './store/database.ts';
import { openDeviceStore } from './store/device-store.ts';
import { describeEachEngine } from './testing/each-engine.ts';
import {
  addManufacturer,
  bootstrapOver,
  initializeService,
  reportOver,
  type Sent,
  type ServiceFixture,
} from './testing/service-fixture.ts';
import { makeDevice, type TestDevice } from './testing/test-pki.ts';

const CYCLES = 10;
const DEVICES = 4;
const START_TIMEOUT_MILLISECONDS = 30_000;
/** When the process is killed after its first answer: each cycle at another moment. */
const killAfterMilliseconds = (cycle: number) => (cycle * 37) % 150;

let fixture: ServiceFixture;
let started: ChildProcess | null = null;
afterEach(() => {
  started?.kill('SIGKILL');
  fixture.remove();
});

interface Child {
  readonly process: ChildProcess;
  readonly url: string;
}

/** `windlass serve --only device` as a process of its own, from the sources. */
async function startChild(): Promise<Child> {
  const script = `import { serve } from ${JSON.stringify(new URL('./serve.ts', import.meta.url).href)};
    const { urls } = await serve({ configFile: ${JSON.stringify(fixture.configFile)}, only: 'device', log: 'silent' });
    console.log(urls['device-http']);`;
  const child = spawn(process.execPath, ['--conditions=source', '--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started = child;
  const lines = createInterface({ input: child.stdout, signal: AbortSignal.timeout(START_TIMEOUT_MILLISECONDS) });
  for await (const url of lines) return { process: child, url };
  throw new Error('The service ended before it listened.');
}

async function kill({ process: child }: Child): Promise<void> {
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

/** What devices got, whatever happened after. */
interface Promised {
  readonly answers: { readonly device: TestDevice; readonly sent: Sent }[];
  readonly acknowledgements: { readonly device: TestDevice; readonly counter: number; readonly sent: Sent }[];
}

/** Asks and reports until the service is gone. */
async function talk(url: string, device: TestDevice, counters: { next: number }, promised: Promised): Promise<void> {
  try {
    for (;;) {
      promised.answers.push({ device, sent: await bootstrapOver(url, device, []) });
      const counter = counters.next++;
      promised.acknowledgements.push({ device, counter, sent: await reportOver(url, device, counter) });
    }
  } catch {
    // The service was killed: what was not answered is no promise.
  }
}

async function checkPromises({ answers, acknowledgements }: Promised, location: DatabaseLocation): Promise<void> {
  const store = await openDeviceStore(location, 'write');
  for (const { device, sent } of answers) {
    const { decision }: Answer = parseAnswer(Buffer.from(sent.body));
    const [stored] = await store.decisionsFor(device.id, sent.nonce, digestOf(sent.payload));
    expect(stored?.envelope).toEqual(decision);
  }
  for (const { device, counter, sent } of acknowledgements) {
    const stored = await store.reportOf(device.id, counter);
    expect(stored?.report.payload).toBe(sent.payload);
    expect(stored?.acknowledgement).toEqual(JSON.parse(sent.body) as Envelope);
  }
  await store.close();
}

describeEachEngine((newDatabase) => {
  test(`[S9] [S11] after kill -9 every answered decision and acknowledged report is there, ${CYCLES} times`, async () => {
    const database = await newDatabase();
    fixture = await initializeService(typeof database === 'string' ? undefined : database);
    const location = typeof database === 'string' ? join(fixture.directory, 'device.db') : database;
    const management = await serve({ configFile: fixture.configFile, only: 'management', log: 'silent' });
    const manufacturer = await addManufacturer(fixture, management.urls['management'] ?? '');
    await management.close();
    const talkers = Array.from({ length: DEVICES }, (_, index) => ({
      device: makeDevice(`pump-${index}`, manufacturer),
      counters: { next: 1 },
    }));
    const promised: Promised = { answers: [], acknowledgements: [] };
    for (let cycle = 0; cycle < CYCLES; cycle += 1) {
      const child = await startChild();
      const before = promised.acknowledgements.length;
      const talks = talkers.map(({ device, counters }) => talk(child.url, device, counters, promised));
      while (promised.acknowledgements.length === before) await new Promise((resolve) => setTimeout(resolve, 5));
      await new Promise((resolve) => setTimeout(resolve, killAfterMilliseconds(cycle)));
      await kill(child);
      await Promise.all(talks);
      await checkPromises(promised, location);
    }
    expect(promised.acknowledgements.length).toBeGreaterThan(CYCLES);
  }, 120_000);
});
