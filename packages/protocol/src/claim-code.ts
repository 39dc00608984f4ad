// The code on a device's label: how people and scanners may write it, and what is derived from it where it is read. The code itself goes
// no further. @see spec S15, D21
import { createHash, hkdfSync } from 'node:crypto';
import { base64Of } from './bytes.ts';
import { type Digest, parseDigest } from './forms.ts';
import type { LabelKey } from './label-proof.ts';

/** A code in the one form in which it is hashed: upper case, without separators. */
export type ClaimCode = string & { readonly [code]: true };
declare const code: unique symbol;

/** Digits and letters without I, L, O and U, as Crockford's base 32: five bits each. */
export const CLAIM_CODE_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Enough where attempts are limited: 40 bits. */
export const MIN_CLAIM_CODE_CHARACTERS = 8;
export const MAX_CLAIM_CODE_CHARACTERS = 64;
/** Enough where nothing limits attempts: 130 bits. */
export const LABEL_PROOF_CODE_CHARACTERS = 26;

const DERIVED_BYTES = 32;
const CODE = new RegExp(`^[${CLAIM_CODE_ALPHABET}]{${MIN_CLAIM_CODE_CHARACTERS},${MAX_CLAIM_CODE_CHARACTERS}}$`);

/** The code that somebody typed: any case, with spaces and hyphens, O for 0, I and L for 1. Null: it is none. */
export function claimCodeOf(text: string): ClaimCode | null {
  const plain = text.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  return CODE.test(plain) ? (plain as ClaimCode) : null;
}

/** What a label says. */
export interface Label {
  /** Only a QR code has it. */
  readonly serial: string | null;
  readonly code: ClaimCode;
}

/** A typed code, or the text of a QR code: `windlass:claim?serial=SN-0001&code=…`. Null: it is neither. */
export function parseLabel(text: string): Label | null {
  const query = /^windlass:claim\?(.*)$/is.exec(text.trim())?.[1];
  const members = new URLSearchParams(query ?? '');
  const found = claimCodeOf(query === undefined ? text : (members.get('code') ?? ''));
  return found === null ? null : { serial: members.get('serial'), code: found };
}

/** The text of a label's QR code. */
export function labelText(serial: string, claimCode: ClaimCode): string {
  return `windlass:claim?${new URLSearchParams({ serial, code: claimCode }).toString()}`;
}

/** What whoever claims sends instead of the code: HKDF-SHA-256 without salt, info "claim". @see RFC 5869, spec S15 */
export function claimTokenOf(claimCode: ClaimCode): Digest {
  return parseDigest(base64Of(derived(claimCode, 'claim')));
}

/** What proofs are made with, and a device is given: info "label proof". Null: the code is too short for it. @see spec D21 */
export function labelKeyOf(claimCode: ClaimCode): LabelKey | null {
  return claimCode.length < LABEL_PROOF_CODE_CHARACTERS ? null : (derived(claimCode, 'label proof') as LabelKey);
}

/** HKDF-SHA-256 without salt. @see RFC 5869 */
function derived(claimCode: ClaimCode, info: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', claimCode, '', info, DERIVED_BYTES));
}

/** What manifests say and the service keeps: SHA-256 of the token's 32 bytes. @see spec S15 */
export function claimTokenHashOf(token: Digest): Digest {
  return parseDigest(createHash('sha256').update(token, 'base64').digest('base64'));
}
