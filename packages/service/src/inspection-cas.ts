// Inspection CAs: what devices of a network are to trust, for which names and until when. Adding one makes a draft, which changes nothing for
// a device; it is approved in inspection-ca-approval.ts, and ends in inspection-ca-ending.ts.
import type { InspectionCaEntry, InspectionCaState } from '@windlass/management';
import { type Certificate, formatName } from '@windlass/x509';
import { refuseAnchorKey } from './anchor-keys.ts';
import { describe, normalizeFingerprint, parseDer } from './certificates.ts';
import { refuseRevokedKey } from './inspection-ca-approval.ts';
import { current, detailOf, entriesOf, entryOf, findByFingerprint, objectOf, stateOf } from './inspection-ca-entry.ts';
import { lintUpload } from './inspection-ca-lint.ts';
import { roleOf } from './inspection-ca-role.ts';
import { type ScopeInput, scopeOf, serviceOutOfScope } from './inspection-ca-scope.ts';
import { readUpload } from './inspection-ca-upload.ts';
import { type Actor, type Management, perform } from './management.ts';
import { findNetworkOf, type InNetwork } from './networks.ts';
import { refuseHostileKey } from './observed-keys.ts';
import { refuseUnless } from './refusal.ts';
import type { NetworkKey, NewInspectionCa, StoredInspectionCa } from './store/management-ports.ts';

/** Kept per network, retired ones too. */
const MAX_INSPECTION_CAS_KEPT = 1_000;

/**
 * The CA is a draft of the network. The file's bytes are not kept: only the one certificate is.
 * @throws Refusal `not-found` (network, or the CA that it replaces), `too-large`, `private-key-in-upload`, `certificate-refused`,
 * `scope-refused`, `time-refused`, `exists`, `limit-reached`
 */
export async function addInspectionCa(
  management: Management,
  actor: Actor,
  input: InNetwork & ScopeInput & { readonly certificate: string; readonly replaces?: string },
): Promise<InspectionCaEntry> {
  return perform(management, actor, 'inspection-ca.add', async (tables, now) => {
    const key = await findNetworkOf(tables, input);
    const certificate = readUpload(Buffer.from(input.certificate, 'base64'));
    const all = await tables.inspectionCas.of(key);
    const registered = all.filter(({ retired }) => retired === null).map((ca) => parseDer(ca.certificate));
    const findings = lintUpload(certificate, { registered, publicRootKeys: management.publicRootKeys }, now);
    const { warnings: scopeWarnings, ...scope } = scopeOf(certificate, input, now);
    const warnings = [...findings, ...scopeWarnings];
    const described = describedAs(certificate);
    const predecessor = predecessorOf(all, key, { replaces: input.replaces, fingerprint: described.fingerprint });
    const added: NewInspectionCa = { ...key, ...described, ...scope, predecessor, warnings, added: now };
    await refuseAnchorKey(management, tables, added.keyDigest);
    await refuseRevokedKey(tables, added);
    await refuseHostileKey(tables, key.organization, certificate); // spec S24
    refuseUnless(
      all.length < MAX_INSPECTION_CAS_KEPT,
      'limit-reached',
      'This network has had too many inspection CAs: make a new network.',
    );
    refuseDuplicate(all, added);
    const stored = await tables.inspectionCas.add(added);
    const together = [...all, stored];
    const entry = entryOf(stored.id, together, now);
    // It goes for the network as it is now, so it is not kept with the CA.
    const outOfScope = serviceOutOfScope(management.service, current(together, now));
    return {
      result: { ...entry, warnings: [...entry.warnings, ...outOfScope] },
      organization: key.organization,
      object: objectOf(stored),
      detail: { ...detailOf(stored), replaces: entry.predecessor },
      change: { before: null, after: { state: stateOf(stored, now) } },
    };
  });
}

/** The inspection CAs of the network, whatever became of them or in that state, in the order they were added. @throws Refusal `not-found` */
export async function listInspectionCas(
  management: Management,
  input: InNetwork & { readonly state?: InspectionCaState },
): Promise<{ items: InspectionCaEntry[] }> {
  const { tables } = management.store;
  const all = await tables.inspectionCas.of(await findNetworkOf(tables, input));
  const entries = entriesOf(all, all, management.now());
  return { items: entries.filter(({ state }) => input.state === undefined || state === input.state) };
}

/** One inspection CA of the network, whatever became of it. @throws Refusal `not-found` */
export async function showInspectionCa(
  management: Management,
  input: InNetwork & { readonly fingerprint: string },
): Promise<InspectionCaEntry> {
  const { tables } = management.store;
  const key = await findNetworkOf(tables, input);
  const all = await tables.inspectionCas.of(key);
  return entryOf(findByFingerprint(all, key, input.fingerprint).id, all, management.now());
}

/**
 * The id of the CA that the new one follows. It is there before, and nothing changes it afterwards; so only a CA that comes back could close
 * a circle, which is refused.
 */
function predecessorOf(
  all: readonly StoredInspectionCa[],
  key: NetworkKey,
  { replaces, fingerprint }: { readonly replaces: string | undefined; readonly fingerprint: string },
): number | null {
  if (replaces === undefined) return null;
  const predecessor = findByFingerprint(all, key, replaces);
  const byId = new Map(all.map((ca) => [ca.id, ca]));
  for (let ca: StoredInspectionCa | undefined = predecessor; ca !== undefined; ca = byId.get(ca.predecessor ?? 0)) {
    refuseUnless(
      ca.fingerprint !== fingerprint,
      'certificate-refused',
      `${normalizeFingerprint(replaces)} itself is, or follows, this very CA: a CA cannot replace its own successor. Add it without saying what it replaces.`,
    );
  }
  return predecessor.id;
}

/** Two CAs of one profile must not have the same key: devices would refuse it. */
function refuseDuplicate(all: readonly StoredInspectionCa[], added: NewInspectionCa): void {
  const same = all.find(({ keyDigest, retired }) => keyDigest === added.keyDigest && retired === null);
  const what = same?.fingerprint === added.fingerprint ? 'This inspection CA' : 'An inspection CA with the same key';
  refuseUnless(
    same === undefined,
    'exists',
    `${what} is registered for this network already (${same?.fingerprint}): to change its names or dates, retire it, or remove it if it was never published, add it again, approve it, and publish.`,
  ); // spec D20
}

function describedAs(certificate: Certificate) {
  const subject = formatName(certificate.subject);
  return { ...describe(certificate), subjectName: certificate.subject.der, subject, role: roleOf(certificate) };
}
