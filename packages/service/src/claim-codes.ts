// Claims by people of an organization, with the code of the label: serial and code together prove that they have the device. What arrives
// is the claim token that the code gives; what is kept is its SHA-256. @see spec S15
import { timingSafeEqual } from 'node:crypto';
import type { ClaimEntry, LabelProof } from '@windlass/management';
import { claimTokenHashOf, type Digest, parseDigest, parseSerial, type Serial } from '@windlass/protocol';
import { AlertRefusal, alertAbout, raiseAlert } from './alerts.ts';
import { type CountedAttempt, countAttempt } from './claim-attempts.ts';
import { changeOwner, doneOf, type Step } from './claims.ts';
import { setDeviceName } from './device-names.ts';
import { ProofRefusal } from './label-proofs.ts';
import { type Actor, type Management, perform } from './management.ts';
import { type ManufacturerKey, manufacturerNames } from './manufacturers.ts';
import { findNamedNetwork } from './networks.ts';
import { findOrganization } from './organizations.ts';
import { Refusal } from './refusal.ts';
import type { ManifestDevice, StoredOrganization } from './store/management-ports.ts';

interface CodeClaim {
  readonly serial: string;
  readonly manufacturer?: string;
  readonly organization?: string;
  readonly network?: string;
  readonly name?: string;
  readonly claimToken: string;
  readonly labelProof?: LabelProof;
}

/**
 * The device belongs to the actor's organization from its next contact on, and its code is dead. Whoever has a wrong code learns nothing:
 * a device that does not exist, one without a code, one that another organization has, and one whose code is dead are all the same.
 * @throws Refusal `not-found` (network), `already-claimed` (by the own organization), `rate-limited`, `claim-refused`, and as `proofFor`; SignerError
 */
export async function claimWithCode(management: Management, actor: Actor, input: CodeClaim): Promise<ClaimEntry> {
  const { tables } = management.store;
  const serial = parseSerial(input.serial);
  const hash = claimTokenHashOf(parseDigest(input.claimToken));
  const owner = await findOrganization(tables, input.organization ?? actor.organization ?? '');
  await findNamedNetwork(tables, owner.name, input.network);
  await refuseOwn(management, owner, serial, input.manufacturer);
  const attempt = await countAttempt(management, actor, { serial, organization: owner.name });
  return perform(management, actor, 'claim.add', async (inside, now) => {
    const step = { management, tables: inside, now };
    const { device, manufacturer } = await matchingDevice(step, { ...input, serial, hash, owner });
    const before = await inside.claims.current(device.manufacturer, serial);
    const network = await findNamedNetwork(inside, owner.name, input.network);
    const next = { owner, network, before, labelProof: input.labelProof };
    const row = await changeOwner(step, { manufacturer, serial }, next);
    if (input.name !== undefined) await setDeviceName(inside, row, input.name);
    await inside.claimAttempts.remove(attempt.id);
    const done = doneOf(row, manufacturer.name, { organization: owner.name, before });
    return {
      ...done,
      detail: { ...done.detail, by: 'code' },
      change: { ...done.change, after: { ...done.change.after, name: input.name ?? null } },
    };
  }).catch(async (cause: unknown) => {
    // The code was right: whoever has it is told what the proof has to cover, and comes again.
    if (cause instanceof ProofRefusal)
      await management.store.transaction(({ claimAttempts }) => claimAttempts.remove(attempt.id));
    const isWrong = cause instanceof Refusal && cause.code === 'claim-refused';
    if (isWrong && attempt.reached.length > 0) await alertOfGuessing(management, actor, { serial, attempt });
    return raiseAlert(management, actor, cause);
  });
}

function alertOfGuessing(
  management: Management,
  actor: Actor,
  { serial, attempt }: { readonly serial: Serial; readonly attempt: CountedAttempt },
): Promise<void> {
  const { organization } = actor;
  const detail = { limits: attempt.reached, message: 'too many wrong claim codes within an hour' };
  return alertAbout(management, actor, { kind: 'claim-attempts', organization, object: `device ${serial}`, detail });
}

/** What is the organization's own already is said without an attempt: to go through a list twice costs nobody anything. */
async function refuseOwn(
  { store }: Management,
  owner: StoredOrganization,
  serial: Serial,
  manufacturer: string | undefined,
): Promise<void> {
  const { tables } = store;
  const nameOf = await manufacturerNames(tables, []);
  const isNamed = (key: Digest) => manufacturer === undefined || nameOf(key) === manufacturer;
  const claims = await tables.claims.withSerial(serial);
  const own = claims.filter((claim) => claim.organization === owner.name && isNamed(claim.manufacturer));
  const announced = (await tables.manifests.withSerial(serial)).filter((device) => isNamed(device.manufacturer));
  const others = announced.filter((device) => own.every((claim) => claim.manufacturer !== device.manufacturer));
  if (own.length === 0 || others.length > 0) return;
  throw new Refusal('already-claimed', `Device ${serial} belongs to ${owner.name} already: nothing is to be done.`);
}

interface Wanted extends CodeClaim {
  readonly serial: Serial;
  readonly hash: Digest;
  readonly owner: StoredOrganization;
}

/** The device with that serial whose code it is. Every code is compared, whatever came of the others. */
async function matchingDevice(
  { tables }: Step,
  { serial, hash, owner, manufacturer }: Wanted,
): Promise<{ readonly device: ManifestDevice; readonly manufacturer: ManufacturerKey }> {
  const nameOf = await manufacturerNames(tables, []);
  const announced = await tables.manifests.withSerial(serial);
  const matching = announced.filter(({ codeHash }) => isSame(codeHash, hash));
  const device = matching.find((one) => manufacturer === undefined || nameOf(one.manufacturer) === manufacturer);
  if (device === undefined) throw new Refusal('claim-refused', REFUSED); // spec S15
  const name = nameOf(device.manufacturer);
  const current = await tables.claims.current(device.manufacturer, serial);
  const isOwned = current !== null && current.organization !== null;
  // The code is right, so this is no guess: a copied label, or a device that was sold without being released.
  const alert = { kind: 'claimed-again', organization: null, object: `device ${name}/${serial}` } as const;
  const told = (reason: string) =>
    new AlertRefusal('claim-refused', REFUSED, { ...alert, detail: { reason, claimant: owner.name } });
  if (isOwned) throw told('it has an owner'); // spec S15
  if (device.codeUsed !== null) throw told('its code was used'); // spec S15
  if (device.organization !== null && device.organization !== owner.name) throw told('it was sold to another'); // spec S15
  return { device, manufacturer: { keyDigest: device.manufacturer, name } };
}

const REFUSED =
  'This serial and this claim code do not fit together, or the code was used before: check both on the label, and ask whoever sold the device.';

function isSame(kept: Digest | null, given: Digest): boolean {
  return timingSafeEqual(Buffer.from(kept ?? NO_CODE, 'base64'), Buffer.from(given, 'base64')) && kept !== null; // spec S15
}

/** Stands for a code that a device does not have, so that the comparison takes as long. */
const NO_CODE = Buffer.alloc(32).toString('base64');
