import { expect, test } from 'vitest';
import { createWorld } from '../../../protocol/src/testing/world.ts';
import { bootstrap } from '../bootstrap.ts';
import { resetAgent } from '../reset.ts';
import { fillStores } from '../stores.ts';
import { createFailingDisk } from '../testing/failing-disk.ts';
import { createFakeService } from '../testing/fake-service.ts';
import { BUNDLE, startAgent } from '../testing/test-agent.ts';
import { standingNow } from '../visit.ts';

const world = createWorld();
const ELSEWHERE = '/elsewhere/bundle.pem';

/** An agent whose bundle was at another place before; its disk, and what that bundle has now. */
async function moved(spoil: (text: string) => string = (text) => text) {
  const service = createFakeService(world);
  const disk = createFailingDisk();
  await bootstrap(startAgent(service, { disk, path: ELSEWHERE }));
  const old = (): string => `${disk.read(ELSEWHERE) ?? ''}`;
  disk.write(ELSEWHERE, Buffer.from(spoil(old())), 0o644);
  return { service, disk, old };
}

test('[C4] a bundle at a path that the configuration names no more loses what it has of ours at the next start, and nothing else', async () => {
  const { service, disk, old } = await moved((text) => `# mine\n${text}# more\n`);
  const roots = old().slice(old().indexOf('END CERTIFICATE-----\n') + 'END CERTIFICATE-----\n'.length);
  const agent = startAgent(service, { disk });
  fillStores(agent, standingNow(agent));
  expect(agent.bundle().match(/# windlass: /g)).toHaveLength(1);
  expect(old()).toBe(`# mine\n${roots}`);
  expect(roots).toContain('BEGIN CERTIFICATE');
});

test('[C4] what is put back there is taken out again, also by a reset', async () => {
  const { service, disk, old } = await moved();
  const agent = startAgent(service, { disk });
  const before = old();
  fillStores(agent, standingNow(agent));
  disk.write(ELSEWHERE, Buffer.from(before), 0o644);
  expect(resetAgent(startAgent(service, { disk })).unwritten).toEqual([]);
  expect([old(), agent.bundle()].join()).not.toContain('windlass');
});

test('nothing is made where there is no such file any more', async () => {
  const { service, disk } = await moved();
  disk.remove(ELSEWHERE);
  const agent = startAgent(service, { disk });
  expect(fillStores(agent, standingNow(agent))).toEqual([]);
  expect(disk.read(ELSEWHERE)).toBeNull();
});

test('one that cannot be written is said with its path', async () => {
  const { service, disk } = await moved();
  const write: typeof disk.write = (path, bytes, mode) => {
    if (path.startsWith(ELSEWHERE)) throw Object.assign(new Error(), { code: 'EROFS' });
    disk.write(path, bytes, mode);
  };
  const agent = startAgent(service, { disk: { ...disk, write, read: disk.read } });
  expect(resetAgent(agent).unwritten).toMatchObject([{ name: ELSEWHERE, state: 'not-managed', detail: 'EROFS' }]);
});

test('[C4] where a bundle is going to be is durable before there is one', async () => {
  const service = createFakeService(world);
  const disk = createFailingDisk();
  startAgent(service, { disk });
  startAgent(service, { disk, path: ELSEWHERE });
  expect(startAgent(service, { disk }).state.current.paths).toEqual([BUNDLE, ELSEWHERE]);
});
