import type { UnixSeconds } from '@windlass/protocol';
import { expect, test } from 'vitest';
import { describeEachEngine } from '../testing/each-engine.ts';
import { openDatabase } from './database.ts';
import { createDeviceReader } from './device-reader.ts';
import { DEVICE_DATABASE, type DeviceDatabase } from './device-schema.ts';
import type { DecisionCursor, StoredDecision } from './ports.ts';

describeEachEngine((newDatabase) => {
  test('decisions are read piece by piece, each once, in one order whatever the size of a piece', async () => {
    const { database, close } = await openDatabase<DeviceDatabase>(await newDatabase(), DEVICE_DATABASE, 'create');
    const reader = createDeviceReader(database, close);
    expect(await reader.firstDecision()).toBeNull();
    const empty = { code: null, organization: null, network: null, claim: null, profile: null };
    const same = { request: 'r', key: 'k', outcome: 'granted', payload: '{}', signature: 's', ...empty };
    for (const time of [90, 100, 101, 199, 200]) {
      for (const [manufacturer, serial, nonce, reused_by] of [
        ['m', 'S-1', 'n', ''],
        ['m', 'S-1', 'n', 'r'],
        ['M', 's-1', 'N+/', ''],
        ['m', 's-1', 'n_', ''],
        ['m', 'S-1', 'N', ''],
      ] as const) {
        const row = { manufacturer, serial, nonce: `${nonce}${time}`, reused_by, time, ...same };
        await database.insertInto('decisions').values(row).execute();
      }
    }
    const all = async (limit: number) => {
      const found: StoredDecision[] = [];
      let after: DecisionCursor = { time: 100 as UnixSeconds, manufacturer: '', serial: '', nonce: '', reusedBy: '' };
      for (;;) {
        const piece = await reader.decisions(after, 200 as UnixSeconds, limit);
        found.push(...piece);
        after = piece.at(-1) ?? after;
        if (piece.length < limit) return found;
      }
    };
    const whole = await all(100);
    expect(whole.map(({ time }) => time)).toEqual([100, 101, 199].flatMap((time) => Array(5).fill(time)));
    expect(new Set(whole.map(({ serial, nonce, reusedBy }) => `${serial} ${nonce} ${reusedBy}`)).size).toBe(15);
    for (const limit of [1, 2, 5, 7]) expect(await all(limit)).toEqual(whole);
    expect(await reader.firstDecision()).toBe(90);
    await reader.close();
  });
});
