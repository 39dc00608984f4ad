// Mutations that every extension can have, whatever it says: gone, of the other criticality, twice, moved, malformed.

import { derTypes as der } from '../../der-types.ts';
import { parseTree } from '../fuzz/der-tree.ts';
import { draftOf, withDraft } from './chain.ts';
import { type DraftExtension, type ElementChange, withExtension } from './draft.ts';
import { type ExtensionName, OIDS, SOUND, unknownExtension } from './extensions.ts';
import { type Change, EVERYWHERE, extension, type Mutation, mutations, without } from './mutation.ts';

/** The extension as it is, or a sound one where there is none, changed. */
function changed(name: ExtensionName, change: (one: DraftExtension) => DraftExtension): Change {
  return (chain, id) => {
    const draft = draftOf(chain, id);
    const one = draft.extensions.find(({ oid }) => oid === OIDS[name]) ?? SOUND[name];
    return withDraft(chain, id, withExtension(draft, change(one)));
  };
}

const whole = (name: ExtensionName, edit: ElementChange) => changed(name, (one) => ({ ...one, edit }));
/** OID, whether it says that it is critical, and the octets of the value. */
const parts = (name: ExtensionName, edit: (oid: Uint8Array, flag: Uint8Array, value: Uint8Array) => Uint8Array) =>
  whole(name, (element) => {
    const [oid, ...rest] = parseTree(element)?.inside ?? [];
    const value = rest.at(-1);
    const flag = rest.length > 1 ? der.boolean(true) : new Uint8Array();
    return oid && value ? edit(oid.raw, flag, value.content) : element;
  });
const withValue = (name: ExtensionName, edit: (value: Uint8Array) => Uint8Array) =>
  parts(name, (oid, flag, value) => der.sequence(oid, flag, der.octetString(edit(value))));

/** What can happen to the extension of this name. */
function generic(name: ExtensionName): Readonly<Record<string, Change>> {
  const present = changed(name, (one) => one);
  const other = (one: DraftExtension) => (one.critical === 'critical' ? 'not-critical' : 'critical');
  return {
    present,
    removed: without(name),
    'critical-flipped': changed(name, (one) => ({ ...one, critical: other(one) })),
    doubled: whole(name, (element) => Buffer.concat([element, element])),
    'critical-false': parts(name, (oid, _, value) => der.sequence(oid, der.boolean(false), der.octetString(value))),
    'critical-as-1': parts(name, (oid, _, value) =>
      der.sequence(oid, der.element(0x01, Uint8Array.of(1)), der.octetString(value)),
    ),
    'another-part': parts(name, (oid, flag, value) => der.sequence(oid, flag, der.octetString(value), der.null_())),
    'no-octets': parts(name, (oid, flag, value) => der.sequence(oid, flag, der.bitString(value))),
    'value-nothing': withValue(name, () => new Uint8Array()),
    'value-null': withValue(name, () => der.null_()),
    'value-trailing': withValue(name, (value) => Uint8Array.of(...value, 5, 0)),
    'value-cut': withValue(name, (value) => value.subarray(0, -1)),
    'value-emptied': withValue(name, (value) => der.element(value[0] ?? 0x30)),
    'value-length-padded': withValue(name, (value) => {
      const tree = parseTree(value);
      return tree ? Uint8Array.of(tree.tag, 0x82, 0, tree.content.length & 0xff, ...tree.content) : value;
    }),
  };
}

const COMMON: readonly ExtensionName[] = [
  'basic-constraints',
  'key-usage',
  'extended-key-usage',
  'subject-alt-name',
  'name-constraints',
  'authority-key-identifier',
  'subject-key-identifier',
  'information-access',
  'crl-distribution-points',
  'policies',
];
/** Less usual ones: there, critical or not, malformed. */
const RARE: readonly ExtensionName[] = [
  'issuer-alt-name',
  'policy-mappings',
  'policy-constraints',
  'inhibit-any-policy',
  'freshest-crl',
];
const RARE_CHANGES = ['present', 'critical-flipped', 'value-null', 'doubled'];

/** All of them. */
export const EXTENSION_MUTATIONS: readonly Mutation[] = [
  ...COMMON.flatMap((name) => mutations(name, EVERYWHERE, generic(name))),
  ...RARE.flatMap((name) => {
    const some = Object.entries(generic(name)).filter(([change]) => RARE_CHANGES.includes(change));
    return mutations(name, EVERYWHERE, Object.fromEntries(some));
  }),
  ...mutations('unknown-extension', EVERYWHERE, {
    critical: extension(unknownExtension('critical')),
    'not-critical': extension(unknownExtension('not-critical')),
  }),
];
