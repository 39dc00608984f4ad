import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { inputLimitBytes, readInputFile, readInputText, reserveSecretFile, writeNewDirectory } from './files.ts';

const base = mkdtempSync(join(tmpdir(), 'windlass-files-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const at = (name: string): string => join(base, name);

describe('reading a file that the user named', () => {
  test('each way it can fail has a sentence', () => {
    writeFileSync(at('empty'), '');
    writeFileSync(at('large'), new Uint8Array(inputLimitBytes + 1));
    writeFileSync(at('binary'), new Uint8Array([0xff, 0xfe]));
    expect(() => readInputFile(at('none'), 'a thing')).toThrow(/^There is no file .*none: name a file with a thing\.$/);
    expect(() => readInputFile(base, 'a thing')).toThrow(/is a directory: name a file with a thing\.$/);
    expect(() => readInputFile(at('empty'), 'a thing')).toThrow(/is empty/);
    expect(() => readInputFile(at('large'), 'a thing')).toThrow(/has 262145 bytes, and the limit is 262144/);
    expect(() => readInputFile('/dev/null', 'a thing')).toThrow(/is not a regular file/);
    expect(() => readInputFile(at('empty/below'), 'a thing')).toThrow(/is not inside a directory/);
    expect(() => readInputText(at('binary'), 'a thing')).toThrow(/is not text/);
  });
});

describe('writing a new directory', () => {
  test('puts all files in place with their modes', () => {
    writeNewDirectory(at('new/device'), [
      { name: 'a.pem', content: 'A', mode: 0o644 },
      { name: 'a.key', content: new Uint8Array([66]), mode: 0o600 },
    ]);
    expect(readFileSync(at('new/device/a.key'), 'utf8')).toBe('B');
    expect(statSync(at('new/device/a.key')).mode & 0o777).toBe(0o600);
    expect(statSync(at('new/device')).mode & 0o777).toBe(0o700);
  });

  test('takes an empty directory, overwrites nothing, and leaves no rest behind', () => {
    mkdirSync(at('empty-directory'));
    writeNewDirectory(at('empty-directory'), [{ name: 'a', content: 'A', mode: 0o644 }]);
    const before = readdirSync(base);
    expect(() => writeNewDirectory(at('empty-directory'), [{ name: 'b', content: 'B', mode: 0o644 }])).toThrow(
      /exists already/,
    );
    expect(() => writeNewDirectory(at('empty'), [])).toThrow(/exists already/);
    expect(() =>
      writeNewDirectory(at('twice'), [
        { name: 'a', content: '', mode: 0o600 },
        { name: 'a', content: '', mode: 0o600 },
      ]),
    ).toThrow();
    expect(readdirSync(base)).toEqual(before);
    expect(readdirSync(at('empty-directory'))).toEqual(['a']);
  });
});

describe('a file for a secret', () => {
  test('is made at once, readable for its owner alone, and filled later', () => {
    const reserved = reserveSecretFile(at('organizations/acme/token'));
    expect(statSync(at('organizations/acme/token')).mode & 0o777).toBe(0o600);
    reserved.fill('secret\n');
    expect(readFileSync(at('organizations/acme/token'), 'utf8')).toBe('secret\n');
    expect(() => reserveSecretFile(at('organizations/acme/token'))).toThrow(/exists already and is not overwritten/);
  });

  test('is gone again when it is given up', () => {
    reserveSecretFile(at('given-up')).giveUp();
    expect(existsSync(at('given-up'))).toBe(false);
  });
});
