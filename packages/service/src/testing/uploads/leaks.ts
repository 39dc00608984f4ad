// Looks for bytes that must be nowhere: in files and texts, as they are, in hexadecimal and in base64, whatever stands before them and however
// lines are broken.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Less is no proof: it may be there by chance. */
const WINDOW_BYTES = 12;
const BASE64_BYTES = 3;

/** The bytes of every file below `directory`. */
export function filesBelow(directory: string): readonly (readonly [name: string, bytes: Buffer])[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .map((name) => [name, readFileSync(name)]);
}

/** In which form some of the secret is in the bytes; null: in none. */
export function formOfLeak(bytes: Buffer, secrets: readonly Buffer[]): string | null {
  const text = bytes.toString('latin1');
  // Lines are broken by what they are in: with or without escapes.
  const joined = text.replace(/\\r|\\n|[\s\0]/g, '');
  const folded = joined.toLowerCase().replaceAll(':', '');
  for (const secret of secrets) {
    for (const window of windowsOf(secret)) {
      if (text.includes(window.toString('latin1'))) return 'raw';
      if (folded.includes(window.toString('hex'))) return 'hexadecimal';
      if (base64Of(window).some((form) => joined.includes(form))) return 'base64';
    }
  }
  return null;
}

/** From beginning, middle and end: whoever keeps half of a key has lost it too. */
function windowsOf(secret: Buffer): readonly Buffer[] {
  const last = Math.max(0, secret.length - WINDOW_BYTES);
  return [0, Math.floor(last / 2), last].map((at) => secret.subarray(at, at + WINDOW_BYTES));
}

/** Of the three places in a group where bytes may begin, the characters that they alone decide; both alphabets. */
function base64Of(window: Buffer): readonly string[] {
  const forms = [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), window]);
    const decided = whole.subarray(0, whole.length - (whole.length % BASE64_BYTES));
    return decided.toString('base64').slice(before === 0 ? 0 : BASE64_BYTES + 1);
  });
  return [...forms, ...forms.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))];
}
