// Where a device is and what it is called, and the device that takes the place of a broken one: work on the spot.
import type { Device, Replacement } from '@windlass/management';
import {
  changeNetwork,
  changeOwner,
  claimState,
  type NamedDevice,
  type OwnDevice,
  ownDevice,
  type Step,
} from './claims.ts';
import { deviceNameOf, setDeviceName } from './device-names.ts';
import { showDevice } from './devices.ts';
import { type Actor, type Management, perform } from './management.ts';
import { findNetwork } from './networks.ts';
import { findOrganization } from './organizations.ts';
import { refuseUnless } from './refusal.ts';
import type { ClaimRow, ManagementTables } from './store/management-ports.ts';

interface Placement {
  readonly serial: string;
  readonly manufacturer?: string;
  readonly network?: string;
  readonly name?: string;
}

/**
 * The device is assigned to the network, and called by the name; what is left out stays.
 * @throws Refusal `invalid-request`, `not-found` (device, network), `ambiguous-manufacturer`, and as `proofFor`; SignerError
 */
export async function placeDevice(management: Management, actor: Actor, input: Placement): Promise<Device> {
  const { network, name } = input;
  const given = network !== undefined || name !== undefined;
  refuseUnless(given, 'invalid-request', 'Give the network that the device is on, its name, or both.');
  await perform(management, actor, 'device.place', async (tables, now) => {
    const step = { management, tables, now };
    const { device, claim } = await ownDevice(tables, actor, input);
    const before = await placeOf(tables, claim);
    const placed = network === undefined ? claim : await assign(step, device, { claim, network });
    if (name !== undefined) await setDeviceName(tables, claim, name);
    const object = `device ${device.manufacturer.name}/${device.serial}`;
    const change = { before, after: await placeOf(tables, placed) };
    return { result: null, organization: claim.organization, object, detail: {}, change };
  });
  return showDevice(management, actor, input);
}

/**
 * The replacement is where the broken device was, under its name; the broken one is released. Both are the organization's before.
 * @throws Refusal `invalid-request`, `not-found`, `ambiguous-manufacturer`, and as `proofFor`; SignerError
 */
export async function replaceDevice(
  management: Management,
  actor: Actor,
  input: {
    readonly serial: string;
    readonly manufacturer?: string;
    readonly replacement: string;
    readonly replacementManufacturer?: string;
  },
): Promise<Replacement> {
  const { replacement: serial, replacementManufacturer: manufacturer } = input;
  return perform(management, actor, 'device.replace', async (tables, now) => {
    const step = { management, tables, now };
    const broken = await ownDevice(tables, actor, input);
    const replacing = await ownDevice(tables, actor, {
      serial,
      ...(manufacturer === undefined ? {} : { manufacturer }),
    });
    const isAnother = broken.claim.digest !== replacing.claim.digest;
    refuseUnless(isAnother, 'invalid-request', 'A device cannot take its own place: name the new one.');
    const { network } = broken.claim;
    const name = await deviceNameOf(tables, broken.claim);
    const before = { ...(await placeOf(tables, broken.claim)), replacement: await placeOf(tables, replacing.claim) };
    const placed =
      network === null ? replacing.claim : await assign(step, replacing.device, { claim: replacing.claim, network });
    if (name !== null) await setDeviceName(tables, replacing.claim, name);
    const released = await changeOwner(step, broken.device, { owner: null, network: null, before: broken.claim });
    const after = { ...(await placeOf(tables, released)), replacement: await placeOf(tables, placed) };
    const objectOf = ({ manufacturer: maker, serial: of }: NamedDevice) => `device ${maker.name}/${of}`;
    return {
      result: { serial: broken.device.serial, replacement: replacing.device.serial, network, name },
      organization: broken.claim.organization,
      object: objectOf(broken.device),
      detail: { replacement: objectOf(replacing.device) },
      change: { before, after },
    };
  });
}

/** What the audit compares. */
async function placeOf(tables: ManagementTables, claim: ClaimRow) {
  return { ...claimState(claim), name: await deviceNameOf(tables, claim) };
}

/** Nothing is signed where the network stays. */
async function assign(
  step: Step,
  device: NamedDevice,
  { claim, network }: { readonly claim: OwnDevice['claim']; readonly network: string },
): Promise<ClaimRow> {
  if (claim.network === network) return claim;
  const owner = await findOrganization(step.tables, claim.organization);
  const found = await findNetwork(step.tables, owner.name, network);
  return changeNetwork(step, device, { owner, network: found.network, before: claim });
}
