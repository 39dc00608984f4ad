import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unixSeconds } from '@windlass/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createWorld } from '../../../protocol/src/testing/world.ts';
import type { AgentEvent } from '../agent.ts';
import { bootstrap } from '../bootstrap.ts';
import type { ClockFault } from '../result.ts';
import { type FactoryDevice, makeFactoryDevice } from '../testing/factory-device.ts';
import { createFakeService, NOW } from '../testing/fake-service.ts';
import { FIRMWARE_BUILD, startAgent } from '../testing/test-agent.ts';
import { readConfig } from './config/config.ts';
import { type ClockCommand, clockSetter } from './set-clock.ts';

const world = createWorld();
let device: FactoryDevice;
let said: string[];

beforeEach(() => {
  device = makeFactoryDevice(world, world.manufacturer.pem);
  said = [];
});

afterEach(() => device.remove());

/** A command that writes what it was given into a file, in place of the machine's clock. */
function writing(end = ''): { command: ClockCommand; given: () => string | null } {
  const file = join(device.directory, 'given');
  const script = device.write('set', `#!/bin/sh\nprintf '%s|' "$@" >> '${file}'\n${end}`, 0o700);
  return { command: [script, '-s', '@{} $(id)'], given: () => (existsSync(file) ? readFileSync(file, 'utf8') : null) };
}

const ended = { kind: 'ended' } as AgentEvent;
const accepted = { kind: 'accepted' } as AgentEvent;
const wrong = (system: number, known: number): ClockFault => ({
  system: unixSeconds(system),
  known: unixSeconds(known),
});

describe('setting the system clock', () => {
  test('a device at 1970: set once, forwards, to the signed time, before the stores are proved; no shell', async () => {
    const { command, given } = writing();
    const service = createFakeService(world);
    let system = 0;
    const agent = startAgent(service, { now: () => system });
    const fault = (): ClockFault | null => {
      const found = agent.clock.fault();
      system = service.now; // what the command would do
      return found;
    };
    const events: string[] = [];
    const set = clockSetter({ command, fault, say: (line) => said.push(line) });
    const tell = (event: AgentEvent): void => {
      set(event);
      events.push(`${event.kind} ${said.length}`);
    };
    await bootstrap({ ...agent, tell });
    expect(given()).toBe(`-s|@${NOW + 1} $(id)|`);
    expect(said).toEqual(['system clock set to 2026-03-01T12:00:01Z']);
    expect(events).toEqual(['path 0', 'accepted 1', 'staged 1', 'ended 1']);
  });

  test('without an answer: forwards to the floor', async () => {
    const { command, given } = writing();
    const service = createFakeService(world);
    Object.assign(service.network, { https: 'timeout', http: 'timeout' });
    const agent = startAgent(service, { now: () => 0 });
    const { fault } = agent.clock;
    await bootstrap({ ...agent, tell: clockSetter({ command, fault, say: (line) => said.push(line) }) });
    expect(given()).toBe(`-s|@${FIRMWARE_BUILD} $(id)|`);
    expect(said).toEqual([expect.stringMatching(/ended well, and the system clock is still wrong$/)]);
  });

  test.each([
    ['right', null],
    ['ahead', wrong(NOW + 900, NOW)],
  ])('a clock that is %s is left alone', (_, found) => {
    const { command, given } = writing();
    const tell = clockSetter({ command, fault: () => found, say: (line) => said.push(line) });
    for (const event of [accepted, ended]) tell(event);
    expect([given(), said]).toEqual([null, []]);
  });

  test('what fails is said, and tried again with the next exchange, not in this one', () => {
    const { command, given } = writing('exit 3');
    const tell = clockSetter({ command, fault: () => wrong(0, NOW), say: (line) => said.push(line) });
    for (const event of [accepted, ended, ended]) tell(event);
    expect(given()?.match(/-s/g)).toHaveLength(2);
    expect(said).toEqual(new Array(2).fill(expect.stringMatching(/^the system clock was not set to 2026-.*: exit 3$/)));
    clockSetter({ command: ['/nowhere/date'], fault: () => wrong(0, NOW), say: (line) => said.push(line) })(ended);
    expect(said.at(-1)).toMatch(/: \/nowhere\/date: ENOENT$/);
  });
});

test('a command that does not end is killed, also where it does not care for being told to end', () => {
  const command = ['/bin/sh', '-c', "trap '' TERM; exec sleep 60", '{}'] as const;
  clockSetter({ command: [...command], fault: () => wrong(0, NOW), say: (line) => said.push(line), longest: 200 })(
    ended,
  );
  expect(said).toEqual([expect.stringMatching(/ETIMEDOUT$/)]);
});

describe('"setSystemClock" of agent.json', () => {
  const read = (changes: object) => {
    device.configure({ ...changes });
    return readConfig(device.config);
  };

  test('is a program with its whole path, and arguments of which one has the time; left out nothing is set', () => {
    expect(read({}).setSystemClock).toBeNull();
    const command = ['/usr/bin/date', '-u', '-s', '@{}'];
    expect(read({ setSystemClock: command })).toMatchObject({ setSystemClock: command, warnings: [] });
  });

  test.each([
    [['date', '-s', '@{}']],
    [['/usr/bin/date', '-s', 'now']],
    [[]],
    ['/usr/bin/date {}'],
    [['/bin/date', 1, '{}']],
    [new Array(17).fill('/{}')],
  ])('%j is refused', (setSystemClock) => {
    expect(() => read({ setSystemClock })).toThrow(
      '"setSystemClock" must be like ["/usr/bin/date", "-u", "-s", "@{}"]',
    );
  });

  test('is not for a clock that is trusted', () => {
    const setSystemClock = ['/usr/bin/date', '-s', '@{}'];
    expect(() => read({ setSystemClock, clock: 'trusted' })).toThrow('a clock that is trusted is not set');
  });
});
