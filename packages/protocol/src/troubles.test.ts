import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { explainTrouble, TROUBLES, type Trouble } from './troubles.ts';

const troubles = TROUBLES.split(' ') as Trouble[];

describe('troubles', () => {
  it.each(troubles)('%s: a sentence for the cause and another one for what to do', (trouble) => {
    const { says, who, todo } = explainTrouble(trouble);
    expect(says).toMatch(/^[A-Z].{20,}\.$/);
    expect(todo).toMatch(/^[A-Z].{20,}\.$/);
    expect(todo).not.toBe(says);
    expect(who).not.toBe('');
  });

  it('[M7] the specification names the same ones', () => {
    const text = readFileSync(new URL('../../../spec/bootstrap.md', import.meta.url), 'utf8');
    const named = text.match(/ trouble = ([^=]*)\n\n/)?.[1] ?? '';
    expect(named.match(/[a-z-]+/g)).toEqual(troubles);
  });

  it('has each of them once, as short as the form of a report wants it', () => {
    expect(new Set(troubles).size).toBe(troubles.length);
    for (const trouble of troubles) expect(trouble).toMatch(/^[a-z-]{1,64}$/);
  });
});
