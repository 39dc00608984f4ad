import { expect, test } from 'vitest';
import { createAuthorityOfSize, derOf, subjectOf } from './certificates.ts';

test('a subject grows by the characters asked for, in attributes that X.520 allows', () => {
  const parts = subjectOf('Some CA', 150).split(',');
  expect(parts.slice(0, 2)).toEqual(['CN=Some CA', 'O=Example Manufacturing Holding']);
  const lengths = parts.slice(2).map((part) => part.replace(/^[A-Z]+=/, '').length);
  expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(150);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(64);
});

test('an authority is of the size asked for and not larger', async () => {
  const { length } = derOf((await createAuthorityOfSize('Some CA', 1_200)).certificatePem);
  expect(length).toBeLessThanOrEqual(1_200);
  expect(length).toBeGreaterThanOrEqual(1_188);
});
