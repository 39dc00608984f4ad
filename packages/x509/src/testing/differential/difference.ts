// Differences between the two verifiers, and the classes that explain them.

import type { Profile } from '../../checks.ts';
import type { X509ErrorCode } from '../../errors.ts';
import type { Observation } from './verdict.ts';

/** Differences of one kind, with the reason. */
export interface DifferenceClass {
  readonly name: string;
  /** Who is right, and by which section. `OURS TO MEND` begins it where we are wrong. */
  readonly sentence: string;
  /** Patterns, one of which one of the mutations matches: `*` stands for one part, `{a,b}` for a choice. */
  readonly mutations: readonly string[];
  /** Absent: both. */
  readonly profile?: Profile;
  /** That we accept, or our codes. */
  readonly ours: 'accepted' | readonly X509ErrorCode[];
  /** That openssl accepts, or its error numbers. */
  readonly openssl: 'accepted' | readonly number[];
  /** Mutations of a sound chain with one intermediate that show it, in the class's profile or in `strict`. */
  readonly example: readonly [string, ...string[]];
}

/** True when one accepts and the other refuses. */
export function isDifferent({ ours, openssl }: Observation): boolean {
  return (ours === 'accepted') !== (openssl === 'accepted');
}

/**
 * The class that explains the difference, or undefined. Where openssl names several errors, each must be explained; the
 * class is that of the first.
 */
export function classify(observation: Observation, classes: readonly DifferenceClass[]): DifferenceClass | undefined {
  const { openssl } = observation;
  const possible = classes.filter((one) => isAbout(one, observation));
  if (openssl === 'accepted') return possible[0];
  const explaining = openssl.map(({ number }) => possible.find((one) => numbersOf(one).includes(number)));
  return explaining.every((one) => one !== undefined) ? explaining[0] : undefined;
}

/** True when the pattern matches the whole mutation. */
export function isLike(mutation: string, pattern: string): boolean {
  const source = pattern
    .replace(/[.^$+]/g, '\\$&')
    .replaceAll('*', '[^.]+')
    .replace(/\{([^}]*)\}/g, (_, choices: string) => `(?:${choices.replaceAll(',', '|')})`);
  return new RegExp(`^${source}$`).test(mutation);
}

function isAbout(one: DifferenceClass, { mutations, profile, ours, openssl }: Observation): boolean {
  if (one.profile !== undefined && one.profile !== profile) return false;
  const isOurs = ours === 'accepted' || one.ours === 'accepted' ? ours === one.ours : one.ours.includes(ours);
  if (!isOurs || (openssl === 'accepted') !== (one.openssl === 'accepted')) return false;
  return one.mutations.some((pattern) => mutations.some((mutation) => isLike(mutation, pattern)));
}

function numbersOf({ openssl }: DifferenceClass): readonly number[] {
  return openssl === 'accepted' ? [] : openssl;
}
