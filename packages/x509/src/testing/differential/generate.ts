// Chains by number: the same seed and number give the same mutations again.

import { createRandom, type Random } from '../fuzz/random.ts';
import { type Chain, type ChainShape, HOST, soundChain } from './chain.ts';
import type { DraftExtension } from './draft.ts';
import { SOUND } from './extensions.ts';
import { SOUND_KINDS } from './keys.ts';
import type { Mutation, Place } from './mutation.ts';
import { CONSTRAINT_MUTATIONS } from './mutations-constraints.ts';
import { DAMAGE_MUTATIONS } from './mutations-damage.ts';
import { EXTENSION_MUTATIONS } from './mutations-extensions.ts';
import { FIELD_MUTATIONS } from './mutations-fields.ts';
import { HOST_MUTATIONS } from './mutations-hosts.ts';
import { KEY_MUTATIONS } from './mutations-keys.ts';
import { NAME_MUTATIONS } from './mutations-names.ts';
import { ORDER_MUTATIONS } from './mutations-order.ts';
import { SIGNATURE_MUTATIONS } from './mutations-signatures.ts';
import { VALUE_MUTATIONS } from './mutations-values.ts';
import { SIGNING_OF } from './signing.ts';

/** A chain, and what was done to it: `place.name` of each mutation. */
export interface GeneratedChain {
  readonly id: string;
  readonly mutations: readonly string[];
  readonly chain: Chain;
}

/** A mutation at one place. */
interface PlacedMutation {
  readonly name: string;
  readonly place: Place;
  readonly mutation: Mutation;
}

/** Every mutation at every place, by its name. */
export const PLACED: ReadonlyMap<string, PlacedMutation> = new Map(
  [
    ...FIELD_MUTATIONS,
    ...NAME_MUTATIONS,
    ...KEY_MUTATIONS,
    ...SIGNATURE_MUTATIONS,
    ...EXTENSION_MUTATIONS,
    ...VALUE_MUTATIONS,
    ...HOST_MUTATIONS,
    ...CONSTRAINT_MUTATIONS,
    ...ORDER_MUTATIONS,
    ...DAMAGE_MUTATIONS,
  ].flatMap((mutation) =>
    mutation.places.map((place) => [
      `${place}.${mutation.name}`,
      { name: `${place}.${mutation.name}`, place, mutation },
    ]),
  ),
);

/** One in so many chains is left as it is; of the others one in so many has two mutations. */
const SOUND_SHARE = 12;
const DOUBLE_SHARE = 3;
const MOST_INTERMEDIATES = 3;

/**
 * The chain of that number. The first mutation goes through all of them in turn, in an order that follows from the seed; a
 * second one is any.
 */
export function generateChain(seed: string, number: number): GeneratedChain {
  const random = createRandom(`${seed} ${number}`);
  const all = [...PLACED.values()];
  const inTurn = createRandom(seed).shuffled(all)[number % all.length];
  const first = random.oneIn(SOUND_SHARE) || !inTurn ? [] : [inTurn];
  const second = first.length > 0 && random.oneIn(DOUBLE_SHARE) ? [random.pick(all)] : [];
  return mutated([...first, ...second], `${seed}-${number}`, random);
}

/** A chain with these mutations and nothing else about it by chance. */
export function chainWith(...names: readonly string[]): GeneratedChain {
  const placed = names.map((name) => {
    const one = PLACED.get(name);
    if (!one) throw new Error(`There is no mutation "${name}".`);
    return one;
  });
  const start = soundChain({ intermediates: 1 });
  return { id: names.join('+'), mutations: names, chain: applied(start, placed, createRandom('example')) };
}

function mutated(placed: readonly PlacedMutation[], id: string, random: Random): GeneratedChain {
  const least = Math.max(0, ...placed.map(leastIntermediates));
  const intermediates = least + random.below(MOST_INTERMEDIATES + 1 - least);
  const chain = applied(soundChain(shapeOf(intermediates, random)), placed, random);
  return { id, mutations: placed.map(({ name }) => name), chain };
}

function applied(chain: Chain, placed: readonly PlacedMutation[], random: Random): Chain {
  return placed.reduce(
    (changed, { place, mutation }) => mutation.change(changed, idOf(changed, place, random), random),
    chain,
  );
}

/** Which certificate: any of the CAs that the chain was made with. */
function idOf(chain: Chain, place: Place, random: Random): string {
  if (place === 'chain') return chain.leaf;
  const cas = Object.keys(chain.drafts).filter((id) => /^ca\d$/.test(id));
  return place === 'ca' ? random.pick(cas) : place;
}

function leastIntermediates({ place, mutation }: PlacedMutation): number {
  return mutation.intermediates ?? (place === 'ca' ? 1 : 0);
}

/** What may differ among sound chains. */
function shapeOf(intermediates: number, random: Random): ChainShape {
  const kinds = Array.from({ length: intermediates + 2 }, () => random.pick(SOUND_KINDS));
  // Who signs is the certificate above, the root itself for the root.
  const signings = kinds.map((kind, i) => random.pick(SIGNING_OF[kinds[i - 1] ?? kind]));
  const host = random.oneIn(10) ? random.pick(['10.0.0.1', '2001:db8::1']) : HOST;
  const harmless: readonly DraftExtension[] = [
    SOUND['information-access'],
    SOUND['crl-distribution-points'],
    SOUND.policies,
    SOUND['issuer-alt-name'],
  ];
  const more = random.shuffled(harmless).slice(0, random.oneIn(3) ? random.below(4) : 0);
  return { intermediates, kinds, signings, host, more };
}
