// Fingerprints as words: what two people can read to each other over a telephone, and what is made of it when it comes back.
import { createHash, timingSafeEqual } from 'node:crypto';
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { normalizeFingerprint } from './certificates.ts';
import { Refusal, refuseUnless } from './refusal.ts';

/** The SHA-256 of `der` as 24 words of the English list of BIP 39; the last one holds a checksum. */
export function wordsOf(der: Uint8Array): string {
  return entropyToMnemonic(sha256(der), wordlist);
}

/** The fingerprint as somebody confirmed it, in one of two ways. */
export interface Confirmation {
  readonly words?: string;
  /** Hexadecimal, with or without colons. */
  readonly sha256?: string;
}

/**
 * The confirmed fingerprint is that of `der`; compared in constant time.
 * @throws Refusal `invalid-request` (not one of the two), `fingerprint-refused`
 */
export function refuseOtherFingerprint(der: Uint8Array, { words, sha256: text }: Confirmation): void {
  refuseUnless(
    (words === undefined) !== (text === undefined),
    'invalid-request',
    'Give the fingerprint as it was confirmed to you, once: either its 24 words or its SHA-256.',
  );
  const confirmed = words === undefined ? bytesOf(text ?? '') : bytesOfWords(words);
  refuseUnless(
    timingSafeEqual(confirmed, sha256(der)),
    'fingerprint-refused',
    'What was confirmed to you is the fingerprint of another certificate: do not approve this one before whoever runs the proxy has said which is right.',
  ); // spec S24
}

function bytesOf(text: string): Uint8Array {
  const normalized = normalizeFingerprint(text);
  if (normalized !== null) return Buffer.from(normalized.replaceAll(':', ''), 'hex');
  throw new Refusal(
    'fingerprint-refused',
    'A SHA-256 fingerprint has 64 hexadecimal digits: have it read to you again.',
  );
}

function bytesOfWords(text: string): Uint8Array {
  const words = text.trim().toLowerCase().split(/\s+/);
  const unknown = words.findIndex((word) => !wordlist.includes(word));
  refuseUnless(
    words.length === WORDS && unknown === -1,
    'fingerprint-refused',
    unknown === -1
      ? `A fingerprint has ${WORDS} words, and these are ${words.length}: have it read to you again.`
      : `Word ${unknown + 1} is none that a fingerprint can have: have it read to you again.`,
  );
  try {
    return mnemonicToEntropy(words.join(' '), wordlist);
  } catch (cause) {
    const sentence = 'One of the words is wrong, or two changed places: have it read to you again.';
    throw new Refusal('fingerprint-refused', sentence, { cause });
  }
}

const WORDS = 24;

function sha256(der: Uint8Array): Buffer {
  return createHash('sha256').update(der).digest();
}
