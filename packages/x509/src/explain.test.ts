import { expect, test } from 'vitest';
import { parseCertificate } from './certificate.ts';
import { derTypes } from './der-types.ts';
import { X509Error } from './errors.ts';
import { explainX509Error } from './explain.ts';

function thrownBy(step: () => unknown): X509Error {
  try {
    step();
  } catch (error) {
    if (error instanceof X509Error) return error;
  }
  throw new Error('Nothing was refused.');
}

test('a refusal that has only its code is explained by a sentence that says what to do', () => {
  const refusal = thrownBy(() => parseCertificate(new Uint8Array()));
  expect(refusal.message).toBe('der');
  expect(explainX509Error(refusal)).toBe('The bytes are not DER: give the whole, unchanged certificate, key or list.');
});

test('a sentence that a refusal has of its own is kept', () => {
  const refusal = thrownBy(() => derTypes.time(Number.MAX_SAFE_INTEGER / 1e4));
  expect(explainX509Error(refusal)).toBe('A time is outside the years 0000 to 9999.');
});
