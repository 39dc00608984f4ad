import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commandsDocument } from './commands-document.ts';

test('docs/commands.md is what the program says; else run packages/cli/src/write-commands-document.ts', () => {
  const written = readFileSync(new URL('../../../docs/commands.md', import.meta.url), 'utf8');
  expect(written).toBe(commandsDocument());
});
