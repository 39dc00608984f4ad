import { describe, expect, test } from 'vitest';
import type { Failure, NoAnswerCause, Stage } from '../ports.ts';
import { troubleIn, troubleOf } from './trouble.ts';

const troubleAt = (stage: Stage, cause: NoAnswerCause, more: { failure?: Failure; viaProxy?: boolean } = {}) =>
  troubleOf({ stage, cause, viaProxy: false, ...more });

describe('what keeps a device offline, by where a path broke', () => {
  test.each<[Stage, NoAnswerCause, string]>([
    ['name', 'name', 'name-fails'],
    ['name', 'timeout', 'name-fails'],
    ['connect', 'refused', 'tcp-refused'],
    ['connect', 'timeout', 'tcp-timeout'],
    ['connect', 'reset', 'tcp-reset'],
    ['proxy', 'proxy-authentication', 'proxy-authentication'],
    ['proxy', 'blocked', 'proxy-fails'],
    ['proxy', 'timeout', 'proxy-fails'],
    ['proxy', 'captive', 'captive'],
    ['tls', 'reset', 'tls-reset'],
    ['tls', 'timeout', 'tls-fails'],
    ['tls', 'tls', 'tls-fails'],
    ['first-byte', 'captive', 'captive'],
    ['first-byte', 'empty', 'no-answer'],
    ['body', 'blocked', 'blocked'],
    ['body', 'truncated', 'no-answer'],
    ['body', 'http', 'no-answer'],
  ])('%s, %s: %s', (stage, cause, trouble) => {
    expect(troubleAt(stage, cause)).toBe(trouble);
  });

  test('a proxy that is not reached is no service that is not reached', () => {
    expect(troubleAt('connect', 'refused', { viaProxy: true })).toBe('proxy-unreachable');
  });

  test('a certificate that is not valid is no TLS that could not be agreed on', () => {
    expect(troubleAt('tls', 'tls', { failure: 'name-mismatch' })).toBe('name-rewritten');
    expect(troubleAt('tls', 'tls', { failure: 'expired' })).toBe('certificate-not-valid');
    expect(troubleAt('tls', 'tls', { failure: 'tls' })).toBe('tls-fails');
  });

  test('an exchange that brought a valid answer and kept it is no trouble, whatever it says', () => {
    const path = { rung: 1, failure: null, presentedChain: [] } as const;
    for (const outcome of ['active', 'unclaimed', 'awaiting-approval', 'not-inspected'] as const)
      expect(troubleIn({ outcome, path }, false)).toBeNull();
    expect(troubleIn({ outcome: 'refused', code: 'suspended', path }, false)).toBeNull();
    expect(troubleIn({ outcome: 'not-valid', code: 'signature', path }, false)).toBe('answer-not-valid');
    expect(
      troubleIn(
        { outcome: 'no-answer', cause: 'tls', stage: 'tls', status: null, path: { ...path, failure: 'expired' } },
        true,
      ),
    ).toBe('certificate-not-valid');
  });

  test('a clock that was found to be wrong is the trouble, not what came of it', () => {
    const path = { rung: 3, failure: 'not-yet-valid', presentedChain: [] } as const;
    expect(troubleIn({ outcome: 'reverted', code: 'clock', where: '900', path }, false)).toBe('clock-wrong');
    expect(troubleIn({ outcome: 'not-valid', code: 'clock-mismatch', path }, false)).toBe('clock-wrong');
    expect(troubleIn({ outcome: 'reverted', code: 'not-confirmed', where: '', path }, false)).toBe('not-confirmed');
  });
});
