// From what is held to what is trusted: everything held is verified again, and only the active network's inspection CAs count,
// each between its dates.
import {
  type AcceptedProfile,
  type Digest,
  digestOf,
  type OrganizationId,
  ProtocolError,
  parseClaim,
  reopenHeld,
  type UnixSeconds,
  unixSeconds,
} from '@windlass/protocol';
import type { Certificate } from '@windlass/x509';
import type { Identity } from './agent.ts';
import type { ActiveTrust, TrustedInspectionCa } from './ports.ts';
import type { Holding } from './state/agent-state.ts';

/** What is trusted now, when that ends, and why nothing is although a profile is active. */
export interface Standing extends ActiveTrust {
  readonly profile: AcceptedProfile | null;
  /** When the profile, or the first of its inspection CAs, ends or begins. */
  readonly changes: UnixSeconds | null;
  readonly fault: string | null;
}

/** The trust that `holding` gives at `time`; a profile that does not verify any more gives none. @see spec C4 */
export function standingOf(holding: Holding, identity: Identity, time: UnixSeconds): Standing {
  const organization = organizationOf(holding, identity);
  const nothing = { organization, network: null, inspectionCas: [], profile: null, changes: null, fault: null };
  const held = holding.profiles.find((profile) => profile.network === holding.active);
  if (!held || !holding.claim) return nothing;
  try {
    const { profile } = reopenHeld({ claim: holding.claim, profile: held.envelope }, { ...identity, time });
    const inspectionCas = inForce(profile, time, holding);
    const ends = profile.inspectionCas.flatMap((ca) => [ca.from, ca.until]).filter((moment) => moment > time);
    const changes = unixSeconds(Math.min(...ends, profile.profile.expires));
    return { organization, network: holding.active, inspectionCas, profile, changes, fault: null };
  } catch (error) {
    if (error instanceof ProtocolError) return { ...nothing, fault: error.code };
    throw error;
  }
}

/** The inspection CAs of `profile` that may be trusted at `time`, the one that signed the chain seen last first. */
export function inForce(profile: AcceptedProfile, time: UnixSeconds, holding: Holding): readonly TrustedInspectionCa[] {
  const isFirst = (ca: TrustedInspectionCa): number => (keyOf(ca.certificate) === holding.issuer ? 0 : 1);
  return profile.inspectionCas
    .filter((ca) => ca.from <= time && time <= ca.until) // spec C4
    .filter((ca) => !holding.retired.includes(keyOf(ca.certificate)))
    .sort((a, b) => isFirst(a) - isFirst(b));
}

/** Who owns the device according to the held claim. */
export function organizationOf(holding: Holding, identity: Identity): OrganizationId | null {
  return holding.claim && parseClaim(holding.claim.payload, identity.service).organization;
}

/** The SPKI digest by which an anchor is named in reports. */
export function keyOf(certificate: Certificate): Digest {
  return digestOf(certificate.publicKey.der);
}

export function keysOf(trust: ActiveTrust): readonly Digest[] {
  return trust.inspectionCas.map((ca) => keyOf(ca.certificate));
}
