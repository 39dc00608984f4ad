// Devices for tests of manifests and claims: rows as files have them, and the codes of labels.
import { generateKeyPairSync } from 'node:crypto';
import type { LabelProof, ManifestResult, ManifestRow, ProofTerms } from '@windlass/management';
import {
  claimCodeOf,
  claimTokenHashOf,
  claimTokenOf,
  type LabelKey,
  labelKeyOf,
  labelProofOf,
  parseDigest,
  parseOrganizationId,
  parseSerial,
  parseServiceName,
} from '@windlass/protocol';
import { claimWithCode } from '../claim-codes.ts';
import { ProofRefusal } from '../label-proofs.ts';
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

/** What a device has, and whoever makes proofs, of a code of 26 characters or more. */
export function labelKeyOfCode(code: string): LabelKey {
  const parsed = claimCodeOf(code);
  const key = parsed && labelKeyOf(parsed);
  if (!key) throw new Error(`${code} is no code for proofs`);
  return key;
}

/** What the service says that a proof has to cover: `act` was refused for the want of it. */
export async function termsAsked(act: Promise<unknown>): Promise<ProofTerms> {
  const refusal = await act.then(
    () => null,
    (cause: unknown) => cause,
  );
  if (refusal instanceof ProofRefusal) return refusal.terms;
  throw new Error(`It was not refused for the want of a proof: ${refusal}`);
}

/** The proof that a client makes with the code for these terms. */
export function proofBy(code: string, terms: ProofTerms): LabelProof {
  const { service, manufacturer, serial, organization, ownership, publishers } = terms;
  const proof = labelProofOf(labelKeyOfCode(code), {
    service: parseServiceName(service),
    device: { manufacturer: parseDigest(manufacturer), serial: parseSerial(serial) },
    organization: parseOrganizationId(organization),
    ownership,
    publishers: publishers.map((digest) => parseDigest(digest)),
  });
  return { proof, ownership, publishers: [...publishers] };
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
  more: { readonly defaultLabelProof?: boolean } = {},
): Promise<ManifestResult> {
  return importManifest(management, admin, {
    import: 'ab'.repeat(32),
    defaultManufacturer: 'maker',
    rows: rows.map((row, index) => ({ line: index + 2, ...row })),
    dryRun: dryRun === 'dry run',
    ...more,
  });
}

/** Claims with a code. */
export function claimBy(
  { management }: Pick<Fixture, 'management'>,
  actor: Actor,
  serial: string,
  code: string,
  more: {
    readonly network?: string;
    readonly name?: string;
    readonly manufacturer?: string;
    readonly labelProof?: LabelProof;
  } = {},
) {
  return claimWithCode(management, actor, { serial, claimToken: tokenOf(code), ...more });
}
