// Certificates that are not made yet: every field apart, so that one can be changed and the whole signed as it should be.

import { sha256 } from '../../bytes.ts';
import { derTypes as der } from '../../der-types.ts';
import type { KeyName, KeyPool, TestKey } from './keys.ts';
import { type SigningName, signingOf } from './signing.ts';

/** Which certificate of a chain. */
export type Id = string;

/** One extension. */
export interface DraftExtension {
  readonly oid: string;
  readonly critical: 'critical' | 'not-critical';
  /** The DER inside extnValue; a key identifier is that of the key. */
  readonly value: Uint8Array | 'own-key-identifier' | 'issuer-key-identifier';
  /** What comes in place of the whole Extension. */
  readonly edit?: ElementChange;
}

/** Whole elements, none or several, in place of one. */
export type ElementChange = (element: Uint8Array) => Uint8Array;

/** Fields of a certificate that can be changed once they are encoded. */
export type Field =
  | 'version'
  | 'serial'
  | 'algorithm'
  | 'issuer'
  | 'validity'
  | 'subject'
  | 'key'
  | 'extensions'
  | 'body'
  | 'outer-algorithm'
  | 'signature'
  | 'certificate';

/** A certificate to be made. */
export interface Draft {
  /** Whose key signs it, and whose subject is its issuer: its own for roots. */
  readonly issuedBy: Id;
  readonly subject: Uint8Array;
  readonly key: KeyName;
  /** Absent: the subject of who issued it. */
  readonly issuer?: Uint8Array;
  /** The whole INTEGER. */
  readonly serial: Uint8Array;
  /** Unix seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Elements between key and extensions. */
  readonly identifiers: Uint8Array;
  readonly extensions: readonly DraftExtension[];
  /** Absent: the usual one of the key that signs. */
  readonly signing?: SigningName;
  /** Absent: the key of who issued it. */
  readonly signingKey?: KeyName;
  /** What is done to encoded fields; before the signature, unless the field comes after it. */
  readonly changes: Readonly<Partial<Record<Field, readonly ElementChange[]>>>;
}

/** The certificate of a draft, properly signed but for what the draft says. */
export function buildCertificate(draft: Draft, issuer: Draft, pool: KeyPool): Uint8Array {
  const { identifiers, serial } = draft;
  const [own, issuing] = [pool(draft.key), pool(issuer.key)];
  const signingKey = draft.signingKey ?? issuer.key;
  const { identifier, sign } = signingOf(signingKey.kind, draft.signing);
  const field = (name: Field, usual: Uint8Array) =>
    (draft.changes[name] ?? []).reduce((element, change) => change(element), usual);
  const extensions = draft.extensions.map((extension) => encodeExtension(extension, own, issuing));
  const body = der.sequence(
    field('version', der.context(0, der.integer(2))),
    field('serial', serial),
    field('algorithm', identifier),
    field('issuer', draft.issuer ?? issuer.subject),
    field('validity', der.sequence(der.time(draft.notBefore), der.time(draft.notAfter))),
    field('subject', draft.subject),
    field('key', own.spki),
    identifiers,
    field('extensions', extensions.length === 0 ? new Uint8Array() : der.context(3, der.sequence(...extensions))),
  );
  const signed = field('body', body);
  const signature = field('signature', der.bitString(sign(signed, pool(signingKey).privateKey)));
  return field('certificate', der.sequence(signed, field('outer-algorithm', identifier), signature));
}

/** The draft with one more change of an encoded field. */
export function withChange(draft: Draft, field: Field, change: ElementChange): Draft {
  return { ...draft, changes: { ...draft.changes, [field]: [...(draft.changes[field] ?? []), change] } };
}

/** The draft with the extension in place of the one with its OID, or at the end. */
export function withExtension(draft: Draft, extension: DraftExtension): Draft {
  const isThere = draft.extensions.some(({ oid }) => oid === extension.oid);
  const replaced = draft.extensions.map((one) => (one.oid === extension.oid ? extension : one));
  return { ...draft, extensions: isThere ? replaced : [...draft.extensions, extension] };
}

/** The draft without the extension. */
export function withoutExtension(draft: Draft, oid: string): Draft {
  return { ...draft, extensions: draft.extensions.filter((one) => one.oid !== oid) };
}

/** Any octets that are the key's own do. */
function keyIdentifier({ spki }: TestKey): Uint8Array {
  return sha256(spki).slice(0, 20);
}

function encodeExtension({ oid, critical, value, edit }: DraftExtension, own: TestKey, issuer: TestKey): Uint8Array {
  const flag = critical === 'critical' ? [der.boolean(true)] : [];
  const whole = der.sequence(der.oid(oid), ...flag, der.octetString(encodeValue(value, own, issuer)));
  return edit ? edit(whole) : whole;
}

function encodeValue(value: DraftExtension['value'], own: TestKey, issuer: TestKey): Uint8Array {
  if (value === 'own-key-identifier') return der.octetString(keyIdentifier(own));
  if (value === 'issuer-key-identifier') return der.sequence(der.context(0, keyIdentifier(issuer), 'primitive'));
  return value;
}
