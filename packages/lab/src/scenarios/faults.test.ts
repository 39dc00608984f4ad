/** What boxes do to answers: each told from a valid answer, never accepted wrongly, and nothing of the device outside of the signed body. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { behaviours } from '../hostile/behaviours.ts';
import { type NamedRow, namedRows, tryFault, verdictOf } from './fault-rows.ts';
import { approve, bootstrap, claim, type ServedWorld, startServedWorld } from './world.ts';

describe('every switch of the faulty proxy', { timeout: 180_000 }, () => {
  let world: ServedWorld;
  let count = 0;

  beforeAll(async () => {
    world = await startServedWorld('faults');
    await approve(world.installation, world.proxy.inspectionCaFile);
  }, 60_000);

  afterAll(async () => {
    await world.close();
  });

  function newSerial(): string {
    count += 1;
    return `FAULT-${count}`;
  }

  it('has a row', () => {
    expect(new Set(namedRows().map(({ behaviour }) => behaviour))).toEqual(new Set(Object.keys(behaviours)));
  });

  for (const row of namedRows().filter(({ waits }) => !waits)) it(titleOf(row), () => behind(row, world.proxy));

  describe.concurrent('by deadlines, each behind a proxy of its own', () => {
    for (const row of namedRows().filter(({ waits }) => waits))
      it(titleOf(row), async () => behind(row, await world.anotherProxy()));
  });

  async function behind(row: NamedRow, proxy: ServedWorld['proxy']): Promise<void> {
    const { device, said, afterwards, fields } = await tryFault(world, proxy, row, newSerial());
    expect(said).toMatchObject(row.says);
    if (said.exit !== 0) expect(said.inspectionCas).toEqual([]);
    const names = fields.map(([name]) => name.toLowerCase());
    expect(names).not.toContain('authorization');
    expect(names).not.toContain('cookie');
    expect(fields.map(([, value]) => value).join(' ')).not.toContain(device.serial);
    expect(afterwards).toMatchObject({ exit: 0, outcome: 'active' });
  }

  it('[C2] a portal in place of a required application, with a valid certificate: the profile is reverted, exit 40 names the endpoint', async () => {
    const device = await world.makeDevice(newSerial());
    await claim(world.installation, device.serial);
    await world.installation.windlass(
      'endpoint',
      'add',
      'app',
      '--host',
      'app.example',
      '--port',
      '443',
      '--protocol',
      'https',
      '--required',
      '--organization',
      'acme',
      '--network',
      'plant-a',
    );
    await world.installation.windlass('profile', 'publish', '--organization', 'acme', '--network', 'plant-a');
    await world.proxy.behave(['redirect-to-portal'], { names: ['app.example'] });
    try {
      expect(await bootstrap(device)).toMatchObject({
        exit: 40,
        outcome: 'reverted',
        endpoint: 'app',
        inspectionCas: [],
      });
    } finally {
      await world.proxy.behave([]);
    }
    expect(await bootstrap(device)).toMatchObject({
      exit: 0,
      endpoints: [expect.objectContaining({ name: 'app', verdict: 'inspected-trusted' })],
    });
  });
});

function titleOf({ name, says }: NamedRow): string {
  return `[L4] ${name}: ${verdictOf(says)}; once the box behaves, the device is online`;
}
