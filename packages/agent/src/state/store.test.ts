import { digestOf, parseServiceName, unixSeconds } from '@windlass/protocol';
import { describe, expect, test } from 'vitest';
import { createFailingDisk } from '../testing/failing-disk.ts';
import { type AgentState, OtherServiceError } from './agent-state.ts';
import { openState, withoutHolding } from './store.ts';

const service = parseServiceName('bootstrap.windlass.example');
const firmwareBuild = unixSeconds(1_700_000_000);

function open(disk = createFailingDisk(), name = service) {
  return openState({ directory: '/device', files: disk, service: name, firmwareBuild, change: 'allowed' });
}

function later(state: AgentState): AgentState {
  const floors = {
    ...state.floors,
    time: unixSeconds(1_772_366_400),
    generation: 7,
    epochs: { acme: 2, constructor: 3 },
    networks: { 'acme/plant-a': { epoch: 2, sequence: 11, digest: digestOf('profile') } },
  };
  return { ...state, floors, counter: 42, outcome: 'unclaimed' };
}

describe('what the agent remembers', () => {
  test('a new device starts with the firmware build as its floor and nothing else', () => {
    expect(open().current).toMatchObject({
      floors: { time: firmwareBuild, generation: 0 },
      counter: 0,
      lastNonce: null,
      previous: null,
    });
  });

  test('what was committed is there after a restart', () => {
    const disk = createFailingDisk();
    const store = open(disk);
    store.commit(later(store.current));
    expect(open(disk).current).toEqual(later(store.current));
    expect(open(disk).fault).toBeNull();
  });

  test.each(['one flipped digit', 'cut short', 'empty', 'not JSON', 'another form'])(
    'a state that is damaged (%s) is set aside and rebuilt with its floors',
    (how) => {
      const disk = createFailingDisk();
      const store = open(disk);
      store.commit(later(store.current));
      const text = new TextDecoder().decode(disk.read('/device/state.json') ?? new Uint8Array());
      const damaged: Readonly<Record<string, string>> = {
        'one flipped digit': text.replace('"generation":7', '"generation":6'),
        'cut short': text.slice(0, 100),
        'not JSON': 'hello',
        'another form': '{"digest":"","state":{}}',
      };
      disk.write('/device/state.json', Buffer.from(damaged[how] ?? ''), 0o600);
      const rebuilt = open(disk);
      expect(rebuilt.fault).toBe('state-damaged');
      expect(rebuilt.current).toEqual(withoutHolding(later(store.current)));
      expect(disk.read('/device/state.json.damaged')).not.toBeNull();
    },
  );

  test('[C3] where both files are damaged the device says that its floors are lost', () => {
    const disk = createFailingDisk();
    const store = open(disk);
    store.commit(later(store.current));
    for (const name of ['state.json', 'floors.json']) disk.write(`/device/${name}`, Buffer.from('x'), 0o600);
    expect(open(disk).fault).toBe('floors-lost');
  });

  test('[C3] a state file that somebody removed does not take the floors with it', () => {
    const disk = createFailingDisk();
    const store = open(disk);
    store.commit(later(store.current));
    disk.remove('/device/state.json');
    expect(open(disk).current.floors.generation).toBe(7);
  });

  test('the state of another service is not touched', () => {
    const disk = createFailingDisk();
    const store = open(disk);
    store.commit(later(store.current));
    expect(() => open(disk, parseServiceName('other.example'))).toThrow(OtherServiceError);
    expect(disk.read('/device/state.json')).not.toBeNull();
  });

  test('[C3] a reset keeps the highest numbers, the counter of reports and the last signed time', () => {
    const kept = withoutHolding(later(open().current));
    expect(kept).toMatchObject({
      floors: { generation: 7, epochs: { acme: 2 }, time: 1_772_366_400 },
      counter: 42,
      holding: { claim: null, profiles: [] },
    });
  });
});
