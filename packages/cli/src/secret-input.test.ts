import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { askSecret, type SecretInput } from './secret-input.ts';

function keyboard(): { readonly input: SecretInput & PassThrough; readonly modes: boolean[] } {
  const modes: boolean[] = [];
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (mode: boolean) => void modes.push(mode),
  });
  return { input, modes };
}

test('what is typed is not shown; backspace takes a character back; the terminal is as it was afterwards', async () => {
  const { input, modes } = keyboard();
  let shown = '';
  const asked = askSecret(
    input,
    (text) => {
      shown += text;
    },
    'Code: ',
  );
  for (const key of ['7', 'k', 'x', '\u007f', '3', 'm', '\r']) input.write(key);
  expect(await asked).toBe('7k3m');
  expect(shown).toBe('Code: \n');
  expect(modes).toEqual([true, false]);
});

test('Ctrl-C and nothing at all are said', async () => {
  const { input, modes } = keyboard();
  const asked = askSecret(input, () => {}, 'Code: ');
  input.write('7k\u0003');
  await expect(asked).rejects.toThrow('It was interrupted, and nothing was done.');
  expect(modes).toEqual([true, false]);
  const empty = keyboard();
  const nothing = askSecret(empty.input, () => {}, 'Code: ');
  empty.input.write('\r');
  await expect(nothing).rejects.toThrow(/^Nothing was typed/);
});

test('from a pipe the first line is taken, without a prompt', async () => {
  const input = new PassThrough();
  const shown: string[] = [];
  input.end('7K3M-9QXT\nmore\n');
  expect(await askSecret(input, (text) => void shown.push(text), 'Code: ')).toBe('7K3M-9QXT');
  expect(shown).toEqual([]);
});
