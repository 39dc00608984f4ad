// Devices for tests of manifests and claims: rows as files have them, and the codes of labels.
import { generateKeyPairSync } from 'node:crypto';
import type { ManifestResult, ManifestRow } from '@windlass/management';
import { claimCodeOf, claimTokenHashOf, claimTokenOf, parseOrganizationId } from '@windlass/protocol';
import { claimWithCode } from '../claim-codes.ts';
import type { Actor } from '../management.ts';
import { importManifest } from '../manifests.ts';
import { admin, type Fixture } from './management-fixture.ts';

/** A public key as manifests have it: base64 of the SubjectPublicKeyInfo. */
export function newPublicKey(): string {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
}

/** What the client sends for a code. */
export function tokenOf(code: string): string {
  const parsed = claimCodeOf(code);
  if (parsed === null) throw new Error(`${code} is not a code`);
  return claimTokenOf(parsed);
}

/** What a manifest has for a code. */
export function hashOfCode(code: string): string {
  const parsed = claimCodeOf(code);
  if (parsed === null) throw new Error(`${code} is not a code`);
  return claimTokenHashOf(claimTokenOf(parsed));
}

/** Somebody in an organization who is no approver. */
export function memberOf(organization: string, role: 'installer' | 'operator', name: string = role): Actor {
  return {
    name: `${name} of ${organization}`,
    person: `${organization}-${name}`,
    role,
    organization: parseOrganizationId(organization),
    address: '127.0.0.1',
  };
}

/** Imports rows, which get the lines 2 and following, for the manufacturer "maker". */
export function importRows(
  { management }: Pick<Fixture, 'management'>,
  rows: readonly Omit<ManifestRow, 'line'>[],
  dryRun: 'dry run' | 'import' = 'import',
): Promise<ManifestResult> {
  return importManifest(management, admin, {
    import: 'ab'.repeat(32),
    defaultManufacturer: 'maker',
    rows: rows.map((row, index) => ({ line: index + 2, ...row })),
    dryRun: dryRun === 'dry run',
  });
}

/** Claims with a code. */
export function claimBy(
  { management }: Pick<Fixture, 'management'>,
  actor: Actor,
  serial: string,
  code: string,
  more: { readonly network?: string; readonly name?: string; readonly manufacturer?: string } = {},
) {
  return claimWithCode(management, actor, { serial, claimToken: tokenOf(code), ...more });
}
