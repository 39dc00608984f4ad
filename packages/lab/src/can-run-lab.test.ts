import { expect, test } from 'vitest';
import { strictInCi } from './can-run-lab.ts';

test('a lab that cannot run is a failure in CI and a sentence elsewhere', () => {
  const verdict = { kind: 'no', reason: 'the lab of real boxes needs root; run it with sudo.' } as const;
  expect(() => strictInCi(verdict, 'true')).toThrow(
    'CI=true, but the lab cannot run: the lab of real boxes needs root',
  );
  expect(strictInCi(verdict, undefined)).toBe(verdict);
  expect(strictInCi({ kind: 'yes' }, 'true')).toEqual({ kind: 'yes' });
});
