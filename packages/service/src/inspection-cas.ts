// Inspection CAs: what devices of a network are to trust, for which names and until when. Adding one changes nothing for a
// device; publishing does. Only the organization's approver gets here.
import type { InspectionCaEntry } from '@windlass/management';
import { formatTime } from '@windlass/protocol';
import { type Certificate, formatName } from '@windlass/x509';
import { refuseAnchorKey } from './anchor-keys.ts';
import { describe, normalizeFingerprint, parseDer, pemOf } from './certificates.ts';
import { lintUpload } from './inspection-ca-lint.ts';
import { type ScopeInput, scopeOf, serviceOutOfScope } from './inspection-ca-scope.ts';
import { readUpload } from './inspection-ca-upload.ts';
import { type Actor, type Management, perform } from './management.ts';
import { findNetworkOf } from './networks.ts';
import { Refusal, refuseUnless } from './refusal.ts';
import type { NetworkKey, NewInspectionCa, StoredInspectionCa } from './store/management-ports.ts';

interface InNetwork {
  readonly organization: string;
  readonly network: string;
}

/** Kept per network, retired ones too. */
const MAX_INSPECTION_CAS_KEPT = 1_000;

/**
 * The CA is part of the next publication. The file's bytes are not kept: only the one certificate is.
 * @throws Refusal `not-found`, `too-large`, `private-key-in-upload`, `certificate-refused`, `scope-refused`, `time-refused`,
 * `exists`, `limit-reached`
 */
export async function addInspectionCa(
  management: Management,
  actor: Actor,
  input: InNetwork & ScopeInput & { readonly certificate: string },
): Promise<InspectionCaEntry> {
  return perform(management, actor, 'inspection-ca.add', async (tables, now) => {
    const key = await findNetworkOf(tables, input);
    const certificate = readUpload(Buffer.from(input.certificate, 'base64'));
    const all = await tables.inspectionCas.of(key);
    const registered = all.filter(({ retired }) => retired === null).map((ca) => parseDer(ca.certificate));
    const findings = lintUpload(certificate, { registered, publicRootKeys: management.publicRootKeys }, now);
    const { warnings: scopeWarnings, ...scope } = scopeOf(certificate, input, now);
    const warnings = [...findings, ...scopeWarnings];
    const added: NewInspectionCa = { ...key, ...describedAs(certificate), ...scope, warnings, added: now };
    await refuseAnchorKey(management, tables, added.keyDigest);
    refuseUnless(
      all.length < MAX_INSPECTION_CAS_KEPT,
      'limit-reached',
      'This network has had too many inspection CAs: make a new network.',
    );
    refuseDuplicate(all, added);
    const stored = await tables.inspectionCas.add(added);
    const entry = entryOf(stored);
    // It goes for the network as it is now, so it is not kept with the CA.
    const together = [...all.filter(({ retired, until }) => retired === null && until > now), stored];
    return {
      result: { ...entry, warnings: [...entry.warnings, ...serviceOutOfScope(management.service, together)] },
      organization: key.organization,
      object: objectOf(stored),
      detail: detailOf(stored),
      change: { before: null, after: { state: stateOf(stored) } },
    };
  });
}

/** Every inspection CA of the network, retired ones too, in the order they were added. @throws Refusal `not-found` */
export async function listInspectionCas(
  management: Management,
  input: InNetwork,
): Promise<{ items: InspectionCaEntry[] }> {
  const { tables } = management.store;
  return { items: (await tables.inspectionCas.of(await findNetworkOf(tables, input))).map(entryOf) };
}

/** With the next publication devices are told to drop the CA. @throws Refusal `not-found`, `already-retired` */
export async function retireInspectionCa(
  management: Management,
  actor: Actor,
  input: InNetwork & { readonly fingerprint: string; readonly reason?: string },
): Promise<InspectionCaEntry> {
  return perform(management, actor, 'inspection-ca.retire', async (tables, now) => {
    const key = await findNetworkOf(tables, input);
    const found = findByFingerprint(await tables.inspectionCas.of(key), key, input.fingerprint);
    refuseUnless(
      found.retired === null,
      'already-retired',
      `This inspection CA is retired already: publish, if devices still have it.`,
    );
    await tables.inspectionCas.retire(found.id, now);
    const retired = { ...found, retired: now };
    const detail = { ...detailOf(retired), reason: input.reason ?? null };
    const change = { before: { state: stateOf(found) }, after: { state: stateOf(retired) } };
    return { result: entryOf(retired), organization: key.organization, object: objectOf(retired), detail, change };
  });
}

/** The one that is not retired, else the one that was last. */
function findByFingerprint(
  all: readonly StoredInspectionCa[],
  { network }: NetworkKey,
  text: string,
): StoredInspectionCa {
  const fingerprint = normalizeFingerprint(text);
  const same = all.filter((ca) => ca.fingerprint === fingerprint);
  const found = same.find(({ retired }) => retired === null) ?? same.at(-1);
  if (found !== undefined) return found;
  throw new Refusal(
    'not-found',
    `Network ${network} has no inspection CA with this fingerprint: list them, and check it.`,
  );
}

/** Two CAs of one profile must not have the same key: devices would refuse it. */
function refuseDuplicate(all: readonly StoredInspectionCa[], added: NewInspectionCa): void {
  const same = all.find(({ keyDigest, retired }) => keyDigest === added.keyDigest && retired === null);
  const what = same?.fingerprint === added.fingerprint ? 'This inspection CA' : 'An inspection CA with the same key';
  refuseUnless(
    same === undefined,
    'exists',
    `${what} is registered for this network already (${same?.fingerprint}): to change its names or dates, retire it, add it again, and publish.`,
  ); // spec D20
}

function describedAs(certificate: Certificate) {
  return { ...describe(certificate), subjectName: certificate.subject.der, subject: formatName(certificate.subject) };
}

function stateOf({ retired, retiredSequence, publishedSequence }: StoredInspectionCa): InspectionCaEntry['state'] {
  if (retired === null) return publishedSequence === null ? 'draft' : 'active';
  return retiredSequence === null && publishedSequence !== null ? 'retiring' : 'retired';
}

function entryOf(stored: StoredInspectionCa): InspectionCaEntry {
  const { fingerprint, subject, keyDigest, notAfter, from, until, permittedNames, excludedNames, warnings } = stored;
  return {
    fingerprint,
    subject,
    keyDigest,
    notAfter: formatTime(notAfter),
    from: formatTime(from),
    until: formatTime(until),
    permittedNames: [...permittedNames],
    excludedNames: [...excludedNames],
    state: stateOf(stored),
    warnings: [...warnings],
    added: formatTime(stored.added),
    certificate: pemOf(stored.certificate),
  };
}

function objectOf({ organization, network, fingerprint }: StoredInspectionCa): string {
  return `inspection CA ${organization}/${network}/${fingerprint}`;
}

function detailOf(stored: StoredInspectionCa): Record<string, unknown> {
  const { subject, keyDigest, permittedNames, excludedNames, from, until, warnings } = stored;
  const times = { from: formatTime(from), until: formatTime(until) };
  return { subject, keyDigest, permittedNames, excludedNames, ...times, warnings };
}
