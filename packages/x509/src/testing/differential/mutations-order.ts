// Mutations of the chain as a whole: what is given, in which order, and other certificates among them.

import { derTypes as der } from '../../der-types.ts';
import { encodeName } from '../../issue.ts';
import { DAY } from '../examination.ts';
import { NOW } from '../test-certificates.ts';
import { type Chain, draftOf, soundCa, withDraft } from './chain.ts';
import { type Draft, type Id, withExtension, withoutExtension } from './draft.ts';
import { basicConstraints, OIDS } from './extensions.ts';
import { BELOW, CHAIN, type Change, type Mutation, mutations } from './mutation.ts';

/** The CA right above the leaf, which may be the root. */
const issuerOfLeaf = (chain: Chain): Id => draftOf(chain, chain.leaf).issuedBy;
const withIntermediates = (chain: Chain, ...intermediates: readonly Id[]): Chain => ({ ...chain, intermediates });

/** Another draft of that id, given before the intermediates or after them. */
function adding(id: Id, draft: (chain: Chain) => Draft, where: 'first' | 'last'): Change {
  return (chain) => {
    const added = withDraft(chain, id, draft(chain));
    const { intermediates } = chain;
    return withIntermediates(added, ...(where === 'first' ? [id, ...intermediates] : [...intermediates, id]));
  };
}

/** The issuer of the leaf again, with the same name and key, and something different. */
const twin = (change: (draft: Draft) => Draft) => (chain: Chain) => change(draftOf(chain, issuerOfLeaf(chain)));
/** A CA of the same name as the issuer of the leaf, and another key. */
const namesake = (chain: Chain): Draft => ({
  ...draftOf(chain, issuerOfLeaf(chain)),
  issuedBy: 'root',
  key: { owner: 'stranger', kind: 'p256' },
  serial: der.integer(77),
});
const expired = (draft: Draft): Draft => ({
  ...draft,
  serial: der.integer(78),
  notBefore: NOW - 9 * DAY,
  notAfter: NOW - DAY,
});
const otherRoot = (chain: Chain): Chain => withDraft(chain, 'other-root', soundCa('other-root'));
const withoutIdentifiers = (draft: Draft): Draft =>
  withoutExtension(withoutExtension(draft, OIDS['subject-key-identifier']), OIDS['authority-key-identifier']);

/** Every certificate without key identifiers. */
function anonymous(chain: Chain): Chain {
  const drafts = Object.entries(chain.drafts).map(([id, draft]) => [id, withoutIdentifiers(draft)] as const);
  return { ...chain, drafts: Object.fromEntries(drafts) };
}

/** Two CAs that issued each other, the first of which issued the leaf. */
function cycle(chain: Chain): Chain {
  const [a, b] = ['cycle-a', 'cycle-b'].map(soundCa);
  if (!a || !b) return chain;
  const first = withDraft(chain, 'cycle-a', { ...a, issuedBy: 'cycle-b' });
  const both = withDraft(first, 'cycle-b', { ...b, issuedBy: 'cycle-a' });
  return withIntermediates(both, 'cycle-a', 'cycle-b', ...chain.intermediates);
}

/** That many CAs between the root and the leaf, of few keys. */
function long(chain: Chain, count: number): Chain {
  const ids = Array.from({ length: count }, (_, i) => `long${i}`);
  const made = ids.reduce((so, id, i) => {
    const key = { owner: `long${i % 3}`, kind: 'p256' } as const;
    return withDraft(so, id, { ...soundCa(id), key, issuedBy: ids[i - 1] ?? 'root' });
  }, chain);
  const leaf = { ...draftOf(chain, chain.leaf), issuedBy: ids.at(-1) ?? 'root' };
  return withIntermediates(withDraft(made, chain.leaf, leaf), ...ids);
}

