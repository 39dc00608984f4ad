// Claims: whose a device is. Each claim and each release is a new generation, signed by the claim authority when it is made
// and served as it is.
import { type ClaimEntry, type LabelProof, SELF_SIGNED } from '@windlass/management';
import {
  digestOf,
  encodeClaim,
  formatTime,
  type NetworkId,
  type OrganizationId,
  parseSerial,
  type Serial,
  type UnixSeconds,
} from '@windlass/protocol';
import { AlertRefusal, raiseAlert } from './alerts.ts';
import { timeOf } from './certificates.ts';
import { proofFor, termsOf } from './label-proofs.ts';
import { type Actor, type Management, perform } from './management.ts';
import { ambiguousManufacturer, findManufacturer, type ManufacturerKey, manufacturerNames } from './manufacturers.ts';
import { findNamedNetwork } from './networks.ts';
import { findOrganization } from './organizations.ts';
import { Refusal } from './refusal.ts';
import { type Signer, signEnvelope } from './signer/ports.ts';
import type { ClaimRow, ManagementTables, StoredOrganization } from './store/management-ports.ts';

/** A claim holds at most this long; it also ends with the certificate of the claim authority. */
const MAX_CLAIM_SECONDS = 2 * 365 * 86_400;

interface ClaimInput {
  readonly serial: string;
  readonly manufacturer?: string;
  readonly organization: string;
  readonly network?: string;
  readonly labelProof?: LabelProof;
}

/**
 * The device belongs to the organization from its next contact on. Only the operator gets here.
 * @throws Refusal `not-found` (organization, network, manufacturer), `ambiguous-manufacturer`, `already-claimed`, and as `proofFor`
 * @throws SignerError
 */
export async function addClaim(management: Management, actor: Actor, input: ClaimInput): Promise<ClaimEntry> {
  return perform(management, actor, 'claim.add', async (tables, now) => {
    const owner = await findOrganization(tables, input.organization);
    const network = await findNamedNetwork(tables, owner.name, input.network);
    const serial = parseSerial(input.serial);
    const manufacturer = await findManufacturer(management, tables, serial, input.manufacturer);
    const before = await tables.claims.current(manufacturer.keyDigest, serial);
    if (before !== null && before.organization !== null) throw alreadyClaimed(serial, before.organization);
    const next = { owner, network, before, labelProof: input.labelProof };
    const row = await changeOwner({ management, tables, now }, { manufacturer, serial }, next);
    return doneOf(row, manufacturer.name, { organization: owner.name, before });
  }).catch((cause: unknown) => raiseAlert(management, actor, cause));
}

/**
 * The device belongs to nobody from its next contact on, and drops what it had of its owner.
 * @throws Refusal as `ownDevice`
 * @throws SignerError
 */
export async function releaseClaim(
  management: Management,
  actor: Actor,
  input: { readonly serial: string; readonly manufacturer?: string },
): Promise<ClaimEntry> {
  return perform(management, actor, 'claim.release', async (tables, now) => {
    const { device, claim: before } = await ownDevice(tables, actor, input);
    const row = await changeOwner({ management, tables, now }, device, { owner: null, network: null, before });
    return doneOf(row, device.manufacturer.name, { organization: before.organization, before });
  });
}

/** A device that somebody owns, and its current claim. */
export interface OwnDevice {
  readonly device: NamedDevice;
  readonly claim: ClaimRow & { readonly organization: OrganizationId };
}

/** The device that the actor's organization owns. @throws Refusal `not-found` (also another's, and nobody's), `ambiguous-manufacturer` */
export async function ownDevice(
  tables: ManagementTables,
  actor: Actor,
  input: { readonly serial: string; readonly manufacturer?: string },
): Promise<OwnDevice> {
  const serial = parseSerial(input.serial);
  const registered = await tables.registeredDevices.withSerial(serial);
  const nameOf = await manufacturerNames(tables, registered === null ? [] : [registered]);
  const owned: OwnDevice[] = [];
  for (const claim of await tables.claims.withSerial(serial)) {
    const { organization, manufacturer: keyDigest } = claim;
    const name = nameOf(keyDigest);
    if (organization === null || organization !== actor.organization) continue;
    if (input.manufacturer !== undefined && name !== input.manufacturer) continue;
    owned.push({ device: { manufacturer: { keyDigest, name }, serial }, claim: { ...claim, organization } });
  }
  const [device, another] = owned;
  if (another !== undefined) throw ambiguousManufacturer(serial);
  if (device !== undefined) return device;
  throw new Refusal('not-found', `There is no device ${serial}: check the serial and the manufacturer.`);
}

