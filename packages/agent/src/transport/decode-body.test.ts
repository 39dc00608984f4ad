import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { decodeBody } from './decode-body.ts';
import { PathError } from './path-error.ts';

const text = Buffer.from(`{"decision":"${'x'.repeat(500)}"}`);
const same = text.toString();
const problem = (reason: string): string => `body: ${reason}`;

function decode(encoded: Uint8Array, coding: string, limit: number): string {
  try {
    return Buffer.from(decodeBody(encoded, coding, limit)).toString();
  } catch (error) {
    if (error instanceof PathError) return `${error.stage}: ${error.reason}`;
    throw error;
  }
}

test('[L5] gzip, deflate with and without its header, and no coding give the same bytes', () => {
  expect(decode(text, '', 1000)).toEqual(same);
  expect(decode(text, 'identity', 1000)).toEqual(same);
  expect(decode(gzipSync(text), ' GZip', 1000)).toEqual(same);
  expect(decode(gzipSync(text), 'x-gzip', 1000)).toEqual(same);
  expect(decode(deflateSync(text), 'deflate', 1000)).toEqual(same);
  expect(decode(deflateRawSync(text), 'deflate', 1000)).toEqual(same);
});

test('[L5] another coding is no answer, two codings too', () => {
  expect(decode(text, 'br', 1000)).toEqual(problem('encoding'));
  expect(decode(gzipSync(gzipSync(text)), 'gzip, gzip', 1000)).toEqual(problem('encoding'));
});

test('a body that is cut inside of its coding is truncated, a damaged one is not decoded', () => {
  expect(decode(gzipSync(text).subarray(0, 25), 'gzip', 1000)).toEqual(problem('truncated'));
  expect(decode(deflateSync(text).subarray(0, 15), 'deflate', 1000)).toEqual(problem('truncated'));
  expect(decode(text, 'gzip', 1000)).toEqual(problem('encoding'));
});

test('[F1] a body over the limit is too large before and after decoding, and a bomb is not unpacked', () => {
  expect(decode(text, '', text.length)).toEqual(same);
  expect(decode(text, '', text.length - 1)).toEqual(problem('too-large'));
  expect(decode(gzipSync(text), 'gzip', text.length)).toEqual(same);
  expect(decode(gzipSync(text), 'gzip', text.length - 1)).toEqual(problem('too-large'));
  expect(decode(gzipSync(Buffer.alloc(50_000_000)), 'gzip', 65_536)).toEqual(problem('too-large'));
});
