// What an act would do: it is done, and undone. No key of it is kept, and no job begins.
import { describe, fingerprintOf, timeOf } from './certificates.ts';
import { type Management, within } from './management.ts';
import { newPublisherAnchor } from './signer/forms.ts';
import type { ManagementKeys } from './signer/ports.ts';
import type { ManagementTables } from './store/management-ports.ts';

/** What the audit would say of the act. */
export interface Told {
  readonly object: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Stands for what names keys that are made only when the act is done. */
const NEW_KEYS = 'new keys';

/** Ends a trial, so that nothing of it stays. */
class TriedOut extends Error {}

/** What the audit would say of the act that `run` does; nothing of it stays. @throws what the act throws */
export async function tryOut(
  management: Management,
  tables: ManagementTables,
  run: (trial: Management) => Promise<unknown>,
): Promise<Told> {
  const { addPublisher, toldOf } = standIns();
  const jobs = { ...management.jobs, wake: () => undefined };
  const trial = within({ ...management, jobs, keys: { ...management.keys, addPublisher } }, tables);
  let told: Told | null = null;
  const work = async () => {
    await run(trial);
    const entry = await tables.audit.last();
    if (entry !== null) told = toldOf(entry);
    throw new TriedOut();
  };
  await tables.nested(work).catch((cause: unknown) => {
    if (!(cause instanceof TriedOut)) throw cause;
  });
  if (told === null) throw new Error('An act left nothing in the audit.');
  return told;
}

/** Publishers whose keys are kept nowhere, and what is told with them. */
function standIns() {
  const names: string[] = [];
  const addPublisher: ManagementKeys['addPublisher'] = async (organization, now) => {
    const { certificate } = newPublisherAnchor(organization, now);
    const { keyDigest, subject } = describe(certificate);
    names.push(keyDigest, subject, fingerprintOf(certificate.der));
    return { anchor: certificate.der, expires: timeOf(certificate.notAfter) };
  };
  const plain = (text: string) => names.reduce((told, name) => told.replaceAll(name, NEW_KEYS), text);
  const toldOf = ({ object, detail }: { readonly object: string; readonly detail: string }): Told => ({
    object: plain(object),
    detail: JSON.parse(plain(detail)) as Record<string, unknown>,
  });
  return { addPublisher, toldOf };
}
