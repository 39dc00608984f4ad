// A granted profile on its way to being active: stage in memory, probe through the proxy, commit, confirm by a signed acknowledgement
// over TLS that it validates; else back to what there was. @see spec C1, C2
import { type AcceptedProfile, type Endpoint, keyOf, type UnixSeconds } from '@windlass/protocol';
import { isNameInScope } from '@windlass/x509';
import { standingOf } from './active-trust.ts';
import { conclude } from './conclude.ts';
import { connectValidated } from './ladder.ts';
import type { ProbeResult } from './ports.ts';
import { probeAll } from './probe.ts';
import { confirmByReport } from './report.ts';
import type { Result, Reverted } from './result.ts';
import { settle } from './settle.ts';
import type { AgentState, Holding } from './state/agent-state.ts';
import { isAboutTime } from './transport/judge-chain.ts';
import { type AcceptedVisit, type Granted, isSame, retiring, standingNow, underClaim, withProfile } from './visit.ts';

/** The profile is active and confirmed, or everything is as before and the service was told why. */
export async function install(visit: AcceptedVisit<Granted>): Promise<Result> {
  const { agent, accepted } = visit;
  const { identity, clock, tell } = agent;
  const { network, endpoints: wanted } = accepted.profile.profile;
  const holding: Holding = { ...withProfile(visit, accepted.claim, accepted.profile), active: network };
  const { inspectionCas } = standingOf(holding, identity, clock.read().time);
  const step = { ...visit, isNew: isNew(visit) };
  if (step.isNew) tell({ kind: 'staged', inspectionCas });
  const service = await connectValidated(agent, inspectionCas);
  const isReached = typeof service !== 'string';
  const notValidated = (endpoints: readonly ProbeResult[]) => {
    const tried = { ...step, endpoints };
    const behind = clock.kept() - clock.read().time;
    const isLate = standingOf(holding, identity, clock.kept()).inspectionCas.length > inspectionCas.length;
    const isClock = (isLate || isAboutTime(`${service}`)) && Math.abs(behind) > TOLERATED_SECONDS;
    if (isClock) return revert(tried, 'clock', `${behind}`);
    const isPermitted = inspectionCas.some((ca) => isNameInScope(identity.service, ca));
    return revert(tried, 'service-not-validated', isPermitted ? `${service}` : 'not-permitted');
  };
  if (isReached) service.close();
  else if (!visit.send) return notValidated([]);
  if (isReached && !service.issuer) return settle(visit); // spec C2: no inspection CA signs here, none becomes active
  const endpoints = await probeAll(agent, wanted, inspectionCas);
  const failed = wanted.filter((_, i) => endpoints[i]?.stage !== 'done');
  const broken = step.isNew && (failed.find(({ required }) => required) ?? (await brokenByIt(visit, failed)));
  if (broken)
    return revert({ ...step, endpoints }, endpoints.length > 0 ? 'endpoint-failed' : 'not-probed', broken.name); // spec C2
  const issuer = isReached ? service.issuer && keyOf(service.issuer) : endpoints.find((each) => each.issuer)?.issuer;
  return issuer ? commit({ ...step, endpoints }, { ...holding, issuer }) : notValidated(endpoints); // spec C6
}

/** The first of them that works here with what was trusted before: the new profile breaks it. @see spec C2 */
async function brokenByIt(
  { agent, before }: AcceptedVisit,
  failed: readonly Endpoint[],
): Promise<Endpoint | undefined> {
  const known = before.profile?.profile.endpoints ?? [];
  const worked = known.filter(({ name }) => failed.some((each) => each.name === name));
  const now = await probeAll(agent, worked, before.inspectionCas);
  return now.find(({ stage }) => stage === 'done')?.endpoint;
}

/** A trusted clock that is further from the signed time is the reason where a certificate or an inspection CA is not valid by it. */
const TOLERATED_SECONDS = 60;

interface Step extends AcceptedVisit<Granted> {
  /** A refresh with nothing new is neither staged nor can it be taken back. */
  readonly isNew: boolean;
  readonly endpoints: readonly ProbeResult[];
}

/** One durable write; the stores; then the service's word for it. */
async function commit(step: Step, holding: Holding): Promise<Result> {
  const { agent, accepted, isNew, endpoints } = step;
  const { state, clock } = agent;
  const result = await conclude(step, {
    ended: { outcome: 'active' },
    holding,
    previous: isNew ? underClaim(step, accepted.claim) : null,
    told: {
      phases: ['fetched', 'accepted', 'staged', 'probed', 'active'],
      ...(holding.issuer && { issuer: holding.issuer }),
    },
    endpoints,
    send: confirmByReport,
  });
  const { unsent } = result;
  if (unsent === null) state.commit(confirmed(state.current, step, clock.floor));
  else if (isNew && !step.send) return revert(step, 'not-confirmed', unsent); // spec C2, C6
  return result;
}

function confirmed(state: AgentState, { accepted }: Step, time: UnixSeconds): AgentState {
  const { floors, holding } = state;
  return {
    ...state,
    time,
    floors: { ...floors, time },
    holding: marked(holding, accepted.profile, true),
    previous: null,
  };
}

/** The holding with `profile` confirmed or not. */
function marked(holding: Holding, { envelope }: AcceptedProfile, confirmed: boolean): Holding {
  const profiles = holding.profiles.map((held) => (isSame(held, envelope) ? { ...held, confirmed } : held));
  return { ...holding, profiles };
}

/** The new profile is not kept; what was accepted still counts as the newest that was seen. */
function revert(step: Step, code: Reverted['code'], where: string): Promise<Result> {
  const { accepted, isNew, endpoints, send } = step;
  const ended = { outcome: 'reverted', code, where } as const;
  if (send) return conclude(step, { ended, holding: null, endpoints }); // spec C6: it can be tried again
  const { network, retire } = accepted.profile.profile;
  const held = underClaim(step, accepted.claim);
  const base = isNew ? marked(held, accepted.profile, false) : held; // spec C2
  return conclude(step, {
    ended,
    // As far as the accepted claim still allows it, and without the keys that the new profile retires.
    holding: base.active === network ? retiring(base, retire) : base,
    told: { phases: ['fetched', 'accepted', 'staged', isNew ? 'reverted' : 'failed'], code },
    endpoints,
  });
}

function isNew({ agent, accepted }: AcceptedVisit<Granted>): boolean {
  const { claim, profile } = accepted;
  const now = standingNow(agent);
  const same = now.organization === claim.claim.organization && now.profile?.digest === profile.digest;
  return agent.state.current.previous !== null || !same;
}