/** All of them. */
export const ORDER_MUTATIONS: readonly Mutation[] = [
  ...mutations('order', CHAIN, {
    reversed: (chain) => withIntermediates(chain, ...[...chain.intermediates].reverse()),
    shuffled: (chain, _, random) => withIntermediates(chain, ...random.shuffled(chain.intermediates)),
    doubled: (chain) => withIntermediates(chain, ...chain.intermediates, ...chain.intermediates),
    'root-among-intermediates': (chain) => withIntermediates(chain, ...chain.intermediates, 'root'),
    'leaf-among-intermediates': (chain) => withIntermediates(chain, chain.leaf, ...chain.intermediates),
    'none-given': (chain) => withIntermediates(chain),
    'first-missing': (chain) => withIntermediates(chain, ...chain.intermediates.slice(1)),
    'last-missing': (chain) => withIntermediates(chain, ...chain.intermediates.slice(0, -1)),
    'root-given-and-ca-trusted': (chain) => ({
      ...withIntermediates(chain, ...chain.intermediates, 'root'),
      anchors: [issuerOfLeaf(chain)],
    }),
    'root-and-ca-trusted': (chain) => ({ ...chain, anchors: ['root', issuerOfLeaf(chain)] }),
    'leaf-trusted': (chain) => ({ ...chain, anchors: [chain.leaf] }),
    'leaf-trusted-too': (chain) => ({ ...chain, anchors: ['root', chain.leaf] }),
    'leaf-is-the-root': (chain) => ({ ...chain, leaf: 'root' }),
    'leaf-is-a-ca': (chain) => ({ ...chain, leaf: issuerOfLeaf(chain) }),
    'other-root-trusted': (chain) => ({ ...otherRoot(chain), anchors: ['other-root'] }),
    'other-root-trusted-too': (chain) => ({ ...otherRoot(chain), anchors: ['other-root', 'root'] }),
    '9-intermediates': (chain) => long(chain, 9),
    '8-intermediates': (chain) => long(chain, 8),
  }),
  ...mutations('extra', CHAIN, {
    stranger: adding('stranger', () => soundCa('stranger'), 'first'),
    'namesake-first': adding('namesake', namesake, 'first'),
    'namesake-last': adding('namesake', namesake, 'last'),
    'namesake-first-without-identifiers': (chain, id, random) =>
      anonymous(adding('namesake', namesake, 'first')(chain, id, random)),
    'namesake-last-without-identifiers': (chain, id, random) =>
      anonymous(adding('namesake', namesake, 'last')(chain, id, random)),
    'only-a-namesake': (chain) => withIntermediates(withDraft(chain, 'namesake', namesake(chain)), 'namesake'),
    'namesake-of-the-root': (chain) => {
      const root = draftOf(chain, 'root');
      const other = { ...root, issuedBy: 'other', key: { owner: 'stranger', kind: 'p256' } as const };
      return { ...withDraft(chain, 'other', other), anchors: ['other', 'root'] };
    },
    'only-a-namesake-of-the-root': (chain) => {
      const root = draftOf(chain, 'root');
      const other = { ...root, issuedBy: 'other', key: { owner: 'stranger', kind: 'p256' } as const };
      return { ...withDraft(chain, 'other', other), anchors: ['other'] };
    },
    'renewed-root': (chain) => {
      const renewed = { ...draftOf(chain, 'root'), issuedBy: 'renewed', serial: der.integer(5) };
      return { ...withDraft(chain, 'renewed', renewed), anchors: ['renewed'] };
    },
    'expired-root-beside': (chain) => {
      const old = { ...expired(draftOf(chain, 'root')), issuedBy: 'old' };
      return { ...withDraft(chain, 'old', old), anchors: ['old', 'root'] };
    },
    cycle,
    'cycle-below-the-leaf': (chain) => {
      const cyclic = cycle(chain);
      return withDraft(cyclic, chain.leaf, { ...draftOf(cyclic, chain.leaf), issuedBy: 'cycle-a' });
    },
  }),
  ...[
    ...mutations('extra', CHAIN, {
      'expired-twin-first': adding('twin', twin(expired), 'first'),
      'expired-twin-last': adding('twin', twin(expired), 'last'),
      'twin-that-is-no-ca-first': adding(
        'twin',
        twin((draft) => withExtension({ ...draft, serial: der.integer(79) }, basicConstraints())),
        'first',
      ),
      'twin-signed-by-itself-first': adding(
        'twin',
        twin((draft) => ({ ...draft, issuedBy: 'twin', serial: der.integer(80) })),
        'first',
      ),
      'cross-signed-by-unknown-first': (chain, id, random) =>
        adding(
          'cross',
          twin((draft) => ({ ...draft, issuedBy: 'other-root' })),
          'first',
        )(otherRoot(chain), id, random),
      'cross-signed-only': (chain) => {
        const crossed = withDraft(
          otherRoot(chain),
          'cross',
          twin((draft) => ({ ...draft, issuedBy: 'other-root' }))(chain),
        );
        return { ...withIntermediates(crossed, 'cross', ...chain.intermediates), anchors: ['other-root'] };
      },
      'cross-signed-root': (chain) => {
        const crossed = withDraft(otherRoot(chain), 'cross', { ...draftOf(chain, 'root'), issuedBy: 'other-root' });
        return { ...withIntermediates(crossed, ...chain.intermediates, 'cross'), anchors: ['other-root'] };
      },
    }),
  ].map((one) => ({ ...one, intermediates: 1 })),
  ...mutations('self-issued', BELOW, {
    // A CA renews its key: the one below has the same name, and issued what is below.
    'with-path-length-0-above': (chain, id) => {
      const draft = draftOf(chain, id);
      const above = withExtension(draftOf(chain, draft.issuedBy), basicConstraints(der.boolean(true), der.integer(0)));
      const limited = withDraft(chain, draft.issuedBy, above);
      const renewed: Draft = { ...soundCa('renewed'), issuedBy: draft.issuedBy, subject: above.subject };
      const added = withDraft(limited, 'renewed', renewed);
      const issued = withDraft(added, id, { ...draft, issuedBy: 'renewed' });
      return withIntermediates(issued, ...chain.intermediates, 'renewed');
    },
  }),
  ...mutations('common-name', BELOW, {
    'as-above': (chain, id) =>
      withDraft(chain, id, { ...draftOf(chain, id), subject: encodeName([{ type: 'CN', value: 'same' }]) }),
  }),
];
