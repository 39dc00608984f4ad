// What a mutation is: a named change of one certificate of a chain, or of the chain.

import type { Random } from '../fuzz/random.ts';
import { type Chain, draftOf, withDraft } from './chain.ts';
import {
  type Draft,
  type DraftExtension,
  type ElementChange,
  type Field,
  type Id,
  withChange,
  withExtension,
  withoutExtension,
} from './draft.ts';
import { type ExtensionName, OIDS } from './extensions.ts';

/** Where a mutation can be: the root, any CA below it, the leaf, or the chain as a whole. */
export type Place = 'root' | 'ca' | 'leaf' | 'chain';

/** A change of a chain; `id` is the certificate it is about (the leaf, where it is about the chain). */
export type Change = (chain: Chain, id: Id, random: Random) => Chain;

/** A named change and where it can be. */
export interface Mutation {
  readonly name: string;
  readonly places: readonly Place[];
  /** Least number of intermediates; default 1 for the place `ca`, else 0. */
  readonly intermediates?: number;
  readonly change: Change;
}

export const EVERYWHERE: readonly Place[] = ['root', 'ca', 'leaf'];
export const CAS: readonly Place[] = ['root', 'ca'];
export const BELOW: readonly Place[] = ['ca', 'leaf'];
export const LEAF: readonly Place[] = ['leaf'];
export const CHAIN: readonly Place[] = ['chain'];

/** Mutations by name, all with the same prefix and places. */
export function mutations(
  prefix: string,
  places: readonly Place[],
  changes: Readonly<Record<string, Change>>,
): Mutation[] {
  return Object.entries(changes).map(([name, change]) => ({ name: `${prefix}.${name}`, places, change }));
}

/** A change of the draft. */
export function draft(change: (draft: Draft, random: Random) => Draft): Change {
  return (chain, id, random) => withDraft(chain, id, change(draftOf(chain, id), random));
}

/** Other fields of the draft. */
export function fields(changed: Partial<Draft>): Change {
  return draft((one) => ({ ...one, ...changed }));
}

/** Another element for the encoded field; empty leaves it out. */
export function element(field: Field, changed: Uint8Array | ElementChange): Change {
  return draft((one) => withChange(one, field, changed instanceof Uint8Array ? () => changed : changed));
}

/** This extension instead of the one with its OID, or in addition. */
export function extension(changed: DraftExtension): Change {
  return draft((one) => withExtension(one, changed));
}

/** The extension left out. */
export function without(name: ExtensionName): Change {
  return draft((one) => withoutExtension(one, OIDS[name]));
}

/** One change after the other. */
export function all(...changes: readonly Change[]): Change {
  return (chain, id, random) => changes.reduce((changed, change) => change(changed, id, random), chain);
}
