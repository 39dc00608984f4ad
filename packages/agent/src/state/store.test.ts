import { digestOf, parseNonce, parseServiceName, unixSeconds } from '@windlass/protocol';
import { describe, expect, test } from 'vitest';
import { createFailingDisk, type FailingDisk } from '../testing/failing-disk.ts';
import { type AgentState, encodeState, MAX_PATHS, NewerStateError, OtherServiceError } from './agent-state.ts';
import { openState, withoutHolding } from './store.ts';

const service = parseServiceName('bootstrap.windlass.example');
const firmwareBuild = unixSeconds(1_700_000_000);

const BUNDLE = '/elsewhere/bundle.pem';

function open(disk = createFailingDisk(), name = service, change: 'allowed' | 'none' = 'allowed') {
  const bundles = [BUNDLE];
  return openState({
    directory: '/device',
    floorsDirectory: '/device',
    files: disk,
    service: name,
    firmwareBuild,
    change,
    bundles,
  });
}

/** As a later agent may write it: of another form, with the digest over it as ever. */
function newer(state: AgentState): Uint8Array {
  return textOf({ version: 3, service, held: [state] });
}

function textOf(state: object): Buffer {
  const body = JSON.stringify(state);
  return Buffer.from(`{"digest":"${digestOf(body)}","state":${body}}\n`);
}

function later(state: AgentState): AgentState {
  const floors = {
    ...state.floors,
    time: unixSeconds(1_772_366_400),
    generation: 7,
    epochs: { acme: 2, constructor: 3 },
    networks: { 'acme/plant-a': { epoch: 2, sequence: 11, digest: digestOf('profile') } },
  };
  return {
    ...{ ...state, floors, counter: 42, outcome: 'unclaimed', notBefore: unixSeconds(floors.time + 60) },
    time: unixSeconds(floors.time + 3_600),
    pending: {
      nonce: parseNonce(Buffer.alloc(32).toString('base64')),
      payload: '{"type":"request"}',
      time: floors.time,
    },
    trouble: { code: 'tcp-timeout', since: floors.time },
    paths: [BUNDLE, '/before/bundle.pem'],
  };
}

