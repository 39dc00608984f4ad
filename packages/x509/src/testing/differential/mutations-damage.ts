// Mutations by chance: an element somewhere inside of a field edited as the fuzz loop does it, and the certificate signed
// again.

import { elementAt, parseTree, replaceElement } from '../fuzz/der-tree.ts';
import { EDITS, type EditName } from '../fuzz/edits.ts';
import { createRandom, type Random } from '../fuzz/random.ts';
import { draftOf, withDraft } from './chain.ts';
import type { ElementChange, Field } from './draft.ts';
import { type ExtensionName, OIDS } from './extensions.ts';
import { CAS, type Change, EVERYWHERE, element, LEAF, type Mutation, mutations, type Place } from './mutation.ts';

const NAMES: readonly EditName[] = [
  'removed',
  'doubled',
  'emptied',
  'retagged',
  'changed',
  'shortened',
  'lengthened',
  'wrapped',
  'length-padded',
  'length-indefinite',
  'constructed',
];
/** The extension is number 0, its OID 1. */
const AFTER_OID = 2;
const FIELDS: readonly Field[] = ['version', 'serial', 'algorithm', 'issuer', 'validity', 'subject', 'key'];

/** Changes one element below the whole, from that number on in order of reading; each time it is called the same one. */
function damage(name: EditName, random: Random, from = 1): ElementChange {
  const seed = random.below(2 ** 31);
  return (whole) => {
    const tree = parseTree(whole);
    if (!tree) return whole;
    const chance = createRandom(seed);
    const number = tree.size <= from ? 0 : from + chance.below(tree.size - from);
    const other = elementAt(tree, chance.below(tree.size));
    return replaceElement(tree, number, (element) => EDITS[name](element, chance, other));
  };
}

const inField =
  (field: Field, name: EditName): Change =>
  (chain, id, random) =>
    element(field, damage(name, random))(chain, id, random);

/** Inside of the extension with this OID, if the certificate has it; the OID itself stays. */
const inExtension =
  (oid: string, name: EditName): Change =>
  (chain, id, random) => {
    const draft = draftOf(chain, id);
    const edit = damage(name, random, AFTER_OID);
    return withDraft(chain, id, {
      ...draft,
      extensions: draft.extensions.map((one) => (one.oid === oid ? { ...one, edit } : one)),
    });
  };

/** Those that sound certificates have. */
const EXTENSIONS: readonly (readonly [ExtensionName, readonly Place[]])[] = [
  ['basic-constraints', CAS],
  ['key-usage', EVERYWHERE],
  ['extended-key-usage', LEAF],
  ['subject-alt-name', LEAF],
  ['subject-key-identifier', EVERYWHERE],
  ['authority-key-identifier', EVERYWHERE],
];

/** All of them: `damage.FIELD.EDIT`. */
export const DAMAGE_MUTATIONS: readonly Mutation[] = [
  ...FIELDS.flatMap((field) =>
    mutations(`damage.${field}`, EVERYWHERE, Object.fromEntries(NAMES.map((name) => [name, inField(field, name)]))),
  ),
  ...EXTENSIONS.flatMap(([extension, places]) =>
    mutations(
      `damage.${extension}`,
      places,
      Object.fromEntries(NAMES.map((name) => [name, inExtension(OIDS[extension], name)])),
    ),
  ),
];
