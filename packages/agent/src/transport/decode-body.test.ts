import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { decodeBody } from './decode-body.ts';

const text = Buffer.from(`{"decision":"${'x'.repeat(500)}"}`);
const same = { kind: 'bytes', bytes: new Uint8Array(text) };
const problem = (reason: string): object => ({ kind: 'problem', reason });

test('[L5] gzip, deflate with and without its header, and no coding give the same bytes', () => {
  expect(decodeBody(text, '', 1000)).toEqual(same);
  expect(decodeBody(text, 'identity', 1000)).toEqual(same);
  expect(decodeBody(gzipSync(text), ' GZip', 1000)).toEqual(same);
  expect(decodeBody(gzipSync(text), 'x-gzip', 1000)).toEqual(same);
  expect(decodeBody(deflateSync(text), 'deflate', 1000)).toEqual(same);
  expect(decodeBody(deflateRawSync(text), 'deflate', 1000)).toEqual(same);
});

test('[L5] another coding is no answer, two codings too', () => {
  expect(decodeBody(text, 'br', 1000)).toEqual(problem('encoding'));
  expect(decodeBody(gzipSync(gzipSync(text)), 'gzip, gzip', 1000)).toEqual(problem('encoding'));
});

test('a body that is cut inside of its coding is truncated, a damaged one is not decoded', () => {
  expect(decodeBody(gzipSync(text).subarray(0, 25), 'gzip', 1000)).toEqual(problem('truncated'));
  expect(decodeBody(deflateSync(text).subarray(0, 15), 'deflate', 1000)).toEqual(problem('truncated'));
  expect(decodeBody(text, 'gzip', 1000)).toEqual(problem('encoding'));
});

test('[F1] a body over the limit is too large before and after decoding, and a bomb is not unpacked', () => {
  expect(decodeBody(text, '', text.length)).toEqual(same);
  expect(decodeBody(text, '', text.length - 1)).toEqual(problem('too-large'));
  expect(decodeBody(gzipSync(text), 'gzip', text.length)).toEqual(same);
  expect(decodeBody(gzipSync(text), 'gzip', text.length - 1)).toEqual(problem('too-large'));
  expect(decodeBody(gzipSync(Buffer.alloc(50_000_000)), 'gzip', 65_536)).toEqual(problem('too-large'));
});
