// A granted profile on its way to being active: stage in memory, probe through the proxy, commit, confirm by a signed acknowledgement
// over TLS that it validates; else back to what there was. @see spec C1, C2
import { type Certificate, isNameInScope } from '@windlass/x509';
import { keyOf, type Standing, standingOf } from './active-trust.ts';
import { type Agent, trustView } from './agent.ts';
import { conclude, toldOf } from './conclude.ts';
import type { ProbeResult } from './ports.ts';
import { probeAll } from './probe.ts';
import { confirmByReport } from './report.ts';
import type { Result, RevertCode } from './result.ts';
import { settle } from './settle.ts';
import type { Holding } from './state/agent-state.ts';
import { tellStaged } from './story.ts';
import { type AcceptedVisit, type Granted, underClaim, withProfile } from './visit.ts';

/** The profile is active and confirmed, or everything is as before and the service was told why. */
export async function install(visit: AcceptedVisit, accepted: Granted): Promise<Result> {
  const { agent } = visit;
  const { network, endpoints: wanted } = accepted.profile.profile;
  const holding: Holding = { ...withProfile(visit, accepted), active: network };
  const staged = standingOf(holding, agent.identity, agent.clock.read().time);
  const step = { visit, accepted, isNew: isNew(visit, accepted), endpoints: [] };
  if (step.isNew) tellStaged(agent, staged);
  const service = await reachService(agent, staged);
  if (service.kind === 'failed') return revert(step, 'service-not-validated', `service: ${service.why}`);
  if (service.issuer === null) return settle(visit, accepted); // spec C2: no inspection CA signs here, none becomes active
  const endpoints = await probeAll(agent, wanted, staged.inspectionCas);
  const broken = endpoints.find(({ name, ok }) => !ok && wanted.some((each) => each.name === name && each.required));
  if (broken && step.isNew) return revert({ ...step, endpoints }, 'endpoint-failed', broken.name);
  return commit({ ...step, endpoints }, { ...holding, issuer: keyOf(service.issuer) });
}

interface Step {
  readonly visit: AcceptedVisit;
  readonly accepted: Granted;
  /** A refresh with nothing new is neither staged nor can it be taken back. */
  readonly isNew: boolean;
  readonly endpoints: readonly ProbeResult[];
}

/** One durable write; the stores; then the service's word for it. */
async function commit(step: Step, holding: Holding): Promise<Result> {
  const { visit, accepted, isNew, endpoints } = step;
  const { agent, nonce, path, decision } = visit;
  const previous = isNew ? underClaim(visit, accepted) : null;
  const change = { floors: accepted.floors, lastNonce: nonce, outcome: 'granted', holding, previous } as const;
  const issuer = holding.issuer === null ? {} : { issuer: holding.issuer };
  const told = { ...toldOf(nonce, accepted, ['fetched', 'accepted', 'staged', 'probed', 'active']), ...issuer };
  const { common, unsent } = await conclude(visit, { change, told, path, endpoints, decision, send: confirmByReport });
  if (unsent !== null && isNew) return revert(step, 'not-confirmed', `service: ${unsent}`); // spec C2
  const { current } = agent.state;
  if (unsent === null)
    agent.state.commit({ ...current, floors: { ...current.floors, time: agent.clock.floor }, previous: null });
  return { outcome: 'active', ...common };
}

/** The new profile is not kept; what was accepted still counts as the newest that was seen. */
async function revert(
  { visit, accepted, isNew, endpoints }: Step,
  code: RevertCode,
  endpoint: string,
): Promise<Result> {
  const { nonce, path } = visit;
  const change = {
    floors: accepted.floors,
    lastNonce: nonce,
    outcome: 'reverted',
    holding: fallback(visit, accepted),
  } as const;
  const told = { ...toldOf(nonce, accepted, ['fetched', 'accepted', 'staged', isNew ? 'reverted' : 'failed']), code };
  const { common } = await conclude(visit, { change, told, path, endpoints });
  return { outcome: 'reverted', code, endpoint, ...common };
}

/** What was there before, as far as the accepted claim still allows it, and without the keys that the new profile retires. */
function fallback(visit: AcceptedVisit, accepted: Granted): Holding {
  const base = underClaim(visit, accepted);
  const { network, retire } = accepted.profile.profile;
  return base.active === network ? { ...base, retired: retire } : base;
}

function isNew({ agent, before }: AcceptedVisit, { claim, profile }: Granted): boolean {
  const same = before.organization === claim.claim.organization && before.profile?.digest === profile.digest;
  return agent.state.current.previous !== null || !same;
}

type Reached =
  | { readonly kind: 'reached'; readonly issuer: Certificate | null }
  | { readonly kind: 'failed'; readonly why: string };

/** A connection to the service whose TLS the staged trust validates; nothing is sent on it. */
async function reachService(agent: Agent, { inspectionCas }: Standing): Promise<Reached> {
  const { service } = agent.identity;
  const connection = await agent.transport.connect({ trust: trustView(agent, inspectionCas), from: 1 });
  if ('kind' in connection) return { kind: 'failed', why: `${connection.stage}: ${connection.cause}` };
  connection.close();
  if (connection.rung === 1) return { kind: 'reached', issuer: connection.issuer };
  const isPermitted = inspectionCas.some((ca) => isNameInScope(service, ca));
  const why = isPermitted
    ? `${connection.failure}`
    : `${service} is not among the permitted names of the inspection CA`;
  return { kind: 'failed', why };
}
