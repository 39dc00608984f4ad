// The label proof: that whoever had a claim made had the code of the device's label, for this owner and these publishers. The code goes no
// further than where it is read, to the device and to whoever claims. @see spec D21
import { createHmac } from 'node:crypto';
import type { Claim } from './claim.ts';
import { type DeviceId, type Digest, digestOf, type OrganizationId, type ServiceName } from './forms.ts';

/** What a label's code gives for proofs, and the device is given in the factory: 32 secret bytes. */
export type LabelKey = Uint8Array & { readonly __labelKey: never };

/** What a proof covers: a claim that says anything else here needs another one. */
export interface ProofTerms {
  readonly service: ServiceName;
  readonly device: DeviceId;
  readonly organization: OrganizationId | null;
  readonly ownership: number;
  /** SHA-256 of the DER of each publisher anchor, in the order of the claim. */
  readonly publishers: readonly Digest[];
}

/** The proof by whoever has the code. Only the serial can have a "|", so no two terms have one text. @see spec D21 */
export function labelProofOf(
  key: LabelKey,
  { service, device, organization, ownership, publishers }: ProofTerms,
): Digest {
  const said = [service, device.manufacturer, device.serial, organization, ownership, ...publishers];
  return createHmac('sha256', key).update(said.join('|')).digest('base64') as Digest;
}

/** What a proof of this claim covers. */
export const proofTermsOf = (claim: Claim): ProofTerms => ({ ...claim, publishers: claim.publishers.map(digestOf) });
