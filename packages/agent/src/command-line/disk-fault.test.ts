import { describe, expect, test } from 'vitest';
import { diskFaultOf } from './disk-fault.ts';

const errorOf = (more: object): Error => Object.assign(new Error('said by the system'), more);

describe('what the file system refuses', () => {
  test('a right that is missing: the path and what to do, and it does not pass', () => {
    const fault = diskFaultOf(errorOf({ code: 'EACCES', syscall: 'open', path: '/state/agent.lock.7' }));
    expect(fault).toEqual({
      text: '/state/agent.lock.7: the user that runs the agent may not do this here: give it the right to (open: EACCES).',
      passes: false,
    });
  });

  test('a full disk, where the system names no path: a sentence all the same, and it passes', () => {
    const fault = diskFaultOf(errorOf({ code: 'ENOSPC', syscall: 'write' }));
    expect(fault).toMatchObject({ text: expect.stringMatching(/^The directory .*: no room is left/), passes: true });
  });

  test('a code without words of ours: those of the system; what is no file: nothing', () => {
    expect(diskFaultOf(errorOf({ code: 'ELOOP', syscall: 'open', path: '/x' }))?.text).toBe('said by the system.');
    expect(diskFaultOf(errorOf({ code: 'ECONNREFUSED', syscall: 'connect' }))).toBeNull();
    expect(diskFaultOf(new Error('a fault of ours'))).toBeNull();
  });
});
