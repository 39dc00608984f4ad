import { TROUBLES, type Trouble } from '@windlass/protocol';
import { describe, expect, it } from 'vitest';
import { decide, EXPLAINS } from './decide.ts';
import { broken, fine, suspect } from './finding.ts';

describe('the verdict', () => {
  it('is the first that is broken', () => {
    expect(
      decide([fine('link', ''), broken('tcp', 'tcp-refused', 'a'), broken('endpoint', 'endpoint-blocked', 'b')])?.saw,
    ).toBe('a');
  });

  it('is what explains it, wherever that was seen', () => {
    const found = [
      suspect('name', 'name-rewritten', ''),
      broken('tls', 'tls-reset', ''),
      broken('signature', 'captive', 'portal'),
    ];
    expect(decide(found)?.saw).toBe('portal');
  });

  it('is the answer that does not hold, for which no CA is to be approved', () => {
    const found = [broken('tls', 'unknown-inspection-ca', ''), broken('signature', 'answer-not-valid', 'signer')];
    expect(decide(found)?.saw).toBe('signer');
  });

  it('is nothing where there is only a suspicion, or where what was broken was cleared', () => {
    expect(decide([suspect('name', 'name-rewritten', '')])).toBeNull();
    expect(
      decide([broken('tls', 'unknown-inspection-ca', ''), fine('signature', '', ['unknown-inspection-ca'])]),
    ).toBeNull();
  });

  it('comes to an end: no trouble explains itself, by whatever way', () => {
    const below = (trouble: Trouble, seen: readonly Trouble[]): void => {
      expect(seen).not.toContain(trouble);
      for (const next of EXPLAINS[trouble] ?? []) below(next, [...seen, trouble]);
    };
    for (const trouble of TROUBLES.split(' ') as Trouble[]) below(trouble, []);
  });
});
