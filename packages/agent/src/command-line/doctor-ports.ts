// What the doctor gets of the agent: who it is, the paths to the service, and the checks of what comes back. Nothing of it writes.
import { explainError, explainTrouble, ProtocolError } from '@windlass/protocol';
import { standingOf } from '../active-trust.ts';
import { type Agent, trustView } from '../agent.ts';
import { judge } from '../bootstrap.ts';
import { machineClock } from '../clock.ts';
import type { HandedPorts } from '../doctor/doctor.ts';
import type { Asked, DeviceSeen, HandshakeSeen, RouteSeen, Signer } from '../doctor/ports.ts';
import type { TrustedInspectionCa } from '../ports.ts';
import type { ProxyRoutes } from '../proxies/proxies.ts';
import { ask } from '../request.ts';
import type { TransportOptions } from '../transport/create-transport.ts';
import { shakeHands } from '../transport/handshake.ts';
import { judgeChain } from '../transport/judge-chain.ts';
import { openRoute } from '../transport/route.ts';
import { standingNow, startVisit } from '../visit.ts';
import { onPath, page } from './page.ts';
import { askPortalApi, type PortalConfig } from './portal.ts';
import { endpointText, noAnswerText, saysDistrust } from './sentences.ts';

interface DoctorPaths extends TransportOptions, PortalConfig {
  readonly routes: ProxyRoutes;
}

/** The ports of a doctor for this agent; `offline`: it leaves the service alone. */
export async function doctorPorts(
  agent: Agent,
  paths: DoctorPaths,
  { offline }: { readonly offline: boolean },
): Promise<HandedPorts> {
  const standing = standingNow(agent);
  const trust = () => trustView(agent, standing.inspectionCas);
  const probe = await agent.loadProbe();
  const { clock } = agent;
  const https = { host: paths.service, port: paths.ports.https, scheme: 'https' } as const;
  return {
    device: await deviceSeen(agent, paths),
    clock: { system: machineClock.now(), floor: clock.floor, isOutside: clock.read().state === 'floor' },
    tunnel: () =>
      onPath(paths, async (attempt): Promise<RouteSeen> => {
        await openRoute(attempt, paths, https);
        return { kind: 'open', viaProxy: attempt.proxy !== undefined };
      }),
    page: (scheme) => onPath(paths, (attempt) => page(attempt, paths, scheme)),
    handshake: () =>
      onPath(paths, async (attempt): Promise<HandshakeSeen> => {
        const { chain } = await shakeHands(attempt, paths, https);
        const { failure } = judgeChain(chain, paths.service, trust(), paths.service);
        return { kind: 'handshake', chain, failure, signer: signerOf(agent, chain, standing.inspectionCas) };
      }),
    ask: offline ? null : () => asked(agent),
    portal: async () => (await askPortalApi(agent, paths)) ?? { isCaptive: false, url: null },
    probe: probe && ((endpoint) => probe(endpoint, trust())),
    explain: explainTrouble,
    endpointText,
  };
}

async function deviceSeen(agent: Agent, { service, ports, routes, connectTo }: DoctorPaths): Promise<DeviceSeen> {
  const { organization, network, profile } = standingNow(agent);
  return {
    ...{ service, ports, organization, network },
    serial: agent.identity.device.serial,
    endpoints: profile?.profile.endpoints ?? [],
    timeServers: profile?.profile.timeServers ?? [],
    proxy: await routes.first({ host: service, port: ports.https, scheme: 'https' }),
    instead(host, port) {
      const there = connectTo[`${host}:${port}`] ?? connectTo[`*:${port}`];
      const [, name = '', number] = /^(.*):(\d+)$/.exec(there ?? '') ?? [];
      return there === undefined ? null : { host: name.replace(/[[\]]/g, ''), port: Number(number) };
    },
  };
}

/** By keys: the same judgement, with other anchors each time. */
export function signerOf(agent: Agent, chain: readonly Uint8Array[], active: readonly TrustedInspectionCa[]): Signer {
  const { identity, state, clock } = agent;
  const { service } = identity;
  const { holding } = state.current;
  const by = (cas: readonly TrustedInspectionCa[], tlsAnchors = agent.tlsAnchors) =>
    judgeChain(chain, service, { ...trustView(agent, cas), tlsAnchors }, service);
  const isSigned = (cas: readonly TrustedInspectionCa[]): boolean =>
    by(cas.map((ca) => ({ ...ca, permittedNames: ['*'], excludedNames: [] }))).failure !== 'unknown-issuer';
  if (by([], []).failure !== 'unknown-issuer') return { kind: 'root' };
  if (by([]).failure !== 'unknown-issuer') return { kind: 'own-anchor' };
  if (by(active).failure !== 'unknown-issuer') return { kind: 'active' };
  if (isSigned(active)) return { kind: 'out-of-scope' };
  const held = holding.profiles.find(({ network }) =>
    isSigned(standingOf({ ...holding, active: network }, identity, clock.read().time).inspectionCas),
  );
  if (held) return { kind: 'held', network: held.network };
  return { kind: saysDistrust(chain) ? 'distrusting' : 'nobody' };
}

/** One request as bootstrap makes it, all checks of the answer, and no commit. */
async function asked(agent: Agent): Promise<Asked> {
  const visit = startVisit({ ...agent, tell: () => {} });
  const answer = await ask(visit);
  if (answer.kind === 'no-answer') return { ...answer, says: noAnswerText(answer) };
  const system = machineClock.now();
  const accepted = judge(visit, answer);
  if (accepted instanceof ProtocolError)
    return { kind: 'not-valid', code: accepted.code, says: explainError(accepted.code) };
  const { time } = accepted.decision;
  const claim = 'claim' in accepted ? accepted.claim.claim : null;
  return {
    ...{ kind: 'signed', outcome: accepted.kind, time, system },
    code: accepted.kind === 'refused' ? accepted.code : null,
    rung: answer.path.rung,
    organization: claim?.organization ?? null,
    network: accepted.decision.network ?? null,
  };
}
