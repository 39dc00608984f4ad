import { expect, test } from 'vitest';
import { startAttempt } from './attempt.ts';

test('what was opened last is destroyed first, once: a TLS socket before the socket under it', () => {
  const order: string[] = [];
  const attempt = startAttempt();
  attempt.own({ destroy: () => order.push('socket') });
  attempt.own({ destroy: () => order.push('tls') });
  attempt.end();
  attempt.end();
  expect(order).toEqual(['tls', 'socket']);
});

test('[L3] a phase without an end runs into its own deadline, or into that of the whole when this is sooner', async () => {
  const never = (): void => {};
  const patient = startAttempt({ connect: 20 });
  await expect(patient.phase('connect', never)).rejects.toMatchObject({ reason: 'timeout', stage: 'connect' });
  const hurried = startAttempt({ whole: 20 });
  await expect(hurried.phase('tls', never)).rejects.toMatchObject({ reason: 'timeout', stage: 'tls' });
  await expect(hurried.phase('body', never)).rejects.toMatchObject({ reason: 'timeout', stage: 'body' });
});

test('what a network error means depends on the stage, and a bug stays a bug', async () => {
  const attempt = startAttempt();
  const failing = (code: string): Error => Object.assign(new Error(code), { code, syscall: 'read' });
  const phase = (stage: 'name' | 'tls' | 'first-byte', error: Error): Promise<unknown> =>
    attempt.phase(stage, (_, fail) => fail(error));
  await expect(phase('name', failing('ESERVFAIL'))).rejects.toMatchObject({ reason: 'name' });
  await expect(phase('tls', failing('ECONNRESET'))).rejects.toMatchObject({ reason: 'reset', stage: 'tls' });
  await expect(phase('tls', failing('ERR_SSL_WRONG_VERSION_NUMBER'))).rejects.toMatchObject({ reason: 'tls' });
  await expect(phase('first-byte', failing('HPE_INVALID_CONSTANT'))).rejects.toMatchObject({ reason: 'http' });
  const bug = attempt.phase('tls', () => {
    throw new TypeError('a bug');
  });
  await expect(bug).rejects.toThrow(TypeError);
});
