// What the device side keeps of the profiles it read. A publication never changes, and reading all of an organization for each
// request would let one customer's many networks take the time of all others.
import type { OrganizationId } from '@windlass/protocol';
import type { ProfileRow, ProfileTable } from './management-ports.ts';
import type { StoredProfile } from './ports.ts';

/** Most that is kept, in characters of the payloads. */
const MAX_CHARACTERS = 16_777_216;

/** The current profiles of an organization; those that were read before are the same objects. */
export function cacheProfiles(
  table: Pick<ProfileTable, 'currentSequences' | 'at'>,
  maxCharacters = MAX_CHARACTERS,
): (organization: OrganizationId) => Promise<readonly StoredProfile[]> {
  const cache = new Map<string, StoredProfile>();
  let characters = 0;
  const keep = (key: string, profile: StoredProfile): StoredProfile => {
    const size = profile.envelope.payload.length;
    if (characters + size > maxCharacters) {
      cache.clear();
      characters = 0;
    }
    characters += size;
    cache.set(key, profile);
    return profile;
  };
  return async (organization) => {
    const found: StoredProfile[] = [];
    for (const { network, sequence } of await table.currentSequences(organization)) {
      const key = `${organization}/${network}/${sequence}`;
      const kept = cache.get(key);
      const row = kept === undefined ? await table.at({ organization, network }, sequence) : null;
      const profile = kept ?? (row === null ? null : keep(key, storedOf(row)));
      if (profile !== null) found.push(profile);
    }
    return found;
  };
}

function storedOf({ inspectionCas, ...profile }: ProfileRow): StoredProfile {
  return {
    ...profile,
    inspectionCas: inspectionCas.map(({ certificate, subjectName, keyDigest, from, until }) => ({
      certificate,
      subject: subjectName,
      keyDigest,
      from,
      until,
    })),
  };
}
