// A few of what `npm run fuzz:uploads` does with many.
import { expect, test } from 'vitest';
import { fuzzUploads } from './testing/uploads/fuzz-uploads.ts';
import { formOfLeak } from './testing/uploads/leaks.ts';

test('every kind of upload is taken as its one CA or refused with a sentence, and no private key leaves a trace [S21]', async () => {
  const { problems, outcomes } = await fuzzUploads({ inputs: 100, seed: 1 });
  expect(problems).toEqual([]);
  const least = { taken: 10, 'certificate-refused': 40, 'private-key-in-upload': 100, 'too-large': 1 };
  for (const [outcome, count] of Object.entries(least)) {
    expect([outcome, outcomes[outcome as keyof typeof least] ?? 0]).toEqual([outcome, expect.any(Number)]);
    expect(outcomes[outcome as keyof typeof least]).toBeGreaterThanOrEqual(count);
  }
}, 120_000);

test('bytes of a key are found as they are, in hexadecimal and in base64, wherever they begin and lines end', () => {
  const secret = Buffer.from('00112233445566778899aabbccddeeff0123456789abcdef', 'hex');
  const around = Buffer.concat([Buffer.from('xy'), secret, Buffer.from('z')]);
  expect(formOfLeak(around, [secret])).toBe('raw');
  expect(formOfLeak(Buffer.from(around.toString('hex').toUpperCase()), [secret])).toBe('hexadecimal');
  expect(formOfLeak(Buffer.from(around.toString('hex').replace(/..(?=.)/g, '$&:')), [secret])).toBe('hexadecimal');
  for (let before = 0; before < 4; before++) {
    const shifted = Buffer.concat([Buffer.alloc(before, 0xff), secret.subarray(0, 14)]).toString('base64');
    expect(formOfLeak(Buffer.from(shifted.replace(/.{7}/g, '$&\\n')), [secret])).toBe('base64');
    expect(formOfLeak(Buffer.from(shifted.replace(/.{7}/g, '$&\r\n')), [secret])).toBe('base64');
  }
  expect(formOfLeak(Buffer.from(secret.subarray(0, 11)), [secret])).toBe(null);
});