describe('what the agent remembers', () => {
  test('a new device starts with the firmware build as its floor and nothing else', () => {
    expect(open().current).toMatchObject({
      floors: { time: firmwareBuild, generation: 0 },
      counter: 0,
      lastNonce: null,
      previous: null,
      time: firmwareBuild,
      paths: [BUNDLE],
    });
  });

  test('what was committed is there after a restart', () => {
    const disk = createFailingDisk();
    const store = open(disk);
    store.commit(later(store.current));
    expect(open(disk).current).toEqual(later(store.current));
    expect(open(disk).current.fault).toBeNull();
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
      expect(rebuilt.current.fault).toBe('state-damaged');
      expect(rebuilt.current).toEqual({ ...withoutHolding(later(store.current)), fault: 'state-damaged' });
      expect(disk.read('/device/state.json.damaged')).not.toBeNull();
    },
  );

  test('[C3] where both files are damaged the device says that its floors are lost', () => {
    const disk = createFailingDisk();
    const store = open(disk);
    store.commit(later(store.current));
    for (const name of ['state.json', 'floors.json']) disk.write(`/device/${name}`, Buffer.from('x'), 0o600);
    expect(open(disk).current.fault).toBe('floors-lost');
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

  test.each([
    ['both files', ['state.json', 'floors.json'], 'x'],
    ['the state, and floors that are older', ['state.json'], null],
    ['the floors, and a damaged state', ['floors.json'], 'x'],
  ])('[C5] a state of a newer agent is not touched, nor is anything beside it: %s', (_, names, other) => {
    const disk = createFailingDisk();
    const store = open(disk);
    store.commit(later(store.current));
    if (other) disk.write('/device/state.json', Buffer.from(other), 0o600);
    for (const name of names) disk.write(`/device/${name}`, newer(store.current), 0o600);
    const before = [...disk.afterPowerLoss()];
    const operations = disk.operations;
    expect(() => open(disk)).toThrow(NewerStateError);
    expect(disk.operations).toBe(operations);
    expect(disk.afterPowerLoss()).toEqual(before);
  });

  test('what has its digest and no version that there ever was is damaged', () => {
    const disk = createFailingDisk();
    open(disk);
    for (const version of [undefined, 0, 'two', null]) {
      disk.write('/device/state.json', textOf({ version, service, ...open().current }), 0o600);
      expect(open(disk).current.fault).toBe('state-damaged');
    }
  });

  test('a version that only damage makes newer is damaged', () => {
    const disk = createFailingDisk();
    const store = open(disk);
    store.commit(later(store.current));
    const text = Buffer.from(encodeState(store.current, service)).toString();
    disk.write('/device/state.json', Buffer.from(text.replace('"version":2', '"version":3')), 0o600);
    expect(open(disk).current.fault).toBe('state-damaged');
  });

  describe('[C3] both files are missing', () => {
    const ours = Buffer.from('# windlass: acme/plant-a, SHA-256 00:01\n-----BEGIN CERTIFICATE-----\n');

    test('and nothing shows that there ever were any: a new device', () => {
      const disk = createFailingDisk();
      disk.write(BUNDLE, Buffer.from('-----BEGIN CERTIFICATE-----\n'), 0o644);
      expect(open(disk).current.fault).toBeNull();
      expect(disk.read('/device/state.json.damaged')).toBeNull();
    });

    test('and a bundle has anchors of ours: the floors are lost, also after the next start, until that was reported', () => {
      const disk = createFailingDisk();
      disk.write(BUNDLE, ours, 0o644);
      expect(open(disk, service, 'none').current.fault).toBe('floors-lost');
      expect(open(disk).current.fault).toBe('floors-lost');
      disk.write(BUNDLE, Buffer.from(''), 0o644);
      const store = open(disk);
      expect(store.current.fault).toBe('floors-lost');
      store.commit(later(store.current));
      expect(open(disk).current.fault).toBe('floors-lost');
      store.commit({ ...store.current, fault: null });
      expect(open(disk).current.fault).toBeNull();
    });

    test('and a bundle cannot be read: nothing stops the device', () => {
      const disk = createFailingDisk();
      const read = (path: string): Buffer | null => {
        if (path === BUNDLE) throw new Error('EACCES');
        return disk.read(path);
      };
      expect(open({ ...disk, read } as typeof disk).current.fault).toBeNull();
    });

    test.each([
      ['both were', ['state.json', 'floors.json']],
      ['the second was', ['floors.json']],
    ])('because %s damaged and set aside: the floors are lost', (_, names) => {
      const disk = createFailingDisk();
      for (const name of names) disk.write(`/device/${name}`, Buffer.from('x'), 0o600);
      open(disk);
      expect(open(disk).current.fault).toBe('floors-lost');
      for (const name of names) expect(Buffer.from(disk.read(`/device/${name}.damaged`) ?? '').toString()).toBe('x');
    });
  });

  test('[C3] a reset keeps the highest numbers, the counter of reports, times, and where bundles are; not what was under way', () => {
    const kept = withoutHolding({ ...later(open().current), fault: 'floors-lost' });
    expect(kept).toMatchObject({
      floors: { generation: 7, epochs: { acme: 2 }, time: 1_772_366_400 },
      counter: 42,
      time: 1_772_370_000,
      fault: 'floors-lost',
      paths: [BUNDLE, '/before/bundle.pem'],
      holding: { claim: null, profiles: [] },
      ...{ pending: null, trouble: null, outcome: null, previous: null },
    });
    expect(kept).not.toHaveProperty('notBefore');
  });

  test('a fault that nobody was told of is kept over restarts, and lost floors are not made less by damage after that', () => {
    const disk = createFailingDisk();
    for (const name of ['state.json', 'floors.json']) disk.write(`/device/${name}`, Buffer.from('x'), 0o600);
    open(disk);
    disk.write('/device/state.json', Buffer.from('y'), 0o600);
    expect(open(disk).current.fault).toBe('floors-lost');
    expect(open(disk).current.fault).toBe('floors-lost');
  });

  test('[C3] a copy of the floors that lags behind, or is missing, is made up for at the next start', () => {
    const disk = createFailingDisk();
    const store = open(disk);
    const behind = disk.read('/device/floors.json') ?? Buffer.from('');
    store.commit(later(store.current));
    disk.write('/device/floors.json', behind, 0o600);
    open(disk, service, 'none');
    expect(disk.read('/device/floors.json')).toEqual(behind);
    open(disk);
    disk.write('/device/state.json', Buffer.from('x'), 0o600);
    expect(open(disk).current.floors.generation).toBe(7);
  });

  test('opening a state that is whole writes nothing', () => {
    const disk = createFailingDisk();
    open(disk).commit(later(open(disk).current));
    const { operations } = disk;
    open(disk);
    expect(disk.operations).toBe(operations);
  });

  describe('[C3] the copy of the floors on another partition', () => {
    const apart = (disk: FailingDisk) =>
      openState({
        ...{ directory: '/device', floorsDirectory: '/factory', files: disk, service, firmwareBuild },
        ...{ change: 'allowed', bundles: [BUNDLE] },
      });

    test('survives the whole partition of the state', () => {
      const disk = createFailingDisk();
      const store = apart(disk);
      store.commit(later(store.current));
      expect(disk.read('/device/floors.json')).toBeNull();
      disk.remove('/device/state.json');
      const { current } = apart(disk);
      expect([current.fault, current.floors.generation]).toEqual(['state-damaged', 7]);
    });

    test('is there from the first start with that configuration on', () => {
      const disk = createFailingDisk();
      const before = open(disk);
      before.commit(later(before.current));
      apart(disk);
      disk.write('/device/state.json', Buffer.from('x'), 0o600);
      expect(apart(disk).current.floors.generation).toBe(7);
    });

    test('both damaged is said, and both are set aside, each where it was', () => {
      const disk = createFailingDisk();
      apart(disk);
      for (const path of ['/device/state.json', '/factory/floors.json']) disk.write(path, Buffer.from('x'), 0o600);
      expect(apart(disk).current.fault).toBe('floors-lost');
      for (const path of ['/device/state.json', '/factory/floors.json']) {
        expect(`${disk.read(`${path}.damaged`)}`).toBe('x');
        disk.remove(path);
      }
      expect(apart(disk).current.fault).toBe('floors-lost');
    });

    test('that cannot be written does not stop the device, and is its fault until it can', () => {
      const disk = createFailingDisk();
      apart(disk);
      const write: FailingDisk['write'] = (path, bytes, mode) => {
        if (path.startsWith('/factory')) throw Object.assign(new Error(), { code: 'EROFS' });
        disk.write(path, bytes, mode);
      };
      const { read, sync, rename } = disk;
      const store = apart({ read, sync, rename, write } as FailingDisk);
      store.commit(later(store.current));
      expect(store.current.fault).toBe('floors-unwritten');
      store.commit({ ...store.current, fault: null });
      expect(store.current.fault).toBe('floors-unwritten');
      expect(apart(disk).current.floors.generation).toBe(7);
    });
  });

  test('paths of bundles are remembered, the configured ones first, and not without end', () => {
    const disk = createFailingDisk();
    const store = open(disk);
    store.commit({ ...store.current, paths: Array.from({ length: MAX_PATHS }, (_, i) => `/old/${i}.pem`) });
    expect(open(disk).current.paths.slice(0, 2)).toEqual([BUNDLE, '/old/0.pem']);
    expect(open(disk).current.paths).toHaveLength(MAX_PATHS);
  });
});
