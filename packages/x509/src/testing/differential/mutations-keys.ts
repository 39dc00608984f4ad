// Mutations of keys and their encoding. A CA with another kind of key signs with it what is below.

import { derTypes as der } from '../../der-types.ts';
import { parseTree } from '../fuzz/der-tree.ts';
import { type Chain, draftOf, withDraft } from './chain.ts';
import type { ElementChange, Id } from './draft.ts';
import type { KeyKind } from './keys.ts';
import { BELOW, type Change, EVERYWHERE, element, type Mutation, mutations } from './mutation.ts';

/** All of them. */
export const KEY_MUTATIONS: readonly Mutation[] = [
  ...mutations('key', EVERYWHERE, {
    'rsa-1024': keyOfKind('rsa-1024'),
    'rsa-2050': keyOfKind('rsa-2050'),
    'rsa-exponent-3': keyOfKind('rsa-exponent-3'),
    'rsa-pss-sha512': keyOfKind('rsa-pss-sha512'),
    p224: keyOfKind('p224'),
    secp256k1: keyOfKind('secp256k1'),
    ed448: keyOfKind('ed448'),
    'explicit-curve': keyOfKind('p256-explicit'),
    'of-a-stranger': keyOfStranger,
    'point-compressed': withKind(
      'p256',
      withKey((key) => Uint8Array.of(2 + ((key.at(-1) ?? 0) & 1), ...key.slice(1, 33))),
    ),
    'point-hybrid': withKind(
      'p256',
      withKey((key) => Uint8Array.of(6 + ((key.at(-1) ?? 0) & 1), ...key.slice(1))),
    ),
    'point-off-curve': withKind(
      'p256',
      withKey((key) => Uint8Array.of(...key.slice(0, -1), (key.at(-1) ?? 0) ^ 1)),
    ),
    'point-at-infinity': withKind(
      'p256',
      withKey(() => Uint8Array.of(0)),
    ),
    'point-trailing': withKind(
      'p256',
      withKey((key) => Uint8Array.of(...key, 0)),
    ),
    'rsa-no-null': withKind(
      'rsa',
      spki((_, key) => der.sequence(der.sequence(der.oid('1.2.840.113549.1.1.1')), der.bitString(key))),
    ),
    'rsa-null-with-content': withKind(
      'rsa',
      spki((_, key) => {
        const algorithm = der.sequence(der.oid('1.2.840.113549.1.1.1'), der.element(0x05, Uint8Array.of(0)));
        return der.sequence(algorithm, der.bitString(key));
      }),
    ),
    'rsa-exponent-1': withKind(
      'rsa',
      rsa((modulus) => der.sequence(modulus, der.integer(1))),
    ),
    'rsa-exponent-even': withKind(
      'rsa',
      rsa((modulus) => der.sequence(modulus, der.integer(65_536))),
    ),
    'rsa-modulus-negative': withKind(
      'rsa',
      rsa((modulus, exponent) => der.sequence(der.element(2, modulus.slice(5)), exponent)),
    ),
    'rsa-modulus-padded': withKind(
      'rsa',
      rsa((modulus, exponent) => der.sequence(der.element(2, Uint8Array.of(0), modulus.slice(4)), exponent)),
    ),
    'rsa-trailing-number': withKind(
      'rsa',
      rsa((modulus, exponent) => der.sequence(modulus, exponent, der.integer(3))),
    ),
    'rsa-trailing-bytes': withKind(
      'rsa',
      withKey((key) => Uint8Array.of(...key, 0, 0)),
    ),
    'ed25519-null': withKind(
      'ed25519',
      spki((_, key) => der.sequence(der.sequence(der.oid('1.3.101.112'), der.null_()), der.bitString(key))),
    ),
    'ed25519-short': withKind(
      'ed25519',
      withKey((key) => key.slice(1)),
    ),
    // The exponent ends with a bit that is set.
    'unused-bits-set': withKind(
      'rsa',
      spki((algorithm, key) => der.sequence(algorithm, der.bitString(key, 1))),
    ),
    'unused-bits-clear': withKind(
      'ed25519',
      spki((algorithm, key) => der.sequence(algorithm, der.bitString(withLastBitClear(key), 1))),
    ),
    'trailing-element': element(
      'key',
      spki((algorithm, key) => der.sequence(algorithm, der.bitString(key), der.null_())),
    ),
    'unknown-algorithm': element(
      'key',
      spki((_, key) => der.sequence(der.sequence(der.oid('1.2.3.4')), der.bitString(key))),
    ),
  }),
  // Which changes nothing about the path.
  ...mutations('key', BELOW, {
    'of-its-issuer': (chain, id) => {
      const draft = draftOf(chain, id);
      return withDraft(chain, id, { ...draft, key: draftOf(chain, draft.issuedBy).key });
    },
  }),
];

/** The certificate has a key of this kind; what it signs, it signs as such keys usually do. */
export function keyOfKind(kind: KeyKind): (chain: Chain, id: Id) => Chain {
  return (chain, id) => {
    const drafts = Object.entries(chain.drafts).map(([other, draft]) => {
      const { signing, ...unsigned } = draft;
      const signed = draft.issuedBy === id || signing === undefined ? unsigned : draft;
      return [other, other === id ? { ...signed, key: { owner: id, kind } } : signed] as const;
    });
    return { ...chain, drafts: Object.fromEntries(drafts) };
  };
}

/** The certificate has another key than the one that signs what is below. */
function keyOfStranger(chain: Chain, id: Id): Chain {
  const { key } = draftOf(chain, id);
  const drafts = Object.entries(chain.drafts).map(([other, draft]) => {
    const signed = draft.issuedBy === id ? { ...draft, signingKey: key } : draft;
    return [other, other === id ? { ...signed, key: { ...key, owner: 'stranger' } } : signed] as const;
  });
  return { ...chain, drafts: Object.fromEntries(drafts) };
}

/** The parts of a SubjectPublicKeyInfo: algorithm and key. */
function spki(change: (algorithm: Uint8Array, key: Uint8Array) => Uint8Array): ElementChange {
  return (whole) => {
    const [algorithm, bits] = parseTree(whole)?.inside ?? [];
    return algorithm && bits ? change(algorithm.raw, bits.content.subarray(1)) : whole;
  };
}

function withKey(edit: (key: Uint8Array) => Uint8Array): ElementChange {
  return spki((algorithm, key) => der.sequence(algorithm, der.bitString(edit(key))));
}

/** The two numbers of an RSA key, as whole elements. */
function rsa(edit: (modulus: Uint8Array, exponent: Uint8Array) => Uint8Array): ElementChange {
  return withKey((key) => {
    const [modulus, exponent] = parseTree(key)?.inside ?? [];
    return modulus && exponent ? edit(modulus.raw, exponent.raw) : key;
  });
}

/** A key of this kind, which the certificate then has in another form. */
function withKind(kind: KeyKind, change: ElementChange): Change {
  return (chain, id, random) => element('key', change)(keyOfKind(kind)(chain, id), id, random);
}

/** The octets, the last of them even. */
export function withLastBitClear(octets: Uint8Array): Uint8Array {
  return Uint8Array.of(...octets.subarray(0, -1), (octets.at(-1) ?? 0) & 0xfe);
}