/** Whose a device becomes. */
export interface NextOwner {
  /** null: nobody. */
  readonly owner: StoredOrganization | null;
  readonly network: NetworkId | null;
  readonly before: ClaimRow | null;
  /** That came with the request. */
  readonly labelProof?: LabelProof | undefined;
}

/** A device as claims name it, and as people do. */
export interface NamedDevice {
  readonly manufacturer: ManufacturerKey;
  readonly serial: Serial;
}

/** One transaction of the management side. */
export interface Step {
  readonly management: Management;
  readonly tables: ManagementTables;
  readonly now: UnixSeconds;
}

/** The device has another owner, or none: the claim is signed and stored, and the code of its label is dead. @throws Refusal as `proofFor`; SignerError */
export async function changeOwner(step: Step, device: NamedDevice, next: NextOwner): Promise<ClaimRow> {
  const { tables, now } = step;
  const row = await signClaim(step, device, { ...next, ownership: (next.before?.ownership ?? 0) + 1, created: now });
  await tables.claims.add(row);
  await tables.manifests.burnCode(row, now); // spec S15
  return row;
}

/** The same owner has the device on another network, as a new generation with the proof it has. @throws Refusal as `proofFor`; SignerError */
export async function changeNetwork(
  step: Step,
  device: NamedDevice,
  next: NextOwner & { readonly before: ClaimRow },
): Promise<ClaimRow> {
  const { ownership, created } = next.before;
  const row = await signClaim(step, device, { ...next, ownership, created });
  await step.tables.claims.add(row);
  return row;
}

interface NextClaim extends NextOwner {
  readonly ownership: number;
  /** When this owner began. */
  readonly created: UnixSeconds;
}

async function signClaim(
  { management, tables, now }: Step,
  device: NamedDevice,
  { owner, network, before, labelProof: given, ownership, created }: NextClaim,
): Promise<ClaimRow> {
  const signer = await management.keys.claimAuthority(now);
  const id = { manufacturer: device.manufacturer.keyDigest, serial: device.serial };
  // The manufacturer of a self-signed device is its own key (spec F6).
  const ownKey = device.manufacturer.name === SELF_SIGNED ? id.manufacturer : null;
  const announced = await tables.manifests.find(id);
  const known = ownKey ?? announced?.key ?? before?.key;
  const key = known ?? (await management.devices.keyOf(id));
  // How they rise is rule S12 of the specification.
  const numbers = { ownership, generation: (before?.generation ?? 0) + 1, epoch: owner?.epoch ?? 0 };
  const expires = claimEnd(signer, now);
  const publishers = owner?.publishers.map(({ anchor }) => anchor) ?? [];
  const claim = owner && { ...id, ownership, organization: owner.name, publishers };
  const isDemanded = announced?.labelProof ?? false;
  const earlier = isDemanded ? await tables.claims.ofOwnership({ ...id, ownership }) : [];
  const labelProof = claim && proofFor(termsOf(management.service, claim), { isDemanded, given, earlier }); // spec S30
  const payload = encodeClaim({
    service: management.service,
    device: key === null ? id : { ...id, key },
    organization: owner?.name ?? null,
    ...numbers,
    publishers,
    expires,
    ...(labelProof && { labelProof }),
  });
  const envelope = await signEnvelope(signer, payload);
  const organization = owner?.name ?? null;
  return { ...id, ...numbers, organization, network, expires, digest: digestOf(payload), key, envelope, created };
}

/** The last second of a claim that is signed now. */
export function claimEnd({ chain }: Signer, now: UnixSeconds): UnixSeconds {
  return timeOf(Math.min(...chain.map(({ notAfter }) => notAfter), now + MAX_CLAIM_SECONDS));
}

/** The owner may be named: only the operator claims. */
function alreadyClaimed(serial: Serial, organization: OrganizationId): Refusal {
  return new AlertRefusal(
    'already-claimed',
    `Device ${serial} is claimed already by ${organization}: ask them to release it, or to transfer it.`,
    { kind: 'claimed-again', organization: null, object: `device ${serial}`, detail: { owner: organization } },
  );
}

/** The answer, and what the audit of the organization says, of a claim that was made. */
export function doneOf(
  row: ClaimRow,
  manufacturer: string,
  { organization, before }: { readonly organization: OrganizationId | null; readonly before: ClaimRow | null },
) {
  const { serial, network, ownership, generation, digest, key } = row;
  return {
    result: {
      serial,
      manufacturer,
      organization: row.organization,
      network,
      ownership,
      generation,
      expires: formatTime(row.expires),
    },
    organization,
    object: `device ${manufacturer}/${serial}`,
    detail: { claim: digest, key },
    change: { before: before && claimState(before), after: claimState(row) },
  };
}

/** What the audit compares of two claims of a device. */
export function claimState({ organization, network, ownership, generation }: ClaimRow) {
  return { organization, network, ownership, generation };
}
