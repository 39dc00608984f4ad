/** Clocks that are wrong: programs that believe it is another time, by libfaketime. The machine's clock is never touched, nor its monotonic one. */
import { existsSync } from 'node:fs';

const folders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu'];

/** The environment of a program for which it is this time when it starts: `1970-01-02 00:00:00`; or which is off by so much: `-15m`. */
export function fakeTime(at: string): Readonly<Record<string, string>> {
  return { ...faked(), FAKETIME: /^[-+]/.test(at) ? at : `@${at}` };
}

/** The same with the time, or by how much it is off, in a file that may change while the program runs. */
export function fakeTimeFrom(file: string): Readonly<Record<string, string>> {
  return { ...faked(), FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1' };
}

function faked(): Readonly<Record<string, string>> {
  const library = folders.map((folder) => `${folder}/faketime/libfaketime.so.1`).find((file) => existsSync(file));
  return { LD_PRELOAD: library ?? '', FAKETIME_DONT_FAKE_MONOTONIC: '1', FAKETIME_DONT_RESET: '1' };
}
