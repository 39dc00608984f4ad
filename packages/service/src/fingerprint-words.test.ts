import { createHash } from 'node:crypto';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { expect, test } from 'vitest';
import { refuseOtherFingerprint, wordsOf } from './fingerprint-words.ts';

const der = Buffer.from('a certificate');
const sha256 = createHash('sha256').update(der).digest('hex');
const words = wordsOf(der);
const codeOf = (confirmation: Parameters<typeof refuseOtherFingerprint>[1]) => {
  try {
    refuseOtherFingerprint(der, confirmation);
    return null;
  } catch (error) {
    return error as { code: string; message: string };
  }
};

test('the words are those of BIP 39: 256 bits and 8 of their own digest, 11 for each word', () => {
  const entropy = Buffer.from(sha256, 'hex');
  const checksum = createHash('sha256').update(entropy).digest().subarray(0, 1);
  const bits = [...entropy, ...checksum].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const indices = bits.match(/.{11}/g)?.map((eleven) => Number.parseInt(eleven, 2)) ?? [];
  expect(indices.map((index) => wordlist[index])).toEqual(words.split(' '));
});

test('words and SHA-256 are taken as people write them', () => {
  const upper = sha256.toUpperCase().replace(/(..)(?=.)/g, '$1:');
  for (const text of [sha256, upper]) expect(codeOf({ sha256: text })).toBeNull();
  for (const text of [words, words.toUpperCase(), `  ${words.replaceAll(' ', '   ')} `]) {
    expect(codeOf({ words: text })).toBeNull();
  }
});

test('the words or the SHA-256 of another certificate are refused [S24]', () => {
  const other = Buffer.from('another certificate');
  const digest = createHash('sha256').update(other).digest('hex');
  const sentence = expect.stringMatching(/^What was confirmed to you is the fingerprint of another certificate/);
  expect(codeOf({ words: wordsOf(other) })).toMatchObject({ code: 'fingerprint-refused', message: sentence });
  expect(codeOf({ sha256: digest })).toMatchObject({ code: 'fingerprint-refused', message: sentence });
});

test('a word too few, one that is none, and two that changed places are told apart from another certificate', () => {
  const all = words.split(' ');
  const swapped = [all[1], all[0], ...all.slice(2)].join(' ');
  expect(codeOf({ words: all.slice(1).join(' ') })?.message).toMatch(/has 24 words, and these are 23/);
  expect(codeOf({ words: ['windlass', ...all.slice(1)].join(' ') })?.message).toMatch(/^Word 1 is none/);
  expect(codeOf({ words: swapped })?.message).toMatch(/changed places|another certificate/);
  expect(codeOf({ words: words.split(' ').slice(0, 12).join(' ') })?.code).toBe('fingerprint-refused');
  expect(codeOf({ sha256: sha256.slice(2) })?.message).toMatch(/64 hexadecimal digits/);
});

test('neither, and both, are no confirmation', () => {
  expect(codeOf({})?.code).toBe('invalid-request');
  expect(codeOf({ words, sha256 })?.code).toBe('invalid-request');
});
