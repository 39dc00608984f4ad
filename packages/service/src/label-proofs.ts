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
  /** The claim before, whose proof still holds where the terms are the same. */
  readonly before: ClaimRow | null;
}

/** The proof of a claim with these terms; null: it needs none. @throws ProofRefusal `label-proof`; Refusal `invalid-request` (one that nobody needs) */
export function proofFor(terms: ProofTerms, { isDemanded, given, before }: ProofSources): Digest | null {
  const { serial, organization } = terms;
  if (!isDemanded) {
    // A device without a code takes no claim with a proof.
    if (given !== undefined) throw needsNone(serial); // spec S30
    return null;
  }
  if (given !== undefined) {
    const isCurrent = given.ownership === terms.ownership && isSameList(given.publishers, terms.publishers);
    const changed = `The owner of device ${serial} or the publishers of ${organization} changed while the label proof was made: make another.`;
    if (!isCurrent) throw new ProofRefusal(changed, terms); // spec S30
    return parseDigest(given.proof);
  }
  const kept = before && keptProof(before, terms);
  const needed = `Device ${serial} takes a claim for ${organization} only with a label proof: give the code of its label ("claim add", "claim prove" and "transfer accept" take it), which stays where it is read.`;
  if (kept === null) throw new ProofRefusal(needed, terms); // spec S30
  return kept;
}

/** What a device is refused that takes claims without a proof, and no others. */
export function needsNone(serial: string): Refusal {
  const sentence = `Device ${serial} takes no label proof: its manifest does not say that it needs one. Leave it out.`;
  return new Refusal('invalid-request', sentence);
}

/** That of the claim, if it covers the same. */
function keptProof(before: ClaimRow, terms: ProofTerms): Digest | null {
  if (before.ownership !== terms.ownership || before.organization !== terms.organization) return null;
  const claim = parseClaim(before.envelope.payload, terms.service as ServiceName);
  return isSameList(claim.publishers.map(digestOf), terms.publishers) ? (claim.labelProof ?? null) : null;
}

function isSameList(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each, index) => each === others[index]);
}
