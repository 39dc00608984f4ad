/** How an inspection CA is shown to people: what it is, and what it may vouch for. */
import type { InspectionCaEntry } from '@windlass/management';

type Facts = readonly (readonly [label: string, value: string | null])[];

export function kindFact({ role }: InspectionCaEntry): Facts[number] {
  return ['kind', role === 'root' ? 'root: it signed itself' : 'issuing: another CA signed it'];
}

/** For which names, from when until when. */
export function scopeFacts({ permittedNames, excludedNames, from, until }: InspectionCaEntry): Facts {
  return [
    ['permitted', permittedNames.map((name) => (name === '*' ? '* (every name)' : name)).join(', ')],
    ['excluded', excludedNames.length === 0 ? null : excludedNames.join(', ')],
    ['trusted', `from ${from} until ${until}`],
  ];
}
