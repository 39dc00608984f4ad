import {
  digestOf,
  MAX_BODY_BYTES,
  parseNetworkId,
  parseNonce,
  parseServiceName,
  unixSeconds,
} from '@windlass/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFailingDisk } from '../testing/failing-disk.ts';
import { type AgentState, decodeState, encodeState, type Holding } from './agent-state.ts';
import { openState } from './store.ts';

const service = parseServiceName('bootstrap.windlass.example');
const firmwareBuild = unixSeconds(1_700_000_000);

function fresh(): AgentState {
  const files = createFailingDisk();
  return openState({
    directory: '/device',
    floorsDirectory: '/device',
    files,
    service,
    firmwareBuild,
    change: 'none',
    bundles: [],
  }).current;
}

function textOf(state: object): Buffer {
  const body = JSON.stringify(state);
  return Buffer.from(`{"digest":"${digestOf(body)}","state":${body}}\n`);
}

/** As large as every bound of it allows at once. */
function largest(): AgentState {
  const text = '"'.repeat(MAX_BODY_BYTES);
  const envelope = { payload: text, signature: '' };
  const [network] = [parseNetworkId('plant-a')];
  const profiles = Array.from({ length: 8 }, () => ({ network, envelope, confirmed: true }));
  const holding: Holding = { claim: envelope, profiles, active: network, issuer: null, retired: [] };
  const revocations = Object.fromEntries([0, 1, 2, 3].map((i) => [i, envelope])) as never;
  return {
    ...{ ...fresh(), holding, previous: holding, floors: { ...fresh().floors, revocations } },
    pending: { nonce: parseNonce(Buffer.alloc(32).toString('base64')), payload: text, time: firmwareBuild },
    paths: Array.from({ length: 32 }, (_, i) => `/${'p'.repeat(4_000)}${i}`),
  };
}

describe('the text form of a state', () => {
  test('has every member again', () => {
    const state = largest();
    expect(decodeState(Buffer.from(encodeState(state, service)), service)).toEqual(state);
  });

  test('what is far larger than any state is damaged, whatever its digest says', () => {
    const padding = 'x'.repeat(128 * MAX_BODY_BYTES);
    expect(() => decodeState(textOf({ version: 2, service, ...fresh(), padding }), service)).toThrow();
  });

  test('damaged anywhere it is never another state: cut, changed, exchanged, doubled', () => {
    const state = { ...fresh(), counter: 41, paths: ['/a', '/b'] };
    const bytes = Buffer.from(encodeState(state, service));
    const place = fc.nat(bytes.length);
    const damaged = fc.oneof(
      place.map((at) => bytes.subarray(0, at)),
      fc
        .tuple(place, fc.nat(255))
        .map(([at, to]) => Buffer.concat([bytes.subarray(0, at), Buffer.of(to), bytes.subarray(at + 1)])),
      fc
        .tuple(place, fc.uint8Array({ maxLength: 9 }))
        .map(([at, more]) => Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)])),
      fc.tuple(place, place).map(([one, two]) => Buffer.concat([bytes.subarray(0, one), bytes.subarray(two)])),
      fc.uint8Array({ maxLength: 300 }).map((any) => Buffer.from(any)),
    );
    fc.assert(
      fc.property(damaged, (found) => {
        let read: AgentState | null = null;
        try {
          read = decodeState(found, service);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
        if (read) expect(read).toEqual(state);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a state of version 1', () => {
  const envelope = { payload: '{}', signature: '' };
  const [here, there] = ['plant-a', 'plant-b'].map(parseNetworkId);
  const holding = (active: string | null) => ({
    ...{ claim: envelope, active, issuer: null, retired: [] },
    profiles: [
      { network: here, envelope },
      { network: there, envelope },
    ],
  });
  const first = (active: string | null, previous: object | null): AgentState => {
    const { floors, lastNonce, counter, outcome } = fresh();
    const members = { floors, lastNonce, counter, outcome, holding: holding(active), previous };
    return decodeState(textOf({ version: 1, service, ...members }), service);
  };
  const confirmedOf = (held: Holding | null) => held?.profiles.map(({ confirmed }) => confirmed);

  test('gets the members that it did not have', () => {
    expect(first('plant-a', null)).toMatchObject({
      ...{ time: firmwareBuild, pending: null, trouble: null, fault: null, paths: [] },
      ...{ floors: { time: firmwareBuild }, counter: 0, holding: { active: 'plant-a' } },
    });
  });

  test('[C2] of its profiles only the active one is confirmed, and only where nothing waited for that', () => {
    expect(confirmedOf(first('plant-a', null).holding)).toEqual([true, false]);
    expect(confirmedOf(first(null, null).holding)).toEqual([false, false]);
    const waiting = first('plant-a', holding('plant-b'));
    expect(confirmedOf(waiting.holding)).toEqual([false, false]);
    expect(confirmedOf(waiting.previous)).toEqual([false, true]);
  });

  test('[C5] a start that does not commit anything leaves it as it is, for the older agent', () => {
    const disk = createFailingDisk();
    const text = textOf({
      version: 1,
      service,
      floors: fresh().floors,
      ...{ lastNonce: null, counter: 7, outcome: null },
      holding: holding(null),
      previous: null,
    });
    disk.write('/device/state.json', text, 0o600);
    const open = openState({
      directory: '/device',
      floorsDirectory: '/device',
      files: disk,
      service,
      firmwareBuild,
      change: 'none',
      bundles: [],
    });
    expect(open.current.counter).toBe(7);
    expect(disk.read('/device/state.json')).toEqual(text);
  });
});
