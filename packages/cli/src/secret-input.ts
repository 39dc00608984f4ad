/** Reads a secret: from a keyboard without showing it, from a pipe as it comes. */
import type { Readable } from 'node:stream';
import { CommandError } from './errors.ts';

/** Standard input: a terminal has a raw mode. */
export interface SecretInput extends Readable {
  readonly isTTY?: boolean;
  setRawMode?(mode: boolean): unknown;
}

const maxCharacters = 4_096;
const interrupt = '\u0003';
const endOfInput = '\u0004';

/** The line that is typed, without its end. @throws CommandError: it was interrupted, or nothing came */
export async function askSecret(input: SecretInput, write: (text: string) => void, prompt: string): Promise<string> {
  const isKeyboard = input.isTTY === true;
  if (isKeyboard) write(prompt);
  input.setRawMode?.(true);
  try {
    const text = await readLine(input);
    if (text.trim() !== '') return text;
    throw new CommandError('Nothing was typed: type it and press Enter, or give a file.');
  } finally {
    input.setRawMode?.(false);
    input.pause();
    if (isKeyboard) write('\n');
  }
}

async function readLine(input: SecretInput): Promise<string> {
  let text = '';
  input.setEncoding('utf8');
  for await (const chunk of input.iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
    for (const character of chunk) {
      if (character === interrupt) throw new CommandError('It was interrupted, and nothing was done.');
      if (character === '\r' || character === '\n' || character === endOfInput) return text;
      text = character === '\u007f' || character === '\b' ? text.slice(0, -1) : text + character;
      if (text.length > maxCharacters) throw new CommandError('What came is too long: give one line.');
    }
  }
  return text;
}
