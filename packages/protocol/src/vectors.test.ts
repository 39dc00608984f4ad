// Every vector of spec/vectors against this implementation, and openssl's opinion of those that a shell client must pass.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PROTOCOL_ERROR_CODES, parseTime } from './index.ts';
import type { Envelope } from './testing/test-cms.ts';
import { pemOf, verifyWithOpenssl } from './testing/vectors/openssl.ts';
import { runVector } from './testing/vectors/run-vector.ts';
import type { AnswerInput, Vector } from './testing/vectors/vector.ts';

const directory = new URL('../../../spec/vectors/', import.meta.url).pathname;
const vectors: readonly Vector[] = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.includes('/') && name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(directory + name, 'utf8')));

/** Codes of what version 1 does not implement, and refuses as `unsupported`. */
const LATER = ['sealed-key'];

describe('vectors', () => {
  test.each(vectors.map((vector) => [vector.id, vector] as const))('%s', (_, vector) => {
    expect(runVector(vector)).toBeNull();
  });

  test('every error code has a vector', () => {
    const provoked = new Set(vectors.map(({ expected }) => ('error' in expected ? expected.error : '')));
    expect(PROTOCOL_ERROR_CODES.filter((code) => !provoked.has(code) && !LATER.includes(code))).toEqual([]);
  });

  test('every outcome has a vector', () => {
    const outcomes = new Set(vectors.map(({ expected }) => ('outcome' in expected ? expected.outcome : '')));
    expect([...outcomes]).toEqual(
      expect.arrayContaining([
        'granted',
        'not-inspected',
        'awaiting-approval',
        'unclaimed',
        'refused',
        'verified',
        'acknowledged',
      ]),
    );
  });
});

describe('openssl verifies what a shell client must accept', () => {
  const accepted = vectors.filter(
    ({ exchange, shell, expected }) => exchange === 'answer' && shell && 'outcome' in expected,
  );

  test.each(accepted.map((vector) => [vector.id, vector.input as AnswerInput] as const))('%s', (_, input) => {
    const answer: Partial<Record<'decision' | 'claim' | 'profile', Envelope>> = JSON.parse(input.body ?? '{}');
    const claim = answer.claim ?? input.held.claim;
    const time = parseTime(JSON.parse(answer.decision?.payload ?? '{}').time);
    const publishers = claim ? JSON.parse(claim.payload).publishers.map(pemOf) : [];
    for (const envelope of [answer.decision, claim]) {
      if (envelope) expect(verifyWithOpenssl(envelope, input.serviceAnchors, time)).toBe(envelope.payload);
    }
    if (answer.profile) expect(verifyWithOpenssl(answer.profile, publishers, time)).toBe(answer.profile.payload);
  });
});
