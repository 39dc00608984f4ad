// Mutations of algorithms and signatures.

import { derTypes as der } from '../../der-types.ts';
import { parseTree } from '../fuzz/der-tree.ts';
import { type Chain, draftOf, withDraft } from './chain.ts';
import type { ElementChange, Id } from './draft.ts';
import type { KeyKind } from './keys.ts';
import { all, BELOW, EVERYWHERE, element, type Mutation, mutations } from './mutation.ts';
import { keyOfKind, withLastBitClear } from './mutations-keys.ts';
import { SIGNING, type SigningName } from './signing.ts';

/** Another element in place of the BIT STRING. */
const signature = (edit: ElementChange) => element('signature', edit);
const bitsOf = (whole: Uint8Array) => parseTree(whole)?.content.subarray(1) ?? whole;

/** All of them. */
export const SIGNATURE_MUTATIONS: readonly Mutation[] = [
  ...mutations('algorithm', EVERYWHERE, {
    'rsa-sha1': signedWith('rsa', 'rsa-sha1'),
    'rsa-md5': signedWith('rsa', 'rsa-md5'),
    'rsa-sha224': signedWith('rsa', 'rsa-sha224'),
    'rsa-no-null': signedWith('rsa', 'rsa-sha256-no-null'),
    'rsa-odd-parameters': signedWith('rsa', 'rsa-sha256-odd-parameters'),
    'pss-sha384': signedWith('rsa', 'rsa-pss-sha384'),
    'pss-salt-20': signedWith('rsa', 'rsa-pss-salt-20'),
    'pss-salt-wrong': signedWith('rsa', 'rsa-pss-salt-wrong'),
    'pss-no-parameters': signedWith('rsa', 'rsa-pss-no-parameters'),
    'pss-default-sha1': signedWith('rsa', 'rsa-pss-default-sha1'),
    'pkcs1-by-pss-key': signedWith('rsa-pss', 'rsa-sha256'),
    'pss-other-digest-than-key': signedWith('rsa-pss-sha512', 'rsa-pss-sha256'),
    'ecdsa-sha1': signedWith('p256', 'ecdsa-sha1'),
    'ecdsa-sha224': signedWith('p256', 'ecdsa-sha224'),
    'ecdsa-sha3': signedWith('p256', 'ecdsa-sha3-256'),
    'ecdsa-null': signedWith('p256', 'ecdsa-sha256-null'),
    'ed25519-null': signedWith('ed25519', 'ed25519-null'),
    unknown: signedWith('p256', 'unknown'),
    'inside-other': element('algorithm', SIGNING['rsa-sha512'].identifier),
    'outside-other': element('outer-algorithm', SIGNING['rsa-sha512'].identifier),
    'inside-null-only': element('algorithm', (identifier) => withNull(identifier)),
    'both-other': all(
      element('algorithm', SIGNING['ecdsa-sha224'].identifier),
      element('outer-algorithm', SIGNING['ecdsa-sha224'].identifier),
    ),
  }),
  ...mutations('signature', EVERYWHERE, {
    'bit-flipped': signature((whole) => Uint8Array.of(...whole.slice(0, -1), (whole.at(-1) ?? 0) ^ 1)),
    'cut-short': signature((whole) => der.bitString(bitsOf(whole).slice(0, -1))),
    longer: signature((whole) => der.bitString(Uint8Array.of(...bitsOf(whole), 0))),
    empty: signature(() => der.bitString(new Uint8Array())),
    'unused-bits': signature((whole) => der.bitString(withLastBitClear(bitsOf(whole)), 1)),
    'as-octets': signature((whole) => der.octetString(bitsOf(whole))),
    absent: signature(() => new Uint8Array()),
  }),
  ...mutations('signature', EVERYWHERE, { 'of-another-key': otherKey }),
  ...mutations('signature', BELOW, {
    'of-its-own-key': (chain, id) =>
      withDraft(chain, id, { ...draftOf(chain, id), signingKey: draftOf(chain, id).key }),
    'ecdsa-not-der': all(
      signedWith('p256', 'ecdsa-sha256'),
      signature((whole) => der.bitString(padded(bitsOf(whole)))),
    ),
  }),
];

/** The certificate is signed with this algorithm, by a key of its issuer that fits. */
function signedWith(kind: KeyKind, signing: SigningName): (chain: Chain, id: Id) => Chain {
  return (chain, id) => {
    const issued = keyOfKind(kind)(chain, draftOf(chain, id).issuedBy);
    return withDraft(issued, id, { ...draftOf(issued, id), signing });
  };
}

function otherKey(chain: Chain, id: Id): Chain {
  const draft = draftOf(chain, id);
  return withDraft(chain, id, { ...draft, signingKey: { ...draftOf(chain, draft.issuedBy).key, owner: 'stranger' } });
}

function withNull(identifier: Uint8Array): Uint8Array {
  const [oid, parameters] = parseTree(identifier)?.inside ?? [];
  return oid ? der.sequence(oid.raw, ...(parameters ? [] : [der.null_()])) : identifier;
}

/** An ECDSA signature whose length is written in more octets than it takes. */
function padded(signatureValue: Uint8Array): Uint8Array {
  const tree = parseTree(signatureValue);
  return tree ? Uint8Array.of(tree.tag, 0x81, tree.content.length, ...tree.content) : signatureValue;
}
