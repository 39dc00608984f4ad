import { expect, test } from 'vitest';
import { createWorld } from '../../../protocol/src/testing/world.ts';
import { bootstrap } from '../bootstrap.ts';
import { createFailingDisk } from '../testing/failing-disk.ts';
import { createFakeService } from '../testing/fake-service.ts';
import { BUNDLE, startAgent, type TestAgent } from '../testing/test-agent.ts';
import { formerPaths, purgeFormer } from './former-bundles.ts';

const world = createWorld();
const ELSEWHERE = '/elsewhere/bundle.pem';

/** An agent whose bundle was at another place before; its disk, and what that bundle has now. */
async function moved(spoil: (text: string) => string = (text) => text) {
  const service = createFakeService(world);
  const disk = createFailingDisk();
  await bootstrap(startAgent(service, { disk, path: ELSEWHERE }));
  const old = (): string => `${disk.read(ELSEWHERE) ?? ''}`;
  disk.write(ELSEWHERE, Buffer.from(spoil(old())), 0o644);
  return { disk, old, agent: startAgent(service, { disk }) };
}

function formerOf({ state }: TestAgent): readonly string[] {
  return formerPaths(state, [{ path: BUNDLE }]);
}

test('[C4] a bundle at a path that the configuration names no more loses what it has of ours, and nothing else', async () => {
  const { disk, old, agent } = await moved((text) => `# mine\n${text}# more\n`);
  const roots = old().slice(old().indexOf('END CERTIFICATE-----\n') + 'END CERTIFICATE-----\n'.length);
  expect(old()).toContain('# windlass: ');
  expect(purgeFormer(formerOf(agent), disk)).toEqual([]);
  expect(old()).toBe(`# mine\n${roots}`);
  expect(roots).toContain('BEGIN CERTIFICATE');
});

test('[C4] it stays remembered: what is put back there is taken out again', async () => {
  const { disk, old, agent } = await moved();
  const before = old();
  purgeFormer(formerOf(agent), disk);
  disk.write(ELSEWHERE, Buffer.from(before), 0o644);
  purgeFormer(formerOf(agent), disk);
  expect(old()).not.toContain('windlass');
});

test('nothing is written where nothing of ours is, and nothing made where there is no such file any more', async () => {
  const { disk, agent } = await moved((text) => text.slice(text.indexOf('END CERTIFICATE-----\n') + 21));
  const { operations } = disk;
  expect(purgeFormer(formerOf(agent), disk)).toEqual([]);
  expect(disk.operations).toBe(operations);
  disk.remove(ELSEWHERE);
  expect(purgeFormer(formerOf(agent), disk)).toEqual([]);
  expect(disk.read(ELSEWHERE)).toBeNull();
});

test('one that cannot be written is said with its path', async () => {
  const { disk, agent } = await moved();
  const write = (): never => {
    throw Object.assign(new Error(), { code: 'EROFS' });
  };
  const { read, sync, rename } = disk;
  expect(purgeFormer(formerOf(agent), { read, sync, rename, write })).toMatchObject([
    { name: ELSEWHERE, state: 'not-managed', detail: 'EROFS' },
  ]);
});

test('[C4] where a bundle is going to be is durable before there is one', async () => {
  const service = createFakeService(world);
  const disk = createFailingDisk();
  startAgent(service, { disk });
  startAgent(service, { disk, path: ELSEWHERE });
  expect(startAgent(service, { disk }).state.current.paths).toEqual([BUNDLE, ELSEWHERE]);
});
