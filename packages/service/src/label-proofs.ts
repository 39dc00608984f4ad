// Which claims need a label proof, and what one has to cover. The service has no code and cannot verify a proof; it makes sure that there is
// one, made for exactly the claim that is signed. @see spec D21, S30
import type { LabelProof, ProofTerms } from '@windlass/management';
import {
  type Digest,
  digestOf,
  type OrganizationId,
  parseClaim,
  parseDigest,
  type ServiceName,
} from '@windlass/protocol';
import { Refusal } from './refusal.ts';
import type { ClaimRow } from './store/management-ports.ts';

/** The claim needs a proof for these terms. Only who may have the claim made is told them. */
export class ProofRefusal extends Refusal {
  readonly terms: ProofTerms;

  constructor(message: string, terms: ProofTerms) {
    super('label-proof', message);
    this.terms = terms;
  }
}

/** What the next claim of a device says, as far as a proof covers it. */
export interface ProvedClaim {
  readonly manufacturer: Digest;
  readonly serial: string;
  readonly organization: OrganizationId;
  readonly ownership: number;
  /** DER. */
  readonly publishers: readonly Uint8Array[];
}

/** What the proof of that claim has to cover. */
export function termsOf(service: ServiceName, claim: ProvedClaim): ProofTerms {
  const { manufacturer, serial, organization, ownership } = claim;
  return { service, manufacturer, serial, organization, ownership, publishers: claim.publishers.map(digestOf) };
}

/** Where a proof may come from. */
export interface ProofSources {
  /** Whether the manifest says that the device takes no claim without one. */
  readonly isDemanded: boolean;
  readonly given: LabelProof | undefined;
  /** All claims of the device in this ownership. */
  readonly earlier: readonly ClaimRow[];
}

/** The proof of a claim with these terms; null: it needs none. @throws ProofRefusal `label-proof`; Refusal `invalid-request` (one that nobody needs) */
export function proofFor(terms: ProofTerms, { isDemanded, given, earlier }: ProofSources): Digest | null {
  const { serial, organization, service, publishers } = terms;
  if (!isDemanded) {
    // A device without a code takes no claim with a proof.
    if (given !== undefined) throw needsNone(serial); // spec S30
    return null;
  }
  if (given !== undefined) return givenProof(terms, given);
  const kept = keptProof(service as ServiceName, earlier, publishers);
  const needed = `Device ${serial} takes a claim for ${organization} only with a label proof: give the code of its label ("claim add", "claim prove" and "transfer accept" take it), which stays where it is read.`;
  if (kept === null) throw new ProofRefusal(needed, terms); // spec S30
  return kept;
}

/** The proof that came, if it was made for what the claim says. @throws ProofRefusal `label-proof` */
export function givenProof(terms: ProofTerms, given: LabelProof): Digest {
  const isCurrent = given.ownership === terms.ownership && isSameList(given.publishers, terms.publishers);
  const changed = `The owner of device ${terms.serial} or the publishers of ${terms.organization} changed while the label proof was made: make another.`;
  if (!isCurrent) throw new ProofRefusal(changed, terms); // spec S30
  return parseDigest(given.proof);
}

/** The proof that one of these claims, all of one device and ownership, has for these publishers; null: none has. */
export function keptProof(
  service: ServiceName,
  claims: readonly ClaimRow[],
  publishers: readonly string[],
): Digest | null {
  for (const { envelope } of claims) {
    const claim = parseClaim(envelope.payload, service);
    if (claim.labelProof !== undefined && isSameList(claim.publishers.map(digestOf), publishers))
      return claim.labelProof;
  }
  return null;
}

/** What a device is refused that takes claims without a proof, and no others. */
export function needsNone(serial: string): Refusal {
  const sentence = `Device ${serial} takes no label proof: its manifest does not say that it needs one. Leave it out.`;
  return new Refusal('invalid-request', sentence);
}

function isSameList(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each, index) => each === others[index]);
}
