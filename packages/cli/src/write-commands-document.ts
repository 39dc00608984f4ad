/** Writes docs/commands.md: `node --conditions=source packages/cli/src/write-commands-document.ts`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { commandsDocument } from './commands-document.ts';

const place = new URL('../../../docs/commands.md', import.meta.url);
mkdirSync(new URL('.', place), { recursive: true });
writeFileSync(place, commandsDocument());
