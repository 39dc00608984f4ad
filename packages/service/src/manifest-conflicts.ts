// Rows of a manifest beside what the service knows: a device with another key, a key of another device, a claim that says something else. Nothing
// of what is known is ever overwritten; only a dead code of a device that nobody owns is followed by a new one.
import type { ManifestFault } from '@windlass/management';
import type { Digest } from '@windlass/protocol';
import { keyDigestOf } from './certificates.ts';
import type { Management } from './management.ts';
import type { AnnouncedDevice, JudgedRow } from './manifest-rows.ts';
import type { ClaimedDevice, ManagementTables, ManifestDevice } from './store/management-ports.ts';

type Contradiction = Pick<ManifestFault, 'field' | 'problem'>;

/** What is known beside a batch of rows. */
export interface Known {
  deviceOf(device: AnnouncedDevice): ManifestDevice | null;
  claimOf(device: AnnouncedDevice): ClaimedDevice | null;
  contradictionsOf(device: AnnouncedDevice, line: number): readonly Contradiction[];
}

/** What the service knows of the devices of these rows, and of their keys. */
export async function knownBeside(
  { serviceAnchors }: Management,
  tables: ManagementTables,
  rows: readonly JudgedRow[],
): Promise<Known> {
  const devices = rows.flatMap(({ device }) => device ?? []);
  const serials = devices.map(({ serial }) => serial);
  const before = await tables.manifests.among(
    serials,
    devices.map(({ key }) => key),
  );
  const byId = new Map(before.map((device) => [idOf(device), device]));
  const byKey = new Map(before.map((device) => [device.key, device]));
  const claims = new Map((await tables.manifests.claimsOf(serials)).map((claim) => [idOf(claim), claim]));
  const registered = await tables.registeredDevices.amongKeys(devices.map(({ key }) => key));
  const otherwise = await otherKeys(serviceAnchors.map(keyDigestOf), tables);
  const seen = new Map<string, number>();
  const twice = (what: string, line: number): number | null => {
    const first = seen.get(what) ?? null;
    if (first === null) seen.set(what, line);
    return first;
  };
  return {
    deviceOf: (device) => byId.get(idOf(device)) ?? null,
    claimOf: (device) => claims.get(idOf(device)) ?? null,
    contradictionsOf: (device, line) => {
      const same = byId.get(idOf(device));
      const holder = byKey.get(device.key);
      const claim = claims.get(idOf(device));
      const serialBefore = twice(`serial ${idOf(device)}`, line);
      const keyBefore = twice(`key ${device.key}`, line);
      return [
        ...(serialBefore === null ? [] : [{ field: 'serial', problem: `stands in line ${serialBefore} already` }]),
        ...(keyBefore === null
          ? []
          : [{ field: KEY, problem: `stands in line ${keyBefore} already, as that of another device` }]),
        ...(holder === undefined || idOf(holder) === idOf(device)
          ? []
          : [
              { field: KEY, problem: `is the key of device ${holder.serial} already: two devices cannot have one key` },
            ]),
        ...(registered.has(device.key)
          ? [{ field: KEY, problem: 'is the key of a registered self-signed device' }]
          : []),
        ...(otherwise.has(device.key)
          ? [{ field: KEY, problem: "is the key of a manufacturer's or our own anchor" }]
          : []),
        ...(claim === undefined ? [] : againstClaim(device, claim)),
        ...(same === undefined ? [] : againstManifest(device, same, claim ?? null)),
      ];
    },
  };
}

const KEY = 'public_key';

function idOf({ manufacturer, serial }: Pick<AnnouncedDevice, 'manufacturer' | 'serial'>): string {
  return `${manufacturer} ${serial}`;
}

/** Those of the next epoch too. */
async function otherKeys(serviceAnchors: readonly Digest[], tables: ManagementTables): Promise<ReadonlySet<Digest>> {
  const anchors = [...(await tables.manufacturers.all()), ...(await tables.publishers.all())];
  return new Set([...serviceAnchors, ...anchors.map(({ keyDigest }) => keyDigest)]);
}

function againstClaim(device: AnnouncedDevice, { key, organization }: ClaimedDevice): readonly Contradiction[] {
  const anotherKey = key !== null && key !== device.key;
  const anotherOwner = organization !== null && device.organization !== null && organization !== device.organization;
  return [
    ...(anotherKey ? [{ field: KEY, problem: 'is not the key that the claim of this device names' }] : []),
    ...(anotherOwner
      ? [{ field: 'organization', problem: `is not the owner of this device, which is ${organization}` }]
      : []),
  ];
}

/** A dead code of a device that nobody owns may be followed by another; nothing else changes. */
function againstManifest(
  device: AnnouncedDevice,
  before: ManifestDevice,
  claim: ClaimedDevice | null,
): readonly Contradiction[] {
  const isFree = claim === null || claim.organization === null;
  const isDead = before.codeUsed !== null || before.codeHash === null;
  const mayRenew = device.codeHash !== null && isFree && isDead;
  const differs: readonly (readonly [field: string, differs: boolean])[] = [
    [KEY, before.key !== device.key],
    ['model', before.model !== device.model],
    ['claim_code_hash', before.codeHash !== device.codeHash && !mayRenew],
    ['organization', before.organization !== device.organization],
    ['order_number', before.orderNumber !== device.orderNumber],
    ['label_proof', before.labelProof !== device.labelProof],
  ];
  const problem = 'differs from what was imported for this device before, which is not overwritten';
  return differs.filter(([, isDifferent]) => isDifferent).map(([field]) => ({ field, problem }));
}
