import { expect, test } from 'vitest';
import { decisionIn } from './carry.ts';

const answer = (decision: object): string => JSON.stringify({ decision: { payload: JSON.stringify(decision) } });

test('what an answer says that nobody has checked is shown where it has the form that such words have', () => {
  const said = { outcome: 'refused', code: 'nonce-reused', organization: 'acme', network: 'plant-a.1' };
  expect(decisionIn(answer(said))).toEqual({
    ...{ outcome: 'refused (nonce-reused)', organization: 'acme', network: 'plant-a.1' },
  });
  const hostile = '\u001b]0;x\u0007';
  expect(decisionIn(answer({ outcome: hostile, code: hostile, organization: hostile, network: ['a b'] }))).toEqual({
    ...{ outcome: 'something else', organization: null, network: null },
  });
});
