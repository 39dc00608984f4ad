// A granted profile on its way to being active: stage in memory, probe through the proxy, commit, confirm by a signed acknowledgement
// over TLS that it validates; else back to what there was. @see spec C1, C2
import { type Certificate, isNameInScope } from '@windlass/x509';
import { keyOf, type Standing, standingOf } from './active-trust.ts';
import { type Agent, trustView } from './agent.ts';
import type { ProbeResult } from './ports.ts';
import { probeAll } from './probe.ts';
import { confirmByReport, sendReport } from './report.ts';
import type { Result, RevertCode } from './result.ts';
import { settle } from './settle.ts';
import type { Holding } from './state/agent-state.ts';
import { proveStores } from './stores.ts';
import { tellActive, tellReverted, tellStaged } from './story.ts';
import {
  type AcceptedVisit,
  commonOf,
  contentOf,
  type Granted,
  nextState,
  refreshOf,
  removedSince,
  standingNow,
  underClaim,
  withProfile,
} from './visit.ts';

/** The profile is active and confirmed, or everything is as before and the service was told why. */
export async function install(visit: AcceptedVisit, accepted: Granted): Promise<Result> {
  const { agent } = visit;
  const holding: Holding = { ...withProfile(visit, accepted), active: accepted.profile.profile.network };
  const staged = standingOf(holding, agent.identity, agent.clock.read().time);
  const step = { visit, accepted, isNew: isNew(visit, accepted), endpoints: [] };
  if (step.isNew) tellStaged(agent, staged);
  const service = await reachService(agent, staged);
  if (service.kind === 'failed') return revert(step, 'service-not-validated', `service: ${service.why}`);
  if (service.issuer === null) return settle(visit, accepted); // spec C2: no inspection CA signs here, none becomes active
  const endpoints = await probeAll(agent, accepted.profile.profile.endpoints, staged);
  const broken = endpoints.find(({ name, ok }) => !ok && isRequired(accepted, name));
  if (broken && step.isNew) return revert({ ...step, endpoints }, 'endpoint-failed', broken.name);
  return commit({ ...step, endpoints }, { ...holding, issuer: keyOf(service.issuer) });
}

interface Step {
  readonly visit: AcceptedVisit;
  readonly accepted: Granted;
  readonly isNew: boolean;
  readonly endpoints: readonly ProbeResult[];
}

/** One durable write; the stores; then the service's word for it. */
async function commit(step: Step, holding: Holding): Promise<Result> {
  const { visit, accepted, endpoints } = step;
  const { agent, nonce } = visit;
  const previous = step.isNew ? underClaim(visit, accepted) : null;
  agent.state.commit(
    nextState(agent, { floors: accepted.floors, lastNonce: nonce, outcome: 'granted', holding, previous }),
  ); // spec C1
  const active = standingNow(agent);
  const stores = await proveStores(agent, active);
  const content = contentOf(visit, accepted, ['fetched', 'accepted', 'staged', 'probed', 'active'], holding.issuer);
  const report = { ...content, stores, removed: removedSince(visit.before, active), endpoints };
  const confirmed = await confirmByReport(agent, trustView(agent, active.inspectionCas), report);
  if (!confirmed.ok && step.isNew) return revert(step, 'not-confirmed', `service: ${confirmed.why}`); // spec C2
  if (confirmed.ok) {
    const { current } = agent.state;
    agent.state.commit({ ...current, floors: { ...current.floors, time: agent.clock.floor }, previous: null });
  }
  const given = {
    path: visit.path,
    after: active,
    stores,
    endpoints,
    reported: confirmed.ok,
    next: refreshOf(visit, active),
  };
  const common = commonOf(visit, given);
  tellActive(agent, common);
  return { outcome: 'active', ...common };
}

/** The new profile is not kept; what was accepted still counts as the newest that was seen. */
async function revert(
  { visit, accepted, isNew, endpoints }: Step,
  code: RevertCode,
  endpoint: string,
): Promise<Result> {
  const { agent, nonce } = visit;
  const holding = fallback(visit, accepted);
  agent.state.commit(
    nextState(agent, { floors: accepted.floors, lastNonce: nonce, outcome: 'reverted', holding, previous: null }),
  ); // spec C2
  const after = standingNow(agent);
  const stores = await proveStores(agent, after);
  const content = contentOf(visit, accepted, ['fetched', 'accepted', 'staged', isNew ? 'reverted' : 'failed'], null);
  const report = { ...content, code, stores, removed: removedSince(visit.before, after), endpoints };
  const reported = await sendReport(agent, trustView(agent, after.inspectionCas), report);
  const common = commonOf(visit, { path: visit.path, after, stores, endpoints, reported });
  tellReverted(agent, code, endpoint, common);
  return { outcome: 'reverted', code, endpoint, ...common };
}

/** What was there before, as far as the accepted claim still allows it, and without the keys that the new profile retires. */
function fallback(visit: AcceptedVisit, accepted: Granted): Holding {
  const base = underClaim(visit, accepted);
  const { network, retire } = accepted.profile.profile;
  return base.active === network ? { ...base, retired: retire } : base;
}

/** A refresh with nothing new is neither staged nor can it be taken back. */
function isNew({ agent, before }: AcceptedVisit, accepted: Granted): boolean {
  const unconfirmed = agent.state.current.previous !== null;
  const same =
    before.organization === accepted.claim.claim.organization && before.profile?.digest === accepted.profile.digest;
  return unconfirmed || !same;
}

type Reached =
  | { readonly kind: 'reached'; readonly issuer: Certificate | null }
  | { readonly kind: 'failed'; readonly why: string };

/** A connection to the service whose TLS the staged trust validates; nothing is sent on it. */
async function reachService(agent: Agent, staged: Standing): Promise<Reached> {
  const { service } = agent.identity;
  const connection = await agent.transport.connect({ trust: trustView(agent, staged.inspectionCas), from: 1 });
  if ('kind' in connection) return { kind: 'failed', why: `${connection.stage}: ${connection.cause}` };
  connection.close();
  if (connection.rung === 1) return { kind: 'reached', issuer: connection.issuer };
  const isPermitted = staged.inspectionCas.some((ca) => isNameInScope(service, ca));
  return {
    kind: 'failed',
    why: isPermitted ? `${connection.failure}` : `${service} is not among the permitted names of the inspection CA`,
  };
}

function isRequired(accepted: Granted, name: string): boolean {
  return accepted.profile.profile.endpoints.some((endpoint) => endpoint.name === name && endpoint.required);
}
