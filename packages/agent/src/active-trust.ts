// From what is held to what is trusted: everything held is verified again, and only the active network's inspection CAs count,
// each between its dates.
import {
  type AcceptedProfile,
  type Digest,
  keyOf,
  type OrganizationId,
  ProtocolError,
  parseClaim,
  reopenHeld,
  type UnixSeconds,
  unixSeconds,
} from '@windlass/protocol';
import type { Identity } from './agent.ts';
import type { ActiveTrust, TrustedInspectionCa } from './ports.ts';
import type { Holding } from './state/agent-state.ts';

/** What is trusted now, when that ends, and why nothing is although a profile is active. */
export interface Standing extends ActiveTrust {
  readonly profile: AcceptedProfile | null;
  /** When the claim, the profile or the first of its inspection CAs ends or begins; the last moment before an end. */
  readonly changes: UnixSeconds | null;
  readonly fault: string | null;
}

/** The trust that `holding` gives at `time`; a profile that does not verify any more gives none. @see spec C4 */
export function standingOf(holding: Holding, identity: Identity, time: UnixSeconds): Standing {
  const { claim, profiles, active } = holding;
  const organization = organizationOf(holding, identity);
  const nothing = { organization, network: null, inspectionCas: [], profile: null, changes: null, fault: null };
  const held = profiles.find(({ network }) => network === active);
  if (!held || !claim) return nothing;
  const opened = orRefusal(() => reopenHeld({ claim, profile: held.envelope }, { ...identity, time }));
  if (opened instanceof ProtocolError) return { ...nothing, fault: opened.code };
  const { profile } = opened;
  const moments = profile.inspectionCas.flatMap(({ from, until }) => [from, until]).filter((moment) => moment >= time);
  const changes = unixSeconds(Math.min(...moments, profile.profile.expires, opened.claim.claim.expires));
  return { ...nothing, network: active, inspectionCas: inForce(profile, time, holding), profile, changes };
}

/** What `verify` gives, or why it refused. */
export function orRefusal<T>(verify: () => T): T | ProtocolError {
  try {
    return verify();
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
}

/** The inspection CAs of `profile` that may be trusted at `time`, the one that signed the chain seen last first. */
function inForce(
  { inspectionCas }: AcceptedProfile,
  time: UnixSeconds,
  { retired, issuer }: Holding,
): readonly TrustedInspectionCa[] {
  const trusted = inspectionCas.filter(
    ({ certificate, from, until }) => from <= time && time <= until && !retired.includes(keyOf(certificate)), // spec C4
  );
  const isIssuer = ({ certificate }: TrustedInspectionCa): boolean => keyOf(certificate) === issuer;
  return [true, false].flatMap((first) => trusted.filter((ca) => isIssuer(ca) === first));
}

/** Who owns the device according to the held claim. */
export function organizationOf({ claim }: Holding, { service }: Identity): OrganizationId | null {
  return claim && parseClaim(claim.payload, service).organization;
}

/** The SPKI digests by which the inspection CAs are named in reports. */
export function keysOf({ inspectionCas }: ActiveTrust): readonly Digest[] {
  return inspectionCas.map(({ certificate }) => keyOf(certificate));
}
