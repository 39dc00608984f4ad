import { expect, test } from 'vitest';
import { keepRunning, type ShiftMemory, type ShiftOrder } from './keep-running.ts';
import type { Happening } from './supervisor.ts';
import { SUPERVISOR_START } from './supervisor.ts';

const given = { config: '/etc/agent.json', json: false };

function memory(until: number): ShiftMemory {
  const waiting = { state: { ...SUPERVISOR_START, due: until }, until, keys: [] };
  return {
    waiting,
    clock: { time: 7, at: 0, isSigned: true },
    said: `until ${until}`,
    learned: { open: {}, bad: [] },
    warned: [],
  };
}

interface Kept {
  readonly code: number;
  readonly orders: readonly ShiftOrder[];
  readonly slept: readonly number[];
  readonly stopped: number;
}

/** Each shift ends as the next of `shifts` says, at once, or never; after the last of them the agent is told to end. */
async function keep(
  shifts: readonly (ShiftMemory | number | 'never')[],
  look?: (uptime: number) => Happening | null,
): Promise<Kept> {
  let [uptime, stopped, code] = [0, 0, 0];
  const orders: ShiftOrder[] = [];
  const slept: number[] = [];
  const rest = [...shifts];
  let end = (): void => {};
  const options = {
    stopped: new Promise<void>((resolve) => {
      end = resolve;
    }),
    sleep: async (seconds: number) => {
      if (rest.length === 0) {
        end();
        return new Promise<void>(() => {});
      }
      slept.push(seconds);
      uptime += seconds;
    },
    chance: () => 0,
    uptime: () => uptime,
    ...(look && { look: () => look(uptime) }),
    start: (order: ShiftOrder) => {
      orders.push(order);
      const how = order.isLast ? 0 : (rest.shift() ?? 0);
      if (how !== 'never')
        return {
          done: Promise.resolve(typeof how === 'number' ? { code: how, memory: null } : { code: 0, memory: how }),
          stop: () => {},
        };
      setTimeout(end, 0);
      let isKilled = (): void => {};
      const done = new Promise<{ code: number; memory: null }>((resolve) => {
        isKilled = () => resolve({ code: 70, memory: null });
      });
      return {
        done,
        stop: () => {
          stopped += 1;
          isKilled();
        },
      };
    },
  };
  code = await keepRunning(given, options);
  return { code, orders, slept, stopped };
}

test('each shift begins when the one before said, with what it left, and the last one closes', async () => {
  const { code, orders, slept } = await keep([memory(100), memory(5_000)]);
  expect(code).toBe(0);
  expect(slept).toEqual([100]);
  const nothing = { ...given, happened: null, isLast: false };
  expect(orders).toEqual([
    { ...nothing, before: null },
    { ...nothing, before: memory(100) },
    { ...nothing, before: memory(5_000), isLast: true },
  ]);
});

test('what happens around the device is noticed within a minute, and told to the next shift', async () => {
  const { orders, slept } = await keep([memory(1_000), memory(2_000)], (uptime) =>
    uptime === 120 ? 'network-changed' : null,
  );
  expect(slept).toEqual([60, 60]);
  expect(orders[1]).toMatchObject({ before: memory(1_000), happened: 'network-changed' });
});

test('[L8] after a shift that broke the next one begins as after a restart, a minute later', async () => {
  const { code, orders, slept } = await keep([memory(10), 70, memory(90)], () => null);
  expect(code).toBe(0);
  expect(slept).toEqual([10, 50, 10]);
  expect(orders.map(({ before }) => before)).toEqual([null, memory(10), null, memory(90)]);
});

test('where the first shift cannot work, or one is told that the configuration is wrong, that is the end', async () => {
  for (const [shifts, ended] of [
    [[2], 2],
    [[70], 70],
    [[memory(10), 2], 2],
  ] as const) {
    const { code, orders } = await keep(shifts);
    expect({ code, last: orders.at(-1)?.isLast }).toEqual({ code: ended, last: false });
  }
});

test('told to end during a shift, it ends that one and waits for it, and closes', async () => {
  const { code, orders, stopped } = await keep([memory(10), 'never']);
  expect({ code, stopped }).toEqual({ code: 0, stopped: 1 });
  expect(orders.at(-1)).toMatchObject({ before: memory(10), isLast: true });
});

test('told to end at the very moment at which a shift ends, it waits for nothing any more', async () => {
  const orders: ShiftOrder[] = [];
  let end = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    end = resolve;
  });
  const start = (order: ShiftOrder) => {
    orders.push(order);
    const done = new Promise<{ code: number; memory: ShiftMemory }>((resolve) =>
      setTimeout(() => {
        resolve({ code: 0, memory: memory(10) });
        end();
      }),
    );
    return { done, stop: () => {} };
  };
  const sleep = () => new Promise<void>(() => {});
  expect(await keepRunning(given, { stopped, sleep, start, chance: () => 0, uptime: () => 0 })).toBe(0);
  expect(orders.map(({ isLast }) => isLast)).toEqual([false, true]);
});
